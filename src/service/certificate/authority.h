// The certificate authority: who may have which certificate, issuing each once, revoking for good.
// It believes no desk: it keeps its own copy of every enrolment challenge and checks the
// applicant's proof again. What it issues and revokes it makes known to every chain itself.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/env.h"
#include "pki/enrolment.h"
#include "pki/path.h"
#include "service/sender.h"
#include "store/record_store.h"

namespace intaglio::service {

// Somebody the operator knows: the key they sign requests with, and what they may be certified for.
struct Login {
  std::string name;
  KeyHash key;
  crypto::PublicKey public_key;
  std::vector<pki::CertificateUsage> usages;
  std::optional<AccountId> account;  // for displays: the payee of their codes
  // The operator vouches: more than software guards the keys that it applies for, where it says so.
  bool genuine_elements = false;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "name", &Login::name, "the login's name, unique"),
        codec::field(2, "key", &Login::key, "hash of the key its requests are signed with"),
        codec::field(3, "public_key", &Login::public_key, "that key"),
        codec::field(4, "usages", &Login::usages, "what it may be certified for"),
        codec::field(5, "account", &Login::account, "for displays: the payee of their codes"),
        codec::field(6, "genuine_elements", &Login::genuine_elements,
                     "whether it is believed that its elements are not simulated"));
  }
};

// What the authority keeps of a certificate.
struct CertificateRecord {
  Bytes der;
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  Millis issued_at;
  std::optional<Millis> revoked_at;
  std::optional<AccountId> account;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "der", &CertificateRecord::der, "the certificate"),
        codec::field(2, "login", &CertificateRecord::login, "who applied"),
        codec::field(3, "usage", &CertificateRecord::usage, "what it is for"),
        codec::field(4, "issued_at", &CertificateRecord::issued_at, "ms"),
        codec::field(5, "revoked_at", &CertificateRecord::revoked_at, "ms"),
        codec::field(6, "account", &CertificateRecord::account, "the account it is bound to"));
  }
};

struct AuthorityOptions {
  Duration validity = seconds(365 * 24 * 3600);
  ChainId home{1};  // the chain whose address stands in certificates
};

// Any thread; issuing and revoking are serialised inside and wait for the chains' receipts.
class Authority {
 public:
  // The root is kept elsewhere and only named here. `issuing` certifies `signer`'s key. All
  // references must outlive the authority.
  Authority(store::RecordStore& records, pki::Certificate root, pki::Certificate issuing,
            crypto::Signer signer, Sender& ledger, Env& env, AuthorityOptions options = {});

  // `conflict` when the name is another key's.
  Result<void> register_login(const Login& login);
  Result<Login> login_of(const KeyHash& key) const;  // `unknown_login`
  Result<Login> login_named(std::string_view name) const;

  // Takes its own copy of an enrolment challenge, from the desk, when it is given out.
  Result<void> learn(const pki::ApplicationInformation& information);

  // Issues, once for each challenge: the same application again gets the same certificate, another
  // one `challenge_spent`. When it returns a certificate, the chains know the key. The certificate
  // says `simulated_element` unless the applicant denied it (in the copy that was learnt here) and
  // the login was registered with `genuine_elements`.
  Result<pki::Certificate> issue(const pki::CertificateRequest& request);

  // For good; `unknown_certificate`, `certificate_revoked` when it was before.
  Result<void> revoke(const KeyHash& key);

  Result<CertificateRecord> find(const KeyHash& key) const;  // `unknown_certificate`
  // By the first 8 bytes of the key hash, as payment codes name keys.
  Result<CertificateRecord> find_by_prefix(ByteView prefix) const;
  std::vector<CertificateRecord> list() const;

  const pki::Certificate& root() const { return root_; }
  const pki::Certificate& issuing() const { return issuing_; }

 private:
  Result<pki::Certificate> build(const pki::Application& application, const Login& login) const;
  Result<void> make_known(const pki::Certificate& certificate, const CertificateRecord& record);

  store::RecordStore& records_;
  const pki::Certificate root_;
  const pki::Certificate issuing_;
  const crypto::Signer signer_;
  Sender& ledger_;
  Env& env_;
  const AuthorityOptions options_;
  std::mutex issuing_now_;
};

}  // namespace intaglio::service
