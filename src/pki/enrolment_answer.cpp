#include "pki/enrolment_answer.h"

#include "pki/enrolment_layout.h"

namespace intaglio::pki {
namespace {

Bytes encode(const EnrolmentAnswer& answer, const AnswerLayout& layout) {
  const ByteView values[] = {answer.public_key.view(), answer.id.view(), answer.signature.view()};
  codec::TlvWriter content;
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    const AnswerField& field = layout.fields[i];
    if (field.is_padding) {
      content.put(field.tag, Bytes(field.size));
    } else {
      content.put(field.tag, values[i]);
    }
  }
  return codec::TlvWriter().put(layout.tag, content.view()).take();
}

}  // namespace

Bytes encode_compact(const EnrolmentAnswer& answer) {
  return encode(answer, layout_of(EnrolmentProfile::compact));
}

Bytes encode_framed(const EnrolmentAnswer& answer) {
  return encode(answer, layout_of(EnrolmentProfile::framed));
}

Result<EnrolmentAnswer> sign_application(const ApplicationInformation& information,
                                         const crypto::Signer& signer, bool simulated) {
  TRY(check(information));
  if (simulated && !information.simulated_element) return refuse(Verdict::element_simulated);
  ASSIGN(const auto signature, signer.sign(application_message(information)));
  return EnrolmentAnswer{signer.key, information.id, signature};
}

Result<Bytes> answer_challenge(const ApplicationInformation& information,
                               const crypto::Signer& signer, bool simulated) {
  ASSIGN(const auto answer, sign_application(information, signer, simulated));
  const bool framed = information.profile == EnrolmentProfile::framed;
  return framed ? encode_framed(answer) : encode_compact(answer);
}

}  // namespace intaglio::pki
