// That one seed makes the same blocks for ever: with every compiler, and with any number of threads
// that verify signatures.
#include <thread>

#include <gtest/gtest.h>

#include "chain/door.h"
#include "codec/hex.h"
#include "crypto/seeded_key_for_test.h"
#include "simulation/disk.h"
#include "simulation/run.h"

namespace intaglio::simulation {
namespace {

struct Golden {
  std::uint64_t seed;
  std::uint64_t blocks;
  std::uint64_t transactions;
  std::uint64_t cosignatures;
  const char* hash;  // of the headers of all final blocks of all chains
};

// Whatever changes blocks changes these: the ledger's rules and formats, and the simulator itself.
constexpr Golden kGolden[] = {
    {2, 621, 1664, 202, "6fcfb56f7642a511cd1fde0240673d9551e913cca0f3b9e5c5aae447a18d0536"},
    {3, 553, 837, 355, "220121be82893bcbecfaa236ea3d0e836f64d48bbc2c982af46b2f8dcf709739"},
    {8, 262, 374, 145, "e8932eca9a8d7c72a641d213b4e8fc32e8c2ae8ed4a2935b10ff63bdc04e74fa"},
};

TEST(GoldenBlocks, AreTheSameWithEveryCompiler) {
  for (const Golden& golden : kGolden) {
    Report report = run(make_plan(golden.seed));
    EXPECT_EQ(report.wrong, "");
    EXPECT_EQ(report.figures["blocks"], golden.blocks) << golden.seed;
    EXPECT_EQ(report.figures["transactions"], golden.transactions) << golden.seed;
    EXPECT_EQ(report.figures["cosignatures of final blocks"], golden.cosignatures) << golden.seed;
    EXPECT_EQ(codec::to_hex(report.blocks), golden.hash) << golden.seed;
  }
}

// In the block's order, whoever of them verified which.
std::vector<tx::VerifiedTransaction> verify_all(const chain::Door& door,
                                                const std::vector<Bytes>& transactions,
                                                std::size_t threads) {
  std::vector<std::optional<tx::VerifiedTransaction>> verified(transactions.size());
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < threads; ++worker) {
    workers.emplace_back([&, worker] {
      for (std::size_t i = worker; i < transactions.size(); i += threads) {
        if (auto one = door.verify(transactions[i])) verified[i] = *std::move(one);
      }
    });
  }
  for (auto& each : workers) each.join();
  std::vector<tx::VerifiedTransaction> out;
  for (auto& each : verified) {
    if (each) out.push_back(*std::move(each));
  }
  return out;
}

struct Executed {
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t others = 0;  // blocks with another hash than is kept
};

// On a fresh store, from the genesis.
void execute_again(const ledger::Genesis& genesis, const KeptChain& kept, std::size_t threads,
                   Executed& sums) {
  const auto key = crypto::SeededKey::of(as_bytes("nobody's"));
  Disk disk{Dice(1)};
  const auto chain =
      chain::Application::open(genesis, kept.chain, "/chain", key.signer(), store_options_on(disk))
          .value();
  disk.run_jobs();
  const chain::Door door(*chain, 100);
  for (const KeptBlock& block : kept.blocks) {
    const auto header = proof::parse_statement<ledger::BlockHeader>(
        block.header.proof.signed_header, chain->ledger());
    const auto bytes = chain::decode_transactions(block.transactions).value();
    const auto executed = chain->finalize(header->body().time, verify_all(door, bytes, threads));
    ++sums.blocks;
    sums.transactions += bytes.size();
    if (executed.hash != header->body().hash(chain->ledger())) ++sums.others;
    chain->commit(executed, block.header.proof);
    disk.run_jobs();
  }
}

TEST(GoldenBlocks, AreTheSameWithAnyNumberOfThreads) {
  for (const Golden& golden : kGolden) {
    const Kept kept = run_and_keep(make_plan(golden.seed));
    for (const std::size_t threads : {1U, 2U, 8U}) {
      Executed sums;
      for (const KeptChain& chain : kept.chains) {
        execute_again(kept.genesis, chain, threads, sums);
      }
      EXPECT_EQ(sums.blocks, golden.blocks);
      EXPECT_EQ(sums.transactions, golden.transactions);
      EXPECT_EQ(sums.others, 0U) << "with " << threads << " threads";
    }
  }
}

// The test above can fail: a block that lacks a transaction is another.
TEST(GoldenBlocks, AreOthersWhenAnythingInThemIs) {
  Kept kept = run_and_keep(make_plan(kGolden[0].seed));
  for (KeptChain& chain : kept.chains) {
    for (KeptBlock& block : chain.blocks) {
      auto bytes = chain::decode_transactions(block.transactions).value();
      if (bytes.empty()) continue;
      bytes.pop_back();
      block.transactions = chain::encode_transactions(bytes);
    }
  }
  Executed sums;
  for (const KeptChain& chain : kept.chains) execute_again(kept.genesis, chain, 1, sums);
  EXPECT_GT(sums.others, kGolden[0].blocks / 2);
}

}  // namespace
}  // namespace intaglio::simulation
