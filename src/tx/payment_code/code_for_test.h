// For tests: payment codes of a display, signed and claimed by the people of a World.
#pragma once

#include "codec/address.h"
#include "crypto/sha256.h"
#include "proof/claim.h"
#include "proof/payment_code.h"
#include "tx/world_for_test.h"

namespace intaglio::tx {

// A code of the display `till` that shows it to be paid to `payee`, in the step of `at`.
inline proof::PaymentCode code_of(World& people, const std::string& till, const Address& payee,
                                  Millis at, std::uint32_t counter,
                                  std::optional<std::string> amount = "2.50") {
  return {.account = codec::to_text(payee),
          .currency = kEuro,
          .amount = std::move(amount),
          .category = "5814",
          .country = "EE",
          .merchant = "KOHVIK TUULIK",
          .city = "TALLINN",
          .reference = {},
          .terminal = {},
          .key = proof::KeyId::prefix_of(people.key(till).hash()),
          .step = proof::time_step(at, seconds(15)),
          .counter = counter,
          .security = {}};
}

// The code's text, signed by `who`, rightly or not.
inline std::string text_of(World& people, const std::string& who, const proof::PaymentCode& code) {
  const auto information = proof::code_information(code, "org.intaglio");
  const auto signature = people.signer(who).sign(proof::code_to_be_signed(*information));
  return *proof::assemble_code(*information, *signature, "org.intaglio");
}

inline Bytes claim_of(World& people, const std::string& who, const Address& claimant,
                      const std::string& text, Millis at, const LedgerId& ledger) {
  const proof::Claim claim{crypto::sha256(as_bytes(text)), claimant, at};
  return *proof::sign_statement(claim, ledger, people.signer(who));
}

}  // namespace intaglio::tx
