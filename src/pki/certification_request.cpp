#include "pki/certification_request.h"

#include "pki/certificate_parts.h"
#include "pki/der.h"
#include "pki/foreign_parts.h"
#include "pki/object_ids.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

constexpr std::size_t kMaxAttributes = 16;
constexpr std::size_t kMaxChallengePassword = 255;  // RFC 2985: pkcs-9-ub-challengePassword

// CertificationRequest, taken apart.
struct Parts {
  der::Element information;  // what is signed
  der::Element algorithm;
  ByteView signature;
};

Result<Parts> split(ByteView der) {
  if (der.size() > kMaxCertificationRequest) return refuse(Verdict::too_large, "request");
  ASSIGN(const auto request, der::only_element(der, der::kSequence, "request"));
  der::Reader in(request.content);
  ASSIGN(const auto information, in.next(der::kSequence, "information"));
  ASSIGN(const auto algorithm, in.next(der::kSequence, "signature algorithm"));
  ASSIGN(const auto bits, in.next(der::kBitString, "signature"));
  TRY(in.finish("request"));
  ASSIGN(const auto signature, der::to_octets(bits, "signature"));
  return Parts{information, algorithm, signature};
}

// Extensions: the alternative name's URIs are taken, the authority decides about all others.
Result<void> read_extensions(ByteView value, CertificationRequest& out) {
  ASSIGN(const auto list, der::only_element(value, der::kSequence, "extensions"));
  der::Reader in(list.content);
  bool named = false;
  for (std::size_t count = 0; !in.at_end(); ++count) {
    if (count == kMaxAttributes) return refuse(Verdict::too_large, "extensions");
    ASSIGN(const auto extension, in.next(der::kSequence, "extension"));
    der::Reader parts(extension.content);
    ASSIGN(const auto kind, parts.next(der::kObjectId, "extension"));
    TRY(parts.next_if(der::kBoolean));  // a wish, however strong
    ASSIGN(const auto octets, parts.next(der::kOctetString, "extension"));
    TRY(parts.finish("extension"));
    if (!equal(kind.content, object_ids::kSubjectAltName)) continue;
    if (named) return refuse(Verdict::duplicate_field, "subjectAltName");
    named = true;
    out.alternative_names = to_bytes(octets.content);
    ASSIGN(out.uris, read_uris(octets.content, kMaxRequestedUris));
  }
  return {};
}

Result<std::string> read_password(ByteView value) {
  der::Reader in(value);
  ASSIGN(const auto text, in.next());
  TRY(in.finish("challengePassword"));
  constexpr std::uint8_t kIa5String = 0x16;  // not in the standard, but written
  if (text.tag != der::kUtf8String && text.tag != der::kPrintableString && text.tag != kIa5String) {
    return refuse(Verdict::bad_value, "challengePassword");
  }
  if (text.content.empty() || text.content.size() > kMaxChallengePassword) {
    return refuse(Verdict::bad_value, "challengePassword");
  }
  return std::string(as_text(text.content));
}

// Attributes: [0] IMPLICIT SET OF { type, SET OF value }.
Result<void> read_attributes(ByteView content, CertificationRequest& out) {
  der::Reader in(content);
  std::vector<ByteView> seen;
  while (!in.at_end()) {
    if (seen.size() == kMaxAttributes) return refuse(Verdict::too_large, "attributes");
    ASSIGN(const auto attribute, in.next(der::kSequence, "attribute"));
    der::Reader parts(attribute.content);
    ASSIGN(const auto kind, parts.next(der::kObjectId, "attribute"));
    ASSIGN(const auto values, parts.next(der::kSet, "attribute"));
    TRY(parts.finish("attribute"));
    for (const ByteView each : seen) {
      if (equal(each, kind.content)) return refuse(Verdict::duplicate_field, "attribute");
    }
    seen.push_back(kind.content);
    if (equal(kind.content, object_ids::kExtensionRequest)) {
      TRY(read_extensions(values.content, out));
    } else if (equal(kind.content, object_ids::kChallengePassword)) {
      ASSIGN(out.challenge_password, read_password(values.content));
    }
  }
  return {};
}

Result<CertificationRequest> read(const Parts& parts, ByteView der) {
  CertificationRequest out;
  der::Reader in(parts.information.content);
  ASSIGN(const auto number, in.next(der::kInteger, "version"));
  ASSIGN(const auto version, der::to_uint(number, "version"));
  if (version != 0) return refuse(Verdict::bad_version, "version");
  ASSIGN(const auto subject, in.next(der::kSequence, "subject"));
  ASSIGN(out.subject, read_name(subject.whole));
  ASSIGN(const auto key, in.next(der::kSequence, "public key"));
  ASSIGN(out.public_key, read_public_key(key.content));
  // The tag is not optional in the standard; some leave it out when there are no attributes.
  ASSIGN(const auto attributes, in.next_if(der::explicit_tag(0)));
  if (attributes) TRY(read_attributes(attributes->content, out));
  TRY(in.finish("information"));
  out.subject_der = to_bytes(subject.whole);
  out.signed_part = to_bytes(parts.information.whole);
  out.der = to_bytes(der);
  return out;
}

}  // namespace

Result<CertificationRequest> parse_certification_request(ByteView der) {
  ASSIGN(const auto parts, split(der));
  return read(parts, der);
}

Result<Verified<CertificationRequest>> verify_certification_request(ByteView der) {
  ASSIGN(const auto parts, split(der));
  ASSIGN(auto request, read(parts, der));
  ASSIGN(const auto hash, read_ecdsa_hash(parts.algorithm.content));
  if (!verify_ecdsa(request.public_key, hash, parts.information.whole, parts.signature)) {
    return refuse(Verdict::no_possession, "signature");
  }
  return VerificationPass::grant(std::move(request));
}

Result<void> check_names_same(const CertificationRequest& request, const Certificate& certificate) {
  const ErrorQueueCleared cleared;
  const unsigned char* at = request.subject_der.data();
  const std::unique_ptr<X509_NAME, Freed<X509_NAME_free>> subject(
      d2i_X509_NAME(nullptr, &at, static_cast<long>(request.subject_der.size())));
  const X509* native = certificate.native();
  if (subject == nullptr || X509_NAME_cmp(subject.get(), X509_get_subject_name(native)) != 0) {
    return refuse(Verdict::bad_value, "subject");
  }
  const int place = X509_get_ext_by_NID(native, NID_subject_alt_name, -1);
  const ByteView names =
      place < 0 ? ByteView() : content(X509_EXTENSION_get_data(X509_get_ext(native, place)));
  if (!equal(request.alternative_names, names)) return refuse(Verdict::bad_value, "subjectAltName");
  return {};
}

Result<Bytes> build_certification_request(const Name& subject, const crypto::Signer& signer) {
  ASSIGN(const auto name, encode_name(subject));
  const Bytes no_attributes = der::element(der::explicit_tag(0), {});
  return sign_der(der::sequence({der::integer(std::uint64_t{0}), name,
                                 subject_public_key(signer.key), no_attributes}),
                  signer);
}

Result<Bytes> certification_request_from_file(ByteView content) {
  for (const std::string_view label : {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}) {
    ASSIGN(auto blocks, pem_blocks(as_text(content), label, 2));
    if (blocks.size() > 1) return refuse(Verdict::trailing_bytes, "more than one request");
    if (blocks.size() == 1) return std::move(blocks.front());
  }
  return to_bytes(content);
}

}  // namespace intaglio::pki
