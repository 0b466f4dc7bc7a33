#include "pki/cmp_message.h"

#include "pki/certificate_parts.h"
#include "pki/certification_request.h"
#include "pki/foreign_parts.h"
#include "pki/object_ids.h"

namespace intaglio::pki {

namespace {

using der::explicit_tag;
using der::sequence;

constexpr std::size_t kMaxTransactionId = 64;
constexpr std::uint64_t kMinIterations = 100;  // RFC 4211 section 4.4

// The Name in a GeneralName; CMP knows no other senders and recipients here.
Result<ByteView> directory_name(const der::Element& general_name, const char* what) {
  if (general_name.tag != explicit_tag(4)) return refuse(Verdict::bad_value, what);
  ASSIGN(const auto name, der::only_element(general_name.content, der::kSequence, what));
  return name.whole;
}

// An optional [n] OCTET STRING of the header.
Result<ByteView> octets_in(der::Reader& in, unsigned n, std::size_t limit, const char* what) {
  ASSIGN(const auto outer, in.next_if(explicit_tag(n)));
  if (!outer) return ByteView{};
  ASSIGN(const auto octets, der::only_element(outer->content, der::kOctetString, what));
  if (octets.content.size() > limit) return refuse(Verdict::too_large, what);
  return octets.content;
}

Result<void> check_algorithm(der::Reader& in, std::initializer_list<ByteView> allowed,
                             const char* what) {
  ASSIGN(const auto algorithm, in.next(der::kSequence, what));
  der::Reader parts(algorithm.content);
  ASSIGN(const auto kind, parts.next(der::kObjectId, what));
  for (const ByteView each : allowed) {
    if (equal(kind.content, each)) return {};
  }
  return refuse(Verdict::bad_algorithm, what);
}

// PBMParameter (RFC 4211 section 4.4). Its costs are the server's, before anybody is known.
Result<void> check_mac(der::Reader& parameters) {
  ASSIGN(const auto content, parameters.next(der::kSequence, "MAC parameters"));
  der::Reader in(content.content);
  ASSIGN(const auto salt, in.next(der::kOctetString, "salt"));
  if (salt.content.size() > 128) return refuse(Verdict::bad_algorithm, "salt");
  TRY(check_algorithm(in, {object_ids::kSha256}, "MAC key derivation"));
  ASSIGN(const auto number, in.next(der::kInteger, "iterations"));
  const auto iterations = der::to_uint(number, "iterations");
  if (!iterations || *iterations < kMinIterations || *iterations > kMaxCmpIterations) {
    return refuse(Verdict::bad_algorithm, "iterations");
  }
  return check_algorithm(
      in, {object_ids::kHmacSha1, object_ids::kHmacWithSha1, object_ids::kHmacWithSha256}, "MAC");
}

Result<void> read_protection(const std::optional<der::Element>& algorithm, CmpMessage& out) {
  if (!algorithm) return refuse(Verdict::missing_field, "protection");
  ASSIGN(const auto content,
         der::only_element(algorithm->content, der::kSequence, "protection algorithm"));
  der::Reader in(content.content);
  ASSIGN(const auto kind, in.next(der::kObjectId, "protection algorithm"));
  out.under_secret = equal(kind.content, object_ids::kPasswordBasedMac);
  if (out.under_secret) return check_mac(in);
  TRY(read_ecdsa_hash(
      content.content));  // OpenSSL reads it too: only that it is one of these matters here
  return {};
}

struct Header {
  CmpMessage message;
  std::optional<der::Element> protection;
  std::uint64_t version = 0;
};

Result<Header> read_header(ByteView content) {
  der::Reader in(content);
  Header out;
  CmpMessage& message = out.message;
  ASSIGN(const auto version, in.next(der::kInteger, "version"));
  ASSIGN(out.version, der::to_uint(version, "version"));
  ASSIGN(const auto sender, in.next());
  ASSIGN(message.sender, directory_name(sender, "sender"));
  ASSIGN(const auto recipient, in.next());
  ASSIGN(message.recipient, directory_name(recipient, "recipient"));
  TRY(in.next_if(explicit_tag(0)));  // nothing rests on the client's clock
  ASSIGN(out.protection, in.next_if(explicit_tag(1)));
  ASSIGN(message.sender_key_id, octets_in(in, 2, kMaxCmpReference, "sender key id"));
  TRY(in.next_if(explicit_tag(3)));
  ASSIGN(message.transaction, octets_in(in, 4, kMaxTransactionId, "transaction"));
  if (message.transaction.empty()) return refuse(Verdict::missing_field, "transaction");
  ASSIGN(message.sender_nonce, octets_in(in, 5, kMaxTransactionId, "nonce"));
  return out;
}

// A message's elements; the header is read, the rest is not.
struct Parts {
  Header header;
  der::Element body;
  bool is_protected = false;
  std::optional<der::Element> extra_certificates;
};

Result<Parts> split(ByteView der) {
  if (der.size() > kMaxCmpRequest) return refuse(Verdict::too_large, "message");
  ASSIGN(const auto message, der::only_element(der, der::kSequence, "message"));
  der::Reader in(message.content);
  ASSIGN(const auto header, in.next(der::kSequence, "header"));
  ASSIGN(const auto read, read_header(header.content));
  ASSIGN(const auto body, in.next());
  ASSIGN(const auto protection, in.next_if(explicit_tag(0)));
  ASSIGN(const auto certificates, in.next_if(explicit_tag(1)));
  TRY(in.finish("message"));
  return Parts{read, body, protection.has_value(), certificates};
}

Result<CmpBody> body_kind(std::uint8_t tag) {
  for (const CmpBody kind :
       {CmpBody::ir, CmpBody::cr, CmpBody::p10cr, CmpBody::kur, CmpBody::rr, CmpBody::genm,
        CmpBody::error, CmpBody::cert_conf, CmpBody::poll_req}) {
    if (tag == explicit_tag(static_cast<unsigned>(kind))) return kind;
  }
  return refuse(Verdict::bad_value, "body");
}

// The one element of a list of one: each of these messages may hold more, and none here does.
Result<der::Element> only_item(ByteView body, const char* what) {
  ASSIGN(const auto list, der::only_element(body, der::kSequence, what));
  return der::only_element(list.content, der::kSequence, what);
}

// The fields of a CertTemplate (RFC 4211 section 5) that are looked at.
struct Template {
  std::optional<der::Element> serial;
  std::optional<der::Element> issuer;
  std::optional<der::Element> subject;
  std::optional<der::Element> public_key;
  std::optional<der::Element> extensions;
};

Result<Template> read_template(ByteView content) {
  der::Reader in(content);
  Template out;
  while (!in.at_end()) {
    ASSIGN(const auto field, in.next());
    std::optional<der::Element>* place = nullptr;
    if (field.tag == der::implicit_tag(1)) place = &out.serial;
    if (field.tag == explicit_tag(3)) place = &out.issuer;
    if (field.tag == explicit_tag(5)) place = &out.subject;
    if (field.tag == explicit_tag(6)) place = &out.public_key;
    if (field.tag == explicit_tag(9)) place = &out.extensions;
    if (place == nullptr) continue;
    if (*place) return refuse(Verdict::duplicate_field, "template");
    *place = field;
  }
  return out;
}

// The value of the first extension of that kind; nothing when there is none.
Result<std::optional<ByteView>> extension_value(ByteView extensions, ByteView wanted) {
  der::Reader in(extensions);
  while (!in.at_end()) {
    ASSIGN(const auto extension, in.next(der::kSequence, "extension"));
    der::Reader parts(extension.content);
    ASSIGN(const auto kind, parts.next(der::kObjectId, "extension"));
    TRY(parts.next_if(der::kBoolean));
    ASSIGN(const auto value, parts.next(der::kOctetString, "extension"));
    if (equal(kind.content, wanted)) return value.content;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> uris_in(ByteView extensions) {
  ASSIGN(const auto value, extension_value(extensions, object_ids::kSubjectAltName));
  if (!value) return std::vector<std::string>{};
  return read_uris(*value, kMaxRequestedUris);
}

// How possession is proven, beyond what OpenSSL checks: by a hash that is good enough.
Result<void> check_possession_algorithm(const der::Element& proof) {
  if (proof.tag != explicit_tag(1)) return refuse(Verdict::no_possession, "proof of possession");
  der::Reader in(proof.content);
  TRY(in.next_if(explicit_tag(0)));
  ASSIGN(const auto algorithm, in.next(der::kSequence, "proof of possession"));
  TRY(read_ecdsa_hash(algorithm.content));
  return {};
}

// CertReqMessages of one CertReqMsg: { CertRequest, proof of possession, ... }.
Result<void> read_cert_request(ByteView body, CmpApplication& out) {
  ASSIGN(const auto message, only_item(body, "certificate request"));
  der::Reader in(message.content);
  ASSIGN(const auto request, in.next(der::kSequence, "certificate request"));
  ASSIGN(const auto proof, in.next());
  TRY(check_possession_algorithm(proof));
  der::Reader parts(request.content);
  TRY(parts.next(der::kInteger, "certificate request id"));
  ASSIGN(const auto wanted, parts.next(der::kSequence, "template"));
  ASSIGN(const auto fields, read_template(wanted.content));
  if (!fields.public_key) return refuse(Verdict::missing_field, "public key");
  ASSIGN(out.public_key, read_public_key(fields.public_key->content));
  if (fields.subject) {
    ASSIGN(out.subject, read_name(fields.subject->content));
    out.subject_der = to_bytes(fields.subject->content);
  }
  if (fields.extensions) {
    ASSIGN(out.uris, uris_in(fields.extensions->content));
  }
  out.signed_part = to_bytes(request.whole);
  return {};
}

Result<RevocationReason> reason_in(ByteView extensions) {
  ASSIGN(const auto value, extension_value(extensions, object_ids::kReasonCode));
  if (!value) return RevocationReason::unspecified;
  ASSIGN(const auto code, der::only_element(*value, der::kEnumerated, "reason"));
  for (const auto& [reason, name] : codec::EnumNames<RevocationReason>::kNames) {
    if (equal(code.content, Bytes{static_cast<std::uint8_t>(reason)})) return reason;
  }
  return refuse(Verdict::bad_value, "reason");
}

Bytes tagged_octets(unsigned n, ByteView octets) {
  if (octets.empty()) return {};
  return der::element(explicit_tag(n), {der::element(der::kOctetString, {octets})});
}

// PKIStatusInfo: rejection, the verdict in words, and one bit of failure information.
Bytes rejection(const Refusal& refusal) {
  const unsigned bit = cmp_failure(refusal.verdict);
  Bytes bits(2 + bit / 8);
  bits[0] = static_cast<std::uint8_t>(7 - bit % 8);
  bits.back() = static_cast<std::uint8_t>(0x80 >> bit % 8);
  constexpr std::uint64_t kRejection = 2;
  return sequence({der::integer(kRejection),
                   sequence({der::element(der::kUtf8String, {as_bytes(to_string(refusal))})}),
                   der::element(der::kBitString, {bits})});
}

}  // namespace

Result<CmpMessage> read_cmp_addresses(ByteView der) {
  ASSIGN(const auto parts, split(der));
  return parts.header.message;
}

Result<CmpMessage> read_cmp_message(ByteView der) {
  ASSIGN(auto parts, split(der));
  CmpMessage out = parts.header.message;
  if (parts.header.version != 2) return refuse(Verdict::bad_version, "version");
  if (!parts.is_protected) return refuse(Verdict::missing_field, "protection");
  TRY(read_protection(parts.header.protection, out));
  if (out.sender_key_id.empty()) return refuse(Verdict::missing_field, "sender key id");
  ASSIGN(out.body_kind, body_kind(parts.body.tag));
  out.body = parts.body.content;
  if (parts.extra_certificates) {
    ASSIGN(const auto list, der::only_element(parts.extra_certificates->content, der::kSequence,
                                              "extra certificates"));
    der::Reader certificates(list.content);
    if (!certificates.at_end()) {
      ASSIGN(const auto first, certificates.next(der::kSequence, "extra certificates"));
      out.signer = first.whole;
    }
  }
  return out;
}

Result<CmpApplication> read_cmp_application(const CmpMessage& message) {
  CmpApplication out;
  switch (message.body_kind) {
    case CmpBody::cr: out.kind = CmpRequestKind::certification; break;
    case CmpBody::p10cr: out.kind = CmpRequestKind::pkcs10; break;
    case CmpBody::kur: out.kind = CmpRequestKind::update; break;
    default: break;
  }
  if (message.body_kind != CmpBody::p10cr) {
    TRY(read_cert_request(message.body, out));
    return out;
  }
  ASSIGN(const auto request, verify_certification_request(message.body));
  out.public_key = request->public_key;
  out.subject = request->subject;
  out.subject_der = request->subject_der;
  out.uris = request->uris;
  out.signed_part = request->signed_part;
  return out;
}

Result<std::optional<CmpCertificateId>> read_old_certificate(const CmpMessage& kur) {
  ASSIGN(const auto message, only_item(kur.body, "certificate request"));
  der::Reader in(message.content);
  ASSIGN(const auto request, in.next(der::kSequence, "certificate request"));
  der::Reader parts(request.content);
  TRY(parts.next(der::kInteger, "certificate request id"));
  TRY(parts.next(der::kSequence, "template"));
  ASSIGN(const auto controls, parts.next_if(der::kSequence));
  if (!controls) return std::nullopt;
  der::Reader each(controls->content);
  while (!each.at_end()) {
    ASSIGN(const auto control, each.next(der::kSequence, "control"));
    der::Reader pair(control.content);
    ASSIGN(const auto kind, pair.next(der::kObjectId, "control"));
    if (!equal(kind.content, object_ids::kOldCertificateId)) continue;
    ASSIGN(const auto old, pair.next(der::kSequence, "old certificate"));
    der::Reader fields(old.content);
    ASSIGN(const auto issuer, fields.next());
    ASSIGN(const auto name, directory_name(issuer, "old certificate"));
    ASSIGN(const auto number, fields.next(der::kInteger, "old certificate"));
    ASSIGN(const auto serial, read_serial(number.content));
    return CmpCertificateId{name, serial};
  }
  return std::nullopt;
}

bool names(const CmpCertificateId& id, const Certificate& certificate) {
  return id.serial == certificate.serial() && equal(id.issuer, certificate.issuer_der());
}

Result<CmpRevocation> read_cmp_revocation(const CmpMessage& rr) {
  ASSIGN(const auto details, only_item(rr.body, "revocation"));
  der::Reader in(details.content);
  ASSIGN(const auto wanted, in.next(der::kSequence, "template"));
  ASSIGN(const auto fields, read_template(wanted.content));
  if (!fields.issuer || !fields.serial) return refuse(Verdict::missing_field, "certificate");
  CmpRevocation out;
  out.certificate.issuer = fields.issuer->content;
  ASSIGN(out.certificate.serial, read_serial(fields.serial->content));
  ASSIGN(const auto extensions, in.next_if(der::kSequence));
  if (extensions) {
    ASSIGN(out.reason, reason_in(extensions->content));
  }
  return out;
}

unsigned cmp_failure(Verdict verdict) {
  switch (verdict) {
    case Verdict::bad_algorithm:
    case Verdict::bad_key:
    case Verdict::weak_key: return 0;  // badAlg
    case Verdict::wrong_secret:
    case Verdict::bad_signature: return 1;        // badMessageCheck
    case Verdict::unknown_transaction: return 2;  // badRequest
    case Verdict::unknown_certificate: return 4;  // badCertId
    case Verdict::wrong_recipient: return 6;      // wrongAuthority
    case Verdict::no_possession: return 9;        // badPOP
    case Verdict::certificate_revoked:
    case Verdict::key_revoked: return 10;  // certRevoked
    case Verdict::path_invalid:
    case Verdict::certificate_not_valid_now: return 20;  // signerNotTrusted
    case Verdict::conflict: return 21;                   // transactionIdInUse
    case Verdict::bad_version: return 22;                // unsupportedVersion
    case Verdict::challenge_spent:
    case Verdict::key_certified:
    case Verdict::key_exists: return 26;  // duplicateCertReq
    default: break;
  }
  const VerdictRow& row = describe(verdict);
  if (row.http_status == 500) return 25;             // systemFailure
  if (row.kind == VerdictKind::later) return 24;     // systemUnavail
  if (row.kind == VerdictKind::malformed) return 5;  // badDataFormat
  return 23;                                         // notAuthorized
}

Result<Bytes> encode_cmp_error(const CmpMessage& request, const CmpIdentity& identity,
                               const Refusal& refusal, ByteView nonce, Millis now) {
  ASSIGN(const auto time, der::generalized_time(now));
  const Bytes header =
      sequence({der::integer(std::uint64_t{2}),
                der::element(explicit_tag(4), {identity.protection.subject_der()}),
                der::element(explicit_tag(4), {request.sender}),
                der::element(explicit_tag(0), {time}), tagged_octets(4, request.transaction),
                tagged_octets(5, nonce), tagged_octets(6, request.sender_nonce)});
  const Bytes content =
      sequence({rejection(refusal), der::integer(static_cast<std::uint64_t>(refusal.verdict))});
  return sequence(
      {header, der::element(explicit_tag(static_cast<unsigned>(CmpBody::error)), {content})});
}

Result<Bytes> sign_cmp_message(ByteView der, const CmpIdentity& identity) {
  ASSIGN(const auto message, der::only_element(der, der::kSequence, "message"));
  der::Reader in(message.content);
  ASSIGN(const auto header, in.next(der::kSequence, "header"));
  ASSIGN(const auto body, in.next());
  der::Reader fields(header.content);
  Bytes before;  // version, sender, recipient and time
  for (int i = 0; i < 3; ++i) {
    ASSIGN(const auto field, fields.next());
    append(before, field.whole);
  }
  ASSIGN(const auto time, fields.next_if(explicit_tag(0)));
  if (time) append(before, time->whole);
  Bytes after;
  while (!fields.at_end()) {
    ASSIGN(const auto field, fields.next());
    append(after, field.whole);
  }
  const Bytes signed_header =
      sequence({before, der::element(explicit_tag(1), {signature_algorithm()}),
                tagged_octets(2, issuer_key_id(identity.protection)), after});
  ASSIGN(const auto signature, identity.signer.sign(sequence({signed_header, body.whole})));
  Bytes certificates = identity.protection.der();
  for (const Certificate& authority : identity.authorities) {
    if (authority != identity.protection) append(certificates, authority.der());
  }
  return sequence({signed_header, body.whole,
                   der::element(explicit_tag(0), {der::bit_string(crypto::to_der(signature))}),
                   der::element(explicit_tag(1), {sequence({certificates})})});
}

}  // namespace intaglio::pki
