// One chain on the bare executor for tests: its state, and its headers as its nodes sign them.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/merkle.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/memory_state.h"
#include "ledger/state_tree.h"
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
    auto executed = execute_block(state_, ledger_, {chain_, height, now}, transactions);
    keep(executed.changes);
    time_ = now;
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
    headers_.push_back(sign(header));
    return std::move(executed.receipts);
  }

  // As all nodes of the chain sign it.
  proof::FinalityProof sign(const ledger::BlockHeader& header) const {
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

  const ledger::MemoryState& state() const { return state_; }
  const ledger::StateTree& tree() const { return tree_; }
  // Of the last block.
  Millis time() const { return time_; }
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

  LedgerId ledger_;
  ChainId chain_;
  crypto::Signer node_;
  std::vector<crypto::Signer> consensus_;  // ascending by key
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  std::vector<proof::FinalityProof> headers_;
  Millis time_;
  std::vector<Bytes> transactions_;
  std::vector<Bytes> receipts_;
};

// What a relay may bring next from one of these chains to another.
inline std::optional<DeliverPackets> next_delivery(const ChainForTest& source,
                                                   const ChainForTest& destination,
                                                   const Route& route) {
  return next_delivery(source.state(), destination.state(), route,
                       [&](Height height) { return source.header(height); });
}

// The source's cursor with the destination, if it says more than that knows.
inline std::optional<DeliverPackets> cursor_delivery(const ChainForTest& source,
                                                     const ChainForTest& destination,
                                                     const Route& route, Millis refresh = {}) {
  if (source.headers().empty()) return std::nullopt;
  return cursor_delivery({source.state(), source.time(), source.headers().back()},
                         destination.state(), route, refresh);
}

}  // namespace intaglio::tx
