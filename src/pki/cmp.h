// CMP (RFC 4210, RFC 9480; the lightweight profile, RFC 9483) for clients that speak it, e.g.
// `openssl cmp`: one request in, one answer out. How the bytes travel (RFC 6712: HTTP POST,
// application/pkixcmp) is for others to know, and what may be issued is for the authority.
//
//   ir cr p10cr  a certificate for a key whose possession was proven, asked for under a one-time
//                secret or under a certificate of ours
//   kur          a new certificate for the holder of one of ours, who signed the request with it
//   rr           its revocation, signed with it too
//   certConf     what the client thinks of the certificate it got; it may be agreed beforehand that
//                nothing will be said (implicit confirmation)
//   genm         the authorities' certificates (id-it-caCerts)
//   pollReq      whether a certificate has been issued by now that could not be at once
//
// A request is protected by a password based MAC under a one-time secret, and then so is the
// answer; or by a signature, whose certificate's path is judged by validate_path alone, and then
// the answer is signed for the authority. What cannot be authenticated is answered by a signed
// error that tells nothing about the secret. OpenSSL's CMP server does the MACs, proofs of
// possession and messages; it draws nonces and the time of the message by itself.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "base/secret.h"
#include "pki/path.h"

namespace intaglio::pki {

enum class CmpRequestKind : std::uint8_t { initialization, certification, pkcs10, update };

// A wish for a certificate. Verified: it came from who is named, and the key is theirs.
struct CmpApplication {
  CmpRequestKind kind = CmpRequestKind::initialization;
  std::string reference;              // names the one-time secret; empty when it was signed
  std::optional<Certificate> sender;  // who signed it, path validated; none under a secret
  crypto::PublicKey public_key;
  Name subject;  // as wished, may be empty; the authority decides
  Bytes subject_der;
  std::vector<std::string> uris;  // of the wished subject alternative name
  // CertRequest or CertificationRequestInfo: equal bytes are the same application, sent again.
  Bytes signed_part;
};

enum class CmpConfirmation : std::uint8_t {
  implicit,  // agreed beforehand: the client will say no more
  accepted,
  rejected,  // the client does not want it: the authority should revoke it
};

// What the responder asks. Every function may be called from any thread, may take its time, and
// its refusals reach the client: as the failure that fits the verdict, with the verdict's sentence.
class CmpAuthority {
 public:
  virtual ~CmpAuthority() = default;

  // The one-time secret with this name (at most kMaxCmpReference bytes, any). Refuses when there
  // is none; a client cannot tell that from a wrong secret. A secret that was used is still given
  // out: its answer may be asked for again, and what it no longer buys, issue() refuses.
  virtual Result<Secret> secret_of(std::string_view reference) = 0;

  // Whether the holder of a certificate, whose path was validated, may still speak: refuses e.g.
  // with `certificate_revoked`.
  virtual Result<void> admit(const Certificate& sender) = 0;

  // Issues once: the same application again gets the same certificate. It may come again long
  // after its transaction, from whoever has seen it: neither clock nor nonce of a client is judged.
  // `approval_pending` lets the client wait: it is asked again whenever the client asks.
  virtual Result<Certificate> issue(const Verified<CmpApplication>& application) = 0;

  // A new certificate for the holder of `old`, who signed the application; once, as issue().
  virtual Result<Certificate> renew(const Certificate& old,
                                    const Verified<CmpApplication>& application) = 0;

  // The holder asks for it, with the certificate itself.
  virtual Result<void> revoke(const Certificate& certificate, RevocationReason reason) = 0;

  // At most once for a certificate. A client that goes silent confirms nothing, and nothing is
  // called then: a certificate stands until it is revoked.
  virtual Result<void> confirm(const Certificate& certificate, CmpConfirmation confirmation) = 0;
};

// Who answers.
struct CmpIdentity {
  // The issuing authority, those that issued before it and whose certificates are still good, and
  // last the root, which signs itself. Senders' certificates must lead there.
  std::vector<Certificate> authorities;
  // Signs the answers to signed requests: the issuing authority itself, or better a certificate of
  // the profile CmpProtection. The signer holds its key: it may be in any element.
  Certificate protection;
  crypto::Signer signer;
};

inline constexpr std::size_t kMaxCmpRequest = 64 * 1024;
inline constexpr std::size_t kMaxCmpReference = 64;
inline constexpr std::uint64_t kMaxCmpIterations = 10'000;  // of a MAC's key; a client chooses it
inline constexpr std::size_t kMaxCmpTransactions = 1024;    // remembered at a time
inline constexpr std::size_t kMaxCmpTransactionsOfOne = 8;  // of one sender among them
inline constexpr Duration kCmpTransactionTime = seconds(300);
inline constexpr Duration kCmpPollAfter = seconds(60);  // when a client that waits should ask again

// Any thread; requests of different transactions run side by side, those of one wait for each
// other. Keeps the transactions of the last kCmpTransactionTime, because a confirmation belongs to
// one and because the same request again gets the same answer; one that waits lasts that long from
// its last poll. A restart forgets them: a client that waited then applies again.
class CmpResponder {
 public:
  // `authority` must outlive it. `poll_after` is told in whole seconds.
  CmpResponder(CmpAuthority& authority, CmpIdentity identity, Duration poll_after = kCmpPollAfter);
  ~CmpResponder();
  CmpResponder(const CmpResponder&) = delete;
  CmpResponder& operator=(const CmpResponder&) = delete;

  // A PKIMessage in DER, errors included. Refuses only what is no CMP message with a transaction
  // and a sender to answer to (malformed: over HTTP, 400), and with the signer's own refusal.
  Result<Bytes> respond(ByteView request, Millis now);

 private:
  struct Transaction;
  struct Request;
  struct Asked;
  using Shared = std::shared_ptr<Transaction>;

  Result<Bytes> respond_to(const Request& request, Millis now);
  Result<Bytes> begin(const Request& request, Millis now);
  Result<void> identify(const Request& request, Millis now, Transaction& out);
  static Result<void> check_protection(const Transaction& transaction, const Request& request);
  Result<Bytes> take_turn(Transaction& transaction, const Request& request, Millis now);
  Result<Bytes> process(Transaction& transaction, const Request& request, Millis now);
  static Result<void> keep_asked(Transaction& transaction, const Request& request, Millis now);
  Shared find(const Bytes& key, Millis now);
  Result<Shared> remember(const Shared& fresh, Millis now);
  Result<void> make_room(const Transaction& fresh);

  CmpAuthority& authority_;
  const CmpIdentity identity_;
  const Duration poll_after_;
  std::mutex mutex_;  // guards the map alone, never held while anything is asked or computed
  std::map<Bytes, Shared> transactions_;
};

}  // namespace intaglio::pki
