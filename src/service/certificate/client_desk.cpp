#include "service/certificate/client_desk.h"

#include "crypto/sha256.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kSecretBytes =
    20;  // of the derived secret, of which the text is twice as long

using ReferenceBits = FixedBytes<struct ReferenceBitsTag, 8>;

std::string expected_key(std::string_view reference) {
  return "one-time-secret/" + std::string(reference);
}
std::string ticket_name(std::string_view reference) { return "secret-" + std::string(reference); }

}  // namespace

// Whom a secret was given out for.
struct ClientDesk::Expected {
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  Millis expires_at;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "login", &Expected::login, "the login it certifies for"),
        codec::field(2, "usage", &Expected::usage, "what the certificate is for"),
        codec::field(3, "expires_at", &Expected::expires_at, "in ms since 1970, exclusive"));
  }
};

Result<OneTimeSecret> ClientDesk::expect(std::string_view login, pki::CertificateUsage usage,
                                         Duration life) {
  if (life == Duration() || life > kLongestSecret) return refuse(Verdict::bad_value, "valid_for");
  ASSIGN(const auto known, authority_.login_named(login));
  if (std::ranges::find(known.usages, usage) == known.usages.end()) {
    return refuse(Verdict::unknown_login, std::string(codec::enum_name(usage)));
  }
  OneTimeSecret out{.reference = codec::to_hex(env_.random_id<ReferenceBits>()),
                    .secret = {},
                    .expires_at = env_.now() + life};
  out.secret = derive(out.reference);
  TRY(records_.put(expected_key(out.reference),
                   codec::encode_record(Expected{known.name, usage, out.expires_at})));
  return out;
}

Secret ClientDesk::derive(std::string_view reference) const {
  const Digest derived = crypto::hmac_sha256(secret_.reveal(), as_bytes(reference));
  std::string text = codec::to_hex(derived.view().first(kSecretBytes));
  return Secret::take(text);
}

// Nothing tells a stranger which of the three it was.
Result<ClientDesk::Expected> ClientDesk::expected(std::string_view reference) const {
  ASSIGN(const auto stored, records_.get(expected_key(reference)));
  if (!stored) return refuse(Verdict::wrong_secret);
  auto out = codec::decode_record<Expected>(*stored);
  CHECK(out.has_value());
  if (env_.now() < out->expires_at) return *std::move(out);
  // What waits for approval came in time, and is asked for again under the same secret.
  ASSIGN(const auto came, authority_.came_at(ticket_name(reference)));
  if (!came) return refuse(Verdict::wrong_secret);
  return *std::move(out);
}

Result<pki::Certificate> ClientDesk::enrol(std::string_view reference, const Secret& secret,
                                           const Verified<pki::CertificationRequest>& request) {
  // Whether there is such a secret still, issue_expected() asks: nobody has one of another name.
  if (!crypto::equal_constant_time(secret.reveal(), derive(reference).reveal())) {
    return refuse(Verdict::wrong_secret);
  }
  return issue_expected(reference, request->public_key, request->signed_part);
}

Result<Secret> ClientDesk::secret_of(std::string_view reference) {
  TRY(expected(reference));
  return derive(reference);
}

Result<pki::Certificate> ClientDesk::reenrol(const Verified<pki::Certificate>& old,
                                             const Verified<pki::CertificationRequest>& request) {
  TRY(recorded(*old));
  TRY(pki::check_names_same(*request, *old));
  return renew_once(*old, request->public_key, request->signed_part);
}

Result<CertificateRecord> ClientDesk::recorded(const pki::Certificate& certificate) const {
  ASSIGN(auto record, authority_.find(certificate.key_hash()));
  if (record.der != certificate.der()) return refuse(Verdict::unknown_certificate);
  return record;
}

Result<void> ClientDesk::admit(const pki::Certificate& sender) {
  TRY(recorded(sender));
  return authority_.check_own_standing(sender);
}

Result<pki::Certificate> ClientDesk::issue(const Verified<pki::CmpApplication>& application) {
  if (application->sender) return refuse(Verdict::not_capable, "issue");
  return issue_expected(application->reference, application->public_key, application->signed_part);
}

Result<pki::Certificate> ClientDesk::issue_expected(std::string_view reference,
                                                    const crypto::PublicKey& key,
                                                    ByteView signed_part) {
  ASSIGN(const auto for_whom, expected(reference));
  return authority_.issue_once(
      {ticket_name(reference), crypto::sha256(signed_part)},
      {.login = for_whom.login, .usage = for_whom.usage, .public_key = key});
}

Result<pki::Certificate> ClientDesk::renew(const pki::Certificate& old,
                                           const Verified<pki::CmpApplication>& application) {
  return renew_once(old, application->public_key, application->signed_part);
}

Result<pki::Certificate> ClientDesk::renew_once(const pki::Certificate& old,
                                                const crypto::PublicKey& key,
                                                ByteView signed_part) {
  return authority_.renew(
      old.key_hash(), {"renewal-" + codec::to_hex(old.fingerprint()), crypto::sha256(signed_part)},
      key);
}

Result<void> ClientDesk::revoke(const pki::Certificate& certificate, pki::RevocationReason reason) {
  // RFC 5280 calls it a reason of a revocation that may end again.
  if (reason == pki::RevocationReason::hold) {
    return authority_.set_status(certificate.key_hash(), ledger::KeyStatus::suspended, {});
  }
  return authority_.set_status(certificate.key_hash(), ledger::KeyStatus::revoked, reason);
}

Result<void> ClientDesk::confirm(const pki::Certificate& certificate,
                                 pki::CmpConfirmation confirmation) {
  if (confirmation != pki::CmpConfirmation::rejected) return {};
  return authority_.set_status(certificate.key_hash(), ledger::KeyStatus::revoked,
                               pki::RevocationReason::cessation);
}

}  // namespace intaglio::service
