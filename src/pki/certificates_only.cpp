#include "pki/certificates_only.h"

#include "base/check.h"
#include "codec/base64url.h"
#include "pki/der_reader.h"
#include "pki/object_ids.h"

namespace intaglio::pki {

namespace {

Bytes object(ByteView id) { return der::element(der::kObjectId, {id}); }

Result<void> check_object(der::Reader& in, ByteView wanted, const char* what) {
  ASSIGN(const auto id, in.next(der::kObjectId, what));
  if (!equal(id.content, wanted)) return refuse(Verdict::bad_value, what);
  return {};
}

}  // namespace

Bytes encode_certificates_only(const std::vector<Certificate>& certificates) {
  CHECK(certificates.size() <= kMaxCertificatesOnly);
  Bytes all;
  for (const Certificate& certificate : certificates) append(all, certificate.der());
  const Bytes nothing = der::element(der::kSet, {});
  const Bytes signed_data = der::sequence({der::integer(std::uint64_t{1}), nothing,
                                           der::sequence({object(object_ids::kPkcs7Data)}),
                                           der::element(der::explicit_tag(0), {all}), nothing});
  return der::sequence(
      {object(object_ids::kPkcs7SignedData), der::element(der::explicit_tag(0), {signed_data})});
}

Result<std::vector<Certificate>> decode_certificates_only(ByteView der) {
  if (der.size() > kMaxCertificatesOnlyBytes) return refuse(Verdict::too_large, "message");
  ASSIGN(const auto message, der::only_element(der, der::kSequence, "message"));
  der::Reader outer(message.content);
  TRY(check_object(outer, object_ids::kPkcs7SignedData, "content type"));
  ASSIGN(const auto content, outer.next(der::explicit_tag(0), "content"));
  TRY(outer.finish("message"));
  ASSIGN(const auto data, der::only_element(content.content, der::kSequence, "signed data"));
  der::Reader in(data.content);
  ASSIGN(const auto number, in.next(der::kInteger, "version"));
  ASSIGN(const auto version, der::to_uint(number, "version"));
  if (version != 1) return refuse(Verdict::bad_version, "version");
  ASSIGN(const auto digests, in.next(der::kSet, "digest algorithms"));
  if (!digests.content.empty()) return refuse(Verdict::bad_value, "digest algorithms");
  ASSIGN(const auto inner, in.next(der::kSequence, "inner content"));
  der::Reader inner_parts(inner.content);
  TRY(check_object(inner_parts, object_ids::kPkcs7Data, "inner content"));
  if (!inner_parts.at_end()) return refuse(Verdict::bad_value, "inner content");
  ASSIGN(const auto certificates, in.next(der::explicit_tag(0), "certificates"));
  // Some write an empty set of lists.
  ASSIGN(const auto lists, in.next_if(der::explicit_tag(1)));
  if (lists && !lists->content.empty()) return refuse(Verdict::bad_value, "lists");
  ASSIGN(const auto signers, in.next(der::kSet, "signers"));
  if (!signers.content.empty()) return refuse(Verdict::bad_value, "signers");
  TRY(in.finish("signed data"));

  std::vector<Certificate> out;
  der::Reader each(certificates.content);
  while (!each.at_end()) {
    if (out.size() == kMaxCertificatesOnly) return refuse(Verdict::too_large, "certificates");
    ASSIGN(const auto element, each.next());
    ASSIGN(auto certificate, Certificate::parse(element.whole));
    out.push_back(std::move(certificate));
  }
  return out;
}

std::string to_est_body(const std::vector<Certificate>& certificates) {
  return codec::to_base64(encode_certificates_only(certificates));
}

}  // namespace intaglio::pki
