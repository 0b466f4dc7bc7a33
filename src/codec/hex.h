// Hexadecimal text: written in lower case, read in either.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);  // `bad_encoding` names the character

template <typename Tag, std::size_t N>
std::string to_hex(const FixedBytes<Tag, N>& bytes) {
  return to_hex(bytes.view());
}

// `bad_value` when the text is not exactly the id's length.
template <typename Id>
Result<Id> id_from_hex(std::string_view text) {
  ASSIGN(const auto bytes, from_hex(text));
  const auto id = Id::from(bytes);
  if (!id) return refuse(Verdict::bad_value, "length");
  return *id;
}

}  // namespace intaglio::codec
