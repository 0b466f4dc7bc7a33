#include "service/certificate/enrolment_desk.h"

namespace intaglio::service {
namespace {

std::string challenge_key(const pki::ApplicationId& id) { return "challenge/" + codec::to_hex(id); }

}  // namespace

Result<pki::ApplicationInformation> EnrolmentDesk::apply(const Login& login,
                                                         pki::CertificateUsage usage) {
  if (std::ranges::find(login.usages, usage) == login.usages.end()) {
    return refuse(Verdict::unknown_login, std::string(codec::enum_name(usage)));
  }
  pki::ApplicationInformation information;
  information.id = env_.random_id<pki::ApplicationId>();
  information.issued_at = env_.now();
  information.expires_at = information.issued_at + kChallengeTime;
  information.login = login.name;
  information.usage = usage;
  information.ledger = ledger_;
  TRY(authority_.learn(information));
  TRY(records_.put(challenge_key(information.id), codec::encode_record(information)));
  return information;
}

Result<pki::Certificate> EnrolmentDesk::submit(const Login& login, ByteView frame_bytes) {
  ASSIGN(const auto frame, pki::decode_frame(frame_bytes));
  ASSIGN(const auto stored, records_.get(challenge_key(frame.id)));
  if (!stored) return refuse(Verdict::challenge_unknown, codec::to_hex(frame.id));
  const auto information = codec::decode_record<pki::ApplicationInformation>(*stored);
  CHECK(information.has_value());
  if (information->login != login.name) return refuse(Verdict::challenge_foreign);
  ASSIGN(const auto application, pki::verify_application(frame, *information, env_.now()));
  ++authority_calls_;
  return authority_.issue(pki::request_for(application));
}

}  // namespace intaglio::service
