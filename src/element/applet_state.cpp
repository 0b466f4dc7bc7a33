#include "element/applet_state.h"

#include "crypto/passphrase.h"
#include "proof/display_security.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kFileHead{"INTAGLIO-APPLET2\0", 17};

Bytes head_with(ByteView salt) {
  Bytes head = to_bytes(as_bytes(kFileHead));
  append(head, salt);
  return head;
}

Bytes context_for(const SealingKey& sealing, const KeyHash& owner) {
  Bytes context = head_with(sealing.salt);
  append(context, owner.view());
  return context;
}

}  // namespace

Bytes encode_state(const AppletState& state) { return codec::encode_record(state); }

Result<AppletState> decode_state(ByteView bytes) {
  ASSIGN(auto state, codec::decode_record<AppletState>(bytes, {.bytes = kMaxAppletState}));
  if (state.version != AppletState::kVersion) return refuse(Verdict::bad_version, "version");
  if (state.bound) {
    const BoundState& bound = *state.bound;
    if (bound.security_key.size() != proof::kSecurityKeySize) {
      return refuse(Verdict::bad_value, "bound.security_key");
    }
    if (bound.code_step == Duration()) return refuse(Verdict::bad_value, "bound.code_step");
    if (bound.unsigned_release && !bound.step) {
      return refuse(Verdict::bad_value, "bound.unsigned_release");
    }
  }
  return state;
}

SealingKey make_sealing_key(const Secret& passphrase, Env& env) {
  Bytes salt(crypto::kSaltSize);
  env.random(salt);
  Secret key = crypto::key_from_passphrase(passphrase, salt);
  return {std::move(salt), std::move(key)};
}

Result<SealingKey> sealing_key_of(ByteView file, const Secret& passphrase) {
  if (!as_text(file).starts_with(kFileHead) || file.size() < kFileHead.size() + crypto::kSaltSize) {
    return refuse(Verdict::bad_encoding, "head");
  }
  Bytes salt = to_bytes(file.subspan(kFileHead.size(), crypto::kSaltSize));
  Secret key = crypto::key_from_passphrase(passphrase, salt);
  return SealingKey{std::move(salt), std::move(key)};
}

Bytes seal_state(const AppletState& state, const SealingKey& sealing, const KeyHash& owner,
                 Env& env) {
  const Secret plaintext(encode_state(state));
  Bytes file = head_with(sealing.salt);
  append(file, crypto::seal(sealing.key, context_for(sealing, owner), plaintext.reveal(), env));
  return file;
}

Result<AppletState> open_state(ByteView file, const SealingKey& sealing, const KeyHash& owner) {
  const Bytes head = head_with(sealing.salt);
  if (file.size() < head.size() || !equal(file.first(head.size()), head)) {
    return refuse(Verdict::bad_encoding, "head");
  }
  const auto plaintext =
      crypto::open(sealing.key, context_for(sealing, owner), file.subspan(head.size()));
  if (!plaintext) return refuse(Verdict::bad_encoding, "altered, or of another key or passphrase");
  return decode_state(plaintext->reveal());
}

}  // namespace intaglio::element
