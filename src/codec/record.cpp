#include "codec/record.h"

#include "codec/utf8.h"

namespace intaglio::codec {

Result<std::uint64_t> uint_from_json(const Json& json, std::uint64_t max) {
  std::uint64_t value = 0;
  if (const auto* number = json.integer()) {
    if (*number < 0) return refuse(Verdict::bad_value);
    value = static_cast<std::uint64_t>(*number);
  } else if (const auto* text = json.text()) {
    const auto digits = uint_from_digits(*text);
    if (!digits) return refuse(Verdict::bad_value);
    value = *digits;
  } else {
    return refuse(Verdict::bad_value);
  }
  if (value > max) return refuse(Verdict::bad_value);
  return value;
}

Result<Bytes> bytes_from_json(const Json& json) {
  if (json.text() == nullptr) return refuse(Verdict::bad_value);
  if (json.text()->size() > 2 * kMaxBytesField) return refuse(Verdict::too_large);
  return from_hex(*json.text());
}

Result<std::string> text_from_json(const Json& json) {
  if (json.text() == nullptr) return refuse(Verdict::bad_value);
  if (json.text()->size() > kMaxTextField) return refuse(Verdict::too_large);
  // What a person typed has not gone through the JSON reader.
  if (const auto at = utf8_error(*json.text())) {
    return refuse(Verdict::bad_encoding, "byte " + std::to_string(*at));
  }
  return *json.text();
}

Result<bool> FieldType<bool>::from_json(const Json& json) {
  if (const auto* value = json.boolean()) return *value;
  if (json.text() != nullptr && *json.text() == "true") return true;
  if (json.text() != nullptr && *json.text() == "false") return false;
  return refuse(Verdict::bad_value);
}

Result<Bytes> FieldType<Bytes>::read(CborReader& in) {
  ASSIGN(const auto bytes, in.bytes());
  if (bytes.size() > kMaxBytesField) return refuse(Verdict::too_large);
  return to_bytes(bytes);
}

Result<std::string> FieldType<std::string>::read(CborReader& in) {
  ASSIGN(const auto text, in.text());
  if (text.size() > kMaxTextField) return refuse(Verdict::too_large);
  return std::string(text);
}

// Chain number (two bytes, big-endian) and account id, as in the text form.
void FieldType<Address>::write(CborWriter& out, const Address& value) {
  out.bytes(address_bytes(value));
}

Result<Address> FieldType<Address>::read(CborReader& in) {
  ASSIGN(const auto bytes, in.bytes());
  return address_from_bytes(bytes);
}

Result<Address> FieldType<Address>::from_json(const Json& json) {
  ASSIGN(const auto text, text_from_json(json));
  return address_from_text(text);
}

}  // namespace intaglio::codec
