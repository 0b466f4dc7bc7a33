// Transactions as clients make them: sign, send, wait for the receipt. Apart from arguments and
// printing. One thread.
#pragma once

#include "cli/node_client.h"

namespace intaglio::cli {

// Who pays, and from which chain's account.
struct Payer {
  LedgerId ledger;
  crypto::Signer signer;
  Address address;
};
// The account of the signer's key on a chain.
Payer payer_on(ChainId chain, const LedgerId& ledger, crypto::Signer signer);

class Home;

struct PaymentOptions {
  std::optional<std::string> memo;  // pay_code: for people; without one, the code's reference
  // Whoever repeats a command under the same key pays once: the client id is the key's hash's first
  // 16 bytes, and what was signed under it is kept in `home` and sent again as it is. Under one key
  // other operations are a `conflict`. Without a key the client id is random.
  std::optional<std::string> idempotency_key;
  Home* home = nullptr;  // needed for a key, not owned
  Duration valid_for = seconds(60);
  bool dry_run = false;  // nothing is sent; says what would happen
};

struct SignedBytes {
  TxId id;
  tx::Transaction body;
  Bytes bytes;
};

// Refuses what tx::Transaction::check refuses, the signer, and `conflict` as above.
Result<SignedBytes> sign_transaction(const Payer& payer, std::vector<tx::Operation> operations,
                                     const PaymentOptions& options, Env& env);

// A transaction and its receipt. With dry_run the receipt has neither block nor time.
struct Payment {
  SignedBytes sent;
  tx::Receipt receipt;

  // Names the first operation: the payment, the hold.
  ledger::OperationRef operation() const { return {sent.id, 0}; }
};

// Signs, tells `on_signed` the id if anybody asks, sends, waits. A final receipt that is not
// `accepted` is a refusal.
using OnSigned = std::function<void(const TxId&)>;
Result<Payment> send_operations(NodeClient& node, const Payer& payer,
                                std::vector<tx::Operation> operations,
                                const PaymentOptions& options, Env& env,
                                const OnSigned& on_signed = {});

// A payment or hold that is in a block: what a refund, capture or release is about.
struct Earlier {
  ledger::OperationRef ref;
  ChainId chain;
  tx::Operation operation;
  Millis time;
  // Of the money it moved or held; nothing for operations without any.
  std::optional<Money> money;
};
// `unknown_payment` when the transaction has no such operation, or was refused.
Result<Earlier> find_operation(NodeClient& node, const ledger::OperationRef& ref);

}  // namespace intaglio::cli
