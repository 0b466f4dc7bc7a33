// The tags and sizes of enrolment answers. Inside this module alone.
#pragma once

#include "codec/tlv.h"
#include "pki/enrolment.h"

namespace intaglio::pki {

// A field of an answer. Where `is_padding`, the value is zeros and means nothing.
struct AnswerField {
  codec::TlvTag tag;
  std::size_t size;
  std::string_view name;
  bool is_padding = false;
};

// The public key, the identifier and the signature, in this order; then what fills the frame up.
inline constexpr AnswerField kCompactFields[] = {
    {0xc1, crypto::PublicKey::kSize, "public_key"},
    {0xc2, ApplicationId::kSize, "id"},
    {0xc3, crypto::Signature::kSize, "signature"},
};
inline constexpr AnswerField kFramedFields[] = {
    kCompactFields[0],
    kCompactFields[1],
    kCompactFields[2],
    {0xc0, 108, "padding", true},
};

// A whole answer: fields in order within one constructed tag of the private class.
struct AnswerLayout {
  codec::TlvTag tag;
  std::span<const AnswerField> fields;
};

constexpr AnswerLayout layout_of(EnrolmentProfile profile) {
  if (profile == EnrolmentProfile::framed) return {0xe2, kFramedFields};
  return {0xe1, kCompactFields};
}

}  // namespace intaglio::pki
