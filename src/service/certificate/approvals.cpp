#include "service/certificate/approvals.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "crypto/sha256.h"
#include "service/certificate/authority.h"

namespace intaglio::service {
namespace {

constexpr std::string_view kPurpose{"INTAGLIO-APPROVE1\0", 18};
// Which of them still wait, and the ticket of each digest that one was ever awaited under: nobody
// looks through all that were decided.
constexpr std::string_view kOpen = "approval-open/";

std::string approval_key(std::string_view ticket) {
  return std::string("approval/").append(ticket);
}
std::string open_key(std::string_view ticket) { return std::string(kOpen).append(ticket); }
std::string digest_key(const Digest& digest) { return "approval-digest/" + codec::to_hex(digest); }

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

// An application as it stands, and where it is found by.
std::vector<store::RecordWrite> writes_of(const AwaitedApplication& application) {
  const std::string& ticket = application.ticket;
  return {{approval_key(ticket), codec::encode_record(application)},
          {open_key(ticket), is_open(application) ? std::optional(Bytes()) : std::nullopt},
          {digest_key(application.digests.back()), to_bytes(as_bytes(ticket))}};
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

Result<std::vector<AwaitedApplication>> Approvals::open_ones() const {
  std::vector<std::string> tickets;
  TRY(records_.scan(kOpen, [&](std::string_view key, ByteView) {
    tickets.emplace_back(key.substr(kOpen.size()));
    return true;
  }));
  std::vector<AwaitedApplication> out;
  for (const std::string& ticket : tickets) {
    ASSIGN(auto application, find(ticket));
    if (application && is_open(*application)) out.push_back(*std::move(application));
  }
  return out;
}

Result<void> Approvals::make_room(std::string_view login) {
  ASSIGN(const auto applications, open_ones());
  std::vector<store::RecordWrite> lapsed;
  std::size_t waiting = 0;
  for (const AwaitedApplication& each : applications) {
    if (is_over(each)) {
      lapsed.push_back({open_key(each.ticket), std::nullopt});
    } else if (each.login == login) {
      ++waiting;
    }
  }
  TRY(records_.write(lapsed));
  if (waiting < kMostAwaited) return {};
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

  if (!before) TRY(make_room(login.name));
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
  ASSIGN(const auto approved_by, approvers(application, intended, login));
  if (before && approved_by.size() >= needed) {
    turn_to(digest, application);
    application.certified = digest;
    return writes_of(application);
  }
  if (application.digests.empty() || application.digests.back() != digest) {
    turn_to(digest, application);
    TRY(records_.write(writes_of(application)));
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
  ASSIGN(auto applications, open_ones());
  std::vector<Approval> out;
  for (auto& each : applications) {
    if (is_over(each)) continue;
    auto approval = look_at(std::move(each));
    // What its login may not have any more is not waited for.
    if (!approval && approval.error().verdict == Verdict::unknown_login) continue;
    if (!approval) return std::unexpected(approval.error());
    out.push_back(*std::move(approval));
  }
  return out;
}

Result<Approval> Approvals::waiting(const Digest& digest) const {
  ASSIGN(const auto ticket, records_.get(digest_key(digest)));
  if (!ticket) {
    // Its login was changed, and nobody has handed it in since.
    ASSIGN(auto open, waiting());
    const auto found = std::ranges::find(open, digest, &Approval::digest);
    if (found != open.end()) return std::move(*found);
    return refuse(Verdict::unknown_approval, codec::to_hex(digest));
  }
  ASSIGN(const auto known, find(as_text(*ticket)));
  CHECK(known.has_value());
  if (is_open(*known) && !is_over(*known)) {
    auto approval = look_at(*known);
    if (approval && approval->digest == digest) return approval;
    if (!approval && approval.error().verdict != Verdict::unknown_login) return approval;
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
  TRY(records_.write(writes_of(application)));
  log::info("officer {}: {} {}", who.name, codec::enum_name(decision), codec::to_hex(digest));
  ASSIGN(approval.approved_by, approvers(application, approval.intended, login));
  return approval;
}

}  // namespace intaglio::service
