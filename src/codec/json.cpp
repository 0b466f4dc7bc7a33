#include "codec/json.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/format.h"
#include "codec/utf8.h"

namespace intaglio::codec {

const Json* Json::find(std::string_view name) const {
  const auto* object = members();
  if (object == nullptr) return nullptr;
  const auto found = std::ranges::find(*object, name, &Object::value_type::first);
  return found == object->end() ? nullptr : &found->second;
}

Result<std::string> Json::text_at(std::string_view name) const {
  const Json* member = find(name);
  if (member == nullptr) return refuse(Verdict::missing_field, std::string(name));
  if (member->text() == nullptr) return refuse(Verdict::bad_value, std::string(name));
  return *member->text();
}

Result<std::uint64_t> Json::uint_at(std::string_view name) const {
  const Json* member = find(name);
  if (member == nullptr) return refuse(Verdict::missing_field, std::string(name));
  if (const auto* number = member->integer(); number != nullptr && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  if (const auto* digits = member->text()) {
    if (const auto value = uint_from_digits(*digits)) return *value;
  }
  return refuse(Verdict::bad_value, std::string(name));
}

Json& Json::set(std::string name, Json value) {
  if (is_null()) value_ = Object();
  auto* object = std::get_if<Object>(&value_);
  CHECK(object != nullptr);
  const auto found = std::ranges::find(*object, name, &Object::value_type::first);
  if (found != object->end()) {
    found->second = std::move(value);
  } else {
    object->emplace_back(std::move(name), std::move(value));
  }
  return *this;
}

Json& Json::push(Json item) {
  if (is_null()) value_ = Array();
  auto* list = std::get_if<Array>(&value_);
  CHECK(list != nullptr);
  list->push_back(std::move(item));
  return *this;
}

std::optional<std::uint64_t> uint_from_digits(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

namespace {

void write_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t bad = utf8_error(text).value_or(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == bad) {
      append_utf8(out, 0xFFFD);
      bad = i + 1 + utf8_error(text.substr(i + 1)).value_or(text.size());
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void write_value(std::string& out, const Json& value, bool pretty, std::size_t depth);

// An array's or object's members between brackets; write_one(i) writes the i-th.
template <typename WriteOne>
void write_list(std::string& out, std::string_view brackets, std::size_t count, bool pretty,
                std::size_t depth, WriteOne write_one) {
  const auto new_line = [&](std::size_t indent) {
    if (pretty) out += '\n' + std::string(2 * indent, ' ');
  };
  out += brackets[0];
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    new_line(depth + 1);
    write_one(i);
  }
  if (count > 0) new_line(depth);
  out += brackets[1];
}

void write_value(std::string& out, const Json& value, bool pretty, std::size_t depth) {
  if (value.is_null()) {
    out += "null";
  } else if (const auto* boolean = value.boolean()) {
    out += *boolean ? "true" : "false";
  } else if (const auto* integer = value.integer()) {
    out += std::to_string(*integer);
  } else if (const auto* text = value.text()) {
    write_text(out, *text);
  } else if (const auto* items = value.items()) {
    write_list(out, "[]", items->size(), pretty, depth,
               [&](std::size_t i) { write_value(out, (*items)[i], pretty, depth + 1); });
  } else if (const auto* members = value.members()) {
    write_list(out, "{}", members->size(), pretty, depth, [&](std::size_t i) {
      write_text(out, (*members)[i].first);
      out += pretty ? ": " : ":";
      write_value(out, (*members)[i].second, pretty, depth + 1);
    });
  }
}

// An input iterator that leaves behind how far it was read: the parser's callbacks are not told.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  std::size_t* read;

  reference operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at;
    ++*read;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
  bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

// Takes the parser's events and builds our values from them. Each function returns false to stop,
// and has then set refusal().
class Builder {
 public:
  Builder(std::string_view text, JsonLimits limits, const std::size_t& read)
      : text_(text), limits_(limits), read_(read) {}

  bool null() { return place(Json()); }
  bool boolean(bool value) { return place(Json(value)); }
  bool number_integer(std::int64_t value) { return place(Json(value)); }
  bool number_unsigned(std::uint64_t value) {
    return value > INT64_MAX ? stop_at_number() : place(Json(value));
  }
  bool number_float(double, const std::string&) { return stop_at_number(); }
  bool string(std::string& value) { return place(Json(std::move(value))); }
  bool binary(nlohmann::json::binary_t&) { return stop(Verdict::bad_encoding); }
  bool start_object(std::size_t) { return start(true); }
  bool start_array(std::size_t) { return start(false); }
  bool key(std::string& name) {
    open_.back().key = std::move(name);
    return true;
  }
  bool end_object() {
    if (const auto twice = duplicate(open_.back().members)) {
      return stop(Verdict::duplicate_field, ", " + twice->substr(0, 40));
    }
    Json done = std::move(open_.back().members);
    open_.pop_back();
    return place(std::move(done));
  }
  bool end_array() {
    Json done = std::move(open_.back().items);
    open_.pop_back();
    return place(std::move(done));
  }
  // `position` is how many characters were taken, and one more at the end of the text.
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    constexpr int kNumberOutOfRange = 406;
    return stop_at(position - 1,
                   error.id == kNumberOutOfRange ? Verdict::bad_value : Verdict::bad_encoding);
  }

  const std::optional<Refusal>& refusal() const { return refusal_; }
  Json take() { return std::move(root_); }

 private:
  // An array or object whose end was not read yet.
  struct Open {
    bool is_object;
    Json::Array items;
    Json::Object members;
    std::string key;  // of the member being read
  };

  bool stop_at(std::size_t byte, Verdict verdict, std::string_view more = {}) {
    refusal_ = Refusal{verdict, format("byte {}{}", byte, more)};
    return false;
  }
  bool stop(Verdict verdict, std::string_view more = {}) {
    return stop_at(read_ - 1, verdict, more);
  }
  // The end of a number is known from the character after it, which may have been read by now.
  bool stop_at_number() {
    const bool is_after =
        std::string_view("0123456789eE.+-").find(text_[read_ - 1]) == std::string_view::npos;
    return stop_at(read_ - (is_after ? 2 : 1), Verdict::bad_value);
  }

  bool start(bool is_object) {
    if (open_.size() >= limits_.depth) return stop(Verdict::too_large);
    open_.push_back({is_object, {}, {}, {}});
    return true;
  }

  bool place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto& top = open_.back(); top.is_object) {
      top.members.emplace_back(std::move(top.key), std::move(value));
    } else {
      top.items.push_back(std::move(value));
    }
    return true;
  }

  // Sorted, so that many members cost no more than n log n.
  static std::optional<std::string> duplicate(const Json::Object& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& [name, value] : members) names.push_back(name);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice == names.end()) return std::nullopt;
    return std::string(*twice);
  }

  std::string_view text_;
  JsonLimits limits_;
  const std::size_t& read_;  // bytes of text_ that the parser has taken
  std::vector<Open> open_;
  Json root_;
  std::optional<Refusal> refusal_;
};

}  // namespace

std::string Json::dump() const {
  std::string out;
  write_value(out, *this, false, 0);
  return out;
}

std::string Json::pretty() const {
  std::string out;
  write_value(out, *this, true, 0);
  return out;
}

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes) return refuse(Verdict::too_large);
  // The library skips a byte order mark, and ends without a word at a byte 0.
  if (text.starts_with("\xEF\xBB\xBF")) return refuse(Verdict::bad_encoding, "byte 0");
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return refuse(Verdict::bad_encoding, format("byte {}", zero));
  }
  std::size_t read = 0;
  Builder builder(text, limits, read);
  const CountingIterator begin{text.data(), &read};
  const CountingIterator end{text.data() + text.size(), &read};
  const bool whole = nlohmann::json::sax_parse(begin, end, &builder);
  if (builder.refusal()) return std::unexpected(*builder.refusal());
  CHECK(whole);
  return builder.take();
}

}  // namespace intaglio::codec
