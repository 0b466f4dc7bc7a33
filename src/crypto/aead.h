// Authenticated encryption: AES-256-GCM (NIST SP 800-38D), for what we keep at rest.
#pragma once

#include "base/env.h"
#include "base/secret.h"

namespace intaglio::crypto {

inline constexpr std::size_t kAeadKeySize = 32;
inline constexpr std::size_t kAeadOverhead = 12 + 16;  // the nonce in front, the tag behind

// nonce || ciphertext || tag. The nonce is fresh from `env`: one key seals at most 2^32 times.
// `context` is authenticated and not kept: open() must be given the same.
Bytes seal(const Secret& key, ByteView context, ByteView plaintext, Env& env);

// Nothing when the bytes were altered, or sealed under another key or in another context.
std::optional<Secret> open(const Secret& key, ByteView context, ByteView sealed);

}  // namespace intaglio::crypto
