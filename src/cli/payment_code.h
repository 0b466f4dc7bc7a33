// Scanning, claiming and paying payment codes, as the payer's client does it, apart from arguments
// and printing. One thread.
#pragma once

#include "cli/certificate.h"
#include "cli/payment.h"
#include "proof/claim.h"

namespace intaglio::cli {

// The text of a code: `what` itself when it begins like one ("000201"), else of the one symbol in
// the PNG file of that name. `no_symbol`, `duplicate_field` when it has several.
Result<std::string> code_text(const std::string& what, Env& env);

// A code that was read and checked: its display's certificate leads to the ledger's root and was
// not revoked, its signature verifies, it is fresh.
struct Scanned {
  std::string text;
  proof::PaymentCode code;
  pki::Certificate certificate;  // the display's
  std::optional<Duration> age;   // of what is known of it; nothing: the node said it just now
  Address payee;
  ledger::GenesisAsset asset;
  std::optional<Amount> amount;  // nothing: the payer chooses
  // Whether the certificate names the payee. After a display was bound anew it does not: then its
  // element alone vouches for the payee until the node is asked.
  bool payee_certified = false;

  KeyHash display() const { return certificate.key_hash(); }
  ledger::CodeRow::Key key() const { return {display(), code.step, code.counter}; }
};

// `node` may be null: offline, by what home remembers. Refuses what proof::parse_payment_code
// refuses; `code_unknown_key`, `code_key_revoked`, `code_key_suspended`, `code_bad_signature`,
// `code_stale`; what check_path refuses; `unknown_asset`.
Result<Scanned> scan_code(Home& home, NodeClient* node, const LedgerInfo& ledger,
                          const std::string& text);

// Tells the display's service, signed by the payer, that this payer wants to pay the code.
Result<tx::Receipt> claim_code(NodeClient& node, const Payer& payer, const Scanned& scanned,
                               Env& env);

// Pays a code that this payer claimed. `amount` only for a code that states none:
// `code_wrong_amount` when it is missing there, or another than the code's.
Result<Payment> pay_code(NodeClient& node, const Payer& payer, const Scanned& scanned,
                         std::optional<Amount> amount, const PaymentOptions& options, Env& env,
                         const OnSigned& on_signed = {});

}  // namespace intaglio::cli
