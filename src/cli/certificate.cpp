#include "cli/certificate.h"

#include "pki/path.h"

namespace intaglio::cli {
namespace {

// The challenge is the one asked for: an element signs no other.
Result<void> check_information(const pki::ApplicationInformation& information,
                               pki::CertificateUsage usage, const LedgerInfo& ledger) {
  if (information.usage != usage) return refuse(Verdict::challenge_mismatch, "usage");
  if (information.ledger != ledger.ledger) return refuse(Verdict::wrong_ledger, "ledger");
  return {};
}

Result<void> check_issued(const pki::Certificate& certificate, const crypto::PublicKey& key,
                          pki::CertificateUsage usage, const LedgerInfo& ledger, Millis now) {
  if (certificate.public_key() != key) return refuse(Verdict::bad_key, "certificate");
  return check_path(certificate, ledger, usage, now);
}

Result<Enrolled> enrol_applet(NodeClient& node, const LedgerInfo& ledger,
                              const crypto::Signer& login, element::PaymentCodeApplet& applet,
                              Env& env) {
  constexpr auto kUsage = pki::CertificateUsage::display;
  ASSIGN(auto information, node.apply(kUsage, login));
  TRY(check_information(information, kUsage, ledger));
  ASSIGN(const auto frame, applet.enrol(codec::encode_record(information)));
  ASSIGN(auto certificate, node.submit_frame(information.id, frame, login));
  TRY(check_issued(certificate, applet.public_key(), kUsage, ledger, env.now()));
  const Bytes intermediates[] = {ledger.issuing.der()};
  TRY(applet.install_certificate(certificate.der(), intermediates));
  return Enrolled{std::move(information), frame.size(), std::move(certificate)};
}

}  // namespace

Result<void> check_path(const pki::Certificate& certificate, const LedgerInfo& ledger,
                        std::optional<pki::CertificateUsage> usage, Millis now) {
  const pki::PathMaterial material{
      .intermediates = {ledger.issuing}, .anchors = {ledger.root}, .lists = {}};
  TRY(pki::validate_path(certificate, material, {.at = now, .usage = usage}));
  return {};
}

Result<Enrolled> enrol_account(NodeClient& node, const LedgerInfo& ledger,
                               pki::CertificateUsage usage, const crypto::Signer& login,
                               const crypto::Signer& key, Env& env) {
  ASSIGN(auto information, node.apply(usage, login));
  TRY(check_information(information, usage, ledger));
  ASSIGN(const auto signed_frame, pki::sign_application(information, key));
  const Bytes frame = pki::encode_frame(signed_frame);
  ASSIGN(auto certificate, node.submit_frame(information.id, frame, login));
  TRY(check_issued(certificate, key.key, usage, ledger, env.now()));
  return Enrolled{std::move(information), frame.size(), std::move(certificate)};
}

element::AppletTrust applet_trust(const LedgerInfo& ledger) {
  return {ledger.root, ledger.service_key, ledger.ledger};
}

Result<EnrolledDisplay> enrol_display(NodeClient& node, const LedgerInfo& ledger,
                                      const crypto::Signer& login,
                                      element::PaymentCodeApplet& applet, Env& env) {
  ASSIGN(const auto status, applet.status());
  std::optional<Enrolled> enrolled;
  if (!status.certificate) {
    ASSIGN(enrolled, enrol_applet(node, ledger, login, applet, env));
  }
  Result<pki::Certificate> certificate =
      enrolled ? enrolled->certificate : pki::Certificate::parse(*status.certificate);
  if (!certificate) return std::unexpected(certificate.error());
  ASSIGN(const auto bound, bind_display(node, login, applet));
  return EnrolledDisplay{std::move(enrolled), *std::move(certificate), bound.account, bound.epoch};
}

Result<BoundTo> bind_display(NodeClient& node, const crypto::Signer& login,
                             element::PaymentCodeApplet& applet) {
  ASSIGN(auto grant, node.binding(applet.public_key().hash(), login));
  TRY(applet.bind(grant.statement, std::move(grant.security_key)));
  return BoundTo{grant.account, grant.epoch};
}

Result<LookedUp> look_up_certificate(Home& home, NodeClient* node, const proof::KeyId& key) {
  const auto remembered = home.certificate(key);
  if (node != nullptr) {
    auto known = node->certificate(key);
    if (known) {
      if (proof::KeyId::prefix_of(known->certificate.key_hash()) != key) {
        return refuse(Verdict::bad_value, "the node's answer: another key's certificate");
      }
      TRY(home.remember(*known));
      return LookedUp{*std::move(known), std::nullopt};
    }
    const bool unreachable = describe(known.error().verdict).kind == VerdictKind::later;
    if (!unreachable || !remembered) return std::unexpected(known.error());
  }
  if (!remembered) return std::unexpected(remembered.error());
  return LookedUp{remembered->known, elapsed(remembered->fetched_at, home.env().now())};
}

}  // namespace intaglio::cli
