// Requests that must be signed (RFC 9421; the one form we take: proof/http_signature.h): who signed
// this one?
#pragma once

#include <map>
#include <mutex>
#include <unordered_set>

#include "crypto/verifier_cache.h"
#include "http/message.h"
#include "proof/http_signature.h"
#include "service/node.h"

namespace intaglio::http {

// The nonces of requests that were taken in, for as long as those requests stay fresh. Any thread.
class RequestNonces {
 public:
  // Beyond this many at once take() answers `too_many_requests`.
  static constexpr std::size_t kMax = 200'000;

  // `request_replayed` when this key used the nonce before.
  Result<void> take(const proof::RequestSignature& request, Millis now);

 private:
  using Use = FixedBytes<struct RequestUseTag, 48>;  // a nonce and who used it
  std::mutex mutex_;
  std::unordered_set<Use> taken_;
  std::map<Millis, std::vector<Use>> by_created_;  // the same, to be dropped in this order
};

// Any thread. The node and the Env must outlive it.
class SignedRequests {
 public:
  // Requests from before `env.now()` are refused: what nonces they used, nobody remembers.
  // `created` counts whole seconds, so the second it is now is still taken.
  SignedRequests(service::Node& node, Env& env);

  // The hash of the key that signed the request, whole and a moment ago: a key of some chain, not
  // revoked, or a login's. `request_unsigned`, `request_stale`, `request_replayed`,
  // `request_altered`, `unknown_key`, `key_revoked`, or what is wrong with the form of the fields.
  Result<KeyHash> signer(const Request& request);

  // Signed by the operator; `not_signer` when somebody else signed it.
  Result<void> require_operator(const Request& request);

  // Signed by a login: `unknown_login` when the key is no login's.
  Result<service::Login> login(const Request& request);

  bool is_operator(const KeyHash& key) const { return key == node_.operator_key(); }

 private:
  Result<std::shared_ptr<const crypto::Verifier>> find_key(const KeyHash& key);

  service::Node& node_;
  Env& env_;
  const Millis started_;  // the second it was made in
  crypto::VerifierCache keys_{10'000};
  RequestNonces nonces_;
};

// What a signature covers as @target-uri (RFC 9421 section 2.2.2): scheme, Host and target.
std::string target_uri(const Request& request);

}  // namespace intaglio::http
