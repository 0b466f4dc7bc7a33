#include "http/signed_request.h"

#include "base/format.h"
#include "base/whole_seconds.h"

namespace intaglio::http {

Result<void> RequestNonces::take(const proof::RequestSignature& request, Millis now) {
  Use use;
  std::ranges::copy(request.nonce.view(), use.writable().begin());
  std::ranges::copy(request.key.view(), use.writable().subspan(proof::HttpNonce::kSize).begin());
  const std::lock_guard lock(mutex_);
  while (!by_created_.empty() && by_created_.begin()->first + proof::kRequestSignatureAge < now) {
    for (const Use& gone : by_created_.begin()->second) taken_.erase(gone);
    by_created_.erase(by_created_.begin());
  }
  if (taken_.contains(use)) return refuse(Verdict::request_replayed, "nonce");
  if (taken_.size() >= kMax) return refuse(Verdict::too_many_requests, "signed requests");
  by_created_[request.created].push_back(use);
  taken_.insert(use);
  return {};
}

SignedRequests::SignedRequests(service::Node& node, Env& env)
    : node_(node), env_(env), started_(whole_seconds(env.now())) {}

Result<KeyHash> SignedRequests::signer(const Request& request) {
  const std::string uri = target_uri(request);
  const proof::HttpSignatureFields fields{
      .content_digest = request.fields.find("Content-Digest").value_or(""),
      .signature_input = request.fields.find("Signature-Input").value_or(""),
      .signature = request.fields.find("Signature").value_or("")};
  ASSIGN(const auto unverified,
         proof::parse_request_signature(fields, {request.method, uri, request.body}));
  ASSIGN(const auto key, find_key(unverified.said().key));
  const Millis now = env_.now();
  ASSIGN(const auto verified, proof::verify_request_signature(unverified, *key, now));
  if (verified->created < started_) {
    return refuse(Verdict::request_stale, "signed before this server started");
  }
  TRY(nonces_.take(*verified, now));
  return verified->key;
}

Result<void> SignedRequests::require_operator(const Request& request) {
  ASSIGN(const auto key, signer(request));
  if (!is_operator(key)) return refuse(Verdict::not_signer, "the operator's key alone");
  return {};
}

Result<service::Login> SignedRequests::login(const Request& request) {
  ASSIGN(const auto key, signer(request));
  return node_.authority().login_of(key);
}

Result<std::shared_ptr<const crypto::Verifier>> SignedRequests::find_key(const KeyHash& key) {
  std::optional<crypto::PublicKey> found;
  const auto& gateway = node_.gateway();
  for (std::size_t i = 0; i < gateway.chain_count(); ++i) {
    const auto* chain = gateway.chain(ChainId(static_cast<std::uint16_t>(i)));
    const auto row = chain->store().find<ledger::KeyRow>(key);
    if (!row) continue;
    // On whatever chain it was ended: the others are about to hear of it.
    TRY(ledger::check_standing(*row, codec::to_hex(key)));
    found = row->public_key;
  }
  if (!found) {
    const auto login = node_.authority().login_of(key);
    if (!login && login.error().verdict != Verdict::unknown_login) {
      return std::unexpected(login.error());
    }
    if (login) found = login->public_key;
  }
  if (!found) return refuse(Verdict::unknown_key, codec::to_hex(key));
  if (auto ready = keys_.find(key)) return ready;
  return keys_.insert(*found);
}

std::string target_uri(const Request& request) {
  if (!request.target.starts_with('/')) return request.target;  // the absolute form
  return format("{}://{}{}", request.secure ? "https" : "http",
                request.fields.find("Host").value_or(""), request.target);
}

}  // namespace intaglio::http
