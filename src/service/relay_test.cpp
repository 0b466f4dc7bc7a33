#include "service/relay.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

constexpr ChainId kHere{1};
constexpr ChainId kThere{2};

// Every delivery that stands in a block of these chains, and its transaction's bytes.
struct Delivery {
  ChainId to;
  tx::DeliverPackets operation;
  std::size_t bytes = 0;
};
std::vector<Delivery> deliveries_in_blocks(Node& node) {
  std::vector<Delivery> out;
  for (std::uint16_t i = 0; i < node.gateway().chain_count(); ++i) {
    const auto& chain = *node.gateway().chain(ChainId(i));
    for (Height at(1); at <= chain.tip().height; at = at.next()) {
      for (const Bytes& each : must(chain::decode_transactions(*chain.store().block(at)))) {
        const auto parsed =
            must(proof::parse_statement<tx::Transaction>(each, node.gateway().ledger()));
        for (const auto& operation : parsed.body().operations) {
          const auto* brought = std::get_if<tx::DeliverPackets>(&operation);
          if (brought != nullptr) out.push_back({ChainId(i), *brought, each.size()});
        }
      }
    }
  }
  return out;
}

class RelayTest : public ::testing::Test {
 protected:
  // The treasury pays itself on the other chain, `count` times under one signature.
  void pay(std::size_t count) {
    const AccountId self = AccountId::prefix_of(treasury_->public_key().hash());
    must(sender_.send_and_wait(kHere,
                               std::vector<tx::Operation>(count, tx::Transfer{.to = {kThere, self},
                                                                              .asset = AssetId(978),
                                                                              .amount = Amount(1),
                                                                              .memo = {},
                                                                              .code = {},
                                                                              .code_text = {}})));
    sent_ += count;
    while (acknowledged() != sent_) std::this_thread::yield();
  }
  std::uint64_t acknowledged() {
    return node_->gateway()
        .chain(kHere)
        ->store()
        .find<ledger::OutStreamRow>(kThere)
        .value_or(ledger::OutStreamRow{})
        .arrived;
  }
  // All that was brought, once nothing is under way any more.
  std::vector<Delivery> stop() {
    node_->stop();
    return deliveries_in_blocks(*node_);
  }

  NodeForTest node_;
  std::unique_ptr<element::SecureElement> treasury_ = node_.key("treasury");
  Sender sender_{node_->gateway(), element::signer_of(*treasury_), system_env()};
  std::uint64_t sent_ = 0;
};

TEST_F(RelayTest, CountsTheBytesThatStandInTheBlocks) {
  pay(64);
  pay(1);
  chain::Relayed in_blocks;
  for (const Delivery& each : stop()) {
    if (each.to == kThere && each.operation.from == kHere) {
      ++in_blocks.groups;
      in_blocks.packets += each.operation.group->packets.size();
      in_blocks.proof_bytes += each.bytes;
      for (const auto& packet : each.operation.group->packets) {
        codec::CborWriter out;
        codec::FieldType<ledger::Packet>::write(out, packet);
        const std::size_t size = out.take().size();
        in_blocks.data_bytes += size;
        in_blocks.proof_bytes -= size;
      }
    }
    if (each.to == kHere && each.operation.from == kThere) {
      ++in_blocks.cursors;
      in_blocks.cursor_bytes += each.bytes;
    }
  }
  EXPECT_EQ(in_blocks.packets, 65U);
  EXPECT_EQ(in_blocks.groups, 2U);
  EXPECT_GT(in_blocks.cursors, 0U);
  EXPECT_EQ(codec::record_to_json(node_->relayed({kHere, kThere})),
            codec::record_to_json(in_blocks));
}

TEST_F(RelayTest, BringsAChainWithoutALegNothingButControl) {
  pay(64);
  stop();
  for (const ChainId other : {kHere, kThere}) {
    EXPECT_EQ(node_->relayed({kMainChain, other}).bytes(), 0U);
    EXPECT_EQ(node_->relayed({other, kMainChain}).bytes(), 0U);
  }
  EXPECT_EQ(node_->relayed({kThere, kHere}).bytes(), 0U);
  const chain::Relayed paid = node_->relayed({kHere, kThere});
  EXPECT_EQ(paid.control_bytes, 0U);
  // One packet weighs what the others do: what 64 cost together is at most half as much again.
  EXPECT_LE(2 * paid.bytes(), 3 * paid.data_bytes);
}

}  // namespace
}  // namespace intaglio::service
