#include "pki/enrolment.h"

#include "base/format.h"
#include "codec/tlv.h"
#include "crypto/sha256.h"

namespace intaglio::pki {

namespace {

constexpr std::string_view kPurpose{"INTAGLIO-ENROL1\0", 16};

constexpr codec::TlvTag kFrameTag = 0xe1;  // private class, constructed
struct FrameField {
  codec::TlvTag tag;
  std::size_t size;
  std::string_view name;
};
constexpr FrameField kFields[] = {
    {0xc1, crypto::PublicKey::kSize, "public_key"},
    {0xc2, ApplicationId::kSize, "id"},
    {0xc3, crypto::Signature::kSize, "signature"},
};
constexpr std::size_t kFieldCount = std::size(kFields);

std::optional<std::size_t> field_index(codec::TlvTag tag) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (kFields[i].tag == tag) return i;
  }
  return std::nullopt;
}

// The values of kFields, each once and in order.
Result<std::array<ByteView, kFieldCount>> split_fields(ByteView content) {
  std::array<ByteView, kFieldCount> values{};
  std::size_t next = 0;
  codec::TlvReader in(content);
  while (!in.at_end()) {
    ASSIGN(const auto tlv, in.next());
    const auto index = field_index(tlv.tag);
    if (!index) return refuse(Verdict::unknown_field, format("tag {:02X}", tlv.tag));
    const FrameField& field = kFields[*index];
    if (!values[*index].empty()) return refuse(Verdict::duplicate_field, std::string(field.name));
    if (tlv.value.size() != field.size) {
      return refuse(Verdict::bad_value, format("{}: {} bytes", field.name, tlv.value.size()));
    }
    if (*index < next) return refuse(Verdict::bad_encoding, format("{}: order", field.name));
    values[*index] = tlv.value;
    next = *index + 1;
  }
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (values[i].empty()) return refuse(Verdict::missing_field, std::string(kFields[i].name));
  }
  return values;
}

}  // namespace

Result<void> check(const ApplicationInformation& information) {
  if (information.key_algorithm != kKeyAlgorithm) {
    return refuse(Verdict::bad_algorithm, "key_algorithm");
  }
  if (information.signature_algorithm != kSignatureAlgorithm) {
    return refuse(Verdict::bad_algorithm, "signature_algorithm");
  }
  if (information.expires_at <= information.issued_at) {
    return refuse(Verdict::bad_value, "expires_at");
  }
  if (information.login.empty() || information.login.size() > kMaxLogin) {
    return refuse(Verdict::bad_value, "login");
  }
  return {};
}

Bytes application_message(const ApplicationInformation& information) {
  Bytes out = to_bytes(as_bytes(kPurpose));
  append(out, codec::encode_record(information));
  return out;
}

Bytes encode_frame(const CompactFrame& frame) {
  codec::TlvWriter content;
  content.put(kFields[0].tag, frame.public_key.view());
  content.put(kFields[1].tag, frame.id.view());
  content.put(kFields[2].tag, frame.signature.view());
  return codec::TlvWriter().put(kFrameTag, content.view()).take();
}

Result<CompactFrame> decode_frame(ByteView bytes) {
  codec::TlvReader in(bytes, {.bytes = kMaxFrame});
  ASSIGN(const auto outer, in.next());
  if (outer.tag != kFrameTag) {
    return refuse(Verdict::unknown_field, format("tag {:02X}", outer.tag));
  }
  TRY(in.finish());
  const auto fields = split_fields(outer.value);
  if (!fields) return refuse_within("frame", fields.error());
  const auto& values = *fields;
  auto key = crypto::PublicKey::parse(values[0]);
  if (!key) return refuse_within("public_key", key.error());
  const CompactFrame frame{*key, *ApplicationId::from(values[1]),
                           *crypto::Signature::from(values[2])};
  if (!crypto::in_canonical_form(frame.signature)) {
    return refuse(Verdict::bad_signature_form, "signature");
  }
  return frame;
}

Result<CompactFrame> sign_application(const ApplicationInformation& information,
                                      const crypto::Signer& signer) {
  TRY(check(information));
  ASSIGN(const auto signature, signer.sign(application_message(information)));
  return CompactFrame{signer.key, information.id, signature};
}

Result<Verified<Application>> verify_application(const CompactFrame& frame,
                                                 const ApplicationInformation& information,
                                                 Millis now) {
  TRY(check(information));
  if (frame.id != information.id) return refuse(Verdict::challenge_mismatch, "id");
  if (now >= information.expires_at) return refuse(Verdict::challenge_expired);
  const crypto::Verifier verifier(frame.public_key);
  if (!verifier.verify(crypto::sha256(application_message(information)), frame.signature)) {
    return refuse(Verdict::no_possession);
  }
  return VerificationPass::grant(Application{information, frame.public_key, frame.signature});
}

CertificateRequest request_for(const Verified<Application>& application) {
  const ApplicationInformation& information = application->information;
  return {application->public_key,
          {information.id, application->signature},
          information.login,
          information.usage};
}

Result<Verified<Application>> verify_request(const CertificateRequest& request,
                                             const ApplicationInformation& own_copy, Millis now) {
  if (request.login != own_copy.login) return refuse(Verdict::challenge_foreign, "login");
  if (request.usage != own_copy.usage) return refuse(Verdict::challenge_mismatch, "usage");
  const CompactFrame frame{request.public_key, request.terminal_signature.id,
                           request.terminal_signature.signature};
  return verify_application(frame, own_copy, now);
}

}  // namespace intaglio::pki
