// Clients that speak CMP or EST instead of answering enrolment challenges. The operator gives out a
// one-time secret for a login and a usage; whoever shows it and proves possession of a key gets one
// certificate. Later the holder renews or revokes it with the certificate itself.
#pragma once

#include "pki/certification_request.h"
#include "pki/cmp.h"
#include "service/certificate/authority.h"

namespace intaglio::service {

// What the operator hands to a client, outside this program.
struct OneTimeSecret {
  std::string reference;  // names it: CMP's -ref, EST's user name
  Secret secret;          // text
  Millis expires_at;
};

// Any thread. The secrets themselves are stored nowhere: each is derived from the desk's own and
// its reference.
class ClientDesk final : public pki::CmpAuthority {
 public:
  // `secret` is 32 bytes that nobody else has. References must outlive the desk.
  ClientDesk(store::RecordStore& records, Authority& authority, Secret secret, Env& env)
      : records_(records), authority_(authority), secret_(std::move(secret)), env_(env) {}

  // A new one. `unknown_login` unless the login may have that usage; `bad_value` for a lifetime
  // of nothing or more than kLongestSecret.
  Result<OneTimeSecret> expect(std::string_view login, pki::CertificateUsage usage, Duration life);

  // EST's simpleenroll: `wrong_secret` for an unknown name, another or an expired secret, as what
  // it is not told; then as issue().
  Result<pki::Certificate> enrol(std::string_view reference, const Secret& secret,
                                 const Verified<pki::CertificationRequest>& request);

  // EST's simplereenroll: renew() for who has shown the certificate, and asks for no other names
  // than it has: `bad_value`, else as Authority::renew(). The same request again gets the same
  // certificate, also from who is superseded by then.
  Result<pki::Certificate> reenrol(const Verified<pki::Certificate>& old,
                                   const Verified<pki::CertificationRequest>& request);

  Result<Secret> secret_of(std::string_view reference) override;
  Result<void> admit(const pki::Certificate& sender) override;
  // Once for a secret, then `challenge_spent`; a certified sender cannot grant itself more
  // (`not_capable`): it renews.
  Result<pki::Certificate> issue(const Verified<pki::CmpApplication>& application) override;
  Result<pki::Certificate> renew(const pki::Certificate& old,
                                 const Verified<pki::CmpApplication>& application) override;
  Result<void> revoke(const pki::Certificate& certificate, pki::RevocationReason reason) override;
  // One that the client rejects is revoked.
  Result<void> confirm(const pki::Certificate& certificate,
                       pki::CmpConfirmation confirmation) override;

  static constexpr Duration kLongestSecret = seconds(30 * 24 * 3600);

 private:
  struct Expected;
  Result<Expected> expected(std::string_view reference) const;
  Secret derive(std::string_view reference) const;
  Result<pki::Certificate> issue_expected(std::string_view reference, const crypto::PublicKey& key,
                                          ByteView signed_part);
  // What the authority has in its books: `unknown_certificate` for any other of that key.
  Result<CertificateRecord> recorded(const pki::Certificate& certificate) const;
  Result<pki::Certificate> renew_once(const pki::Certificate& old, const crypto::PublicKey& key,
                                      ByteView signed_part);

  store::RecordStore& records_;
  Authority& authority_;
  const Secret secret_;
  Env& env_;
};

}  // namespace intaglio::service
