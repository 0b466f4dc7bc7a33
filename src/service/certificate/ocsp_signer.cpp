#include "service/certificate/ocsp_signer.h"

#include "element/soft_element.h"

namespace intaglio::service {
namespace {

// Of those that the authority knows: whatever is asked, there are a few encodings of each.
bool may_be_kept(const pki::OcspResponseContent& content) {
  return content.answers.size() == 1 && content.nonce.empty() &&
         !std::holds_alternative<pki::OcspUnknown>(content.answers.front().status);
}

}  // namespace

Result<Bytes> OcspSigner::respond(const Issuer& issuer, const pki::OcspResponseContent& content) {
  if (auto before = kept(content)) return *std::move(before);
  ASSIGN(const auto signing, responder(issuer));
  ASSIGN(auto response,
         pki::build_ocsp_response(content, signing.certificate, element::signer_of(*signing.key)));
  keep(content, response);
  return response;
}

Result<pki::Certificate> OcspSigner::certificate(const Issuer& issuer) {
  ASSIGN(auto signing, responder(issuer));
  return std::move(signing.certificate);
}

std::optional<OcspSigner::Responder> OcspSigner::present(const Issuer& issuer) {
  const std::lock_guard lock(holding_);
  const auto found = responders_.find(issuer.name);
  return found == responders_.end() ? std::nullopt : std::optional(found->second);
}

Result<OcspSigner::Responder> OcspSigner::responder(const Issuer& issuer) {
  const auto until = [](const Responder& each) { return each.certificate.validity().not_after; };
  const auto is_fresh = [&](const Responder& each, Millis now) {
    const Millis from = each.certificate.validity().not_before;
    // None lasts longer than its issuer, and no other would.
    const bool is_last = until(each) == issuer.certificate.validity().not_after;
    const Millis fresh = is_last ? until(each) : Millis((from.value() + until(each).value()) / 2);
    return now >= from && now < fresh;
  };
  const Millis now = env_.now();
  const auto before = present(issuer);
  if (before && is_fresh(*before, now)) return *before;
  // While one of them certifies the next key, the others go on with what is still good.
  const bool is_usable = before && now < until(*before);
  std::unique_lock lock(certifying_, std::defer_lock);
  if (is_usable && !lock.try_lock()) return *before;
  if (!lock.owns_lock()) lock.lock();
  if (auto made = present(issuer); made && is_fresh(*made, env_.now())) return *std::move(made);
  Millis& not_before = not_before_[issuer.name];
  if (env_.now() < not_before) {
    if (is_usable) return *before;
    return refuse(Verdict::busy, "ocsp");
  }
  std::shared_ptr<element::SecureElement> key = element::make_passing_key();
  auto certificate = authority_.certify_responder(issuer, key->public_key());
  if (!certificate) {
    not_before = env_.now() + kTriedAgain;
    if (is_usable) return *before;
    return std::unexpected(certificate.error());
  }
  const std::lock_guard holding(holding_);
  return responders_
      .insert_or_assign(issuer.name, Responder{std::move(key), *std::move(certificate)})
      .first->second;
}

std::optional<Bytes> OcspSigner::kept(const pki::OcspResponseContent& content) {
  if (!may_be_kept(content)) return std::nullopt;
  const pki::OcspAnswer& answer = content.answers.front();
  const std::lock_guard lock(keeping_);
  const auto found = kept_.find(answer.question.encoding);
  if (found == kept_.end() || found->second.status != answer.status) return std::nullopt;
  const Millis made = found->second.made;
  const Millis now = content.this_update;
  const std::uint64_t good = content.next_update.value() - now.value();
  if (now < made || now.value() - made.value() >= good / 4) return std::nullopt;
  return found->second.response;
}

void OcspSigner::keep(const pki::OcspResponseContent& content, const Bytes& response) {
  if (!may_be_kept(content)) return;
  const pki::OcspAnswer& answer = content.answers.front();
  const std::lock_guard lock(keeping_);
  if (kept_.size() >= kMostKept) kept_.clear();  // rather than to look for the oldest
  kept_.insert_or_assign(answer.question.encoding,
                         Kept{answer.status, content.this_update, response});
}

}  // namespace intaglio::service
