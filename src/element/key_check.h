// That an element signs with the key it shows. For this module.
#pragma once

#include "element/secure_element.h"

namespace intaglio::element {

// Lets it sign a text that means nothing elsewhere and verifies that: a token's public object can
// be written by whoever has its PIN, and a TPM looks at an authorisation when it signs and not
// before. What sign() refuses; `element_unfit` for another key's signature.
Result<void> check_key(SecureElement& element);

}  // namespace intaglio::element
