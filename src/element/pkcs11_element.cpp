#include "element/pkcs11_element.h"

#include "base/format.h"
#include "crypto/sha256.h"
#include "element/key_check.h"
#include "element/pkcs11_token.h"

namespace intaglio::element {
namespace {

using Session = Pkcs11Token::Session;

// The object identifier of P-256 in DER: what CKA_EC_PARAMS holds for a named curve.
constexpr std::uint8_t kP256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::size_t kMaxAttribute = 512;
constexpr std::size_t kNewIdSize = 16;

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, ByteView value) {
  return {type, const_cast<std::uint8_t*>(value.data()), value.size()};
}

template <typename T>
CK_ATTRIBUTE scalar(CK_ATTRIBUTE_TYPE type, const T& value) {
  return {type, const_cast<T*>(&value), sizeof value};
}

constexpr CK_BBOOL kYes = CK_TRUE;
constexpr CK_BBOOL kNo = CK_FALSE;

// Nothing when the object has no such attribute.
Result<std::optional<Bytes>> read(const Session& session, CK_OBJECT_HANDLE object,
                                  CK_ATTRIBUTE_TYPE type) {
  Bytes value(kMaxAttribute);
  CK_ATTRIBUTE asked{type, value.data(), value.size()};
  const CK_RV result = session.call.C_GetAttributeValue(session.handle, object, &asked, 1);
  if (result == CKR_ATTRIBUTE_TYPE_INVALID) return std::nullopt;
  if (result != CKR_OK) return refuse_call("C_GetAttributeValue", result);
  value.resize(std::min<std::size_t>(asked.ulValueLen, value.size()));
  return value;
}

Result<bool> is_set(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  ASSIGN(const auto value, read(session, object, type));
  return value && value->size() == sizeof(CK_BBOOL) && value->front() != CK_FALSE;
}

// The one object of the class under the URI's name and id; nothing when there is none.
Result<std::optional<CK_OBJECT_HANDLE>> find(const Session& session, CK_OBJECT_CLASS kind,
                                             const Pkcs11Uri& uri) {
  std::vector<CK_ATTRIBUTE> wanted{scalar(CKA_CLASS, kind)};
  if (!uri.object.empty()) wanted.push_back(attribute(CKA_LABEL, as_bytes(uri.object)));
  if (!uri.id.empty()) wanted.push_back(attribute(CKA_ID, uri.id));
  const CK_RV begun = session.call.C_FindObjectsInit(session.handle, wanted.data(), wanted.size());
  if (begun != CKR_OK) return refuse_call("C_FindObjectsInit", begun);
  CK_OBJECT_HANDLE found[2] = {};
  CK_ULONG count = 0;
  const CK_RV result = session.call.C_FindObjects(session.handle, found, 2, &count);
  session.call.C_FindObjectsFinal(session.handle);
  if (result != CKR_OK) return refuse_call("C_FindObjects", result);
  if (count == 0) return std::nullopt;
  if (count > 1) return refuse(Verdict::unknown_element, "object: two of that name; add id=");
  return found[0];
}

// A key that could leave the token, or ever could, is no better than a file and says less.
Result<void> check_guarded(const Session& session, CK_OBJECT_HANDLE key) {
  ASSIGN(const auto curve, read(session, key, CKA_EC_PARAMS));
  if (!curve || !equal(*curve, kP256)) return refuse(Verdict::element_unfit, "not a P-256 key");
  struct Wanted {
    CK_ATTRIBUTE_TYPE type;
    bool value;
    std::string_view otherwise;
  };
  constexpr Wanted kWanted[] = {
      {CKA_SENSITIVE, true, "the token shows the private key (CKA_SENSITIVE is not set)"},
      {CKA_EXTRACTABLE, false, "the private key can be taken out (CKA_EXTRACTABLE is set)"},
      {CKA_ALWAYS_SENSITIVE, true, "the private key was shown once (not CKA_ALWAYS_SENSITIVE)"},
      {CKA_NEVER_EXTRACTABLE, true, "the private key was extractable once"},
      {CKA_LOCAL, true, "the private key was not made in the token (not CKA_LOCAL)"},
      {CKA_SIGN, true, "the key does not sign (CKA_SIGN is not set)"},
      {CKA_ALWAYS_AUTHENTICATE, false, "the key wants the PIN with every signature"},
  };
  for (const auto& each : kWanted) {
    ASSIGN(const bool value, is_set(session, key, each.type));
    if (value != each.value) return refuse(Verdict::element_unfit, std::string(each.otherwise));
  }
  return {};
}

// CKA_EC_POINT is the point in a DER OCTET STRING; some modules leave the string out.
Result<crypto::PublicKey> point_in(ByteView value) {
  if (value.size() == crypto::PublicKey::kSize + 2 && value[0] == 0x04 && value[1] == 0x41) {
    value = value.subspan(2);
  }
  auto key = crypto::PublicKey::parse(value);
  if (!key) return refuse(Verdict::element_unfit, "CKA_EC_POINT is no point on P-256");
  return key;
}

struct FoundKey {
  CK_OBJECT_HANDLE handle;
  crypto::PublicKey public_key;
  std::string label;
};

Result<FoundKey> find_key(const Session& session, const Pkcs11Uri& uri) {
  ASSIGN(const auto handle, find(session, CKO_PRIVATE_KEY, uri));
  if (!handle) {
    return refuse(Verdict::unknown_element, format("object: no key '{}' in the token", uri.object));
  }
  TRY(check_guarded(session, *handle));
  // The public half has the same id; its label may be another.
  ASSIGN(const auto id, read(session, *handle, CKA_ID));
  Pkcs11Uri other;
  other.id = id.value_or(Bytes{});
  if (other.id.empty()) other.object = uri.object;
  ASSIGN(const auto public_handle, find(session, CKO_PUBLIC_KEY, other));
  if (!public_handle) return refuse(Verdict::element_unfit, "object: its public key is not there");
  ASSIGN(const auto value, read(session, *public_handle, CKA_EC_POINT));
  if (!value) return refuse(Verdict::element_unfit, "object: its public key has no point");
  ASSIGN(const auto key, point_in(*value));
  ASSIGN(const auto label, read(session, *handle, CKA_LABEL));
  return FoundKey{*handle, key, std::string(as_text(label.value_or(Bytes{})))};
}

class Pkcs11Element final : public SecureElement {
 public:
  Pkcs11Element(Pkcs11Uri uri, std::shared_ptr<Pkcs11Token> token, crypto::PublicKey key)
      : uri_(std::move(uri)), text_(to_text(uri_)), token_(std::move(token)), key_(key) {}

  const std::string& uri() const override { return text_; }
  const crypto::PublicKey& public_key() const override { return key_; }
  bool simulated() const override { return false; }

  Result<crypto::Signature> sign(ByteView message) override {
    const Digest digest = crypto::sha256(message);
    auto signature =
        token_->with_session([&](const Session& session) { return sign_in(session, digest); });
    if (!signature) {
      return refuse(signature.error().verdict, format("{}: {}", text_, signature.error().where));
    }
    return crypto::to_low_s(*signature);
  }

 private:
  Result<crypto::Signature> sign_in(const Session& session, const Digest& digest) {
    ASSIGN(const CK_OBJECT_HANDLE handle, handle_in(session));
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    CK_RV result = session.call.C_SignInit(session.handle, &mechanism, handle);
    if (result != CKR_OK) return refuse_call("C_SignInit", result);
    crypto::Signature signature;
    CK_ULONG size = crypto::Signature::kSize;
    result = session.call.C_Sign(session.handle, const_cast<CK_BYTE*>(digest.view().data()),
                                 Digest::kSize, signature.writable().data(), &size);
    if (result != CKR_OK) return refuse_call("C_Sign", result);
    if (size != crypto::Signature::kSize) {
      return refuse(Verdict::element_unfit, format("C_Sign: a signature of {} bytes", size));
    }
    return signature;
  }

  // Looked up once in a connection.
  Result<CK_OBJECT_HANDLE> handle_in(const Session& session) {
    const std::lock_guard lock(mutex_);
    if (handle_ && found_in_ == session.connection) return *handle_;
    const auto found = find_key(session, uri_);
    if (!found) {
      const bool is_missing = found.error().verdict == Verdict::unknown_element;
      return refuse(is_missing ? Verdict::element_gone : found.error().verdict,
                    found.error().where);
    }
    if (found->public_key != key_) {
      return refuse(Verdict::element_gone, "object: another key is there now");
    }
    handle_ = found->handle;
    found_in_ = session.connection;
    return *handle_;
  }

  const Pkcs11Uri uri_;
  const std::string text_;
  const std::shared_ptr<Pkcs11Token> token_;
  const crypto::PublicKey key_;

  std::mutex mutex_;
  std::optional<CK_OBJECT_HANDLE> handle_;
  std::uint64_t found_in_ = 0;
};

// The new pair's private key.
Result<CK_OBJECT_HANDLE> generate(const Session& session, const Pkcs11Uri& uri) {
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_ATTRIBUTE for_public[] = {
      scalar(CKA_TOKEN, kYes),         scalar(CKA_VERIFY, kYes),
      attribute(CKA_EC_PARAMS, kP256), attribute(CKA_LABEL, as_bytes(uri.object)),
      attribute(CKA_ID, uri.id),
  };
  CK_ATTRIBUTE for_private[] = {
      scalar(CKA_TOKEN, kYes),     scalar(CKA_PRIVATE, kYes),
      scalar(CKA_SENSITIVE, kYes), scalar(CKA_EXTRACTABLE, kNo),
      scalar(CKA_SIGN, kYes),      attribute(CKA_LABEL, as_bytes(uri.object)),
      attribute(CKA_ID, uri.id),
  };
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  const CK_RV result = session.call.C_GenerateKeyPair(
      session.handle, &mechanism, for_public, std::size(for_public), for_private,
      std::size(for_private), &public_key, &private_key);
  if (result != CKR_OK) return refuse_call("C_GenerateKeyPair", result);
  if (auto guarded = check_guarded(session, private_key); !guarded) {
    session.call.C_DestroyObject(session.handle, private_key);
    session.call.C_DestroyObject(session.handle, public_key);
    return std::unexpected(guarded.error());
  }
  return private_key;
}

Result<void> check_label(KeyUser user, std::string_view label) {
  const bool is_applets = label.ends_with(kAppletEnding);
  if (is_applets == (user == KeyUser::applet)) return {};
  return refuse(Verdict::unknown_element,
                is_applets ? format("object: '{}' is the key of a payment code applet", label)
                           : format("object: an applet's key is named NAME{}", kAppletEnding));
}

Result<std::unique_ptr<SecureElement>> open_in(KeyUser user, const Pkcs11Uri& uri,
                                               std::shared_ptr<Pkcs11Token> token) {
  ASSIGN(const auto found,
         token->with_session([&](const Session& session) { return find_key(session, uri); }));
  TRY(check_label(user, found.label));
  auto element = std::make_unique<Pkcs11Element>(uri, std::move(token), found.public_key);
  TRY(check_key(*element));
  return element;
}

}  // namespace

Result<std::unique_ptr<SecureElement>> create_pkcs11_key(KeyUser user, const Pkcs11Uri& uri,
                                                         const Secret& pin, Env& env) {
  if (uri.object.empty()) return refuse(Verdict::unknown_element, "object: missing");
  TRY(check_label(user, uri.object));
  ASSIGN(auto token, Pkcs11Token::open(uri, pin));
  Pkcs11Uri made = uri;
  if (made.id.empty()) {
    made.id.resize(kNewIdSize);
    env.random(made.id);
  }
  const auto make = [&](const Session& session) -> Result<void> {
    // Also a second one of the same name: then neither could be named without its id.
    Pkcs11Uri same_name;
    same_name.object = uri.object;
    const auto there = find(session, CKO_PRIVATE_KEY, same_name);
    const bool is_taken =
        there ? there->has_value() : there.error().verdict == Verdict::unknown_element;
    if (is_taken) return refuse(Verdict::element_taken, to_text(uri));
    if (!there) return std::unexpected(there.error());
    TRY(generate(session, made));
    return {};
  };
  TRY(token->with_writing_session(make));
  return open_in(user, uri, std::move(token));
}

Result<std::unique_ptr<SecureElement>> open_pkcs11_key(KeyUser user, const Pkcs11Uri& uri,
                                                       const Secret& pin) {
  if (uri.object.empty() && uri.id.empty()) {
    return refuse(Verdict::unknown_element, "object: missing, and id too");
  }
  ASSIGN(auto token, Pkcs11Token::open(uri, pin));
  return open_in(user, uri, std::move(token));
}

}  // namespace intaglio::element
