// Keys of a node of CometBFT, in the files that it reads: plain, as it wants them.
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/ed25519.h"

namespace intaglio::service {

codec::Json public_json_of(const crypto::Ed25519Key& key);

struct CometKey {
  Secret seed;
  crypto::Ed25519Key key;

  static CometKey make(Env& env);
  std::string address() const;  // in hex
  codec::Json public_json() const { return public_json_of(key); }
  codec::Json private_json() const;
};

// Writes what `home` votes with, and that it has voted for nothing yet.
Result<void> write_validator_key(const std::string& home, const CometKey& key, Env& env);

}  // namespace intaglio::service
