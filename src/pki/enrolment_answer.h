// How an element answers an enrolment challenge: it signs the application information and packs the
// answer itself. Who only carries answers includes pki/enrolment.h: outside `pki` and `element`
// nothing can pack one (tidy: enrolment-encoder), and so nothing but an element makes one.
#pragma once

#include "pki/enrolment.h"

namespace intaglio::pki {

Bytes encode_compact(const EnrolmentAnswer& answer);
Bytes encode_framed(const EnrolmentAnswer& answer);

// Has `signer` sign the information. Refuses what check() refuses; `element_simulated` when only
// software guards the signer's key (`simulated`) and the information says otherwise: no element
// signs that it is more than it is; and with whatever the signer does.
Result<EnrolmentAnswer> sign_application(const ApplicationInformation& information,
                                         const crypto::Signer& signer, bool simulated);

// The same, packed in the profile that the information asks for.
Result<Bytes> answer_challenge(const ApplicationInformation& information,
                               const crypto::Signer& signer, bool simulated);

}  // namespace intaglio::pki
