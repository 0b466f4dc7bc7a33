#include "pki/revocation_list.h"

#include <set>

#include "base/format.h"
#include "pki/certificate_parts.h"
#include "pki/der.h"
#include "pki/object_ids.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

using der::sequence;
using AsnInteger = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using AsnEnumerated = std::unique_ptr<ASN1_ENUMERATED, Freed<ASN1_ENUMERATED_free>>;

Result<std::uint64_t> number_of(const X509_CRL* native) {
  const AsnInteger number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(native, NID_crl_number, nullptr, nullptr)));
  if (number == nullptr) return refuse(Verdict::missing_field, "number");
  std::uint64_t out = 0;
  if (ASN1_INTEGER_get_uint64(&out, number.get()) != 1) return refuse(Verdict::bad_value, "number");
  return out;
}

Result<RevocationReason> reason_of(const X509_REVOKED* entry) {
  int place = -1;
  const AsnEnumerated reason(static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &place, nullptr)));
  if (reason == nullptr) {
    if (place != -1) return refuse(Verdict::bad_encoding, "reason");
    return RevocationReason::unspecified;
  }
  const long value = ASN1_ENUMERATED_get(reason.get());
  for (const auto& [known, name] : codec::EnumNames<RevocationReason>::kNames) {
    if (static_cast<long>(known) == value) return known;
  }
  return refuse(Verdict::bad_value, "reason");
}

Result<std::vector<RevokedCertificate>> revoked_in(X509_CRL* native) {
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(native);
  std::vector<RevokedCertificate> out;
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    RevokedCertificate revoked;
    ASSIGN(revoked.serial, serial_of(X509_REVOKED_get0_serialNumber(entry)));
    ASSIGN(revoked.revoked_at, time_of(X509_REVOKED_get0_revocationDate(entry)));
    ASSIGN(revoked.reason, reason_of(entry));
    out.push_back(revoked);
  }
  return out;
}

Result<Bytes> encode_revoked(const RevokedCertificate& revoked) {
  ASSIGN(const auto at, der::time(revoked.revoked_at));
  Bytes extensions;
  if (revoked.reason != RevocationReason::unspecified) {  // RFC 5280: rather absent than 0
    const std::uint8_t code[] = {static_cast<std::uint8_t>(revoked.reason)};
    extensions = sequence(
        {extension(object_ids::kReasonCode, false, der::element(der::kEnumerated, {code}))});
  }
  return sequence({der::integer(revoked.serial.view()), at, extensions});
}

// Nothing, rather than an empty list, when none is revoked (RFC 5280 section 5.1.2.6).
Result<Bytes> encode_all_revoked(const RevocationListContent& content) {
  std::set<SerialNumber> seen;
  Bytes entries;
  for (const RevokedCertificate& revoked : content.revoked) {
    if (!seen.insert(revoked.serial).second) {
      return refuse(Verdict::bad_value, "serial " + codec::to_hex(revoked.serial) + " twice");
    }
    ASSIGN(const auto entry, encode_revoked(revoked));
    append(entries, entry);
  }
  return entries.empty() ? Bytes{} : sequence({entries});
}

}  // namespace

struct RevocationListParser {
  static Result<std::shared_ptr<X509_CRL>> decode(ByteView der) {
    if (der.size() > RevocationList::kMaxBytes) return refuse(Verdict::too_large, "list");
    const unsigned char* at = der.data();
    std::shared_ptr<X509_CRL> native(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())),
                                     X509_CRL_free);
    if (native == nullptr) return refuse(Verdict::bad_encoding, "list");
    if (at != der.data() + der.size()) return refuse(Verdict::trailing_bytes, "list");
    unsigned char* again = nullptr;  // as with certificates: one encoding around what is signed
    const int size = i2d_X509_CRL(native.get(), &again);
    const bool same = size >= 0 && equal(der, {again, static_cast<std::size_t>(size)});
    OPENSSL_free(again);
    if (!same) return refuse(Verdict::bad_encoding, "list");
    if (X509_CRL_get_version(native.get()) != X509_CRL_VERSION_2) {
      return refuse(Verdict::bad_version);
    }
    return native;
  }

  static Result<RevocationList> parse(ByteView der) {
    const ErrorQueueCleared cleared;
    RevocationList::Fields out;
    ASSIGN(out.native, decode(der));
    X509_CRL* native = out.native.get();
    if (X509_CRL_get0_nextUpdate(native) == nullptr) {
      return refuse(Verdict::missing_field, "next_update");
    }
    ASSIGN(out.content.number, number_of(native));
    ASSIGN(out.content.this_update, time_of(X509_CRL_get0_lastUpdate(native)));
    ASSIGN(out.content.next_update, time_of(X509_CRL_get0_nextUpdate(native)));
    ASSIGN(out.content.revoked, revoked_in(native));
    ASSIGN(out.issuer, name_of(X509_CRL_get_issuer(native)));
    out.der = to_bytes(der);
    return RevocationList(std::move(out));
  }
};

Result<RevocationList> RevocationList::parse(ByteView der) {
  return RevocationListParser::parse(der);
}

std::string RevocationList::to_pem() const { return pki::to_pem("X509 CRL", der()); }

Result<RevocationList> RevocationList::from_pem(std::string_view pem) {
  ASSIGN(const auto blocks, pem_blocks(pem, "X509 CRL", 2));
  if (blocks.size() != 1) return refuse(Verdict::bad_encoding, "not one list in the PEM text");
  return parse(blocks.front());
}

Result<RevocationList> build_revocation_list(const RevocationListContent& content,
                                             const Certificate& issuer,
                                             const crypto::Signer& signer) {
  TRY(check_issuer(issuer, signer));
  if (content.next_update <= content.this_update) return refuse(Verdict::bad_value, "next_update");
  ASSIGN(const auto this_update, der::time(content.this_update));
  ASSIGN(const auto next_update, der::time(content.next_update));
  ASSIGN(const auto revoked, encode_all_revoked(content));
  const Bytes number = extension(object_ids::kCrlNumber, false, der::integer(content.number));
  const Bytes extensions = der::element(
      der::explicit_tag(0), {sequence({authority_key_id(issuer_key_id(issuer)), number})});
  ASSIGN(const auto encoded,
         sign_der(sequence({der::integer(std::uint64_t{1}), signature_algorithm(),
                            issuer.subject_der(), this_update, next_update, revoked, extensions}),
                  signer));
  return RevocationList::parse(encoded);
}

Result<Verified<RevocationList>> verify_revocation_list(const RevocationList& list,
                                                        const Certificate& issuer) {
  const ErrorQueueCleared cleared;
  if (!issuer.is_authority() ||
      !equal(encoding_of(X509_CRL_get_issuer(list.native())), issuer.subject_der())) {
    return refuse(Verdict::path_invalid, "the list is of another issuer");
  }
  if (X509_CRL_get_signature_nid(list.native()) != NID_ecdsa_with_SHA256) {
    return refuse(Verdict::bad_algorithm, "the list's signature");
  }
  if (X509_CRL_verify(list.native(), X509_get0_pubkey(issuer.native())) != 1) {
    return refuse(Verdict::bad_signature, "the list's signature");
  }
  return VerificationPass::grant(list);
}

}  // namespace intaglio::pki
