// The server's side of enrolment, in the order of the capability: gives out the challenge (to the
// client and to the authority), takes the element's frame back, checks it, and only then calls the
// authority, with four items.
#pragma once

#include "service/certificate/authority.h"

namespace intaglio::service {

// Any thread.
class EnrolmentDesk {
 public:
  EnrolmentDesk(store::RecordStore& records, Authority& authority, const LedgerId& ledger, Env& env)
      : records_(records), authority_(authority), ledger_(ledger), env_(env) {}

  // Step 1 and 2: a challenge for this login. `unknown_login` when the login may not have a
  // certificate of that usage.
  Result<pki::ApplicationInformation> apply(const Login& login, pki::CertificateUsage usage);

  // Steps 5 to 8: the element's compact frame. The authority is not called unless everything about
  // it verifies: `challenge_unknown`, `challenge_foreign`, `challenge_expired`, `no_possession`.
  Result<pki::Certificate> submit(const Login& login, ByteView frame);

  // How often the authority was called: a frame that does not verify leaves it as it was.
  std::uint64_t authority_calls() const { return authority_calls_; }

  static constexpr Duration kChallengeTime = seconds(300);

 private:
  store::RecordStore& records_;
  Authority& authority_;
  const LedgerId ledger_;
  Env& env_;
  std::atomic<std::uint64_t> authority_calls_ = 0;
};

}  // namespace intaglio::service
