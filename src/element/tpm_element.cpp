#include "element/tpm_element.h"

#include <atomic>

#include "base/format.h"
#include "crypto/sha256.h"
#include "element/key_check.h"
#include "element/tpm.h"

namespace intaglio::element {
namespace {

constexpr std::size_t kMaxKeyFile = 16 * 1024;
constexpr unsigned kOwnerOnly = 0600;
constexpr std::size_t kMaxAuthorisation = 32;  // bytes of the key's name algorithm, SHA-256

class TpmElement final : public SecureElement {
 public:
  TpmElement(std::string uri, std::shared_ptr<Tpm> tpm, TpmKey key)
      : uri_(std::move(uri)), tpm_(std::move(tpm)), key_(std::move(key)) {}
  ~TpmElement() override { tpm_->forget(key_); }

  Result<void> read_public_key() {
    ASSIGN(public_key_, tpm_->public_key(key_));
    return {};
  }

  const std::string& uri() const override { return uri_; }
  const crypto::PublicKey& public_key() const override { return public_key_; }
  bool simulated() const override { return false; }

  Result<crypto::Signature> sign(ByteView message) override {
    if (is_refused_) return refuse(Verdict::element_locked, uri_ + ": has refused this passphrase");
    auto signature = tpm_->sign(key_, crypto::sha256(message));
    if (signature) return signature;
    Refusal refusal = std::move(signature).error();
    if (refusal.verdict == Verdict::element_locked) is_refused_ = true;
    // It was there when this element was opened.
    if (refusal.verdict == Verdict::unknown_element) refusal.verdict = Verdict::element_gone;
    return refuse(refusal.verdict, format("{}: {}", uri_, refusal.where));
  }

 private:
  const std::string uri_;
  const std::shared_ptr<Tpm> tpm_;
  const TpmKey key_;
  crypto::PublicKey public_key_;
  std::atomic<bool> is_refused_ = false;
};

Result<Secret> authorisation_from(const Secret& passphrase) {
  const ByteView value = passphrase.reveal();
  const bool has_zero = std::ranges::find(value, std::uint8_t{0}) != value.end();
  if (value.empty() || value.size() > kMaxAuthorisation || has_zero) {
    return refuse(Verdict::element_locked,
                  format("passphrase: a TPM takes 1 to {} bytes", kMaxAuthorisation));
  }
  return Secret(to_bytes(value));
}

Result<std::unique_ptr<SecureElement>> open_in(std::shared_ptr<Tpm> tpm, const TpmUri& uri,
                                               TpmKey key) {
  auto element = std::make_unique<TpmElement>(to_text(uri), std::move(tpm), std::move(key));
  TRY(element->read_public_key());
  TRY(check_key(*element));
  return element;
}

}  // namespace

Result<std::unique_ptr<SecureElement>> create_tpm_key(const TpmUri& uri, const Secret& passphrase,
                                                      Env& env) {
  if (uri.handle) {
    return refuse(Verdict::unknown_element, "handle: made by other tools and opened here");
  }
  if (env.read_file(uri.path, kMaxKeyFile)) return refuse(Verdict::element_taken, uri.path);
  ASSIGN(auto authorisation, authorisation_from(passphrase));
  ASSIGN(auto tpm, Tpm::open(uri.tcti));
  ASSIGN(auto pem, tpm->make_key(authorisation));
  TRY(env.create_file(uri.path, pem, kOwnerOnly));
  return open_in(std::move(tpm), uri, {std::move(pem), {}, std::move(authorisation)});
}

Result<std::unique_ptr<SecureElement>> open_tpm_key(KeyUser user, const TpmUri& uri,
                                                    const Secret& passphrase, Env& env) {
  TpmKey key{{}, uri.handle, {}};
  if (uri.handle && user == KeyUser::applet) {
    return refuse(Verdict::unknown_element, "handle: is never an applet's");
  }
  if (!uri.handle) {
    TRY(check_user(user, uri.path, env));
    auto pem = env.read_file(uri.path, kMaxKeyFile);
    if (!pem) return refuse(Verdict::unknown_element, pem.error().where);
    key.pem = *std::move(pem);
  }
  ASSIGN(key.authorisation, authorisation_from(passphrase));
  ASSIGN(auto tpm, Tpm::open(uri.tcti));
  return open_in(std::move(tpm), uri, std::move(key));
}

}  // namespace intaglio::element
