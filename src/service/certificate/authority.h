// The certificate authority: who may have which certificate, issuing each once, suspending and
// revoking. It believes no desk: it keeps its own copy of every enrolment challenge and checks the
// applicant's proof again. What it issues it records on the main chain, which tells every chain
// concerned; what became of a certificate stands there and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "base/env.h"
#include "ledger/certificates.h"
#include "pki/enrolment.h"
#include "pki/path.h"
#include "service/certificate/approvals.h"
#include "service/certificate/issuers.h"
#include "service/sender.h"
#include "store/record_store.h"

namespace intaglio::service {

// What certificates of one usage allow their holders; the lists as pki::Capabilities has them. An
// applicant has no say in it.
struct Grant {
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  std::vector<pki::Function> functions;
  std::vector<pki::Ceiling> ceilings;
  std::optional<std::vector<pki::MerchantCategory>> categories = {};
  std::optional<std::vector<pki::Ceiling>> offline = {};
  std::optional<std::vector<std::string>> places = {};
  std::optional<Millis> expires_at = {};
  bool operator==(const Grant&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "usage", &Grant::usage, "of which certificates"),
        codec::field(2, "functions", &Grant::functions, "what the key may do, ascending"),
        codec::field(3, "ceilings", &Grant::ceilings, "largest amounts, by asset ascending"),
        codec::field(4, "categories", &Grant::categories, "merchant categories, ascending"),
        codec::field(5, "offline", &Grant::offline, "largest offline amounts, by asset ascending"),
        codec::field(6, "places", &Grant::places, "geohash cells, ascending"),
        codec::field(7, "expires_at", &Grant::expires_at, "in ms since 1970, exclusive"));
  }
};

// Somebody the operator knows: the key they sign requests with, and what they may be certified for.
struct Login {
  std::string name;
  KeyHash key;
  crypto::PublicKey public_key;
  std::vector<pki::CertificateUsage> usages;
  std::optional<AccountId> account;  // for displays: the payee of their codes
  // The operator vouches: more than software guards the keys that it applies for, where it says so.
  bool genuine_elements = false;
  // At most one of each usage; a usage without one has the functions that go with it and no more.
  std::optional<std::vector<Grant>> grants = {};
  std::optional<Duration> validity = {};  // of its certificates; otherwise the authority's
  std::optional<bool> officer = {};       // true: it approves others' certificates
  // At most one of each usage; certificates of a usage without one wait for nobody. Beside the
  // grants, because it is no part of what a certificate says.
  std::optional<std::vector<ApprovalRule>> approvals = {};

  bool is_officer() const { return officer.value_or(false); }

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "name", &Login::name, "the login's name, unique"),
        codec::field(2, "key", &Login::key, "hash of the key its requests are signed with"),
        codec::field(3, "public_key", &Login::public_key, "that key"),
        codec::field(4, "usages", &Login::usages, "what it may be certified for"),
        codec::field(5, "account", &Login::account, "for displays: the payee of their codes"),
        codec::field(6, "genuine_elements", &Login::genuine_elements,
                     "whether it is believed that its elements are not simulated"),
        codec::field(7, "grants", &Login::grants, "what its certificates allow, by usage"),
        codec::field(8, "validity", &Login::validity, "ms, how long its certificates last"),
        codec::field(9, "officer", &Login::officer, "whether it approves others' certificates"),
        codec::field(10, "approvals", &Login::approvals,
                     "how many officers approve its certificates, by usage"));
  }
};

// What the authority keeps of a certificate.
struct CertificateRecord {
  Bytes der;
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  Millis issued_at;
  std::optional<AccountId> account;
  std::optional<KeyHash> renews = {};  // the key of the certificate it follows

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "der", &CertificateRecord::der, "the certificate"),
        codec::field(2, "login", &CertificateRecord::login, "who applied"),
        codec::field(3, "usage", &CertificateRecord::usage, "what it is for"),
        codec::field(4, "issued_at", &CertificateRecord::issued_at, "ms"),
        codec::field(5, "account", &CertificateRecord::account, "the account it is bound to"),
        codec::field(6, "renews", &CertificateRecord::renews, "key of the one it follows"));
  }
};

// What is to be certified for whom. The caller has checked that they hold the key.
struct CertificateWish {
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  crypto::PublicKey public_key;
  bool simulated_element = true;  // what they say of it
};

// What buys one certificate: a name, and the digest of all that was said with it. The same again
// gets the same certificate, anything else under that name is `challenge_spent`.
struct Ticket {
  std::string name;
  Digest application;
};

struct AuthorityOptions {
  Duration validity = seconds(365 * 24 * 3600);
  Duration approval_time = seconds(7 * 24 * 3600);  // how long an application waits for officers
  ChainId home{1};  // the chain whose address stands in certificates
  // Of the issuing authority of that name; stands in certificates too.
  std::function<pki::Publication(const std::string& issuer)> publication = {};
};

// What a start finds that the main chain may not have yet.
struct Unrecorded {
  std::vector<pki::Certificate> own;  // that nobody applied for: own_certificates()
  bool revoked_issuers = true;        // that the root revoked an issuing authority
};

// Any thread; issuing and revoking are serialised inside and wait for the chains' receipts.
class Authority {
 public:
  // The root's key is elsewhere. The current one of `issuers` signs what is issued. All references
  // must outlive the authority.
  Authority(store::RecordStore& records, Issuers issuers, Sender& ledger, Env& env,
            AuthorityOptions options = {});

  // `conflict` when the name is another key's; `bad_value`, `missing_field` for what no certificate
  // could say. What was issued before stays as it is.
  Result<void> register_login(const Login& login);
  Result<Login> login_of(const KeyHash& key) const;  // `unknown_login`
  Result<Login> login_named(std::string_view name) const;

  // Takes its own copy of an enrolment challenge, from the desk, when it is given out.
  Result<void> learn(const pki::ApplicationInformation& information);

  // Issues, once for each challenge: the same application again gets the same certificate, another
  // one `challenge_spent`. When it returns a certificate, the chains know the key. The certificate
  // says `simulated_element` unless the applicant denied it (in the copy that was learnt here) and
  // the login was registered with `genuine_elements`. For a login whose certificates officers
  // approve: `approval_pending` until they have, and what else Approvals::require() refuses, here
  // and in the next two. What came in time may come again as long as it waits, and afterwards.
  Result<pki::Certificate> issue(const pki::CertificateRequest& request);

  // The same for clients that answer no enrolment challenge: whoever gave out the ticket says what
  // it is good for. `unknown_login`, `key_certified`.
  Result<pki::Certificate> issue_once(const Ticket& ticket, const CertificateWish& wish);

  // A new certificate for another key of the holder of `old`, of the same login, usage and account;
  // `ticket` is of the old certificate. An account's key changes with it at once, and the old
  // certificate is revoked as superseded; any other's stays valid as long as it says.
  // What check_own_standing() refuses, `certificate_not_valid_now`, and as issue_once().
  Result<pki::Certificate> renew(const KeyHash& old, const Ticket& ticket,
                                 const crypto::PublicKey& key);

  // Four eyes (approvals.h): what waits for officers, and what one of them says.
  Result<std::vector<Approval>> waiting() const { return approvals_.waiting(); }
  Result<Approval> waiting(const Digest& digest) const { return approvals_.waiting(digest); }
  Result<Approval> decide(const KeyHash& officer, const Digest& digest, ApprovalDecision decision);
  // When the application under a ticket of that name came in, if it has had to wait.
  Result<std::optional<Millis>> came_at(std::string_view ticket) const;
  // What would be certified now, or follow the certificate of the key that is renewed:
  // `unknown_login` unless the login may have it.
  Result<IntendedCertificate> intend(const Ticket& ticket, const CertificateWish& wish,
                                     const std::optional<KeyHash>& renews) const;

  // Certifies who answers OCSP in an issuing authority's name, and records it on the main chain.
  // Nobody asks whether that was revoked: it lasts kResponderGood, or as long as its issuer.
  // `not_capable` when that one's key is gone.
  Result<pki::Certificate> certify_responder(const Issuer& issuer, const crypto::PublicKey& key);
  static constexpr Duration kResponderGood = seconds(7 * 24 * 3600);

  // Suspends, lets go on or revokes for good, on every chain: `unknown_certificate`;
  // `certificate_revoked` when it was before, whose reason stays. A reason is of a revocation.
  Result<void> set_status(const KeyHash& key, ledger::KeyStatus status,
                          std::optional<pki::RevocationReason> reason);

  // Records on the main chain what has no record there yet: what `rest` names, and all that was
  // issued when the chain's answer did not come. Whether nothing is left for the next time; what
  // the chain refuses for good is logged and not tried again. Waits for the main chain's receipts,
  // and ends at the first that does not come.
  bool record_rest(Unrecorded& rest, const std::stop_token& stop = {});

  // What the main chain says by now of a certificate; nothing when it is not recorded there.
  std::optional<ledger::CertificateRow> logged(const pki::Certificate& certificate) const;
  std::optional<ledger::CertificateRow> logged(const Issuer& issuer,
                                               const SerialNumber& serial) const;
  // The same of a certificate that somebody is to rely on: revoked when its issuer is.
  std::optional<ledger::CertificateRow> standing_of(const pki::Certificate& certificate) const;
  // By the root's list, or by what the main chain heard of an earlier one.
  std::optional<pki::RevokedCertificate> revocation_of(const Issuer& issuer) const;
  // Of all certificates of an issuing authority.
  ledger::IssuerRow logged_count(const Issuer& issuer) const;
  void for_each_logged(
      const Issuer& issuer,
      const std::function<void(const SerialNumber&, const ledger::CertificateRow&)>& visit) const;

  // Whether the holder may act as one now, by standing_of(): `unknown_certificate` when it is not
  // recorded, `certificate_revoked`, `certificate_suspended`.
  Result<void> check_standing(const pki::Certificate& certificate) const;
  // The same but for its issuer, for who is in the books and asks for another certificate: whoever
  // stole an issuing key made nothing that is in them.
  Result<void> check_own_standing(const pki::Certificate& certificate) const;
  // Of a key that need not be certified: `key_revoked`, `key_suspended`.
  Result<void> check_key(const KeyHash& key) const;

  Result<CertificateRecord> find(const KeyHash& key) const;  // `unknown_certificate`
  // By the first 8 bytes of the key hash, as payment codes name keys.
  Result<CertificateRecord> find_by_prefix(ByteView prefix) const;
  std::vector<CertificateRecord> list() const;

  const Issuers& issuers() const { return issuers_; }
  const pki::Certificate& root() const { return issuers_.root(); }
  const pki::Certificate& issuing() const { return issuers_.current().certificate; }

 private:
  // What the ticket bought before.
  Result<std::optional<pki::Certificate>> bought(const Ticket& ticket);
  Result<pki::Certificate> issue_new(const Ticket& ticket, const CertificateWish& wish,
                                     const std::optional<CertificateRecord>& old);
  Result<pki::Certificate> build(const IntendedCertificate& intended) const;
  std::optional<pki::Publication> publication() const;
  Result<void> make_logged(const pki::Certificate& certificate, const CertificateRecord& record);
  void wait_until_known(const pki::Certificate& certificate, const CertificateRecord& record);
  // Goes on with what was issued once, while what it follows is good.
  Result<pki::Certificate> finish(const CertificateRecord& record);
  Result<void> finish_late(const KeyHash& key);
  bool record_issued(const std::stop_token& stop);
  Result<void> record_own(const pki::Certificate& certificate);
  Result<void> record_revoked(const Issuer& issuer);
  static std::string unrecorded_key(const KeyHash& key);
  static tx::RegisterKey registration_of(const pki::Certificate& certificate,
                                         const ledger::CertificateId& id, ledger::Role role);
  // Of a certificate of an issuing authority or the root.
  std::optional<ledger::CertificateId> id_of(const pki::Certificate& certificate) const;
  const ledger::View& main_chain() const;

  store::RecordStore& records_;
  const Issuers issuers_;
  Sender& ledger_;
  Env& env_;
  const AuthorityOptions options_;
  Approvals approvals_;
  std::mutex issuing_now_;
};

}  // namespace intaglio::service
