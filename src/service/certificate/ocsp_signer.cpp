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

Result<Bytes> OcspSigner::respond(const pki::OcspResponseContent& content) {
  if (auto before = kept(content)) return *std::move(before);
  ASSIGN(const auto signing, responder());
  ASSIGN(auto response, pki::build_ocsp_response(content, signing.certificate,
                                                 element::signer_of(*signing.key)));
  keep(content, response);
  return response;
}

Result<pki::Certificate> OcspSigner::certificate() {
  ASSIGN(auto signing, responder());
  return std::move(signing.certificate);
}

Result<OcspSigner::Responder> OcspSigner::responder() {
  const std::lock_guard lock(certifying_);
  const Millis now = env_.now();
  if (responder_) {
    const auto [from, until] = responder_->certificate.validity();
    if (now >= from && now < Millis((from.value() + until.value()) / 2)) return *responder_;
  }
  std::shared_ptr<element::SecureElement> key = element::make_passing_key();
  ASSIGN(auto certificate, authority_.certify_responder(key->public_key()));
  responder_ = Responder{std::move(key), std::move(certificate)};
  return *responder_;
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
