#include "http/message.h"

#include <algorithm>
#include <cctype>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

const Parameter* find_parameter(const std::vector<Parameter>& list, std::string_view name) {
  const auto found = std::ranges::find(list, name, &Parameter::first);
  return found == list.end() ? nullptr : &*found;
}

std::string media_type_of(const Fields& fields) {
  std::string type = fields.find("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  std::ranges::transform(type, type.begin(), lower);
  return type;
}

constexpr std::string_view kTypePrefix = "urn:intaglio:verdict:";

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

void Fields::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
  add(name, value);
}

std::optional<std::string> Fields::find(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [field, value] : fields_) {
    if (!same_name(field, name)) continue;
    if (found) {
      *found += ", " + value;
    } else {
      found = value;
    }
  }
  return found;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return same_name(field.first, name); }));
}

const std::string& Request::parameter(std::string_view name) const {
  const Parameter* found = find_parameter(parameters, name);
  CHECK(found != nullptr);
  return found->second;
}

const std::string* Request::query_value(std::string_view name) const {
  const Parameter* found = find_parameter(query, name);
  return found == nullptr ? nullptr : &found->second;
}

Result<std::uint64_t> Request::query_number_or(std::string_view name, std::uint64_t fallback,
                                               std::uint64_t max) const {
  const std::string* text = query_value(name);
  if (text == nullptr) return fallback;
  const auto value = codec::uint_from_digits(*text);
  if (!value || *value > max) return refuse(Verdict::bad_value, std::string(name));
  return *value;
}

std::string Request::media_type() const { return media_type_of(fields); }

Result<codec::Json> Request::json(codec::JsonLimits limits) const {
  const std::string type = media_type();
  if (type != kJsonMediaType && !type.ends_with("+json")) {
    return refuse(Verdict::bad_media_type, "not application/json");
  }
  return codec::parse_json(as_text(body), limits);
}

Response Response::of(std::string_view media_type, std::string_view body, int status) {
  Response out;
  out.status = status;
  out.fields.add("Content-Type", media_type);
  out.body = to_bytes(as_bytes(body));
  return out;
}

Response Response::json(const codec::Json& value, int status) {
  return of(kJsonMediaType, value.dump(), status);
}

Response Response::empty(int status) {
  Response out;
  out.status = status;
  return out;
}

codec::Json problem_document(const Refusal& refusal, const codec::Json& more) {
  const VerdictRow& row = describe(refusal.verdict);
  CHECK(row.kind != VerdictKind::accepted);
  auto document = codec::Json::object({
      {"type", format("{}{}", kTypePrefix, row.name)},
      {"title", row.sentence},
      {"status", row.http_status},
      {"detail", refusal.where},
      {"code", row.name},
      {"number", static_cast<unsigned>(row.verdict)},
      {"kind", to_string(row.kind)},
      {"retryable", row.kind == VerdictKind::later},
  });
  if (const auto* members = more.members()) {
    for (const auto& [name, value] : *members) document.set(name, value);
  }
  return document;
}

Response Response::problem(const Refusal& refusal, const codec::Json& more) {
  const VerdictRow& row = describe(refusal.verdict);
  Response out = of(kProblemMediaType, problem_document(refusal, more).dump(), row.http_status);
  if (row.http_status == 503 || row.http_status == 429) out.fields.add("Retry-After", "1");
  // People decide it (RFC 7030 section 4.2.3 asks for the field).
  if (refusal.verdict == Verdict::approval_pending) out.fields.add("Retry-After", "60");
  return out;
}

std::optional<Refusal> refusal_of(const Response& response) {
  if (response.status < 400 && response.status != 202) return std::nullopt;
  if (media_type_of(response.fields) == kProblemMediaType) {
    if (const auto document = codec::parse_json(as_text(response.body))) {
      const auto code = document->text_at("code");
      const auto verdict = code ? verdict_from_name(*code) : std::nullopt;
      if (verdict && describe(*verdict).kind != VerdictKind::accepted) {
        return Refusal{*verdict, document->text_at("detail").value_or("")};
      }
    }
  }
  if (response.status == 202) return std::nullopt;
  const bool gateway = response.status >= 502 && response.status <= 504;
  return Refusal{gateway ? Verdict::unreachable : Verdict::internal,
                 format("HTTP status {}", response.status)};
}

}  // namespace intaglio::http
