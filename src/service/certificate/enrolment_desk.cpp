#include "service/certificate/enrolment_desk.h"

#include "base/log.h"

namespace intaglio::service {
namespace {

std::string challenge_key(const pki::ApplicationId& id) { return "challenge/" + codec::to_hex(id); }

}  // namespace

Result<pki::ApplicationInformation> EnrolmentDesk::apply(const Login& login,
                                                         const EnrolmentWish& wish) {
  if (std::ranges::find(login.usages, wish.usage) == login.usages.end()) {
    return refuse(Verdict::unknown_login, std::string(codec::enum_name(wish.usage)));
  }
  pki::ApplicationInformation information;
  information.id = env_.random_id<pki::ApplicationId>();
  information.issued_at = env_.now();
  information.expires_at = information.issued_at + kChallengeTime;
  information.login = login.name;
  information.usage = wish.usage;
  information.ledger = ledger_;
  information.profile = wish.profile;
  information.simulated_element = wish.simulated_element;
  TRY(authority_.learn(information));
  TRY(records_.put(challenge_key(information.id), codec::encode_record(information)));
  return information;
}

Result<Verified<pki::Application>> EnrolmentDesk::verify(const Login& login,
                                                         const pki::ApplicationId& id,
                                                         ByteView answer_bytes) const {
  ASSIGN(const auto stored, records_.get(challenge_key(id)));
  if (!stored) return refuse(Verdict::challenge_unknown, codec::to_hex(id));
  const auto information = codec::decode_record<pki::ApplicationInformation>(*stored);
  CHECK(information.has_value());
  if (information->login != login.name) return refuse(Verdict::challenge_foreign);
  ASSIGN(const auto answer, pki::decode_answer(answer_bytes, information->profile));
  // What waits for approval came in time.
  ASSIGN(const auto came, authority_.came_at(codec::to_hex(id)));
  return pki::verify_application(answer, *information, came.value_or(env_.now()));
}

Result<pki::Certificate> EnrolmentDesk::submit(const Login& login, const pki::ApplicationId& id,
                                               ByteView answer) {
  const auto application = verify(login, id, answer);
  if (!application) {
    log::info("enrolment {}: refused by the desk ({})", codec::to_hex(id),
              describe(application.error().verdict).name);
    return std::unexpected(application.error());
  }
  log::info("enrolment {}: signature and identifier verified by the desk, {} profile",
            codec::to_hex(id), codec::enum_name((*application)->information.profile));
  ++authority_calls_;
  return authority_.issue(pki::request_for(*application));
}

}  // namespace intaglio::service
