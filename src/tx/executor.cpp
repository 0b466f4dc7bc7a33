#include "tx/executor.h"

#include <map>

#include "base/check.h"
#include "base/format.h"
#include "ledger/laws.h"
#include "tx/deadline.h"

namespace intaglio::tx {
namespace {

using ledger::Stage;
using ledger::View;

Block block_context(const View& state, const LedgerId& ledger, const BlockTime& at) {
  auto params = state.find<ledger::ParamsRow>({});
  CHECK(params.has_value());
  return {ledger, at.chain, at.height, at.time, *std::move(params)};
}

// A right is judged by what this chain knows of the main chain's decisions, which must not be older
// than control_max_age. Nodes go on, or nothing new would ever arrive.
Result<void> check_control_age(const View& state, const Block& block, ledger::Role role) {
  if (block.chain == kMainChain || role == ledger::Role::node) return {};
  const auto main_chain = state.find<ledger::InStreamRow>(kMainChain);
  CHECK(main_chain.has_value());
  if (main_chain->as_of + block.params.control_max_age < block.time) {
    return refuse(Verdict::control_stale);
  }
  return {};
}

// Who signed: what their key is for, and their account, which need not be there yet.
struct Signing {
  ledger::Role role;
  std::optional<ledger::AccountRow> account;
};

// The key must be certified now and must be the one that signs for the account.
Result<Signing> check_signer(const View& state, const Block& block,
                             const SignedTransaction& signed_tx) {
  const auto key = state.find<ledger::KeyRow>(signed_tx.signer);
  if (!key) return refuse(Verdict::unknown_key, codec::to_hex(signed_tx.signer));
  const auto account = state.find<ledger::AccountRow>(signed_tx.body.account);
  const bool signs = account ? account->key == signed_tx.signer
                             : signed_tx.body.account == AccountId::prefix_of(signed_tx.signer);
  if (!signs) return refuse(Verdict::not_signer, "account");
  TRY(ledger::check_standing(*key));
  if (block.time < key->valid_from || block.time > key->valid_until) {
    return refuse(Verdict::key_not_valid_now);
  }
  if (account && account->status == ledger::AccountStatus::frozen) {
    return refuse(Verdict::account_frozen, "account");
  }
  TRY(check_control_age(state, block, key->role));
  return Signing{key->role, account};
}

// What the accounts' transactions of a block are counted in, and the receipts that it keeps.
struct Kept {
  std::vector<ledger::KeptReceipt> receipts;
  std::map<AccountId, std::uint32_t> by_account;
};

// So that no account fills the block or what the chain has to remember.
Result<void> check_share(const Block& block, const AccountId& account,
                         const std::optional<ledger::AccountRow>& row, const Kept& kept) {
  if (!row) return {};
  const auto counted = kept.by_account.find(account);
  const std::uint32_t in_block = counted == kept.by_account.end() ? 0 : counted->second;
  if (in_block >= block.params.max_in_block) return refuse(Verdict::account_busy, "account");
  if (row->live + in_block >= block.params.max_live) {
    return refuse(Verdict::account_full, "account");
  }
  return {};
}

Result<void> check_envelope(const Block& block, const Transaction& body) {
  if (body.ledger != block.ledger) return refuse(Verdict::wrong_ledger, "ledger");
  if (std::ranges::find(body.chains, block.chain) == body.chains.end()) {
    return refuse(Verdict::wrong_chain, "chains");
  }
  if (body.valid_until < block.time) return refuse(Verdict::expired, "valid_until");
  if (body.valid_until > block.time + block.params.max_validity) {
    return refuse(Verdict::valid_too_long, "valid_until");
  }
  return {};
}

// Refused for good, so only once it is known that the account's own key signed it.
Result<void> check_operations(const Block& block, const Transaction& body) {
  if (body.operations.size() > block.params.max_operations) {
    return refuse(Verdict::too_large, "operations");
  }
  return body.check();
}

// All operations on one stage; on a refusal the caller throws the stage away.
Result<void> apply_all(Stage& stage, const Block& block, const SignedTransaction& signed_tx,
                       const Kept& kept) {
  TRY(check_envelope(block, signed_tx.body));
  ASSIGN(const auto signing, check_signer(stage, block, signed_tx));
  TRY(check_operations(block, signed_tx.body));
  TRY(check_share(block, signed_tx.body.account, signing.account, kept));
  const TxId id = *TxId::from(signed_tx.id.view());
  const auto& operations = signed_tx.body.operations;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Origin origin{signed_tx.body.account,
                        signed_tx.signer,
                        signing.role,
                        {id, static_cast<std::uint16_t>(i)},
                        signed_tx.body.valid_until};
    const std::uint64_t writes = stage.writes();
    const auto applied =
        std::visit([&](const auto& op) { return op.apply(stage, block, origin); }, operations[i]);
    if (!applied) {
      CHECK(stage.writes() == writes);  // refusals first, writes last
      return refuse_within(format("operations[{}]", i), applied.error());
    }
  }
  return {};
}

Receipt to_receipt(const ledger::ReceiptRow& row, ChainId chain) {
  return {row.tx, chain, row.height, row.index, row.time, row.verdict, row.where};
}

// Of transactions and deadlines alike: what must hold after each.
void keep_laws(const Stage& stage, std::string_view what, ByteView id) {
  if (const auto broken = ledger::first_broken_law(stage.changes())) {
    fatal(format("{} {} breaks a law: {}", what, codec::to_hex(id), *broken));
  }
}

void pass_deadlines(Stage& chain_stage, const Block& block) {
  for (std::size_t done = 0; done < kMaxDeadlines;) {
    const auto due = next_passed(chain_stage, block);
    if (!due) return;
    Stage stage(&chain_stage);
    done += pass_deadline(stage, block, *due);
    keep_laws(stage, "the deadline of", due->of.tx.view());
    chain_stage.absorb(stage);
  }
}

Receipt execute_one(Stage& chain_stage, const Block& block, std::uint32_t index,
                    const SignedTransaction& signed_tx, Kept& kept) {
  const Transaction& body = signed_tx.body;
  const ledger::ReceiptRow::Key slot{body.account, body.client};
  Receipt receipt{*TxId::from(signed_tx.id.view()),
                  block.chain,
                  block.height,
                  index,
                  block.time,
                  0,
                  std::nullopt};
  if (const auto first = chain_stage.find<ledger::ReceiptRow>(slot)) {
    if (first->tx == receipt.tx) return to_receipt(*first, block.chain);
    receipt.verdict = static_cast<std::uint16_t>(Verdict::conflict);
    receipt.where = "client";
    return receipt;
  }

  Stage stage(&chain_stage);
  const auto applied = apply_all(stage, block, signed_tx, kept);
  if (!applied) {
    stage.discard();
    receipt.verdict = static_cast<std::uint16_t>(applied.error().verdict);
    if (!applied.error().where.empty()) receipt.where = applied.error().where;
  }
  if (applied || is_decided(applied.error().verdict)) {
    stage.add<ledger::ReceiptRow>(slot, {.tx = receipt.tx,
                                         .height = receipt.height,
                                         .index = receipt.index,
                                         .time = receipt.time,
                                         .verdict = receipt.verdict,
                                         .where = receipt.where,
                                         .valid_until = body.valid_until});
    kept.receipts.push_back({slot, body.valid_until});
    ++kept.by_account[body.account];
  }
  keep_laws(stage, "transaction", receipt.tx.view());
  chain_stage.absorb(stage);
  return receipt;
}

}  // namespace

// Only who signs for an account uses up its client ids, so nobody can fill another's. What may be
// tried again later is not decided yet, and neither is what is valid for too long as yet. What has
// expired is refused for ever without anybody's remembering it.
bool is_decided(Verdict verdict) {
  return verdict != Verdict::unknown_key && verdict != Verdict::not_signer &&
         verdict != Verdict::wrong_ledger && verdict != Verdict::wrong_chain &&
         verdict != Verdict::conflict && verdict != Verdict::expired &&
         verdict != Verdict::valid_too_long && describe(verdict).kind != VerdictKind::later;
}

Executed execute_block(const View& state, const LedgerId& ledger, const BlockTime& block_time,
                       std::span<const VerifiedTransaction> transactions) {
  const Block block = block_context(state, ledger, block_time);
  Stage stage(&state);
  pass_deadlines(stage, block);
  Executed out;
  Kept kept;
  out.receipts.reserve(transactions.size());
  for (const auto& transaction : transactions) {
    const auto index = static_cast<std::uint32_t>(out.receipts.size());
    out.receipts.push_back(execute_one(stage, block, index, *transaction, kept));
  }
  ledger::keep_until_due(stage, block.height, kept.receipts);
  out.outbox = ledger::seal_outbox(stage, block_time.height);
  out.cursors = ledger::cursors_of(stage, block_time.chain);
  if (const auto due = ledger::first_deadline(stage)) out.next_deadline = due->at;
  out.changes = stage.take();
  return out;
}

Result<void> dry_run(const View& state, const LedgerId& ledger, const BlockTime& block_time,
                     const SignedTransaction& transaction) {
  const Block block = block_context(state, ledger, block_time);
  Stage stage(&state);
  return apply_all(stage, block, transaction, Kept());
}

}  // namespace intaglio::tx
