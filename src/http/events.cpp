#include "http/events.h"

#include <algorithm>
#include <iterator>

namespace intaglio::http {
namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

void write_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += name;
  std::ranges::copy_if(value, std::back_inserter(out), [](char c) { return !is_line_end(c); });
  out += '\n';
}

}  // namespace

std::string to_text(const Event& event) {
  std::string out;
  std::string id = event.id;
  std::erase(id, '\0');  // readers pass over an id that has one
  write_field(out, "id: ", id);
  write_field(out, "event: ", event.name);
  out += "data: ";
  for (std::size_t i = 0; i < event.data.size(); ++i) {
    const char c = event.data[i];
    const bool is_crlf = c == '\r' && i + 1 < event.data.size() && event.data[i + 1] == '\n';
    if (is_crlf) continue;
    if (is_line_end(c)) {
      out += "\ndata: ";
    } else {
      out += c;
    }
  }
  out += "\n\n";
  return out;
}

Result<void> EventReader::push(ByteView piece) {
  for (const char c : as_text(piece)) {
    if (skip_lf_) {
      skip_lf_ = false;
      if (c == '\n') continue;
    }
    if (is_line_end(c)) {
      skip_lf_ = c == '\r';
      TRY(take_line());
      line_.clear();
      continue;
    }
    if (line_.size() + open_.data.size() >= limit_) return refuse(Verdict::too_large, "event");
    line_ += c;
  }
  return {};
}

Result<void> EventReader::take_line() {
  std::string_view line = line_;
  if (at_start_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  at_start_ = false;
  if (line.empty()) {
    if (has_data_) {
      open_.data.pop_back();  // the line end after the last line
      open_.id = last_id_;
      whole_.push_back(std::move(open_));
    }
    open_ = {};
    has_data_ = false;
    return {};
  }
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (open_.data.size() + value.size() >= limit_) return refuse(Verdict::too_large, "event");
    open_.data += value;
    open_.data += '\n';
    has_data_ = true;
  } else if (name == "event") {
    open_.name = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    last_id_ = value;
  }
  return {};
}

bool EventReader::next(Event& out) {
  if (whole_.empty()) return false;
  out = std::move(whole_.front());
  whole_.pop_front();
  return true;
}

}  // namespace intaglio::http
