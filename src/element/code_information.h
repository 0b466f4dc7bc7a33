// The element's own look at what it is asked to sign. For this module alone.
#pragma once

#include "base/result.h"
#include "proof/display_security.h"

namespace intaglio::element {

// What the element expects to find.
struct ExpectedCode {
  std::string_view guid;
  KeyHash display;
  proof::SecurityData released;
};

// Whether `text` is the code information of exactly that: EMV objects from 00 up to our header
// template, with the one payee in template 26 and the security data in template 80. Everything else
// in it (names, amounts, currency) is the processor's to choose. Refusals: payment_code_applet.h.
Result<void> check_code_information(std::string_view text, const ExpectedCode& expected);

}  // namespace intaglio::element
