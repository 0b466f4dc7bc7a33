#include "pki/enrolment.h"

#include "base/format.h"
#include "crypto/sha256.h"
#include "pki/enrolment_layout.h"

namespace intaglio::pki {

namespace {

constexpr std::string_view kPurpose{"INTAGLIO-ENROL1\0", 16};

// Values of a layout's fields, each once and in order.
using Values = std::array<ByteView, std::size(kFramedFields)>;

std::optional<std::size_t> field_index(const AnswerLayout& layout, codec::TlvTag tag) {
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    if (layout.fields[i].tag == tag) return i;
  }
  return std::nullopt;
}

Result<void> check_value(const AnswerField& field, ByteView value) {
  if (value.size() != field.size) {
    return refuse(Verdict::bad_value, format("{}: {} bytes", field.name, value.size()));
  }
  if (field.is_padding && std::ranges::any_of(value, [](std::uint8_t byte) { return byte != 0; })) {
    return refuse(Verdict::bad_value, format("{}: not zeros", field.name));
  }
  return {};
}

Result<Values> split_fields(const AnswerLayout& layout, ByteView content) {
  Values values{};
  std::size_t next = 0;
  codec::TlvReader in(content);
  while (!in.at_end()) {
    ASSIGN(const auto tlv, in.next());
    const auto index = field_index(layout, tlv.tag);
    if (!index) return refuse(Verdict::unknown_field, format("tag {:02X}", tlv.tag));
    const AnswerField& field = layout.fields[*index];
    if (!values[*index].empty()) return refuse(Verdict::duplicate_field, std::string(field.name));
    TRY(check_value(field, tlv.value));
    if (*index < next) return refuse(Verdict::bad_encoding, format("{}: order", field.name));
    values[*index] = tlv.value;
    next = *index + 1;
  }
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    if (values[i].empty()) {
      return refuse(Verdict::missing_field, std::string(layout.fields[i].name));
    }
  }
  return values;
}

Result<EnrolmentAnswer> decode(ByteView bytes, const AnswerLayout& layout) {
  codec::TlvReader in(bytes, {.bytes = kMaxAnswer});
  ASSIGN(const auto outer, in.next());
  if (outer.tag != layout.tag) {
    return refuse(Verdict::unknown_field, format("tag {:02X}", outer.tag));
  }
  TRY(in.finish());
  const auto fields = split_fields(layout, outer.value);
  if (!fields) return refuse_within("answer", fields.error());
  const auto& values = *fields;
  auto key = crypto::PublicKey::parse(values[0]);
  if (!key) return refuse_within("public_key", key.error());
  const EnrolmentAnswer answer{*key, *ApplicationId::from(values[1]),
                               *crypto::Signature::from(values[2])};
  if (!crypto::in_canonical_form(answer.signature)) {
    return refuse(Verdict::bad_signature_form, "signature");
  }
  return answer;
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

Result<EnrolmentAnswer> decode_compact(ByteView bytes) {
  return decode(bytes, layout_of(EnrolmentProfile::compact));
}

Result<EnrolmentAnswer> decode_framed(ByteView bytes) {
  return decode(bytes, layout_of(EnrolmentProfile::framed));
}

Result<EnrolmentAnswer> decode_answer(ByteView bytes, EnrolmentProfile profile) {
  const bool framed = profile == EnrolmentProfile::framed;
  const auto other = framed ? EnrolmentProfile::compact : EnrolmentProfile::framed;
  if (!bytes.empty() && bytes[0] == layout_of(other).tag) {
    return refuse(Verdict::challenge_mismatch, "profile");
  }
  return framed ? decode_framed(bytes) : decode_compact(bytes);
}

Result<Verified<Application>> verify_application(const EnrolmentAnswer& answer,
                                                 const ApplicationInformation& information,
                                                 Millis now) {
  TRY(check(information));
  if (answer.id != information.id) return refuse(Verdict::challenge_mismatch, "id");
  if (now >= information.expires_at) return refuse(Verdict::challenge_expired);
  const crypto::Verifier verifier(answer.public_key);
  if (!verifier.verify(crypto::sha256(application_message(information)), answer.signature)) {
    return refuse(Verdict::no_possession);
  }
  return VerificationPass::grant(Application{information, answer.public_key, answer.signature});
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
  const EnrolmentAnswer answer{request.public_key, request.terminal_signature.id,
                               request.terminal_signature.signature};
  return verify_application(answer, own_copy, now);
}

}  // namespace intaglio::pki
