#include "proof/comet_header.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "proof/comet_for_test.h"

namespace intaglio::proof {
namespace {

Digest hashed(std::string_view text) { return crypto::sha256(as_bytes(text)); }

// The example that CometBFT's own tests have of a header's hash.
CometHeader published() {
  CometHeader out;
  out.block_version = 1;
  out.app_version = 2;
  out.chain = "chainId";
  out.height = Height(3);
  out.time = {1'570'983'284, 0};  // 2019-10-13T16:14:44Z
  out.last_block = {Digest(), 6, Digest()};
  out.last_commit = hashed("last_commit_hash");
  out.data = hashed("data_hash");
  out.validators = hashed("validators_hash");
  out.next_validators = hashed("next_validators_hash");
  out.consensus = hashed("consensus_hash");
  out.app = to_bytes(hashed("app_hash").view());
  out.last_results = hashed("last_results_hash");
  out.evidence = hashed("evidence_hash");
  out.proposer = CometAddress::prefix_of(hashed("proposer_address"));
  return out;
}

TEST(CometHeader, HasThePublishedHash) {
  EXPECT_EQ(codec::to_hex(published().hash()),
            "f740121f553b5418c3efbd343c2dbfe9e007bb67b0d020a0741374bab65242a4");
}

TEST(CometHeader, HasAnotherHashWhenAnyFieldIsAnother) {
  using Change = void (*)(CometHeader&);
  constexpr Change kChanges[] = {[](CometHeader& h) { h.block_version = 11; },
                                 [](CometHeader& h) { h.app_version = 0; },
                                 [](CometHeader& h) { h.chain += "2"; },
                                 [](CometHeader& h) { h.height = h.height.next(); },
                                 [](CometHeader& h) { h.time.nanos = 1; },
                                 [](CometHeader& h) { h.last_block.parts = 7; },
                                 [](CometHeader& h) { h.last_block.parts_hash.reset(); },
                                 [](CometHeader& h) { h.last_commit.reset(); },
                                 [](CometHeader& h) { h.data.reset(); },
                                 [](CometHeader& h) { h.validators = Digest(); },
                                 [](CometHeader& h) { h.next_validators = Digest(); },
                                 [](CometHeader& h) { h.consensus.reset(); },
                                 [](CometHeader& h) { h.app.push_back(0); },
                                 [](CometHeader& h) { h.last_results.reset(); },
                                 [](CometHeader& h) { h.evidence.reset(); },
                                 [](CometHeader& h) { h.proposer = {}; }};
  std::vector<Digest> seen{published().hash()};
  for (const Change change : kChanges) {
    CometHeader header = published();
    change(header);
    EXPECT_EQ(std::ranges::count(seen, header.hash()), 0) << seen.size();
    seen.push_back(header.hash());
  }
}

TEST(CometHeader, IsCheckedForWhatNoHeaderHas) {
  const auto refused = [](auto change) {
    CometHeader header = published();
    header.block_version = kCometBlockVersion;
    EXPECT_TRUE(header.check().has_value());
    change(header);
    return to_string(header.check().error()).substr(0, 26);
  };
  using H = CometHeader&;
  EXPECT_EQ(refused([](H h) { h.block_version = 10; }), "bad_version at header.vers");
  EXPECT_EQ(refused([](H h) { h.chain.clear(); }), "bad_value at header.chain_");
  EXPECT_EQ(refused([](H h) { h.chain.assign(51, 'c'); }), "bad_value at header.chain_");
  EXPECT_EQ(refused([](H h) { h.height = Height(0); }), "bad_value at header.height");
  EXPECT_EQ(refused([](H h) { h.height = Height(1ULL << 63); }), "bad_value at header.height");
  EXPECT_EQ(refused([](H h) { h.time.nanos = 1'000'000'000; }), "bad_value at header.time: ");
  EXPECT_EQ(refused([](H h) { h.app.resize(257); }), "too_large at header.app_ha");
}

TEST(CometTime, IsWrittenByGoAsSecondsAndNanoseconds) {
  EXPECT_EQ(comet_time(Millis(1'570'983'284'123)), (CometTime{1'570'983'284, 123'000'000}));
  const CometTime late{253'402'300'799, 999'999'999};
  EXPECT_TRUE(is_comet_time(kNoCometTime));
  EXPECT_TRUE(is_comet_time(late));
  EXPECT_FALSE(is_comet_time({kNoCometTime.seconds - 1, 0}));
  EXPECT_FALSE(is_comet_time({late.seconds + 1, 0}));
  EXPECT_EQ((CometTime{1, 999'000'000} + Duration(1)), (CometTime{2, 0}));
  EXPECT_EQ(late + Duration(1), late);
  EXPECT_EQ(kNoCometTime + Duration(UINT64_MAX), late);
  EXPECT_EQ(comet_time(Millis(UINT64_MAX)), late);
}

// The examples that CometBFT's own tests have of a vote's sign bytes.
TEST(CometVote, HasThePublishedSignBytes) {
  CometCommit commit;
  commit.height = Height(1);
  commit.round = 1;
  commit.signatures.push_back({.vote = CometVote::nil, .validator = {}, .signature = {}});
  EXPECT_EQ(codec::to_hex(commit.sign_bytes("", 0)),
            "2108021101000000000000001901000000000000002a0b088092b8c398feffffff01");
  EXPECT_EQ(codec::to_hex(commit.sign_bytes("test_chain_id", 0)),
            "3008021101000000000000001901000000000000002a0b088092b8c398feffffff01"
            "320d746573745f636861696e5f6964");
}

TEST(CometVote, NamesTheBlockThatItIsForAndNilNone) {
  CometCommit commit;
  commit.height = Height(1);
  commit.block = {hashed("block"), 1, hashed("parts")};
  commit.signatures.resize(2);
  commit.signatures[0].vote = CometVote::commit;
  commit.signatures[1].vote = CometVote::nil;
  const auto bytes = codec::to_hex(commit.sign_bytes("chain", 0));
  const auto hash = codec::to_hex(hashed("block"));
  EXPECT_NE(bytes.find("22480a20" + hash + "12240801" + "1220"), std::string::npos) << bytes;
  EXPECT_EQ(codec::to_hex(commit.sign_bytes("chain", 1)).find(hash), std::string::npos);
}

Refusal refused(std::vector<CometValidator> validators) {
  return CometValidatorSet::of(std::move(validators)).error();
}

TEST(CometValidatorSet, IsNobodyAndHasNobodyTwice) {
  const auto alice = CometForTest::key("alice").key();
  const auto bob = CometForTest::key("bob").key();
  EXPECT_EQ(refused({}), (Refusal{Verdict::missing_field, "validators"}));
  EXPECT_EQ(refused({{bob, 1}, {alice, 1}, {bob, 2}}),
            (Refusal{Verdict::duplicate_field, "validators[2]"}));
  std::vector<CometValidator> many(kMaxCometValidators + 1);
  EXPECT_EQ(refused(many), (Refusal{Verdict::too_large, "validators"}));
}

TEST(CometValidatorSet, HasPowerUpToAnEighthOfTheLargestNumber) {
  const CometValidator most{CometForTest::key("alice").key(), kMaxCometPower};
  const auto bob = CometForTest::key("bob").key();
  EXPECT_EQ(must(CometValidatorSet::of({most, {bob, 0}})).power(), 1'152'921'504'606'846'975U);
  const Refusal overflow{Verdict::too_large, "total_voting_power"};
  EXPECT_EQ(refused({most, {bob, 1}}), overflow);
  EXPECT_EQ(refused({most, {bob, UINT64_MAX}}), overflow);
}

TEST(CometValidatorSet, FindsByAddressAndIsHashedInItsOrder) {
  const auto set = CometForTest::set({{"alice", 3}, {"bob", 2}, {"carol", 1}});
  EXPECT_EQ(set.find(CometForTest::address("alice")), 0U);
  EXPECT_EQ(set.find(CometForTest::address("carol")), 2U);
  EXPECT_EQ(set.find(CometForTest::address("dave")), std::nullopt);
  EXPECT_NE(set.hash(), CometForTest::set({{"bob", 2}, {"alice", 3}, {"carol", 1}}).hash());
  EXPECT_NE(set.hash(), CometForTest::set({{"alice", 3}, {"bob", 2}, {"carol", 2}}).hash());
}

}  // namespace
}  // namespace intaglio::proof
