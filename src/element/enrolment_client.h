// The client's side of an enrolment through an element: it carries the challenge in and the answer
// out, in as many APDUs as they take. What the answer is made of it does not know.
#pragma once

#include "element/apdu_channel.h"
#include "element/enrolment_applet.h"

namespace intaglio::element {

// How much of a challenge is put into one command, in bytes: an element's own buffer may be much
// smaller than the 255 that a short APDU could carry.
inline constexpr std::size_t kCommandPiece = 64;

// Which key the element at the other end has, and what guards it. Refuses what the channel refuses,
// what verdict_of() makes of the element's status words, and what decode_description refuses.
Result<ElementDescription> describe_over(ApduChannel& channel);

// The element's answer to a challenge, as it packed it: opaque bytes for the enrolment desk.
// `piece` is 1 to kMaxCommandData. Refuses as above; `too_large` for an answer that does not end.
Result<Bytes> enrol_over(ApduChannel& channel, const pki::ApplicationInformation& information,
                         std::size_t piece = kCommandPiece);

}  // namespace intaglio::element
