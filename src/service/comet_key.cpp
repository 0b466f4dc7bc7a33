#include "service/comet_key.h"

#include "codec/base64url.h"
#include "codec/hex.h"
#include "proof/comet_header.h"
#include "service/keys.h"

namespace intaglio::service {

using codec::Json;

Json public_json_of(const crypto::Ed25519Key& key) {
  return Json::object(
      {{"type", "tendermint/PubKeyEd25519"}, {"value", codec::to_base64(key.view())}});
}

CometKey CometKey::make(Env& env) {
  Bytes seed(crypto::kEd25519Seed);
  env.random(seed);
  Secret secret(std::move(seed));
  const auto key = crypto::ed25519_key_of(secret);
  return {std::move(secret), key};
}

std::string CometKey::address() const { return codec::to_hex(proof::comet_address(key)); }

// As Go writes it: the seed, then the public key.
Json CometKey::private_json() const {
  Bytes both = to_bytes(seed.reveal());
  append(both, key.view());
  return Json::object({{"type", "tendermint/PrivKeyEd25519"}, {"value", codec::to_base64(both)}});
}

Result<void> write_validator_key(const std::string& home, const CometKey& key, Env& env) {
  const auto write = [&](std::string_view file, const Json& json) {
    return env.write_file(home + std::string(file), as_bytes(json.pretty()), 0600);
  };
  TRY(write("/config/priv_validator_key.json", Json::object({{"address", key.address()},
                                                             {"pub_key", key.public_json()},
                                                             {"priv_key", key.private_json()}})));
  TRY(make_folder(home + "/data"));
  return write("/data/priv_validator_state.json",
               Json::object({{"height", "0"}, {"round", 0}, {"step", 0}}));
}

}  // namespace intaglio::service
