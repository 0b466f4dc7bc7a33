// Payments: transfer, refund, hold, capture, release.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;
using ledger::OperationRef;

// Moves money from the signer's account to another on this chain. With `code` it pays a payment
// code and redeems it; see tx/payment_code/.
struct Transfer {
  static constexpr std::uint64_t kType = 1;
  static constexpr std::string_view kName = "transfer";
  static constexpr std::string_view kDoc = "moves money to another account";

  Address to;
  AssetId asset;
  Amount amount;
  std::optional<std::string> memo;
  std::optional<ledger::CodeRow::Key> code;
  std::optional<std::string> code_text;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "to", &Transfer::to, "the payee's address"),
        field(2, "asset", &Transfer::asset, "of which asset"),
        field(3, "amount", &Transfer::amount, "how much, in minor units"),
        field(4, "memo", &Transfer::memo, "for people, at most 140 bytes"),
        field(5, "code", &Transfer::code, "the payment code this pays"),
        field(6, "code_text", &Transfer::code_text, "its whole text, when it was not claimed"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// The payee gives back a payment, or part of it; all refunds of it together never exceed it.
struct Refund {
  static constexpr std::uint64_t kType = 2;
  static constexpr std::string_view kName = "refund";
  static constexpr std::string_view kDoc = "gives a payment back to its payer, whole or in part";

  OperationRef payment;
  Amount amount;

  static constexpr auto fields() {
    return std::tuple(field(1, "payment", &Refund::payment, "the payment"),
                      field(2, "amount", &Refund::amount, "how much of it"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Sets money of the signer's aside for a payee until `expires` (authorise).
struct Hold {
  static constexpr std::uint64_t kType = 3;
  static constexpr std::string_view kName = "hold";
  static constexpr std::string_view kDoc = "sets money aside for a payee";

  Address to;
  AssetId asset;
  Amount amount;
  Millis expires;

  static constexpr auto fields() {
    return std::tuple(field(1, "to", &Hold::to, "who may capture it"),
                      field(2, "asset", &Hold::asset, "of which asset"),
                      field(3, "amount", &Hold::amount, "how much"),
                      field(4, "expires", &Hold::expires, "no capture after this block time"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// The payee takes held money, whole or in part; the hold stays open unless this was the rest of it
// or `last` is set, which gives the rest back.
struct Capture {
  static constexpr std::uint64_t kType = 4;
  static constexpr std::string_view kName = "capture";
  static constexpr std::string_view kDoc = "takes held money, whole or in part";

  OperationRef hold;
  Amount amount;
  bool last = false;

  static constexpr auto fields() {
    return std::tuple(field(1, "hold", &Capture::hold, "the hold"),
                      field(2, "amount", &Capture::amount, "how much of what is left"),
                      field(3, "last", &Capture::last, "true gives the rest back to the payer"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// The payee gives what is left of a hold back (void). Once it has expired the chain does.
struct Release {
  static constexpr std::uint64_t kType = 5;
  static constexpr std::string_view kName = "release";
  static constexpr std::string_view kDoc = "gives held money back to its payer";

  OperationRef hold;

  static constexpr auto fields() {
    return std::tuple(field(1, "hold", &Release::hold, "the hold"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// What is left of an open hold whose time is over goes back.
void expire_hold(ledger::Stage& stage, const OperationRef& hold);

}  // namespace intaglio::tx
