// The server's side of enrolment, in the order of the capability: gives out the challenge (to the
// client and to the authority), takes the element's answer back, checks it, and only then calls the
// authority, with four items. It logs both, in that order.
#pragma once

#include "service/certificate/authority.h"

namespace intaglio::service {

// What an applicant asks for.
struct EnrolmentWish {
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  pki::EnrolmentProfile profile = pki::EnrolmentProfile::compact;
  bool simulated_element = true;  // what it says of its element
};

// Any thread.
class EnrolmentDesk {
 public:
  EnrolmentDesk(store::RecordStore& records, Authority& authority, const LedgerId& ledger, Env& env)
      : records_(records), authority_(authority), ledger_(ledger), env_(env) {}

  // Step 1 and 2: a challenge for this login. `unknown_login` when the login may not have a
  // certificate of that usage.
  Result<pki::ApplicationInformation> apply(const Login& login, const EnrolmentWish& wish);

  // Steps 5 to 8: the element's answer to the challenge `id`, in the profile that was asked for.
  // The authority is not called unless everything about it verifies: `challenge_unknown`,
  // `challenge_foreign`, what pki::decode_answer and pki::verify_application refuse.
  Result<pki::Certificate> submit(const Login& login, const pki::ApplicationId& id,
                                  ByteView answer);

  // How often the authority was called: an answer that does not verify leaves it as it was.
  std::uint64_t authority_calls() const { return authority_calls_; }

  static constexpr Duration kChallengeTime = seconds(300);

 private:
  Result<Verified<pki::Application>> verify(const Login& login, const pki::ApplicationId& id,
                                            ByteView answer) const;

  store::RecordStore& records_;
  Authority& authority_;
  const LedgerId ledger_;
  Env& env_;
  std::atomic<std::uint64_t> authority_calls_ = 0;
};

}  // namespace intaglio::service
