#include "pki/ocsp.h"

#include "crypto/sha256.h"
#include "pki/certificate_parts.h"
#include "pki/foreign_parts.h"
#include "pki/object_ids.h"

namespace intaglio::pki {

namespace {

using der::sequence;

Result<std::size_t> hash_size(ByteView algorithm_content) {
  der::Reader in(algorithm_content);
  ASSIGN(const auto kind, in.next(der::kObjectId, "hash"));
  constexpr std::uint8_t kNull = 0x05;
  ASSIGN(const auto parameters, in.next_if(kNull));
  if (parameters && !parameters->content.empty()) return refuse(Verdict::bad_encoding, "hash");
  TRY(in.finish("hash"));
  if (equal(kind.content, object_ids::kSha1)) return Sha1Digest::kSize;
  if (equal(kind.content, object_ids::kSha256)) return Digest::kSize;
  return refuse(Verdict::bad_algorithm, "hash");
}

Result<OcspQuestion> read_question(ByteView single_request) {
  der::Reader outer(single_request);
  ASSIGN(const auto id, outer.next(der::kSequence, "certificate id"));
  TRY(outer.next_if(
      der::explicit_tag(0)));  // the standard has only one, a referral to another responder
  TRY(outer.finish("request"));
  der::Reader in(id.content);
  ASSIGN(const auto algorithm, in.next(der::kSequence, "hash"));
  ASSIGN(const auto size, hash_size(algorithm.content));
  ASSIGN(const auto name, in.next(der::kOctetString, "issuer name hash"));
  ASSIGN(const auto key, in.next(der::kOctetString, "issuer key hash"));
  ASSIGN(const auto number, in.next(der::kInteger, "serial"));
  TRY(in.finish("certificate id"));
  if (name.content.size() != size || key.content.size() != size) {
    return refuse(Verdict::bad_value, "issuer hash");
  }
  ASSIGN(const auto serial, read_serial(number.content));
  return OcspQuestion{to_bytes(name.content), to_bytes(key.content), serial, to_bytes(id.whole)};
}

Result<void> read_extensions(ByteView content, OcspRequest& out) {
  ASSIGN(const auto list, der::only_element(content, der::kSequence, "extensions"));
  der::Reader in(list.content);
  while (!in.at_end()) {
    ASSIGN(const auto each, in.next(der::kSequence, "extension"));
    der::Reader parts(each.content);
    ASSIGN(const auto kind, parts.next(der::kObjectId, "extension"));
    ASSIGN(const auto critical, parts.next_if(der::kBoolean));
    ASSIGN(const auto value, parts.next(der::kOctetString, "extension"));
    TRY(parts.finish("extension"));
    if (!equal(kind.content, object_ids::kOcspNonce)) {
      if (critical) return refuse(Verdict::unknown_field, "critical extension");
      continue;
    }
    if (!out.nonce.empty()) return refuse(Verdict::duplicate_field, "nonce");
    ASSIGN(const auto nonce, der::only_element(value.content, der::kOctetString, "nonce"));
    if (nonce.content.empty()) return refuse(Verdict::bad_value, "nonce");
    if (nonce.content.size() > kMaxOcspNonce) return refuse(Verdict::too_large, "nonce");
    out.nonce = to_bytes(nonce.content);
  }
  return {};
}

Bytes encode_revoked(ByteView at, RevocationReason reason) {
  if (reason == RevocationReason::unspecified) return der::element(der::explicit_tag(1), {at});
  const std::uint8_t code[] = {static_cast<std::uint8_t>(reason)};
  return der::element(
      der::explicit_tag(1),
      {at, der::element(der::explicit_tag(0), {der::element(der::kEnumerated, {code})})});
}

// CertStatus, all three implicit.
Result<Bytes> encode_status(const OcspStatus& status) {
  if (std::holds_alternative<OcspGood>(status)) return der::element(der::implicit_tag(0), {});
  if (std::holds_alternative<OcspUnknown>(status)) return der::element(der::implicit_tag(2), {});
  const auto& revoked = std::get<OcspRevoked>(status);
  ASSIGN(const auto at, der::generalized_time(revoked.at));
  return encode_revoked(at, revoked.reason);
}

Result<Bytes> encode_answers(const OcspResponseContent& content) {
  ASSIGN(const auto this_update, der::generalized_time(content.this_update));
  ASSIGN(const auto next_update, der::generalized_time(content.next_update));
  Bytes out;
  for (const OcspAnswer& answer : content.answers) {
    ASSIGN(const auto status, encode_status(answer.status));
    append(out, sequence({answer.question.encoding, status, this_update,
                          der::element(der::explicit_tag(0), {next_update})}));
  }
  return out;
}

Bytes encode_nonce(ByteView nonce) {
  if (nonce.empty()) return {};
  const Bytes each =
      extension(object_ids::kOcspNonce, false, der::element(der::kOctetString, {nonce}));
  return der::element(der::explicit_tag(1), {sequence({each})});
}

Bytes response(std::uint8_t status, ByteView bytes) {
  const std::uint8_t code[] = {status};
  return sequence({der::element(der::kEnumerated, {code}), bytes});
}

}  // namespace

Result<OcspRequest> parse_ocsp_request(ByteView der) {
  if (der.size() > kMaxOcspRequest) return refuse(Verdict::too_large, "request");
  ASSIGN(const auto request, der::only_element(der, der::kSequence, "request"));
  der::Reader outer(request.content);
  ASSIGN(const auto asked, outer.next(der::kSequence, "request"));
  TRY(outer.next_if(der::explicit_tag(0)));  // everybody may ask
  TRY(outer.finish("request"));

  der::Reader in(asked.content);
  if (in.next_is(der::explicit_tag(0))) return refuse(Verdict::bad_version, "version");
  TRY(in.next_if(der::explicit_tag(1)));
  ASSIGN(const auto list, in.next(der::kSequence, "requests"));
  ASSIGN(const auto extensions, in.next_if(der::explicit_tag(2)));
  TRY(in.finish("request"));

  OcspRequest out;
  der::Reader each(list.content);
  while (!each.at_end()) {
    if (out.questions.size() == kMaxOcspQuestions) return refuse(Verdict::too_large, "requests");
    ASSIGN(const auto single, each.next(der::kSequence, "request"));
    ASSIGN(auto question, read_question(single.content));
    out.questions.push_back(std::move(question));
  }
  if (out.questions.empty()) return refuse(Verdict::missing_field, "requests");
  if (extensions) TRY(read_extensions(extensions->content, out));
  return out;
}

bool is_about(const OcspQuestion& question, const Certificate& issuer) {
  const ByteView name = issuer.subject_der();
  const ByteView key = issuer.public_key().view();
  if (question.issuer_name_hash.size() == Sha1Digest::kSize) {
    return equal(question.issuer_name_hash, sha1(name).view()) &&
           equal(question.issuer_key_hash, sha1(key).view());
  }
  return equal(question.issuer_name_hash, crypto::sha256(name).view()) &&
         equal(question.issuer_key_hash, crypto::sha256(key).view());
}

Result<Bytes> build_ocsp_response(const OcspResponseContent& content, const Certificate& responder,
                                  const crypto::Signer& signer) {
  if (content.answers.empty()) return refuse(Verdict::bad_value, "answers");
  if (content.next_update <= content.this_update || content.produced_at < content.this_update) {
    return refuse(Verdict::bad_value, "next_update");
  }
  if (signer.key != responder.public_key()) {
    return refuse(Verdict::bad_value, "signer does not hold the responder's key");
  }
  ASSIGN(const auto produced_at, der::generalized_time(content.produced_at));
  ASSIGN(const auto answers, encode_answers(content));
  const Bytes to_be_signed =
      sequence({der::element(der::explicit_tag(1), {responder.subject_der()}), produced_at,
                sequence({answers}), encode_nonce(content.nonce)});
  // The certificate of a responder goes along; the authority's own every client has.
  const Bytes certificates =
      responder.is_authority() ? Bytes{}
                               : der::element(der::explicit_tag(0), {sequence({responder.der()})});
  ASSIGN(const auto basic, sign_der(to_be_signed, signer, certificates));
  return response(0, der::element(der::explicit_tag(0),
                                  {sequence({der::element(der::kObjectId, {object_ids::kOcspBasic}),
                                             der::element(der::kOctetString, {basic})})}));
}

Bytes ocsp_failure(OcspFailure failure) { return response(static_cast<std::uint8_t>(failure), {}); }

OcspFailure ocsp_failure_for(Verdict verdict) {
  const VerdictRow& row = describe(verdict);
  if (row.http_status == 500) return OcspFailure::internal_error;
  if (row.kind == VerdictKind::malformed) return OcspFailure::malformed_request;
  if (row.kind == VerdictKind::later) return OcspFailure::try_later;
  return OcspFailure::unauthorized;
}

}  // namespace intaglio::pki
