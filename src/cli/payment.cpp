#include "cli/payment.h"

#include <algorithm>

#include "base/check.h"
#include "cli/home.h"
#include "crypto/sha256.h"

namespace intaglio::cli {
namespace {

ClientId client_id(const PaymentOptions& options, Env& env) {
  if (!options.idempotency_key) return env.random_id<ClientId>();
  return ClientId::prefix_of(crypto::sha256(as_bytes(*options.idempotency_key)));
}

std::optional<Money> money_of(const tx::Operation& operation) {
  return std::visit(
      []<typename T>(const T& each) -> std::optional<Money> {
        if constexpr (std::same_as<T, tx::Transfer> || std::same_as<T, tx::Hold>) {
          return Money{each.amount, each.asset};
        }
        return std::nullopt;
      },
      operation);
}

// The hold a capture is of says of which asset it is.
std::optional<ledger::OperationRef> hold_of(const tx::Operation& operation) {
  const auto* capture = std::get_if<tx::Capture>(&operation);
  if (capture == nullptr) return std::nullopt;
  return capture->hold;
}

// What two attempts at one thing have in common: all but the times, which are of the attempt.
Bytes meaning_of(tx::Transaction body) {
  body.valid_until = Millis();
  for (auto& operation : body.operations) {
    if (auto* hold = std::get_if<tx::Hold>(&operation)) hold->expires = Millis();
  }
  return body.encode();
}

// The chains that the operations speak to: for a settlement those of the payer's legs, else the
// payer's.
std::vector<ChainId> chains_of(const Payer& payer, std::span<const tx::Operation> operations) {
  std::vector<ChainId> out;
  for (const auto& operation : operations) {
    const auto* settle = std::get_if<tx::Settle>(&operation);
    if (settle == nullptr) return {payer.address.chain};
    for (const auto& leg : settle->terms.legs) {
      const bool is_new = std::ranges::find(out, leg.payer.chain) == out.end();
      if (leg.payer.account == payer.address.account && is_new) out.push_back(leg.payer.chain);
    }
  }
  return out;
}

// What was signed under the same idempotency key.
Result<SignedBytes> same_again(const Payer& payer, const tx::Transaction& asked, ByteView before) {
  ASSIGN(const auto parsed, proof::parse_statement<tx::Transaction>(before, payer.ledger));
  if (parsed.signer() != payer.signer.key.hash() ||
      meaning_of(parsed.body()) != meaning_of(asked)) {
    return refuse(Verdict::conflict, "idempotency key");
  }
  return SignedBytes{*TxId::from(parsed.id().view()), parsed.body(), to_bytes(before)};
}

}  // namespace

Payer payer_on(ChainId chain, const LedgerId& ledger, crypto::Signer signer) {
  const auto account = AccountId::prefix_of(signer.key.hash());
  return {ledger, std::move(signer), {chain, account}};
}

Result<SignedBytes> sign_transaction(const Payer& payer, std::vector<tx::Operation> operations,
                                     const PaymentOptions& options, Env& env) {
  SignedBytes out;
  out.body = {.ledger = payer.ledger,
              .chains = chains_of(payer, operations),
              .account = payer.address.account,
              .client = client_id(options, env),
              .valid_until = env.now() + options.valid_for,
              .operations = std::move(operations)};
  TRY(out.body.check());
  if (options.idempotency_key) {
    CHECK(options.home != nullptr);
    if (const auto before = options.home->signed_before(out.body.client)) {
      return same_again(payer, out.body, *before);
    }
  }
  out.id = *TxId::from(proof::statement_id(out.body, payer.signer.key.hash(), payer.ledger).view());
  ASSIGN(out.bytes, proof::sign_statement(out.body, payer.ledger, payer.signer));
  // Kept before it is sent: a command that dies in between is repeated with the same bytes.
  if (options.idempotency_key && !options.dry_run) {
    TRY(options.home->remember_signed(out.body.client, out.bytes));
  }
  return out;
}

Result<Payment> send_operations(NodeClient& node, const Payer& payer,
                                std::vector<tx::Operation> operations,
                                const PaymentOptions& options, Env& env,
                                const OnSigned& on_signed) {
  ASSIGN(auto sent, sign_transaction(payer, std::move(operations), options, env));
  if (on_signed) on_signed(sent.id);
  ASSIGN(auto receipt, node.submit(sent.bytes, {.dry_run = options.dry_run,
                                                .idempotency_key = options.idempotency_key}));
  if (options.dry_run) receipt.tx = sent.id;
  return Payment{std::move(sent), std::move(receipt)};
}

Result<Earlier> find_operation(NodeClient& node, const ledger::OperationRef& ref) {
  ASSIGN(const auto recorded, node.transaction(ref.tx));
  const auto& operations = recorded.body.operations;
  if (!recorded.receipt.accepted() || ref.index >= operations.size()) {
    return refuse(Verdict::unknown_payment, ledger::to_text(ref));
  }
  const tx::Operation& operation = operations[ref.index];
  Earlier out{ref, recorded.receipt.chain, operation, recorded.receipt.time, money_of(operation)};
  if (const auto hold = hold_of(operation)) {
    ASSIGN(const auto held, node.transaction(hold->tx));
    if (hold->index < held.body.operations.size()) {
      out.money = money_of(held.body.operations[hold->index]);
    }
    if (out.money) out.money->amount = std::get<tx::Capture>(operation).amount;
  }
  return out;
}

}  // namespace intaglio::cli
