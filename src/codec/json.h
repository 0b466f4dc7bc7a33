// JSON values as our interfaces use them: no floating point, keys in the order they were written,
// integers within 64 bits. Amounts are strings of digits, so no reader rounds them.
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

struct JsonLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t depth = 16;  // arrays and objects inside each other
};

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  // An integer; above 2^63 - 1 its digits as text, which the readers of numbers take as well.
  Json(std::integral auto value) {
    if (std::in_range<std::int64_t>(value)) {
      value_ = static_cast<std::int64_t>(value);
    } else {
      value_ = std::to_string(value);
    }
  }
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json array(Array items = {}) { return Json(std::move(items)); }
  static Json object(std::initializer_list<std::pair<std::string, Json>> members = {}) {
    return Json(Object(members));
  }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* items() const { return std::get_if<Array>(&value_); }
  const Object* members() const { return std::get_if<Object>(&value_); }

  // The member of that name; nullptr when there is none or this is no object.
  const Json* find(std::string_view name) const;

  // A required member, of the kind asked for: `missing_field` or `bad_value` names it. A uint may
  // also stand as digits in a string.
  Result<std::string> text_at(std::string_view name) const;
  Result<std::uint64_t> uint_at(std::string_view name) const;

  // Adds a member to an object (or to null, which becomes one); replaces one of the same name.
  Json& set(std::string name, Json value);
  // Adds an item to an array (or to null, which becomes one).
  Json& push(Json item);

  // One line, or indented by two spaces for people. Always well formed: a byte of a text that is
  // not UTF-8 is written as U+FFFD.
  std::string dump() const;
  std::string pretty() const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value_;
};

// Digits alone, of an unsigned 64-bit integer; leading zeros are taken.
std::optional<std::uint64_t> uint_from_digits(std::string_view text);

// Reads one JSON text (RFC 8259) without a byte order mark. Refuses with the byte at which reading
// stopped: `bad_encoding`, `too_large` past the limits (known before anything is built that deep),
// `duplicate_field` at the end of the object, `bad_value` for numbers that are not signed 64-bit
// integers (so for every fraction and exponent).
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

}  // namespace intaglio::codec
