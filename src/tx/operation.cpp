#include "tx/operation.h"

namespace intaglio::tx {

std::string_view name_of(const Operation& operation) {
  return std::visit([]<typename T>(const T&) -> std::string_view { return T::kName; }, operation);
}

}  // namespace intaglio::tx

namespace intaglio::codec {

void FieldType<tx::Operation>::write(CborWriter& out, const tx::Operation& operation) {
  std::visit(
      [&]<typename T>(const T& record) {
        out.array(2);
        out.uint(T::kType);
        write_record(out, record);
      },
      operation);
}

Result<tx::Operation> FieldType<tx::Operation>::read(CborReader& in) {
  ASSIGN(const auto count, in.array());
  if (count != 2) return refuse(Verdict::bad_encoding);
  ASSIGN(const auto type, in.uint());
  std::optional<Result<tx::Operation>> out;
  tx::for_each_operation_type([&]<typename T>(const T&) {
    if (out || T::kType != type) return;
    auto record = read_record<T>(in);
    if (record) {
      out = tx::Operation(*std::move(record));
    } else {
      out = std::unexpected(record.error());
    }
  });
  if (!out) return refuse(Verdict::bad_value, "type " + std::to_string(type));
  return *std::move(out);
}

Json FieldType<tx::Operation>::to_json(const tx::Operation& operation) {
  return std::visit(
      []<typename T>(const T& record) {
        Json::Object members{{"type", T::kName}};
        const Json json = record_to_json(record);
        members.insert(members.end(), json.members()->begin(), json.members()->end());
        return Json(std::move(members));
      },
      operation);
}

Result<tx::Operation> FieldType<tx::Operation>::from_json(const Json& json) {
  ASSIGN(const auto type, json.text_at("type"));
  Json::Object members;
  for (const auto& [name, value] : *json.members()) {
    if (name != "type") members.emplace_back(name, value);
  }
  const Json record_json(std::move(members));
  std::optional<Result<tx::Operation>> out;
  tx::for_each_operation_type([&]<typename T>(const T&) {
    if (out || T::kName != type) return;
    auto record = record_from_json<T>(record_json);
    if (record) {
      out = tx::Operation(*std::move(record));
    } else {
      out = std::unexpected(record.error());
    }
  });
  if (!out) return refuse(Verdict::bad_value, "type");
  return *std::move(out);
}

}  // namespace intaglio::codec
