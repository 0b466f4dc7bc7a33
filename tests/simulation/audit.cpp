#include "simulation/audit.h"

#include <cstdio>

#include "base/format.h"
#include "crypto/sha256.h"
#include "proof/statement.h"

namespace intaglio::simulation {
namespace {

std::string name_of(Verdict verdict) { return std::string(describe(verdict).name); }
std::string name_of(std::uint16_t verdict) {
  const auto known = verdict_from_number(verdict);
  return known ? name_of(*known) : std::to_string(verdict);
}

std::string text(const tx::Receipt& receipt) {
  return format("{} of chain {} block {} place {}", name_of(receipt.verdict), receipt.chain.value(),
                receipt.height.value(), receipt.index);
}

bool same(const tx::Receipt& a, const tx::Receipt& b) {
  return codec::encode_record(a) == codec::encode_record(b);
}

std::string short_hex(ByteView bytes) { return codec::to_hex(bytes.first(4)); }

struct ParsedBlock {
  BlockHash hash;
  ledger::BlockHeader header;
  std::vector<proof::Unverified<tx::Transaction>> transactions;
};

Result<ParsedBlock> parse_block(const chain::Application& chain, Height height) {
  const auto blob = chain.store().block(height);
  if (!blob) return refuse(Verdict::unknown_block);
  ASSIGN(const auto stored, chain::decode_transactions(*blob));
  ASSIGN(const auto header, proof::parse_statement<ledger::BlockHeader>(
                                chain.stored_header(height).proof.signed_header, chain.ledger()));
  ParsedBlock out{header.body().hash(chain.ledger()), header.body(), {}};
  for (const Bytes& each : stored) {
    ASSIGN(auto parsed, proof::parse_statement<tx::Transaction>(each, chain.ledger(),
                                                                tx::Transaction::kMaxBytes));
    out.transactions.push_back(std::move(parsed));
  }
  return out;
}

}  // namespace

Audit::Audit(const ledger::Genesis& genesis)
    : genesis_(genesis), ledger_(ledger::ledger_id(genesis)), model_(genesis) {}

void Audit::fail(std::string what) {
  if (!wrong_.empty()) return;
  note("WRONG: " + what);
  wrong_ = std::move(what);
}

void Audit::note(std::string_view what) {
  for (const char c : what) log_hash_ = (log_hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  log_hash_ = (log_hash_ ^ 0xff) * 0x100000001b3;
  if (prints_) std::printf("%.*s\n", static_cast<int>(what.size()), what.data());
}

void Audit::opened(const chain::Application& chain) {
  const ChainId id = chain.chain();
  const store::Tip tip = chain.tip();
  const Height seen = last_block(id);
  if (tip.height < seen) {
    return fail(format("chain {} was at block {} and is opened at {}", id.value(), seen.value(),
                       tip.height.value()));
  }
  if (tip.height > seen.next()) {
    return fail(format("chain {} has more blocks than were made", id.value()));
  }
  if (seen != Height(0)) {
    const auto block = parse_block(chain, seen);
    if (!block || block->hash != hashes_.at({id, seen})) {
      return fail(format("chain {}: block {} is another one now", id.value(), seen.value()));
    }
  }
  if (tip.height == seen) {
    if (id.value() < model_.chain_count()) compare_all(chain);
    return;
  }
  note(format("chain {} has block {} though it crashed", id.value(), tip.height.value()));
  ++figures_["blocks found after a crash"];
  look_at(chain, tip.height);
  compare_all(chain);
}

void Audit::committed(const chain::Application& chain) { look_at(chain, chain.tip().height); }

void Audit::committed_again(const chain::Application& chain) {
  const store::Tip tip = chain.tip();
  const auto known = hashes_.find({chain.chain(), tip.height});
  if (known != hashes_.end() && known->second == tip.block) return;
  fail(format("an old copy of chain {} made another block {} final", chain.chain().value(),
              tip.height.value()));
}

Digest Audit::hash_of_blocks() const {
  Bytes all;
  for (const auto& [place, hash] : hashes_) append(all, hash.view());
  return crypto::sha256(all);
}

void Audit::look_at(const chain::Application& chain, Height height) {
  const ChainId id = chain.chain();
  const auto block = parse_block(chain, height);
  if (!block) return fail("a block cannot be read: " + to_string(block.error()));
  note(format("chain {} block {} {} time {} of {}", id.value(), height.value(),
              short_hex(block->hash.view()), block->header.time.value(),
              block->transactions.size()));
  check_final(chain, block->header, block->hash);
  std::vector<tx::SignedTransaction> transactions;
  ModelBlock run{id, height, block->header.time, {}, {}};
  for (const auto& each : block->transactions) {
    transactions.push_back({each.body(), each.signer(), each.id(), {}});
  }
  const auto encoded = chain.receipts(height).value();
  std::vector<tx::Receipt> receipts;
  for (std::uint32_t i = 0; i < transactions.size(); ++i) {
    run.transactions.push_back(&transactions[i]);
    receipts.push_back(codec::decode_record<tx::Receipt>(encoded.at(i)).value());
    const bool is_fresh = receipts[i].height == height && receipts[i].index == i;
    run.deliveries.push_back(is_fresh ? verdict_from_number(receipts[i].verdict) : std::nullopt);
  }
  const auto foretold = model_.run(run);
  if (!model_.wrong().empty()) fail(model_.wrong());
  for (std::uint32_t i = 0; i < transactions.size(); ++i) {
    judge_receipt(id, {transactions[i], i, receipts[i], foretold[i]});
  }
  for (const auto& each : transactions) compare_kept(chain, *TxId::from(each.id.view()));
  ++figures_["blocks"];
  figures_["transactions"] += transactions.size();
  compare_money(chain);
  compare_streams(chain);
  for (const auto& [asset, surplus] : model_.surplus()) {
    if (surplus == 0) continue;
    fail(format("of asset {} there is {} more than was issued", asset.value(), surplus));
  }
}

void Audit::judge_receipt(ChainId chain, const Judged& judged) {
  const auto& [signed_tx, index, receipt, foretold] = judged;
  const TxId id = *TxId::from(signed_tx.id.view());
  const Place place{chain, id};
  const auto before = receipts_.find(place);
  const bool was_kept = before != receipts_.end() && before->second.is_kept;
  std::string names;
  for (const auto& operation : signed_tx.body.operations) {
    names += format(" {}", tx::name_of(operation));
  }
  note(format("  {}{} {}{}", short_hex(id.view()), names, name_of(foretold.verdict),
              foretold.is_repeat ? " again" : ""));
  if (was_kept) {
    // Said again, or refused as expired since it is forgotten; what it came to is for ever.
    if (foretold.is_repeat && !same(receipt, before->second.receipt)) {
      fail(format("a receipt changed: {} was {}", text(receipt), text(before->second.receipt)));
    }
    if (!foretold.is_repeat && foretold.verdict != Verdict::expired) {
      fail(format("{} settled twice", short_hex(id.view())));
    }
    ++figures_["transactions again"];
    return;
  }
  if (foretold.is_repeat) return fail("a receipt that nobody saw is repeated");
  if (given_up_.contains(place) && foretold.is_kept) {
    fail(format("{} came into a block after its client was told that it would not",
                short_hex(id.view())));
  }
  const bool is_here = receipt.chain == chain && receipt.height == model_.chain(chain).height &&
                       receipt.index == index;
  const auto expected = static_cast<std::uint16_t>(foretold.verdict);
  if (!is_here || receipt.verdict != expected) {
    return fail(format("{}{}: the receipt is {}, the model says {}", short_hex(id.view()), names,
                       text(receipt), name_of(foretold.verdict)));
  }
  receipts_[place] = {receipt, foretold.is_kept};
  ++figures_["verdict " + name_of(foretold.verdict)];
  if (foretold.verdict != Verdict::accepted) return;
  for (std::size_t i = 0; i < signed_tx.body.operations.size(); ++i) {
    const auto& operation = signed_tx.body.operations[i];
    ++figures_[format("accepted {}", tx::name_of(operation))];
    if (on_operation_) {
      on_operation_(chain, {id, static_cast<std::uint16_t>(i)}, operation);
    }
  }
}

// By its id a transaction is found with the receipt that stands.
void Audit::compare_kept(const chain::Application& chain, const TxId& id) {
  const auto expected = receipts_.find({chain.chain(), id});
  const auto found = chain.receipt(id);
  if (!found) return fail(format("no receipt of {}", short_hex(id.view())));
  if (expected == receipts_.end() || !same(*found, expected->second.receipt)) {
    fail(format("a receipt is found as {}", text(*found)));
  }
}

void Audit::compare_money(const chain::Application& chain) {
  const ModelChain& model = model_.chain(chain.chain());
  const auto at = [&](const AccountId& account) {
    return format("chain {} block {}, account {}", model.id.value(), model.height.value(),
                  short_hex(account.view()));
  };
  for (const auto& [key, balance] : model.balances) {
    const auto row = chain.store()
                         .find<ledger::BalanceRow>({key.first, key.second})
                         .value_or(ledger::BalanceRow{});
    const bool agrees = row.credits_posted.value() == balance.in &&
                        row.debits_posted.value() == balance.out &&
                        row.debits_pending.value() == balance.held;
    if (agrees) continue;
    fail(format("{}: {} in, {} out, {} held; the model says {}, {}, {}", at(key.first),
                row.credits_posted.value(), row.debits_posted.value(), row.debits_pending.value(),
                balance.in, balance.out, balance.held));
  }
  for (const auto& [account, expected] : model.accounts) {
    const auto row = chain.store().find<ledger::AccountRow>(account);
    if (!row) {
      fail(at(account) + " is not there");
      continue;
    }
    const bool is_frozen = row->status == ledger::AccountStatus::frozen;
    const bool agrees = row->key == expected.key && is_frozen == expected.is_frozen &&
                        row->open_holds == expected.holds &&
                        row->open_settlements == expected.settlements &&
                        row->packets == expected.packets && row->live == expected.live;
    if (agrees) continue;
    fail(format(
        "{}: key {} frozen {} holds {} settlements {} packets {} live {}; the model says "
        "{} {} {} {} {} {}",
        at(account), short_hex(row->key.view()), is_frozen, row->open_holds, row->open_settlements,
        row->packets, row->live, short_hex(expected.key.view()), expected.is_frozen, expected.holds,
        expected.settlements, expected.packets, expected.live));
  }
}

void Audit::compare_streams(const chain::Application& chain) {
  const ModelChain& model = model_.chain(chain.chain());
  const auto compare = [&](std::string_view what, ChainId other, std::uint64_t is,
                           std::uint64_t should) {
    if (is == should) return;
    fail(format("chain {} block {}: {} chain {} is {}, the model says {}", model.id.value(),
                model.height.value(), what, other.value(), is, should));
  };
  for (const auto& [other, next] : model.next_in) {
    const auto row = chain.store().find<ledger::InStreamRow>(other);
    compare("the cursor of", other, row ? row->next : 0, next);
  }
  for (const auto& [other, stream] : model.out) {
    const auto row = chain.store().find<ledger::OutStreamRow>(other);
    compare("sent to", other, row ? row->next : 0, stream.sent.size());
    compare("known to have arrived at", other, row ? row->arrived : 0, stream.arrived);
  }
  if (chain.chain() == kMainChain) return;
  const auto row = chain.store().find<ledger::InStreamRow>(kMainChain);
  compare("heard from", kMainChain, row ? row->as_of.value() : 0, model.main_as_of.value());
}

void Audit::answered(const tx::Receipt& receipt) {
  const auto known = receipts_.find({receipt.chain, receipt.tx});
  if (known == receipts_.end()) {
    return fail(format("a client was told {}, and there is no such block", text(receipt)));
  }
  // What is not decided may be told again and again, each time anew.
  if (!known->second.is_kept) return;
  const tx::Receipt& kept = known->second.receipt;
  if (same(receipt, kept)) return;
  // Before it was decided it may have been told to try again; that answer came late.
  const auto said = verdict_from_number(receipt.verdict);
  const bool was_no_decision =
      said && std::pair(receipt.height, receipt.index) < std::pair(kept.height, kept.index) &&
      *said != Verdict::accepted;
  if (was_no_decision) return;
  if (said == Verdict::expired && kept.height < receipt.height) return;
  fail(format("a client was told {}; it is {}", text(receipt), text(kept)));
}

void Audit::given_up(ChainId chain, const TxId& id) {
  if (final_receipt(chain, id)) {
    return fail(
        format("a client was told that {} is in no block, and it is", short_hex(id.view())));
  }
  given_up_.insert({chain, id});
}

std::optional<tx::Receipt> Audit::final_receipt(ChainId chain, const TxId& id) const {
  const auto known = receipts_.find({chain, id});
  if (known == receipts_.end() || !known->second.is_kept) return std::nullopt;
  return known->second.receipt;
}

}  // namespace intaglio::simulation
