// What the commands share that sign and send transactions. Inside this module alone.
#pragma once

#include "cli/command.h"
#include "cli/payment.h"
#include "cli/session.h"

namespace intaglio::cli {

// "12.50 EUR"
std::string money_text(const Money& money, const ledger::GenesisAsset& asset);

// What the sending commands share: whose key, which ledger, how it is sent and told.
class Sending {
 public:
  static Result<Sending> open(const Arguments& arguments, Output& output);

  Session& session() { return session_; }
  const LedgerInfo& ledger() const { return ledger_; }
  Result<NodeClient*> node() { return session_.node(); }
  Result<ledger::GenesisAsset> asset(std::string_view code_or_number) {
    return session_.asset(ledger_, code_or_number);
  }
  Result<ledger::GenesisAsset> asset(AssetId id) { return session_.asset(ledger_, id); }
  Payer payer(ChainId chain) const {
    return payer_on(chain, ledger_.ledger, element::signer_of(*key_));
  }
  const PaymentOptions& options() {
    options_.home = &session_.home();
    return options_;
  }
  OnSigned on_signed() {
    return [this](const TxId& id) { output_->about("transaction", codec::to_hex(id)); };
  }

  Result<Payment> send(ChainId chain, tx::Operation operation);

  // Says how it went; `id_name` is what its id is called: "payment", "hold".
  void tell(const Payment& payment, const Payer& payer, std::string_view id_name,
            codec::Json result);

 private:
  Sending(Session session, LedgerInfo ledger, std::unique_ptr<element::SecureElement> key,
          Output& output)
      : session_(std::move(session)),
        ledger_(std::move(ledger)),
        key_(std::move(key)),
        output_(&output) {}

  Session session_;
  LedgerInfo ledger_;
  std::unique_ptr<element::SecureElement> key_;
  Output* output_;
  PaymentOptions options_;
};

// The asset named, or the ledger's first.
Result<ledger::GenesisAsset> asset_argument(const Arguments& arguments, Sending& sending);

// Whether the payer, who sees what is signed, goes on: `bad_usage` when not.
Result<void> ask(const Arguments& arguments, const Output& output, std::string_view question);

// These options, and those of every command that sends.
std::vector<Option> with_sending(std::vector<Option> options);

}  // namespace intaglio::cli
