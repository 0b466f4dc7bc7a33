#include "proof/double_vote.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "proof/comet_for_test.h"

namespace intaglio::proof {
namespace {

using Comet = CometForTest;

constexpr std::string_view kChain = "comet-test";

CometBallot ballot(const std::string& by, std::uint8_t block) {
  CometBallot out;
  out.height = Height(9);
  out.round = 2;
  if (block != 0) {
    out.block = {crypto::sha256(Bytes{block}), 1, crypto::sha256(as_bytes("parts"))};
  }
  out.time = Comet::time(9);
  out.validator = Comet::address(by);
  return out;
}

// Both as they are after `alter`, then signed by alice.
DoubleVote evidence(const std::function<void(CometBallot&, CometBallot&)>& alter = {}) {
  auto first = ballot("alice", 1);
  auto second = ballot("alice", 2);
  if (alter) alter(first, second);
  for (auto* each : {&first, &second}) {
    each->signature = Comet::key("alice").sign(each->sign_bytes(kChain));
  }
  return {encode_comet_vote(first), encode_comet_vote(second)};
}

Refusal refused(const DoubleVote& evidence, const std::string& of = "alice",
                std::string_view chain = kChain) {
  const auto votes = read_double_vote(evidence);
  if (!votes) return votes.error();
  const auto verified = verify_double_vote(*votes, chain, Comet::key(of).key());
  return verified ? Refusal{Verdict::accepted, {}} : verified.error();
}

TEST(DoubleVote, IsTwoVotesOfOneValidatorForDifferentBlocks) {
  EXPECT_EQ(refused(evidence()), (Refusal{Verdict::accepted, {}}));
  EXPECT_EQ(refused(evidence([](auto& first, auto& second) {
              first.kind = second.kind = CometVoteKind::prevote;
            })),
            (Refusal{Verdict::accepted, {}}));
  // One for a block and one for none.
  EXPECT_EQ(refused(evidence([](auto& first, auto&) { first.block = {}; })),
            (Refusal{Verdict::accepted, {}}));
}

TEST(DoubleVote, IsNoneOfOneBlockOrOfTwoPlaces) {
  const Refusal none{Verdict::bad_proof, {}};
  EXPECT_EQ(refused(evidence([](auto& first, auto& second) { second.block = first.block; })), none);
  EXPECT_EQ(refused(evidence([](auto& first, auto& second) {
              second.block = first.block;
              second.time = Comet::time(10);
            })),
            none);
  EXPECT_EQ(refused(evidence([](auto&, auto& second) { second.height = Height(10); })), none);
  EXPECT_EQ(refused(evidence([](auto&, auto& second) { second.round = 3; })), none);
  EXPECT_EQ(refused(evidence([](auto&, auto& second) { second.kind = CometVoteKind::prevote; })),
            none);
  EXPECT_EQ(
      refused(evidence([](auto&, auto& second) { second.validator = Comet::address("bob"); })),
      none);
}

TEST(DoubleVote, IsSignedForThatChainByThatValidator) {
  EXPECT_EQ(refused(evidence(), "bob"), (Refusal{Verdict::not_signer, {}}));
  EXPECT_EQ(refused(evidence(), "alice", "another"), (Refusal{Verdict::bad_signature, "first"}));
  auto forged = evidence();
  forged.second.back() ^= 1;
  EXPECT_EQ(refused(forged), (Refusal{Verdict::bad_signature, "second"}));
  EXPECT_EQ(refused({evidence().first, {}}), (Refusal{Verdict::bad_value, "second.type"}));
}

// A precommit is signed as it stands in a commit.
TEST(DoubleVote, SignsWhatACommitSigns) {
  const Comet::Powers four{{"alice", 10}, {"bob", 10}, {"carol", 10}, {"dave", 10}};
  const auto block = Comet::commit(Comet::header(9, four, four), four, {{"bob", CometVote::nil}});
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& vote = block.commit.signatures[i];
    CometBallot same{.kind = CometVoteKind::precommit,
                     .height = block.commit.height,
                     .round = block.commit.round,
                     .block = i == 0 ? block.commit.block : CometBlockId(),
                     .time = vote.time,
                     .validator = vote.validator,
                     .signature = vote.signature};
    EXPECT_EQ(same.sign_bytes(kChain), block.commit.sign_bytes(kChain, i));
    EXPECT_EQ(must(decode_comet_vote(encode_comet_vote(same))), same);
  }
}

}  // namespace
}  // namespace intaglio::proof
