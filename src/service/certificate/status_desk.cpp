#include "service/certificate/status_desk.h"

#include <algorithm>

#include "base/whole_seconds.h"

namespace intaglio::service {
namespace {

constexpr std::string_view kNumberKey = "revocation-list/number";
constexpr std::string_view kRootList = "root";

struct ListNumber {
  std::uint64_t last = 0;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "last", &ListNumber::last, "of the newest list"));
  }
};

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
  const Issuer& issuer = issuer_asked(request.questions.front());
  const Millis now = whole_seconds(env_.now());
  pki::OcspResponseContent content{.answers = {},
                                   .produced_at = now,
                                   .this_update = now,
                                   .next_update = now + kAnswerGood,
                                   .nonce = std::move(request.nonce)};
  for (auto& question : request.questions) {
    const auto status = status_of(question, issuer);
    content.answers.push_back({std::move(question), status});
  }
  return ocsp_.respond(issuer, content);
}

const Issuer& StatusDesk::issuer_asked(const pki::OcspQuestion& question) const {
  for (const Issuer& each : authority_.issuers().all()) {
    if (pki::is_about(question, each.certificate)) return each;
  }
  return authority_.issuers().current();  // which knows it as little as any other
}

pki::OcspStatus StatusDesk::status_of(const pki::OcspQuestion& question,
                                      const Issuer& issuer) const {
  if (!pki::is_about(question, issuer.certificate)) return pki::OcspUnknown{};
  const auto row = authority_.logged(issuer, question.serial);
  if (!row) return pki::OcspUnknown{};
  const auto revocation = authority_.revocation_of(issuer);
  if (revocation && row->status != ledger::KeyStatus::revoked) {
    return pki::OcspRevoked{revocation->revoked_at, revocation->reason};
  }
  if (row->status == ledger::KeyStatus::active) return pki::OcspGood{};
  return pki::OcspRevoked{whole_seconds(row->since), reason_of(*row)};
}

pki::RevocationListContent StatusDesk::content(const Issuer& issuer, Millis now) const {
  pki::RevocationListContent out{
      .number = 0, .this_update = now, .next_update = now + kListGood, .revoked = {}};
  authority_.for_each_logged(
      issuer, [&](const SerialNumber& serial, const ledger::CertificateRow& row) {
        // What has expired is not asked for any more.
        if (row.status == ledger::KeyStatus::active || row.valid_until < now) return;
        out.revoked.push_back({serial, whole_seconds(row.since), reason_of(row)});
      });
  return out;
}

Result<pki::RevocationList> StatusDesk::list(std::string_view name) {
  const Issuers& issuers = authority_.issuers();
  if (name == kRootList && issuers.root_list()) return *issuers.root_list();
  const Issuer* issuer = name.empty() ? &issuers.current() : issuers.named(name);
  if (issuer == nullptr || !issuer->signer) {
    return refuse(Verdict::unknown_route, std::string(name));
  }
  const std::lock_guard lock(making_list_);
  const Millis now = whole_seconds(env_.now());
  // Read before the certificates: a change that comes between makes the next list anew.
  const std::uint64_t changes = authority_.logged_count(*issuer).changes;
  const auto last = last_.find(issuer->name);
  if (last != last_.end() && last->second.changes == changes &&
      now < last->second.list.content().this_update + kListRenewed) {
    return last->second.list;
  }
  auto wanted = content(*issuer, now);
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
  ASSIGN(auto made, pki::build_revocation_list(wanted, issuer->certificate, *issuer->signer));
  last_.insert_or_assign(issuer->name, Made{made, changes});
  return made;
}

}  // namespace intaglio::service
