// One of several records, which says which one it is: a std::variant of records, each with a number
// for the wire (kType) and a name for JSON (kName), both unique in the variant and append-only. On
// the wire an array [kType, record]; in JSON the record with a member "type" in front.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "codec/record.h"

namespace intaglio::codec {

// Calls visit(T{}) for each alternative, in order.
template <typename Variant, typename Visit>
void for_each_alternative(Visit&& visit) {
  [&]<typename... T>(std::variant<T...>*) { (visit(T{}), ...); }(static_cast<Variant*>(nullptr));
}

template <typename Variant>
std::string_view name_of_tagged(const Variant& value) {
  return std::visit([]<typename T>(const T&) -> std::string_view { return T::kName; }, value);
}

template <typename Variant>
void write_tagged(CborWriter& out, const Variant& value) {
  std::visit(
      [&]<typename T>(const T& record) {
        out.array(2);
        out.uint(T::kType);
        write_record(out, record);
      },
      value);
}

namespace internal {
// The alternative for which `fits` holds, as `read` gives it; nothing when there is none.
template <typename Variant, typename Fits, typename Read>
std::optional<Result<Variant>> read_alternative(const Fits& fits, const Read& read) {
  std::optional<Result<Variant>> out;
  for_each_alternative<Variant>([&]<typename T>(const T& kind) {
    if (out || !fits(kind)) return;
    auto record = read(kind);
    if (record) {
      out = Variant(*std::move(record));
    } else {
      out = std::unexpected(std::move(record).error());
    }
  });
  return out;
}
}  // namespace internal

template <typename Variant>
Result<Variant> read_tagged(CborReader& in) {
  ASSIGN(const auto count, in.array());
  if (count != 2) return refuse(Verdict::bad_encoding);
  ASSIGN(const auto type, in.uint());
  auto out =
      internal::read_alternative<Variant>([&]<typename T>(const T&) { return T::kType == type; },
                                          [&]<typename T>(const T&) { return read_record<T>(in); });
  if (!out) return refuse(Verdict::bad_value, "type " + std::to_string(type));
  return *std::move(out);
}

template <typename Variant>
Json tagged_to_json(const Variant& value) {
  return std::visit(
      []<typename T>(const T& record) {
        Json::Object members{{"type", T::kName}};
        const Json json = record_to_json(record);
        members.insert(members.end(), json.members()->begin(), json.members()->end());
        return Json(std::move(members));
      },
      value);
}

template <typename Variant>
Result<Variant> tagged_from_json(const Json& json) {
  ASSIGN(const auto type, json.text_at("type"));
  Json::Object members;
  for (const auto& [name, value] : *json.members()) {
    if (name != "type") members.emplace_back(name, value);
  }
  const Json record(std::move(members));
  auto out = internal::read_alternative<Variant>(
      [&]<typename T>(const T&) { return T::kName == type; },
      [&]<typename T>(const T&) { return record_from_json<T>(record); });
  if (!out) return refuse(Verdict::bad_value, "type");
  return *std::move(out);
}

}  // namespace intaglio::codec
