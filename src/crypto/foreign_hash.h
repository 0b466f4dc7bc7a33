// Hash functions that formats of others name. What is ours is SHA-256 (crypto/sha256.h).
#pragma once

#include "base/bytes.h"

namespace intaglio::crypto {

enum class ForeignHash : std::uint8_t { sha512, sha512_256, ripemd160, blake2b_512, blake2s_256 };

// 20 to 64 bytes. Nothing when this machine's OpenSSL has been built without it. Any thread.
std::optional<Bytes> foreign_hash(ForeignHash hash, ByteView message);

}  // namespace intaglio::crypto
