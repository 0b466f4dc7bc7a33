// What the payment code applet remembers, and how it stands in its file. For this module alone: the
// rest of the program talks to payment_code_applet.h.
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "codec/record.h"
#include "crypto/es256.h"
#include "crypto/field_types.h"

namespace intaglio::codec {

// Inside sealed records only, hence neither JSON nor a name.
template <>
struct FieldType<Secret> {
  static void write(CborWriter& out, const Secret& value) { out.bytes(value.reveal()); }
  static Result<Secret> read(CborReader& in) {
    ASSIGN(const auto bytes, in.bytes());
    return Secret(to_bytes(bytes));
  }
};

}  // namespace intaglio::codec

namespace intaglio::element {

// The account the display shows codes for, and what was released for it.
struct BoundState {
  Address account;
  std::uint32_t epoch = 0;
  Secret security_key;
  Duration code_step;
  std::string guid;
  bool refresh_pending = false;       // an authentic notification that no release has answered
  std::optional<TimeStep> step = {};  // of the last release
  bool unsigned_release = false;      // the last release has not been signed yet

  static constexpr auto fields() {
    using T = BoundState;
    return std::tuple(
        codec::field(1, "account", &T::account, "the payee of its codes"),
        codec::field(2, "epoch", &T::epoch, "of the binding"),
        codec::field(3, "security_key", &T::security_key, "of the binding, secret"),
        codec::field(4, "code_step", &T::code_step, "ms of a time step"),
        codec::field(5, "guid", &T::guid, "names our templates"),
        codec::field(6, "refresh_pending", &T::refresh_pending, "notified, nothing released yet"),
        codec::field(7, "step", &T::step, "of the last release"),
        codec::field(8, "unsigned_release", &T::unsigned_release, "released and not signed yet"));
  }
};

struct AppletState {
  static constexpr std::uint8_t kVersion = 1;

  std::uint8_t version = kVersion;
  Bytes authority;           // DER of the one root it believes
  crypto::PublicKey server;  // who may bind it
  LedgerId ledger;
  std::uint64_t notifications = 0;  // the last counter taken; never goes back
  std::uint32_t releases = 0;       // the last code counter given out; never goes back
  std::optional<Bytes> certificate;
  std::optional<BoundState> bound;

  static constexpr auto fields() {
    using T = AppletState;
    return std::tuple(codec::field(1, "version", &T::version, "1"),
                      codec::field(2, "authority", &T::authority, "DER of the root it believes"),
                      codec::field(3, "server", &T::server, "the key that may bind it"),
                      codec::field(4, "ledger", &T::ledger, "the ledger it serves"),
                      codec::field(5, "notifications", &T::notifications, "the last counter taken"),
                      codec::field(6, "releases", &T::releases, "the last code counter given out"),
                      codec::field(7, "certificate", &T::certificate, "DER, once there is one"),
                      codec::field(8, "bound", &T::bound, "the binding, once there is one"));
  }
};

inline constexpr std::size_t kMaxAppletState = 48 * 1024;

// Deterministic CBOR. decode refuses what a record refuses, `bad_version`, and `bad_value` for a
// security key that is not 32 bytes or a release that was never made.
Bytes encode_state(const AppletState& state);
Result<AppletState> decode_state(ByteView bytes);

// What the memory is sealed with: the key that a passphrase makes with a file's salt.
struct SealingKey {
  Bytes salt;
  Secret key;
};
SealingKey make_sealing_key(const Secret& passphrase, Env& env);
// That of a file: `bad_encoding` when it is no such file.
Result<SealingKey> sealing_key_of(ByteView file, const Secret& passphrase);

// The file: "INTAGLIO-APPLET2" and a zero byte, the salt, then the state sealed (crypto/aead.h) in
// the context of those bytes and the hash of the applet's key. So the file of one key is nothing to
// another. `bad_encoding` when it is no such file, was altered, or was sealed with another key.
Bytes seal_state(const AppletState& state, const SealingKey& sealing, const KeyHash& owner,
                 Env& env);
Result<AppletState> open_state(ByteView file, const SealingKey& sealing, const KeyHash& owner);

}  // namespace intaglio::element
