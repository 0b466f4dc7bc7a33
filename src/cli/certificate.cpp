#include "cli/certificate.h"

#include "element/enrolment_client.h"
#include "pki/path.h"

namespace intaglio::cli {
namespace {

// Whether a challenge is for what was asked for: an element is shown no other.
Result<void> fits(const pki::ApplicationInformation& information, const LedgerInfo& ledger,
                  const service::EnrolmentWish& wish) {
  if (information.usage != wish.usage) return refuse(Verdict::challenge_mismatch, "usage");
  if (information.profile != wish.profile) return refuse(Verdict::challenge_mismatch, "profile");
  if (information.simulated_element != wish.simulated_element) {
    return refuse(Verdict::challenge_mismatch, "simulated_element");
  }
  if (information.ledger != ledger.ledger) return refuse(Verdict::wrong_ledger, "ledger");
  return {};
}

Result<pki::ApplicationInformation> apply(NodeClient& node, const LedgerInfo& ledger,
                                          const service::EnrolmentWish& wish,
                                          const crypto::Signer& login) {
  ASSIGN(auto information, node.apply(wish, login));
  TRY(fits(information, ledger, wish));
  return information;
}

Result<void> check_issued(const KnownCertificate& issued, const crypto::PublicKey& key,
                          pki::CertificateUsage usage, const LedgerInfo& ledger, Millis now) {
  if (issued.certificate.public_key() != key) return refuse(Verdict::bad_key, "certificate");
  return check_path(issued, ledger, usage, now);
}

// Who hands in what for whom.
struct Applying {
  NodeClient& node;
  const LedgerInfo& ledger;
  Home& home;
  service::EnrolmentWish wish;
  crypto::PublicKey key;  // the element's
  const crypto::Signer& login;
};

// The challenge that was answered for the same wish.
std::optional<pki::ApplicationInformation> kept_challenge(const Applying& applying,
                                                          const std::optional<KeptAnswer>& kept) {
  if (!kept || kept->login != applying.login.key.hash()) return std::nullopt;
  auto information = codec::decode_record<pki::ApplicationInformation>(kept->information);
  if (!information || !fits(*information, applying.ledger, applying.wish)) return std::nullopt;
  return *std::move(information);
}

bool is_later(const Refusal& refusal) {
  return describe(refusal.verdict).kind == VerdictKind::later;
}

// An answer is kept until it is decided.
Result<Enrolled> hand_in(const Applying& applying, const pki::ApplicationInformation& information,
                         ByteView answer) {
  auto issued = applying.node.submit_answer(information.id, answer, applying.login);
  if (issued || !is_later(issued.error())) applying.home.forget_answer(applying.key);
  if (!issued) return std::unexpected(issued.error());
  TRY(check_issued(*issued, applying.key, applying.wish.usage, applying.ledger,
                   applying.home.env().now()));
  return Enrolled{information, answer.size(), issued->certificate, issued->issuing};
}

// By the answer that was kept, or a new one: `answer` has the element make it.
using Answer = std::function<Result<Bytes>(const pki::ApplicationInformation&)>;
Result<Enrolled> enrol_element(const Applying& applying, const Answer& answer) {
  const auto kept = applying.home.kept_answer(applying.key);
  if (const auto challenge = kept_challenge(applying, kept)) {
    auto enrolled = hand_in(applying, *challenge, kept->answer);
    // It never came in, and is too late now.
    const bool is_gone = !enrolled && (enrolled.error().verdict == Verdict::challenge_expired ||
                                       enrolled.error().verdict == Verdict::challenge_unknown);
    if (!is_gone) return enrolled;
  }
  ASSIGN(const auto information,
         apply(applying.node, applying.ledger, applying.wish, applying.login));
  ASSIGN(const auto bytes, answer(information));
  TRY(applying.home.keep_answer(
      {applying.key, applying.login.key.hash(), codec::encode_record(information), bytes}));
  return hand_in(applying, information, bytes);
}

Result<Enrolled> enrol_applet(const Applying& applying, element::PaymentCodeApplet& applet) {
  ASSIGN(auto enrolled,
         enrol_element(applying, [&](const pki::ApplicationInformation& information) {
           return applet.enrol(codec::encode_record(information));
         }));
  const Bytes intermediates[] = {enrolled.issuing.der()};
  TRY(applet.install_certificate(enrolled.certificate.der(), intermediates));
  return enrolled;
}

}  // namespace

Result<void> check_path(const KnownCertificate& known, const LedgerInfo& ledger,
                        std::optional<pki::CertificateUsage> usage, Millis now) {
  const pki::PathMaterial material{
      .intermediates = {known.issuing}, .anchors = {ledger.root}, .lists = {}};
  TRY(pki::validate_path(known.certificate, material, {.at = now, .usage = usage}));
  return {};
}

Result<Enrolled> enrol_account(NodeClient& node, const LedgerInfo& ledger, const AccountWish& wish,
                               const crypto::Signer& login, element::ApduChannel& channel,
                               Home& home) {
  ASSIGN(const auto element, element::describe_over(channel));
  if (wish.key && *wish.key != element.key) return refuse(Verdict::bad_key, "the element's");
  const Applying applying{.node = node,
                          .ledger = ledger,
                          .home = home,
                          .wish = {wish.usage, wish.profile, element.simulated},
                          .key = element.key,
                          .login = login};
  return enrol_element(applying, [&](const pki::ApplicationInformation& information) {
    return element::enrol_over(channel, information);
  });
}

element::AppletTrust applet_trust(const LedgerInfo& ledger) {
  return {ledger.root, ledger.service_key, ledger.ledger};
}

Result<EnrolledDisplay> enrol_display(NodeClient& node, const LedgerInfo& ledger,
                                      const crypto::Signer& login,
                                      element::PaymentCodeApplet& applet, Home& home,
                                      pki::EnrolmentProfile profile) {
  ASSIGN(const auto status, applet.status());
  std::optional<Enrolled> enrolled;
  if (!status.certificate) {
    const Applying applying{.node = node,
                            .ledger = ledger,
                            .home = home,
                            .wish = {pki::CertificateUsage::display, profile, applet.simulated()},
                            .key = applet.public_key(),
                            .login = login};
    ASSIGN(enrolled, enrol_applet(applying, applet));
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
