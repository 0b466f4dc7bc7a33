#include "service/certificate/status_desk.h"

#include <algorithm>

namespace intaglio::service {
namespace {

constexpr std::string_view kNumberKey = "revocation-list/number";

struct ListNumber {
  std::uint64_t last = 0;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "last", &ListNumber::last, "of the newest list"));
  }
};

// X.509 counts in seconds; a list says of a moment what was so when it began.
Millis whole_seconds(Millis time) { return Millis(time.value() / 1000 * 1000); }

}  // namespace

Bytes StatusDesk::answer(ByteView request) {
  auto answered = answer_to(request);
  if (!answered) return pki::ocsp_failure(pki::ocsp_failure_for(answered.error().verdict));
  return *std::move(answered);
}

Result<Bytes> StatusDesk::answer_to(ByteView encoded) {
  ASSIGN(auto request, pki::parse_ocsp_request(encoded));
  const Millis now = whole_seconds(env_.now());
  pki::OcspResponseContent content{.answers = {},
                                   .produced_at = now,
                                   .this_update = now,
                                   .next_update = now + kAnswerGood,
                                   .nonce = std::move(request.nonce)};
  for (auto& question : request.questions) {
    ASSIGN(const auto status, status_of(question));
    content.answers.push_back({std::move(question), status});
  }
  return pki::build_ocsp_response(content, authority_.issuing(), signer_);
}

Result<pki::OcspStatus> StatusDesk::status_of(const pki::OcspQuestion& question) const {
  if (!pki::is_about(question, authority_.issuing())) return pki::OcspUnknown{};
  const auto record = authority_.find_by_serial(question.serial);
  if (!record) {
    if (record.error().verdict == Verdict::unknown_certificate) return pki::OcspUnknown{};
    return std::unexpected(record.error());
  }
  if (!record->revoked_at) return pki::OcspGood{};
  return pki::OcspRevoked{whole_seconds(*record->revoked_at),
                          record->reason.value_or(pki::RevocationReason::unspecified)};
}

Result<pki::RevocationListContent> StatusDesk::content(Millis now) const {
  pki::RevocationListContent out{
      .number = 0, .this_update = now, .next_update = now + kListGood, .revoked = {}};
  for (const CertificateRecord& record : authority_.list()) {
    if (!record.revoked_at) continue;
    ASSIGN(const auto certificate, pki::Certificate::parse(record.der));
    // What has expired is not asked for any more.
    if (certificate.validity().not_after < now) continue;
    out.revoked.push_back({certificate.serial(), whole_seconds(*record.revoked_at),
                           record.reason.value_or(pki::RevocationReason::unspecified)});
  }
  std::ranges::sort(out.revoked, {}, &pki::RevokedCertificate::serial);
  return out;
}

Result<pki::RevocationList> StatusDesk::list() {
  const std::lock_guard lock(making_list_);
  const Millis now = whole_seconds(env_.now());
  ASSIGN(auto wanted, content(now));
  if (last_ && last_->content().revoked == wanted.revoked &&
      now < last_->content().this_update + kListRenewed) {
    return *last_;
  }
  ASSIGN(const auto stored, records_.get(kNumberKey));
  ListNumber number;
  if (stored) {
    const auto before = codec::decode_record<ListNumber>(*stored);
    CHECK(before.has_value());
    number = *before;
  }
  wanted.number = ++number.last;
  // Before the list is made: no two ever have one number.
  TRY(records_.put(kNumberKey, codec::encode_record(number)));
  ASSIGN(auto made, pki::build_revocation_list(wanted, authority_.issuing(), signer_));
  last_ = made;
  return made;
}

}  // namespace intaglio::service
