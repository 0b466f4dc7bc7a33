// Four eyes: what waits until officers have approved it before it is certified, and what they said.
// What they approve is a digest of all that decides what the certificate will say. When that
// changes the digest does, and what was said of the old one counts for nothing.
#pragma once

#include "base/env.h"
#include "crypto/field_types.h"
#include "pki/capabilities.h"
#include "store/record_store.h"

namespace intaglio::service {

class Authority;
struct CertificateWish;
struct Login;

inline constexpr std::uint8_t kMostApprovals = 3;
// Applications of one login that wait at a time: beyond them `too_many_requests`.
inline constexpr std::size_t kMostAwaited = 16;
inline constexpr std::size_t kMostDigests = 16;  // that an application is known to have had

// How many officers must approve a login's certificates of one usage.
struct ApprovalRule {
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  std::uint8_t officers = 1;  // 1 to kMostApprovals
  bool operator==(const ApprovalRule&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "usage", &ApprovalRule::usage, "of which certificates"),
        codec::field(2, "officers", &ApprovalRule::officers, "how many approve each: 1 to 3"));
  }
};

// All that decides what a certificate will say, but for its serial number, the moment it begins and
// where the node's lists are found by then; and what buys it.
struct IntendedCertificate {
  std::string ticket;
  Digest application;  // of all that was said with the ticket
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  crypto::PublicKey public_key;
  std::optional<AccountId> account;
  pki::Capabilities capabilities;
  Duration validity;
  std::optional<KeyHash> renews = {};  // the key of the certificate it follows
  bool operator==(const IntendedCertificate&) const = default;

  static constexpr auto fields() {
    using T = IntendedCertificate;
    return std::tuple(
        codec::field(1, "ticket", &T::ticket, "what buys it"),
        codec::field(2, "application", &T::application, "digest of all that was said with that"),
        codec::field(3, "login", &T::login, "who applied"),
        codec::field(4, "usage", &T::usage, "what it is for"),
        codec::field(5, "public_key", &T::public_key, "the key"),
        codec::field(6, "account", &T::account, "the account it is bound to"),
        codec::field(7, "capabilities", &T::capabilities, "what it allows"),
        codec::field(8, "validity", &T::validity, "ms, how long it lasts"),
        codec::field(9, "renews", &T::renews, "key of the one it follows"));
  }
};

// What officers approve: SHA-256 of "INTAGLIO-APPROVE1", a zero byte, the record.
Digest digest_of(const IntendedCertificate& intended);

// Stored: append-only.
enum class ApprovalDecision : std::uint8_t {
  approve = 1,
  refuse = 2,
};

// What an officer said of a digest.
struct OfficerDecision {
  std::string officer;
  KeyHash key;  // which the officer signed with
  Digest digest;
  ApprovalDecision decision = ApprovalDecision::approve;
  Millis decided_at;

  static constexpr auto fields() {
    using T = OfficerDecision;
    return std::tuple(codec::field(1, "officer", &T::officer, "the login that said it"),
                      codec::field(2, "key", &T::key, "hash of the key it was signed with"),
                      codec::field(3, "digest", &T::digest, "of what it was said"),
                      codec::field(4, "decision", &T::decision, "approve or refuse"),
                      codec::field(5, "decided_at", &T::decided_at, "ms"));
  }
};

// An application that passed every check and waits, or waited: one under each ticket.
struct AwaitedApplication {
  std::string ticket;
  Digest application;
  std::string login;
  pki::CertificateUsage usage = pki::CertificateUsage::holder;
  crypto::PublicKey public_key;
  bool simulated_element = true;  // what was said of the element
  Millis came_at;
  Millis lapses_at;                        // the first moment at which it does not wait any more
  std::vector<Digest> digests;             // it was awaited under, the newest last
  std::vector<OfficerDecision> decisions;  // of the newest of them
  std::optional<KeyHash> renews = {};
  std::optional<Digest> certified = {};  // of what was certified in the end

  static constexpr auto fields() {
    using T = AwaitedApplication;
    return std::tuple(
        codec::field(1, "ticket", &T::ticket, "what it was handed in with"),
        codec::field(2, "application", &T::application, "digest of all that was said with that"),
        codec::field(3, "login", &T::login, "who applied"),
        codec::field(4, "usage", &T::usage, "what for"),
        codec::field(5, "public_key", &T::public_key, "the key to be certified"),
        codec::field(6, "simulated_element", &T::simulated_element, "what was said of its element"),
        codec::field(7, "came_at", &T::came_at, "ms"),
        codec::field(8, "lapses_at", &T::lapses_at, "ms, exclusive"),
        codec::field(9, "digests", &T::digests, "it was awaited under, the newest last"),
        codec::field(10, "decisions", &T::decisions, "what officers said, in order"),
        codec::field(11, "renews", &T::renews, "key of the certificate it is to follow"),
        codec::field(12, "certified", &T::certified, "digest of what was certified"));
  }
};

// An application as it stands now.
struct Approval {
  AwaitedApplication application;
  IntendedCertificate intended;          // what would be certified now
  Digest digest;                         // of that
  std::vector<std::string> approved_by;  // the officers whose approval counts now
  std::size_t needed = 0;
};

// Inside the authority, which serialises require() and decide(); the others are for any thread.
// Nothing here asks twice: what was decided stays in its record.
class Approvals {
 public:
  // An application waits for `time`. References must outlive it.
  Approvals(store::RecordStore& records, const Authority& authority, Env& env, Duration time)
      : records_(records), authority_(authority), env_(env), time_(time) {}

  // What waits or waited under a ticket of that name.
  Result<std::optional<AwaitedApplication>> find(std::string_view ticket) const;

  // Whether that may be certified now, for a login that may have it: the writes that belong in one
  // batch with the certificate. Otherwise it waits from now on, if it did not: `approval_pending`
  // at its digest. `approval_refused` and `approval_lapsed` are final for the ticket, but that a
  // renewal whose time has run out may be asked for again; `challenge_spent` for another
  // application under the ticket.
  Result<std::vector<store::RecordWrite>> require(const IntendedCertificate& intended,
                                                  const CertificateWish& wish, const Login& login);

  // What the officer who holds that key says of a digest. Once said, saying it again changes
  // nothing; one refusal is enough, and final. `not_signer` for who is no officer,
  // `own_application`, and as waiting().
  Result<Approval> decide(const KeyHash& officer, const Digest& digest, ApprovalDecision decision);

  // All that waits, by ticket.
  Result<std::vector<Approval>> waiting() const;
  // What waits under that digest: `unknown_approval`, `approval_outdated` when what would be
  // certified has changed, `approval_refused`, `approval_lapsed`, `key_certified`.
  Result<Approval> waiting(const Digest& digest) const;

 private:
  Result<Approval> look_at(AwaitedApplication application) const;
  Result<std::vector<std::string>> approvers(const AwaitedApplication& application,
                                             const IntendedCertificate& intended,
                                             const Login& login) const;
  // `too_many_requests` when as many of a login wait as may.
  Result<void> make_room(std::string_view login);
  Result<std::vector<AwaitedApplication>> open_ones() const;  // those that lapsed too
  bool is_over(const AwaitedApplication& application) const;

  store::RecordStore& records_;
  const Authority& authority_;
  Env& env_;
  const Duration time_;
};

}  // namespace intaglio::service

namespace intaglio::codec {

template <>
struct EnumNames<service::ApprovalDecision> {
  static constexpr std::pair<service::ApprovalDecision, std::string_view> kNames[] = {
      {service::ApprovalDecision::approve, "approve"},
      {service::ApprovalDecision::refuse, "refuse"},
  };
};

}  // namespace intaglio::codec
