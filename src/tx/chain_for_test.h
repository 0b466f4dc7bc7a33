// One chain on the bare executor for tests: its state, and its headers as its nodes sign them, or
// as CometBFT's validators vote for them.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/merkle.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/memory_state.h"
#include "ledger/state_tree.h"
#include "ledger/trust.h"
#include "proof/comet_for_test.h"
#include "proof/statement.h"
#include "tx/executor.h"

namespace intaglio::tx {

class ChainForTest {
 public:
  ChainForTest(const ledger::Genesis& genesis, ChainId chain, crypto::Signer node,
               std::vector<crypto::Signer> consensus = {})
      : ledger_(ledger::ledger_id(genesis)),
        chain_(chain),
        node_(std::move(node)),
        consensus_(std::move(consensus)) {
    std::ranges::sort(consensus_, {}, [](const auto& each) { return each.key.hash(); });
    const ledger::EmptyView nothing;
    ledger::Stage stage(&nothing);
    ledger::apply_genesis(stage, genesis, chain);
    keep(stage.changes());
  }

  // The next block; the receipts, one a transaction.
  std::vector<Receipt> execute(Millis now, std::span<const VerifiedTransaction> transactions) {
    const Height height(headers_.size() + 1);
    if (by_comet()) before_last_ = state_;
    auto executed = execute_block(state_, ledger_, {chain_, height, now}, transactions);
    keep(executed.changes);
    times_.push_back(now);
    transactions_.clear();
    for (const auto& each : transactions) transactions_.push_back(each->encoded);
    receipts_.clear();
    for (const auto& each : executed.receipts) receipts_.push_back(codec::encode_record(each));
    const ledger::BlockHeader header{
        .chain = chain_,
        .height = height,
        .time = now,
        .previous = {},
        .transactions = crypto::merkle_root(leaves_of(transactions_)),
        .receipts = crypto::merkle_root(leaves_of(receipts_)),
        .state = tree_.root(),
        .count = static_cast<std::uint32_t>(transactions.size()),
        .outbox = crypto::merkle_root(ledger::leaves_of(executed.outbox)),
        .cursors = crypto::merkle_root(ledger::leaves_of(executed.cursors))};
    hashes_.push_back(header.hash(ledger_));
    headers_.push_back(sign(header));
    return std::move(executed.receipts);
  }

  // As all nodes of the chain sign it; nobody where CometBFT orders it.
  proof::FinalityProof sign(const ledger::BlockHeader& header) const {
    if (by_comet()) return {{}, {}, proof::CometFinality{header.encode(), {}}};
    auto signed_header = proof::sign_statement(header, ledger_, node_);
    CHECK(signed_header.has_value());
    proof::FinalityProof out{*std::move(signed_header), {}};
    for (const auto& each : consensus_) {
      const auto cosigned = proof::cosign(proof::cosigned_block(header, ledger_), ledger_, each);
      CHECK(cosigned.has_value());
      out.cosignatures.push_back(*cosigned);
    }
    return out;
  }

  using Powers = proof::CometForTest::Powers;
  // From that height of CometBFT's on these vote, in their order; from the first on: before any
  // block.
  void vote_from(std::uint64_t height, Powers powers) { voting_[height] = std::move(powers); }
  // How they vote, for every block that is asked for.
  void vote(proof::CometForTest::Votes votes) { votes_ = std::move(votes); }
  bool by_comet() const { return !voting_.empty(); }

  // CometBFT's block of a height, with our block of that height in it and the hash of the one
  // before; `pending` when there is none.
  Result<proof::LightBlock> light_block(Height height) const {
    if (height > Height(headers_.size())) return refuse(Verdict::pending);
    const std::uint64_t at = height.value();
    auto header = proof::CometForTest::header(at, voters(at), voters(at + 1));
    header.chain = ledger::comet_chain_id(ledger_, chain_);
    header.time = proof::comet_time(times_.at(at - 1));
    header.app = to_bytes(at == 1 ? ledger_.view() : hashes_.at(at - 2).view());
    return proof::CometForTest::commit(header, voters(at), votes_);
  }

  const ledger::MemoryState& state() const { return state_; }
  // The newest of which something can be proven.
  const ledger::MemoryState& proven_state() const { return by_comet() ? before_last_ : state_; }
  Height proven_height() const { return Height(headers_.size() - (by_comet() ? 1 : 0)); }
  const ledger::StateTree& tree() const { return tree_; }
  const LedgerId& ledger() const { return ledger_; }
  // Of the last block.
  Millis time() const { return times_.empty() ? Millis() : times_.back(); }
  Millis time_of(Height height) const { return times_.at(height.value() - 1); }
  const std::vector<Bytes>& transactions() const { return transactions_; }
  const std::vector<Bytes>& receipts() const { return receipts_; }
  // Of height 1 and up, each with what shows that its block is final.
  const std::vector<proof::FinalityProof>& headers() const { return headers_; }
  // Of the block at that height.
  const proof::FinalityProof& header(Height height) const {
    return headers_.at(height.value() - 1);
  }

  static std::vector<Digest> leaves_of(std::span<const Bytes> items) {
    std::vector<Digest> out;
    for (const Bytes& each : items) out.push_back(crypto::merkle_leaf(each));
    return out;
  }

 private:
  void keep(const ledger::ChangeSet& changes) {
    state_.apply(changes);
    tree_ = tree_.with(changes);
  }

  const Powers& voters(std::uint64_t height) const {
    return std::prev(voting_.upper_bound(height))->second;
  }

  LedgerId ledger_;
  ChainId chain_;
  std::map<std::uint64_t, Powers> voting_;
  proof::CometForTest::Votes votes_;
  ledger::MemoryState before_last_;
  std::vector<BlockHash> hashes_;
  std::vector<Millis> times_;
  crypto::Signer node_;
  std::vector<crypto::Signer> consensus_;  // ascending by key
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  std::vector<proof::FinalityProof> headers_;
  std::vector<Bytes> transactions_;
  std::vector<Bytes> receipts_;
};

// With the votes that prove it, where the source has such.
inline std::optional<DeliverPackets> proven(std::optional<DeliverPackets> delivery,
                                            const ChainForTest& source,
                                            const ChainForTest& destination) {
  if (!delivery || !source.by_comet()) return delivery;
  const auto header = [&](Height height) { return source.header(height); };
  const proof::LightBlockAt blocks = [&](Height height) { return source.light_block(height); };
  auto out = with_votes(*std::move(delivery), {source.ledger(), header, blocks},
                        destination.state(), destination.time());
  return out ? std::optional(*std::move(out)) : std::nullopt;
}

// What a relay may bring next from one of these chains to another.
inline std::optional<DeliverPackets> next_delivery(const ChainForTest& source,
                                                   const ChainForTest& destination,
                                                   const Route& route) {
  return proven(next_delivery(source.state(), destination.state(), route,
                              [&](Height height) { return source.header(height); }),
                source, destination);
}

// The source's cursor with the destination, if it says more than that knows.
inline std::optional<DeliverPackets> cursor_delivery(const ChainForTest& source,
                                                     const ChainForTest& destination,
                                                     const Route& route, Millis refresh = {}) {
  if (source.headers().empty() || source.proven_height() == Height(0)) return std::nullopt;
  const Height height = source.proven_height();
  return proven(
      cursor_delivery({source.proven_state(), source.time_of(height), source.header(height)},
                      destination.state(), route, refresh),
      source, destination);
}

}  // namespace intaglio::tx
