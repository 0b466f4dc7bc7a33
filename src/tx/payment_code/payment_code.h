// Payment codes on the chain: which account a display shows codes for, who claimed a code, and (in
// redemption.h) that each is paid once.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Binds a display to another account. Codes it showed for the old one are refused from then on.
// Sent by the display's service.
struct BindDisplay {
  static constexpr std::uint64_t kType = 32;
  static constexpr std::string_view kName = "bind_display";
  static constexpr std::string_view kDoc = "binds a display to another payee account";

  KeyHash display;
  AccountId account;

  static constexpr auto fields() {
    return std::tuple(field(1, "display", &BindDisplay::display, "hash of the display's key"),
                      field(2, "account", &BindDisplay::account, "the payee of its codes"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Binds a fresh code to the payer who scanned it, for the chain's claim time. The payer's signed
// claim travels inside; the display's service sends it, which is the scan event.
struct ClaimCode {
  static constexpr std::uint64_t kType = 33;
  static constexpr std::string_view kName = "claim_code";
  static constexpr std::string_view kDoc = "binds a scanned code to its payer while they confirm";

  KeyHash display;
  std::string text;  // the code's whole text
  Bytes claim;       // proof::Claim, signed by the payer

  static constexpr auto fields() {
    return std::tuple(field(1, "display", &ClaimCode::display, "hash of the display's key"),
                      field(2, "text", &ClaimCode::text, "the code's whole text"),
                      field(3, "claim", &ClaimCode::claim, "the payer's signed claim"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
