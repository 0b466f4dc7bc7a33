// Ed25519 (RFC 8032 section 5.1.7), to check what others signed: CometBFT's validators. We make
// keys for them, and sign nothing with it.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace intaglio::crypto {

using Ed25519Key = FixedBytes<struct Ed25519KeyTag, 32>;
using Ed25519Signature = FixedBytes<struct Ed25519SignatureTag, 64>;

// Checked without the cofactor and with s below the group's order. Whoever checks with the cofactor
// (ZIP 215, as CometBFT does) accepts all that is accepted here, and besides only what no honest
// signer makes. False for a key that is no point. Any thread.
bool verify_ed25519(const Ed25519Key& key, ByteView message, const Ed25519Signature& signature);

// Bytes of a private key, any of them.
inline constexpr std::size_t kEd25519Seed = 32;
// The public key of a private one (section 5.1.5), which must have that size. Any thread.
Ed25519Key ed25519_key_of(const Secret& seed);

}  // namespace intaglio::crypto
