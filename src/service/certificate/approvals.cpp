#include "service/certificate/approvals.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "crypto/sha256.h"
#include "service/certificate/authority.h"

namespace intaglio::service {
namespace {

constexpr std::string_view kPurpose{"INTAGLIO-APPROVE1\0", 18};
constexpr std::string_view kPrefix = "approval/";

std::string approval_key(std::string_view ticket) { return std::string(kPrefix).append(ticket); }

// Our own record: that one does not decode is damage, not input.
AwaitedApplication decoded(ByteView bytes) {
  auto record = codec::decode_record<AwaitedApplication>(bytes);
  CHECK(record.has_value());
  return *std::move(record);
}

const OfficerDecision* refusal_in(const AwaitedApplication& application) {
  const auto found = std::ranges::find(application.decisions, ApprovalDecision::refuse,
                                       &OfficerDecision::decision);
  return found == application.decisions.end() ? nullptr : &*found;
}

bool is_open(const AwaitedApplication& application) {
  return !application.certified && refusal_in(application) == nullptr;
}

bool has_been(const AwaitedApplication& application, const Digest& digest) {
  return std::ranges::find(application.digests, digest) != application.digests.end();
}

// It is awaited under this digest now: what was said of others counts for nothing.
void turn_to(const Digest& digest, AwaitedApplication& application) {
  if (!application.digests.empty() && application.digests.back() == digest) return;
  std::erase(application.digests, digest);
  if (application.digests.size() == kMostDigests) {
    application.digests.erase(application.digests.begin());
  }
  application.digests.push_back(digest);
  std::erase_if(application.decisions,
                [&](const OfficerDecision& each) { return each.digest != digest; });
}

std::size_t needed_for(const Login& login, pki::CertificateUsage usage) {
  if (!login.approvals) return 0;
  const auto rule = std::ranges::find(*login.approvals, usage, &ApprovalRule::usage);
  return rule == login.approvals->end() ? 0 : rule->officers;
}

// One key may stand behind several names, and be the one to be certified.
bool is_own(const Login& officer, const IntendedCertificate& intended, const Login& login) {
  return officer.name == login.name || officer.key == login.key ||
         officer.key == intended.public_key.hash();
}

}  // namespace

Digest digest_of(const IntendedCertificate& intended) {
  Bytes said = to_bytes(as_bytes(kPurpose));
  append(said, codec::encode_record(intended));
  return crypto::sha256(said);
}

Result<std::optional<AwaitedApplication>> Approvals::find(std::string_view ticket) const {
  ASSIGN(const auto bytes, records_.get(approval_key(ticket)));
  if (!bytes) return std::nullopt;
  return decoded(*bytes);
}

bool Approvals::is_over(const AwaitedApplication& application) const {
  return env_.now() >= application.lapses_at;
}

Result<std::vector<AwaitedApplication>> Approvals::all() const {
  std::vector<AwaitedApplication> out;
  TRY(records_.scan(kPrefix, [&](std::string_view, ByteView bytes) {
    out.push_back(decoded(bytes));
    return true;
  }));
  return out;
}

Result<void> Approvals::check_room(std::string_view login) const {
  ASSIGN(const auto applications, all());
  const auto waiting = std::ranges::count_if(applications, [&](const AwaitedApplication& each) {
    return each.login == login && is_open(each) && !is_over(each);
  });
  if (static_cast<std::size_t>(waiting) < kMostAwaited) return {};
  return refuse(Verdict::too_many_requests, format("{} applications wait", waiting));
}

// An officer counts as long as it is one, whatever it was when it approved.
Result<std::vector<std::string>> Approvals::approvers(const AwaitedApplication& application,
                                                      const IntendedCertificate& intended,
                                                      const Login& login) const {
  const Digest digest = digest_of(intended);
  std::vector<std::string> out;
  std::vector<KeyHash> keys;
  for (const OfficerDecision& each : application.decisions) {
    if (each.decision != ApprovalDecision::approve || each.digest != digest) continue;
    if (std::ranges::find(keys, each.key) != keys.end()) continue;
    const auto officer = authority_.login_named(each.officer);
    if (!officer) {
      if (officer.error().verdict == Verdict::unknown_login) continue;
      return std::unexpected(officer.error());
    }
    if (!officer->is_officer() || officer->key != each.key) continue;
    if (!authority_.check_key(each.key)) continue;  // whoever has it by now
    if (is_own(*officer, intended, login)) continue;
    out.push_back(each.officer);
    keys.push_back(each.key);
  }
  return out;
}

Result<std::vector<store::RecordWrite>> Approvals::require(const IntendedCertificate& intended,
                                                           const CertificateWish& wish,
                                                           const Login& login) {
  const Digest digest = digest_of(intended);
  const std::size_t needed = needed_for(login, intended.usage);
  ASSIGN(auto before, find(intended.ticket));
  // A certificate is renewed under one ticket for ever, and officers were only slow.
  if (before && intended.renews && is_open(*before) && is_over(*before)) before.reset();
  if (before && before->application != intended.application) {
    return refuse(Verdict::challenge_spent, intended.ticket);
  }
  if (!before && needed == 0) return std::vector<store::RecordWrite>{};
  if (before && refusal_in(*before) != nullptr) {
    return refuse(Verdict::approval_refused, codec::to_hex(refusal_in(*before)->digest));
  }
  if (before && is_over(*before)) return refuse(Verdict::approval_lapsed, codec::to_hex(digest));

  if (!before) TRY(check_room(login.name));
  const Millis now = env_.now();
  AwaitedApplication application =
      before ? *before
             : AwaitedApplication{.ticket = intended.ticket,
                                  .application = intended.application,
                                  .login = intended.login,
                                  .usage = intended.usage,
                                  .public_key = intended.public_key,
                                  .simulated_element = wish.simulated_element,
                                  .came_at = now,
                                  .lapses_at = now + time_,
                                  .digests = {},
                                  .decisions = {},
                                  .renews = intended.renews};
  const std::string key = approval_key(intended.ticket);
  ASSIGN(const auto approved_by, approvers(application, intended, login));
  if (before && approved_by.size() >= needed) {
    turn_to(digest, application);
    application.certified = digest;
    return std::vector<store::RecordWrite>{{key, codec::encode_record(application)}};
  }
  if (application.digests.empty() || application.digests.back() != digest) {
    turn_to(digest, application);
    TRY(records_.put(key, codec::encode_record(application)));
    log::info("login {}: an application waits for approval of {}", login.name,
              codec::to_hex(digest));
  }
  return refuse(Verdict::approval_pending,
                format("{}: {} of {} officers", codec::to_hex(digest), approved_by.size(), needed));
}

Result<Approval> Approvals::look_at(AwaitedApplication application) const {
  ASSIGN(const auto login, authority_.login_named(application.login));
  ASSIGN(auto intended, authority_.intend({application.ticket, application.application},
                                          {.login = application.login,
                                           .usage = application.usage,
                                           .public_key = application.public_key,
                                           .simulated_element = application.simulated_element},
                                          application.renews));
  ASSIGN(auto approved_by, approvers(application, intended, login));
  const Digest digest = digest_of(intended);
  const std::size_t needed = needed_for(login, application.usage);
  return Approval{std::move(application), std::move(intended), digest, std::move(approved_by),
                  needed};
}

Result<std::vector<Approval>> Approvals::waiting() const {
  ASSIGN(auto applications, all());
  std::vector<Approval> out;
  for (auto& each : applications) {
    if (!is_open(each) || is_over(each)) continue;
    auto approval = look_at(std::move(each));
    // What its login may not have any more is not waited for.
    if (!approval && approval.error().verdict == Verdict::unknown_login) continue;
    if (!approval) return std::unexpected(approval.error());
    out.push_back(*std::move(approval));
  }
  return out;
}

Result<Approval> Approvals::waiting(const Digest& digest) const {
  ASSIGN(const auto open, waiting());
  for (const Approval& each : open) {
    if (each.digest == digest) return each;
  }
  ASSIGN(const auto applications, all());
  const auto known = std::ranges::find_if(
      applications, [&](const AwaitedApplication& each) { return has_been(each, digest); });
  if (known == applications.end()) {
    return refuse(Verdict::unknown_approval, codec::to_hex(digest));
  }
  if (known->certified) return refuse(Verdict::key_certified, codec::to_hex(digest));
  if (refusal_in(*known) != nullptr)
    return refuse(Verdict::approval_refused, codec::to_hex(digest));
  if (is_over(*known)) return refuse(Verdict::approval_lapsed, codec::to_hex(digest));
  return refuse(Verdict::approval_outdated, codec::to_hex(digest));
}

Result<Approval> Approvals::decide(const KeyHash& officer, const Digest& digest,
                                   ApprovalDecision decision) {
  ASSIGN(const auto who, authority_.login_of(officer));
  if (!who.is_officer()) return refuse(Verdict::not_signer, "an officer's key alone");
  ASSIGN(auto approval, waiting(digest));
  ASSIGN(const auto login, authority_.login_named(approval.intended.login));
  if (is_own(who, approval.intended, login)) {
    return refuse(Verdict::own_application, who.name);
  }
  AwaitedApplication& application = approval.application;
  const bool said_before =
      std::ranges::any_of(application.decisions, [&](const OfficerDecision& each) {
        return each.key == officer && each.digest == digest && each.officer == who.name;
      });
  if (said_before && decision == ApprovalDecision::approve) return approval;
  turn_to(digest, application);
  application.decisions.push_back({who.name, officer, digest, decision, env_.now()});
  TRY(records_.put(approval_key(application.ticket), codec::encode_record(application)));
  log::info("officer {}: {} {}", who.name, codec::enum_name(decision), codec::to_hex(digest));
  ASSIGN(approval.approved_by, approvers(application, approval.intended, login));
  return approval;
}

}  // namespace intaglio::service
