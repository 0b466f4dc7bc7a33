// Many signed transactions as one of CometBFT's, which spends on each of its own a call, a place in
// its mempool and a message to every peer. Layout: docs/reference/formats.md. Pure functions; any
// thread.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::chain {

// Of one pack. CometBFT's mempool takes no more bytes unless it is told to (max_tx_bytes).
inline constexpr std::size_t kMaxPackBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxPacked = 2000;

// How many of these, from the first on, one pack takes; one at least, if there is one.
std::size_t fit_in_pack(std::span<const Bytes> transactions);

// One alone stays as it is. At least one, and no more than fit.
Bytes pack(std::span<const Bytes> transactions);

// Whether it would be a pack, by its first byte: a signed transaction begins with another.
bool is_pack(ByteView bytes);

// The members of a pack, of which nothing is verified, and none of which is taken for a pack; what
// is no pack, itself alone. Refused of a pack: `missing_field` for fewer than two members,
// `too_large`, and what CborReader refuses.
Result<std::vector<Bytes>> unpack(ByteView bytes);

// What became of each member, in order: its receipt, encoded; or why the block does not have it, of
// which the verdict alone is encoded.
Bytes encode_outcomes(std::span<const Result<Bytes>> outcomes);
Result<std::vector<Result<Bytes>>> decode_outcomes(ByteView bytes);

}  // namespace intaglio::chain
