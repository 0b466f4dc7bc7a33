// CMP requests from outside, to a responder with keys that are always the same. Whatever comes, an
// answer belongs to the request's transaction, and the same bytes again change nothing.
#include "base/check.h"
#include "pki/cmp_for_test.h"
#include "pki/cmp_message.h"

namespace {

// What a MAC or signature would keep a changed message from.
void bodies_property(intaglio::ByteView input) {
  using namespace intaglio;
  const auto message = pki::read_cmp_message(input);
  if (!message) return;
  const auto application = pki::read_cmp_application(*message);
  if (application) CHECK(!application->signed_part.empty());
  static_cast<void>(pki::read_old_certificate(*message));
  static_cast<void>(pki::read_cmp_revocation(*message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const ByteView input(data, size);
  bodies_property(input);
  pki::CmpAuthorityForTest authority;
  pki::CmpResponder responder(authority, pki::cmp_identity());
  const auto answer = responder.respond(input, pki::kCmpNow);
  if (!answer) return 0;
  const auto asked = pki::read_cmp_addresses(input);
  const auto told = pki::read_cmp_addresses(*answer);
  CHECK(asked && told && equal(asked->transaction, told->transaction));
  const std::size_t applications = authority.applications.size();
  const std::size_t revocations = authority.revocations.size();
  CHECK(responder.respond(input, pki::kCmpNow).has_value());
  CHECK(authority.applications.size() == applications);
  CHECK(authority.revocations.size() == revocations);
  return 0;
}
