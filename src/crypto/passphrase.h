// Small secrets at rest under a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM seals.
#pragma once

#include "crypto/aead.h"

namespace intaglio::crypto {

inline constexpr std::size_t kSaltSize = 16;

// The key for seal() that a passphrase makes with a salt. Takes some 50 ms on purpose.
Secret key_from_passphrase(const Secret& passphrase, ByteView salt);

// salt (16 bytes) || seal(). The context is authenticated and not kept. Takes some 50 ms on
// purpose.
Bytes seal_under_passphrase(const Secret& passphrase, ByteView context, ByteView plaintext,
                            Env& env);

// Nothing for another passphrase or context, or altered bytes.
std::optional<Secret> open_under_passphrase(const Secret& passphrase, ByteView context,
                                            ByteView sealed);

}  // namespace intaglio::crypto
