// The payment code applet: what runs inside a counter display's secure element. It holds the
// display's key and signs nothing with it but
//   * an application for the display's own certificate, and
//   * the code information of a payment code, once it is certified, for the account it is bound to
//     and with the security data that it released last; one signature a release.
// The display's processor, which may be hacked, makes the code information and draws the symbol.
//
// Security data is released on a notification from the server (a code was scanned) or when a new
// time step has begun, and at no other time. So when notifications are lost, a code is shown for
// one time step at most (by default 15 s): then the element gives the data for the next.
//
// Limits of this applet, which is software, wherever its key is. Its memory is sealed under the
// passphrase against reading and altering, but not against the copying back of an older file; a
// code so signed twice has a counter the chain has seen, and is paid once. The binding's security
// key comes in the clear from whoever calls bind(): the processor sees it and could forge
// notifications, which lets it ask for new codes early and for nothing else. Two programs that use
// one applet at the same instant may be given the same counter, with the same outcome as above.
#pragma once

#include <memory>
#include <mutex>

#include "base/env.h"
#include "base/secret.h"
#include "pki/certificate.h"
#include "proof/display_security.h"

namespace intaglio::element {

// Whom the applet believes, given once when it is made.
struct AppletTrust {
  pki::Certificate authority;  // the root above its own certificate
  crypto::PublicKey server;    // signs its bindings
  LedgerId ledger;
};

// Where an applet is: its key's URI, and the folder for its memory where the key is in no file. A
// key in a file has it beside it (PATH.applet), one in a token is named NAME.applet; neither opens
// for anything else (open_key). A TPM's handle cannot be an applet's.
struct AppletPlace {
  std::string uri;
  std::string folder = {};
};

// What the display's processor needs to know to make code information.
struct AppletStatus {
  struct Binding {
    Address account;
    std::uint32_t epoch = 0;
    Duration code_step;  // length of a time step
    std::string guid;    // of our templates
  };
  std::optional<Binding> binding;
  std::optional<Bytes> certificate;  // DER
  std::uint64_t notifications = 0;   // the last notification's counter
};

// Every function may be called from any thread. The state is written to its file before anything
// based on it is given out, and read again by the next call; a refusal leaves it as it was.
class PaymentCodeApplet {
 public:
  // Makes a key and the applet's empty state, in a file of mode 600. Refuses as create_key does.
  // `env` must outlive the applet; its clock is the element's.
  static Result<std::unique_ptr<PaymentCodeApplet>> create(const AppletPlace& place,
                                                           const Secret& passphrase,
                                                           const AppletTrust& trust, Env& env);
  // `unknown_element` when there is no applet there, `element_locked` for a wrong passphrase,
  // `bad_encoding` when its state was altered.
  static Result<std::unique_ptr<PaymentCodeApplet>> open(const AppletPlace& place,
                                                         const Secret& passphrase, Env& env);
  ~PaymentCodeApplet();
  PaymentCodeApplet(const PaymentCodeApplet&) = delete;
  PaymentCodeApplet& operator=(const PaymentCodeApplet&) = delete;

  const std::string& uri() const;
  const crypto::PublicKey& public_key() const;
  bool simulated() const;  // as of its key (secure_element.h)

  Result<AppletStatus> status();

  // Answers an enrolment challenge: takes the application information in CBOR, gives the answer in
  // the profile that it asks for (pki/enrolment.h). `wrong_ledger`, and `not_capable` for another
  // usage than display: its key is good for codes and nothing else. Refuses what
  // pki::answer_challenge refuses.
  Result<Bytes> enrol(ByteView application_information);

  // Puts the certificate in; from then on codes are signed. It replaces an earlier one. Refuses
  // what pki::validate_path refuses, now, for a display; `element_not_certified` for another key's.
  Result<void> install_certificate(ByteView der, std::span<const Bytes> intermediates);

  // Binds the display to an account: a statement of the server (proof::DisplayBinding) and the
  // security key that it stands for. What was released or notified under an earlier binding is void
  // from then on. The same binding again changes nothing. Refuses what proof::verify_statement
  // refuses; `unknown_display` for another display's; `bad_value` for an epoch that is not above
  // the last, or another security key than the statement's.
  Result<void> bind(ByteView statement, Secret security_key);

  // The server says that a code was scanned: one release more is due, in this step too.
  // `element_unbound`; `notification_forged` unless it is authentic and its counter is above the
  // last.
  Result<void> notify(const proof::RefreshNotification& notification);

  // Gives the security data for the code of a time step, with a new counter. `security_data_held`
  // for a step before the last one released, for the same one without a notification, and for a
  // step that has not begun by the element's clock; `element_unbound`.
  Result<proof::SecurityData> release(TimeStep step);

  // Signs code information: the payment code's text up to its signature templates, whose signed
  // bytes are "PAY-MPM1", a zero byte and this text. `element_unbound`, `element_not_certified`;
  // what codec::parse_emv_objects refuses; `element_foreign_account` unless the bound account is
  // the one payee it names; `security_data_mismatch` unless it carries exactly the data released
  // last, and that was not signed before.
  Result<crypto::Signature> sign_code(ByteView code_information);

 private:
  class Memory;
  explicit PaymentCodeApplet(std::unique_ptr<Memory> memory);

  std::mutex mutex_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace intaglio::element
