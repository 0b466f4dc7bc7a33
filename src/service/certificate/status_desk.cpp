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

// What X.509 has for a suspended one is a revocation that may end again.
pki::RevocationReason reason_of(const ledger::CertificateRow& row) {
  if (row.status == ledger::KeyStatus::suspended) return pki::RevocationReason::hold;
  return row.reason.value_or(pki::RevocationReason::unspecified);
}

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
    const auto status = status_of(question);
    content.answers.push_back({std::move(question), status});
  }
  return ocsp_.respond(content);
}

pki::OcspStatus StatusDesk::status_of(const pki::OcspQuestion& question) const {
  if (!pki::is_about(question, authority_.issuing())) return pki::OcspUnknown{};
  const auto row = authority_.logged(question.serial);
  if (!row) return pki::OcspUnknown{};
  if (row->status == ledger::KeyStatus::active) return pki::OcspGood{};
  return pki::OcspRevoked{whole_seconds(row->since), reason_of(*row)};
}

pki::RevocationListContent StatusDesk::content(Millis now) const {
  pki::RevocationListContent out{
      .number = 0, .this_update = now, .next_update = now + kListGood, .revoked = {}};
  authority_.for_each_logged([&](const SerialNumber& serial, const ledger::CertificateRow& row) {
    // What has expired is not asked for any more.
    if (row.status == ledger::KeyStatus::active || row.valid_until < now) return;
    out.revoked.push_back({serial, whole_seconds(row.since), reason_of(row)});
  });
  return out;
}

Result<pki::RevocationList> StatusDesk::list() {
  const std::lock_guard lock(making_list_);
  const Millis now = whole_seconds(env_.now());
  // Read before the certificates: a change that comes between makes the next list anew.
  const std::uint64_t changes = authority_.logged_count().changes;
  if (last_ && last_->changes == changes &&
      now < last_->list.content().this_update + kListRenewed) {
    return last_->list;
  }
  auto wanted = content(now);
  ASSIGN(const auto stored, records_.get(kNumberKey));
  ListNumber number;
  if (stored) {
    const auto before = codec::decode_record<ListNumber>(*stored);
    CHECK(before.has_value());
    number = *before;
  }
  // Never below one that went out, also not after a restore of older records: no desk makes lists
  // faster than one a millisecond.
  wanted.number = number.last = std::max(number.last + 1, env_.now().value());
  // Before the list is made: no two ever have one number.
  TRY(records_.put(kNumberKey, codec::encode_record(number)));
  ASSIGN(auto made, pki::build_revocation_list(wanted, authority_.issuing(), signer_));
  last_ = {made, changes};
  return made;
}

}  // namespace intaglio::service
