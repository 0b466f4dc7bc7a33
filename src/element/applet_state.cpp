#include "element/applet_state.h"

#include "crypto/aead.h"
#include "proof/display_security.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kFileHead{"INTAGLIO-APPLET1\0", 17};

Bytes context_for(const crypto::SigningKey& key) {
  Bytes context = to_bytes(as_bytes(kFileHead));
  append(context, key.public_key().hash().view());
  return context;
}

Secret sealing_key(const crypto::SigningKey& key) { return key.derive(kFileHead); }

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

Bytes seal_state(const AppletState& state, const crypto::SigningKey& key, Env& env) {
  const Secret plaintext(encode_state(state));
  Bytes file = to_bytes(as_bytes(kFileHead));
  append(file, crypto::seal(sealing_key(key), context_for(key), plaintext.reveal(), env));
  return file;
}

Result<AppletState> open_state(ByteView file, const crypto::SigningKey& key) {
  if (!as_text(file).starts_with(kFileHead)) return refuse(Verdict::bad_encoding, "head");
  const auto plaintext =
      crypto::open(sealing_key(key), context_for(key), file.subspan(kFileHead.size()));
  if (!plaintext) return refuse(Verdict::bad_encoding, "altered, or of another key");
  return decode_state(plaintext->reveal());
}

}  // namespace intaglio::element
