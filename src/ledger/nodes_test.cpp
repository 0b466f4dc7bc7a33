#include "ledger/nodes.h"

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "base/result_for_test.h"
#include "ledger/memory_state.h"
#include "proof/comet_header.h"

namespace intaglio::ledger {
namespace {

NodesRow nodes(std::size_t consensus, std::uint8_t quorum) {
  NodesRow out{.accounting = filled<KeyHash>(0x10), .consensus = {}, .quorum = quorum};
  for (std::size_t i = 0; i < consensus; ++i) {
    out.consensus.push_back(filled<KeyHash>(static_cast<std::uint8_t>(0x20 + i)));
  }
  return out;
}

std::string refused(const NodesRow& row) {
  const auto checked = check_nodes(row);
  return checked
             ? ""
             : std::string(describe(checked.error().verdict).name) + " " + checked.error().where;
}

TEST(Nodes, AQuorumIsMoreThanHalfOfUpToThree) {
  const std::vector<std::vector<std::uint8_t>> allowed{{0}, {1}, {2}, {2, 3}};
  for (std::size_t count = 0; count < allowed.size(); ++count) {
    for (std::uint8_t quorum = 0; quorum < 5; ++quorum) {
      const bool is_allowed = std::ranges::count(allowed[count], quorum) == 1;
      EXPECT_EQ(refused(nodes(count, quorum)), is_allowed ? "" : "bad_value quorum")
          << int{quorum} << " of " << count;
    }
  }
  EXPECT_EQ(refused(nodes(4, 3)), "too_large consensus");
}

TEST(Nodes, StandOnceEach) {
  auto row = nodes(3, 2);
  row.consensus[2] = row.consensus[0];
  EXPECT_EQ(refused(row), "bad_value consensus[2]");
  row = nodes(3, 2);
  row.consensus[1] = row.accounting;
  EXPECT_EQ(refused(row), "bad_value consensus[1]");
}

NodesRow voting(std::size_t validators) {
  NodesRow out{.accounting = filled<KeyHash>(0x10), .consensus = {}, .quorum = 0};
  out.validators.emplace();
  for (std::size_t i = 0; i < validators; ++i) {
    const auto byte = static_cast<std::uint8_t>(0x20 + i);
    out.validators->push_back({filled<KeyHash>(byte), filled<crypto::Ed25519Key>(byte), 1});
  }
  return out;
}

TEST(Nodes, OfAChainThatCometBftOrdersAreValidatorsAlone) {
  EXPECT_FALSE(nodes(0, 0).by_comet());
  EXPECT_TRUE(voting(4).by_comet());
  EXPECT_EQ(refused(voting(4)), "");
  EXPECT_EQ(refused(voting(kMaxValidators)), "");
  EXPECT_EQ(refused(voting(kMaxValidators + 1)), "too_large validators");
  EXPECT_EQ(refused(voting(0)), "missing_field validators");
  const auto altered = [](const auto& alter) {
    auto row = voting(4);
    alter(row);
    return refused(row);
  };
  EXPECT_EQ(altered([](auto& it) { it.consensus = {filled<KeyHash>(0x30)}; }),
            "bad_value consensus");
  EXPECT_EQ(altered([](auto& it) { it.quorum = 1; }), "bad_value quorum");
  EXPECT_EQ(altered([](auto& it) { std::swap(it.validators->at(1), it.validators->at(2)); }),
            "bad_value validators[2]");
  EXPECT_EQ(altered([](auto& it) { it.validators->at(1).node = it.validators->at(0).node; }),
            "bad_value validators[1]");
  EXPECT_EQ(altered([](auto& it) { it.validators->at(3).key = it.validators->at(0).key; }),
            "bad_value validators[3].key");
  EXPECT_EQ(altered([](auto& it) { it.validators->at(2).power = 0; }),
            "bad_value validators[2].power");
  EXPECT_EQ(altered([](auto& it) { it.validators->at(0).power = proof::kMaxCometPower - 3; }), "");
  EXPECT_EQ(altered([](auto& it) { it.validators->at(0).power = proof::kMaxCometPower - 2; }),
            "too_large validators[3].power");
  // Nobody's signature makes its blocks final.
  MemoryState state;
  Stage stage(&state);
  stage.put<NodesRow>(ChainId(1), voting(4));
  EXPECT_EQ(verdict_of(block_signers(stage, ChainId(1))), Verdict::not_signer);
}

TEST(Nodes, ThatWereRevokedSignNothing) {
  MemoryState state;
  const auto accounting = crypto::SigningKey::generate().public_key();
  const auto first = crypto::SigningKey::generate().public_key();
  const auto second = crypto::SigningKey::generate().public_key();
  const auto put = [&](const crypto::PublicKey& key, KeyStatus status) {
    Stage stage(&state);
    KeyRow row;
    row.public_key = key;
    row.role = Role::node;
    row.status = status;
    stage.put<KeyRow>(key.hash(), row);
    state.apply(stage.changes());
  };
  const auto verdict = [&] { return verdict_of(block_signers(state, ChainId(1))); };
  EXPECT_EQ(verdict(), Verdict::unknown_chain);
  {
    Stage stage(&state);
    stage.put<NodesRow>(ChainId(1), {accounting.hash(), {first.hash(), second.hash()}, 2});
    state.apply(stage.changes());
  }
  EXPECT_EQ(verdict(), Verdict::unknown_key);
  for (const auto& key : {accounting, first, second}) put(key, KeyStatus::active);
  auto signers = must(block_signers(state, ChainId(1)));
  EXPECT_EQ(signers.accounting, accounting);
  EXPECT_EQ(signers.consensus, (std::vector{first, second}));
  EXPECT_EQ(signers.quorum, 2U);
  put(first, KeyStatus::revoked);
  signers = must(block_signers(state, ChainId(1)));
  EXPECT_EQ(signers.consensus, std::vector{second});
  EXPECT_EQ(signers.quorum, 2U);  // so nothing is final until other nodes are named
  put(accounting, KeyStatus::revoked);
  EXPECT_EQ(verdict(), Verdict::key_revoked);
}

}  // namespace
}  // namespace intaglio::ledger
