#include "element/soft_element.h"

#include "base/format.h"
#include "crypto/sha256.h"
#include "element/element_uri.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kScheme = "soft:";
constexpr std::size_t kMaxKeyFile = 16 * 1024;
constexpr std::size_t kAnySize = std::size_t{1} << 30;
constexpr unsigned kOwnerOnly = 0600;

class SoftElement final : public SecureElement {
 public:
  SoftElement(std::string uri, crypto::SigningKey key)
      : uri_(std::move(uri)), key_(std::move(key)) {}

  const std::string& uri() const override { return uri_; }
  const crypto::PublicKey& public_key() const override { return key_.public_key(); }
  Result<crypto::Signature> sign(ByteView message) override {
    return key_.sign(crypto::sha256(message));
  }
  bool simulated() const override { return true; }

 private:
  const std::string uri_;
  const crypto::SigningKey key_;
};

std::unique_ptr<SecureElement> element_of(const std::string& path, crypto::SigningKey key) {
  return std::make_unique<SoftElement>(std::string(kScheme) + path, std::move(key));
}

}  // namespace

Result<std::string> soft_path(const std::string& uri) {
  ASSIGN(const auto scheme, scheme_of(uri));
  if (scheme + ':' != kScheme) {
    return refuse(Verdict::unknown_element, format("scheme '{}' (soft: is wanted)", scheme));
  }
  if (uri.size() == kScheme.size()) return refuse(Verdict::unknown_element, "path: missing");
  return uri.substr(kScheme.size());
}

Result<std::unique_ptr<SecureElement>> create_soft_key(const std::string& path,
                                                       const Secret& passphrase, Env& env) {
  if (env.read_file(path, kAnySize)) return refuse(Verdict::element_taken, path);
  auto key = crypto::SigningKey::generate();
  TRY(env.create_file(path, key.to_encrypted_pem(passphrase), kOwnerOnly));
  return element_of(path, std::move(key));
}

Result<std::unique_ptr<SecureElement>> open_soft_key(KeyUser user, const std::string& path,
                                                     const Secret& passphrase, Env& env) {
  TRY(check_user(user, path, env));
  const auto pem = env.read_file(path, kMaxKeyFile);
  if (!pem) return refuse(Verdict::unknown_element, pem.error().where);
  auto key = crypto::SigningKey::from_encrypted_pem(*pem, passphrase);
  if (!key) return refuse_within(path, key.error());
  return element_of(path, *std::move(key));
}

std::unique_ptr<SecureElement> make_passing_key() {
  return element_of("", crypto::SigningKey::generate());
}

}  // namespace intaglio::element
