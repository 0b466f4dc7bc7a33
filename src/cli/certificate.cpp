#include "cli/certificate.h"

#include "element/enrolment_client.h"
#include "pki/path.h"

namespace intaglio::cli {
namespace {

// A challenge for what was asked for: an element is shown no other.
Result<pki::ApplicationInformation> apply(NodeClient& node, const LedgerInfo& ledger,
                                          const service::EnrolmentWish& wish,
                                          const crypto::Signer& login) {
  ASSIGN(auto information, node.apply(wish, login));
  if (information.usage != wish.usage) return refuse(Verdict::challenge_mismatch, "usage");
  if (information.profile != wish.profile) return refuse(Verdict::challenge_mismatch, "profile");
  if (information.simulated_element != wish.simulated_element) {
    return refuse(Verdict::challenge_mismatch, "simulated_element");
  }
  if (information.ledger != ledger.ledger) return refuse(Verdict::wrong_ledger, "ledger");
  return information;
}

Result<void> check_issued(const pki::Certificate& certificate, const crypto::PublicKey& key,
                          pki::CertificateUsage usage, const LedgerInfo& ledger, Millis now) {
  if (certificate.public_key() != key) return refuse(Verdict::bad_key, "certificate");
  return check_path(certificate, ledger, usage, now);
}

Result<Enrolled> enrol_applet(NodeClient& node, const LedgerInfo& ledger,
                              const crypto::Signer& login, element::PaymentCodeApplet& applet,
                              Env& env, pki::EnrolmentProfile profile) {
  constexpr auto kUsage = pki::CertificateUsage::display;
  ASSIGN(auto information, apply(node, ledger, {kUsage, profile, applet.simulated()}, login));
  ASSIGN(const auto answer, applet.enrol(codec::encode_record(information)));
  ASSIGN(auto certificate, node.submit_answer(information.id, answer, login));
  TRY(check_issued(certificate, applet.public_key(), kUsage, ledger, env.now()));
  const Bytes intermediates[] = {ledger.issuing.der()};
  TRY(applet.install_certificate(certificate.der(), intermediates));
  return Enrolled{std::move(information), answer.size(), std::move(certificate)};
}

}  // namespace

Result<void> check_path(const pki::Certificate& certificate, const LedgerInfo& ledger,
                        std::optional<pki::CertificateUsage> usage, Millis now) {
  const pki::PathMaterial material{
      .intermediates = {ledger.issuing}, .anchors = {ledger.root}, .lists = {}};
  TRY(pki::validate_path(certificate, material, {.at = now, .usage = usage}));
  return {};
}

Result<Enrolled> enrol_account(NodeClient& node, const LedgerInfo& ledger, const AccountWish& wish,
                               const crypto::Signer& login, element::ApduChannel& channel,
                               Env& env) {
  ASSIGN(const auto element, element::describe_over(channel));
  if (wish.key && *wish.key != element.key) return refuse(Verdict::bad_key, "the element's");
  ASSIGN(auto information,
         apply(node, ledger, {wish.usage, wish.profile, element.simulated}, login));
  ASSIGN(const auto answer, element::enrol_over(channel, information));
  ASSIGN(auto certificate, node.submit_answer(information.id, answer, login));
  TRY(check_issued(certificate, element.key, wish.usage, ledger, env.now()));
  return Enrolled{std::move(information), answer.size(), std::move(certificate)};
}

element::AppletTrust applet_trust(const LedgerInfo& ledger) {
  return {ledger.root, ledger.service_key, ledger.ledger};
}

Result<EnrolledDisplay> enrol_display(NodeClient& node, const LedgerInfo& ledger,
                                      const crypto::Signer& login,
                                      element::PaymentCodeApplet& applet, Env& env,
                                      pki::EnrolmentProfile profile) {
  ASSIGN(const auto status, applet.status());
  std::optional<Enrolled> enrolled;
  if (!status.certificate) {
    ASSIGN(enrolled, enrol_applet(node, ledger, login, applet, env, profile));
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
