// For the tests and the fuzzing of the CBOR codec alone: an item read and written again.
#pragma once

#include "codec/cbor.h"

namespace intaglio::codec {

// Reads one item with the typed functions and writes it again.
inline Result<void> copy_item(CborReader& in, CborWriter& out) {
  ASSIGN(const auto type, in.peek());
  if (type == CborType::array || type == CborType::map) {
    const bool is_map = type == CborType::map;
    ASSIGN(const auto count, is_map ? in.map() : in.array());
    is_map ? out.map(count) : out.array(count);
    for (std::size_t i = 0; i < (is_map ? 2 * count : count); ++i) TRY(copy_item(in, out));
    return {};
  }
  if (type == CborType::tag) {
    ASSIGN(const auto number, in.tag());
    out.tag(number);
    return copy_item(in, out);
  }
  if (type == CborType::uint) {
    ASSIGN(const auto value, in.uint());
    out.uint(value);
  } else if (type == CborType::negative) {
    ASSIGN(const auto value, in.integer());
    out.integer(value);
  } else if (type == CborType::bytes) {
    ASSIGN(const auto value, in.bytes());
    out.bytes(value);
  } else if (type == CborType::text) {
    ASSIGN(const auto value, in.text());
    out.text(value);
  } else if (type == CborType::boolean) {
    ASSIGN(const auto value, in.boolean());
    out.boolean(value);
  } else {
    TRY(in.null());
    out.null();
  }
  return {};
}

}  // namespace intaglio::codec
