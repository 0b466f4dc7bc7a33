// Getting a certificate and judging one: the steps of enrolment as the client takes them, apart
// from arguments and printing. One thread.
#pragma once

#include "cli/home.h"
#include "element/apdu_channel.h"
#include "element/payment_code_applet.h"

namespace intaglio::cli {

// What happened, for whoever tells it.
struct Enrolled {
  pki::ApplicationInformation information;
  std::size_t answer_bytes = 0;  // how long the element's answer was
  pki::Certificate certificate;
  pki::Certificate issuing;  // who issued it
};

// What is asked for, for a key of which the channel says what guards it.
struct AccountWish {
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  pki::EnrolmentProfile profile = pki::EnrolmentProfile::compact;
  std::optional<crypto::PublicKey> key;  // the key that is meant; `bad_key` for another element's
};

// The key of the element behind `channel` applies under a login, as a holder or an issuer, and what
// comes is checked: that key, leading to the ledger's root, for the usage that was asked for
// (otherwise what pki::validate_path refuses). The element's answer is passed on as it is, and kept
// until the node has decided it: while it says "later", e.g. `approval_pending`, the next call
// hands in the same bytes.
Result<Enrolled> enrol_account(NodeClient& node, const LedgerInfo& ledger, const AccountWish& wish,
                               const crypto::Signer& login, element::ApduChannel& channel,
                               Home& home);

// Whom a new display's applet is to believe.
element::AppletTrust applet_trust(const LedgerInfo& ledger);

// Asks the node which account the display is bound to now, and tells the applet.
struct BoundTo {
  Address account;
  std::uint32_t epoch = 0;
};
Result<BoundTo> bind_display(NodeClient& node, const crypto::Signer& login,
                             element::PaymentCodeApplet& applet);

// The applet applies, takes its certificate and is bound to the account that the node has for it.
// Safe to repeat: an applet that has a certificate keeps it and is bound only; its answer is kept
// as above.
struct EnrolledDisplay {
  std::optional<Enrolled> enrolled;  // nothing when it had a certificate
  pki::Certificate certificate;
  Address account;
  std::uint32_t epoch = 0;
};
Result<EnrolledDisplay> enrol_display(
    NodeClient& node, const LedgerInfo& ledger, const crypto::Signer& login,
    element::PaymentCodeApplet& applet, Home& home,
    pki::EnrolmentProfile profile = pki::EnrolmentProfile::compact);

// Leads to the ledger's root, over who issued it, and is for this usage, at `now`. Revocation is
// not looked at: it is in KnownCertificate.
Result<void> check_path(const KnownCertificate& known, const LedgerInfo& ledger,
                        std::optional<pki::CertificateUsage> usage, Millis now);

// What is known of a key's certificate: from the node, and remembered; without the node from what
// was remembered, with its age.
struct LookedUp {
  KnownCertificate known;
  std::optional<Duration> age;  // since it was fetched; nothing: the node said it just now
};
// `node` may be null: offline. `unknown_certificate` when neither knows one; when the node cannot
// be reached and nothing was remembered, why it could not.
Result<LookedUp> look_up_certificate(Home& home, NodeClient* node, const proof::KeyId& key);

}  // namespace intaglio::cli
