// Keys and signatures as fields of records.
#pragma once

#include "codec/record.h"
#include "crypto/es256.h"

namespace intaglio::codec {

template <>
struct FieldType<crypto::PublicKey> {
  static constexpr std::string_view kName = "public key (65 bytes, hex)";
  static void write(CborWriter& out, const crypto::PublicKey& key) { out.bytes(key.view()); }
  static Result<crypto::PublicKey> read(CborReader& in) {
    ASSIGN(const auto point, in.bytes());
    return crypto::PublicKey::parse(point);
  }
  static Json to_json(const crypto::PublicKey& key) { return to_hex(key.view()); }
  static Result<crypto::PublicKey> from_json(const Json& json) {
    ASSIGN(const auto point, bytes_from_json(json));
    return crypto::PublicKey::parse(point);
  }
};

}  // namespace intaglio::codec
