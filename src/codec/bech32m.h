// bech32m (BIP-350): a prefix for people, "1", data in groups of five bits, and six check
// characters that tell up to four mistyped ones for certain.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

// BIP-173's limit, past which the check characters promise less.
inline constexpr std::size_t kMaxBech32mText = 90;

struct Bech32m {
  std::string prefix;  // in lower case
  Bytes groups;        // one group of five bits a byte
  bool operator==(const Bech32m&) const = default;
};

// `prefix`: 1 to 83 characters of 33 to 126, none of them upper case; each group below 32; and no
// longer than kMaxBech32mText in all. Anything else is our bug.
std::string to_bech32m(std::string_view prefix, ByteView groups);

// Upper or lower case, not mixed. `bad_checksum`; `too_large` past the limit; `bad_encoding` with
// the character for everything else.
Result<Bech32m> from_bech32m(std::string_view text);

// Bytes into groups of five bits, the last filled up with zeros, and back: `bad_encoding` when what
// fills up is not less than a group, or not zero.
Bytes to_groups(ByteView bytes);
Result<Bytes> from_groups(ByteView groups);

}  // namespace intaglio::codec
