#include "proof/light_client.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/env.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "proof/comet_for_test.h"
#include "proof/comet_json.h"

namespace intaglio::proof {
namespace {

using Powers = CometForTest::Powers;
using Comet = CometForTest;

const Powers kThree{{"alice", 1}, {"bob", 1}, {"carol", 1}};
const Powers kFour{{"alice", 10}, {"bob", 10}, {"carol", 10}, {"dave", 10}};
const Powers kOthers{{"erin", 10}, {"frank", 10}, {"grace", 10}, {"heidi", 10}};

Verified<TrustedHeader> trusted(std::uint64_t height, const Powers& validators,
                                const Powers& next) {
  const auto header = Comet::header(height, validators, next);
  return must(trust_header(header, header.hash()));
}

// A step that is tried soon after the block.
Result<LightClientOutcome> step(const Verified<TrustedHeader>& from, const LightBlock& block,
                                const Powers& between = {},
                                const LightClientOptions& options = {}) {
  std::optional<CometValidatorSet> set;
  if (!between.empty()) set = Comet::set(between);
  return verify_light_block(from, block, set ? &*set : nullptr, options,
                            block.header.time + seconds(1));
}

std::string outcome(const Result<LightClientOutcome>& result) {
  if (!result) {
    const std::string name(describe(result.error().verdict).name);
    return result.error().where.empty() ? name : name + " " + result.error().where;
  }
  const auto* missing = std::get_if<NotEnoughTrust>(&*result);
  if (missing == nullptr) return "trusted";
  return "trust " + std::to_string(missing->signed_power) + " of " + std::to_string(missing->of);
}

TEST(TrustHeader, TakesTheOneWithThatHashAlone) {
  const auto header = Comet::header(5, kFour, kOthers);
  const auto first = must(trust_header(header, header.hash()));
  EXPECT_EQ(*first, (TrustedHeader{"comet-test", Height(5), Comet::time(5), header.hash(),
                                   Bytes(32, 5), Comet::set(kOthers).hash()}));
  EXPECT_EQ(trust_header(header, Digest()).error(), (Refusal{Verdict::bad_proof, "header"}));
}

TEST(LightClient, StepsToTheNextHeightByTheAnnouncedValidators) {
  const auto from = trusted(5, kFour, kOthers);
  const auto block = Comet::commit(Comet::header(6, kOthers, kFour), kOthers);
  const auto result = must(step(from, block));
  const auto& reached = std::get<Verified<TrustedHeader>>(result);
  EXPECT_EQ(reached->height, Height(6));
  EXPECT_EQ(reached->hash, block.header.hash());
  EXPECT_EQ(reached->app, Bytes(32, 6));
  const auto not_announced = Comet::commit(Comet::header(6, kFour, kFour), kFour);
  EXPECT_EQ(outcome(step(from, not_announced)), "unproven_signer header.validators_hash");
}

TEST(LightClient, StepsOverHeightsWhileAThirdOfTheTrustedPowerSigns) {
  const auto from = trusted(5, kFour, kFour);
  const Powers half{{"alice", 10}, {"bob", 10}, {"erin", 10}, {"frank", 10}};
  EXPECT_EQ(outcome(step(from, Comet::commit(Comet::header(9, half, half), half), kFour)),
            "trusted");
  const Powers quarter{{"alice", 10}, {"erin", 10}, {"frank", 10}, {"grace", 10}};
  EXPECT_EQ(outcome(step(from, Comet::commit(Comet::header(9, quarter, half), quarter), kFour)),
            "trust 10 of 40");
}

TEST(LightClient, NeedsTheSetThatTheTrustedHeaderAnnounced) {
  const auto from = trusted(5, kFour, kFour);
  const auto block = Comet::commit(Comet::header(9, kFour, kFour), kFour);
  EXPECT_EQ(outcome(step(from, block)), "missing_field trusted_validators");
  EXPECT_EQ(outcome(step(from, block, kThree)), "bad_proof trusted_validators");
  EXPECT_EQ(outcome(step(from, block, kFour)), "trusted");
}

// As over several heights, and the trusted header announces whose votes count.
TEST(LightClient, StepsBackWhileAThirdOfTheTrustedPowerSigned) {
  const Powers half{{"alice", 10}, {"bob", 10}, {"erin", 10}, {"frank", 10}};
  const auto back = [](const Verified<TrustedHeader>& from, const LightBlock& block,
                       const Powers& between) {
    const auto set = Comet::set(between);
    return outcome(verify_earlier_block(from, block, &set, {}, Comet::time(20)));
  };
  const auto block = Comet::commit(Comet::header(5, half, half), half);
  EXPECT_EQ(back(trusted(9, kFour, kFour), block, kFour), "trusted");
  EXPECT_EQ(back(trusted(6, kFour, kFour), block, kFour), "trusted");
  EXPECT_EQ(back(trusted(9, half, kFour), block, half), "bad_proof trusted_validators");
  EXPECT_EQ(back(trusted(9, kOthers, kOthers), block, kOthers), "trusted") << "erin, frank";
  const auto none = Comet::commit(Comet::header(5, kFour, kFour), kFour);
  EXPECT_EQ(back(trusted(9, kOthers, kOthers), none, kOthers), "trust 0 of 40");
  EXPECT_EQ(back(trusted(5, kFour, kFour), block, kFour), "block_gap header.height");
  EXPECT_EQ(back(trusted(4, kFour, kFour), block, kFour), "block_gap header.height");
  const auto few = Comet::commit(Comet::header(5, kFour, kFour), kFour,
                                 {{"alice", CometVote::absent}, {"bob", CometVote::absent}});
  EXPECT_EQ(back(trusted(9, kFour, kFour), few, kFour), "not_final 20 of 40");
}

TEST(LightClient, NeedsMoreThanAThirdOfTrustAndNotJustAThird) {
  const Powers both{{"alice", 1}, {"erin", 5}, {"frank", 5}};
  const auto block = Comet::commit(Comet::header(9, both, both), both);
  EXPECT_EQ(outcome(step(trusted(5, kThree, kThree), block, kThree)), "trust 1 of 3");
  const Powers more{{"alice", 2}, {"bob", 1}, {"carol", 2}};
  EXPECT_EQ(outcome(step(trusted(5, more, more), block, more)), "trusted");
}

TEST(LightClient, NeedsMoreThanTwoThirdsOfTheNewSetAndNotJustTwoThirds) {
  const auto from = trusted(5, kThree, kThree);
  const auto header = Comet::header(6, kThree, kThree);
  const auto with = [&](const Comet::Votes& votes) {
    return outcome(step(from, Comet::commit(header, kThree, votes)));
  };
  EXPECT_EQ(with({{"bob", CometVote::absent}}), "not_final 2 of 3");
  EXPECT_EQ(with({{"bob", CometVote::nil}}), "not_final 2 of 3");
  EXPECT_EQ(with({}), "trusted");
  const Powers uneven{{"alice", 2}, {"bob", 3}, {"carol", 2}};
  const auto other = Comet::header(6, uneven, uneven);
  const auto found = Comet::commit(other, uneven, {{"alice", CometVote::absent}});
  EXPECT_EQ(outcome(step(trusted(5, kThree, uneven), found)), "trusted") << "5 of 7";
}

TEST(LightClient, TakesAThresholdFromAThirdToAll) {
  const auto from = trusted(5, kFour, kFour);
  const auto block = Comet::commit(Comet::header(9, kFour, kFour), kFour);
  const auto with = [&](std::uint64_t numerator, std::uint64_t denominator) {
    LightClientOptions options;
    options.threshold = {numerator, denominator};
    return outcome(step(from, block, kFour, options));
  };
  EXPECT_EQ(with(1, 3), "trusted");
  EXPECT_EQ(with(2, 3), "trusted");
  EXPECT_EQ(with(1, 1), "trust 40 of 40") << "nobody has more than all";
  EXPECT_EQ(with(UINT64_MAX / 2, UINT64_MAX), "trusted");
  for (const auto& [numerator, denominator] :
       {std::pair{1ULL, 4ULL}, {4ULL, 3ULL}, {0ULL, 1ULL}, {1ULL, 0ULL}, {0ULL, 0ULL}}) {
    EXPECT_EQ(with(numerator, denominator), "bad_setting trust_threshold");
  }
}

TEST(LightClient, TrustsForTheTrustingPeriodAndNotAMomentLonger) {
  const auto from = trusted(5, kFour, kFour);
  const auto block = Comet::commit(Comet::header(6, kFour, kFour), kFour);
  const LightClientOptions options{.trusting_period = seconds(100)};
  const CometTime end = Comet::time(5) + seconds(100);
  const CometTime before{end.seconds - 1, 999'999'999};
  EXPECT_EQ(outcome(verify_light_block(from, block, nullptr, options, before)), "trusted");
  EXPECT_EQ(outcome(verify_light_block(from, block, nullptr, options, end)), "expired trusted");
}

TEST(LightClient, TakesAHeaderThatIsAheadByLessThanTheDrift) {
  const auto from = trusted(5, kFour, kFour);
  const auto block = Comet::commit(Comet::header(6, kFour, kFour), kFour);
  const auto at = [&](std::uint64_t ahead) {
    const CometTime now{Comet::time(6).seconds - static_cast<std::int64_t>(ahead), 0};
    const LightClientOptions options{.clock_drift = seconds(5)};
    return outcome(verify_light_block(from, block, nullptr, options, now));
  };
  EXPECT_EQ(at(4), "trusted");
  EXPECT_EQ(at(5), "block_time header.time");
}

TEST(LightClient, GoesForwardsOnItsOwnChain) {
  const auto from = trusted(5, kFour, kFour);
  auto header = Comet::header(6, kFour, kFour);
  const auto changed = [&](auto change) {
    auto other = header;
    change(other);
    return outcome(step(from, Comet::commit(other, kFour), kFour));
  };
  using H = CometHeader&;
  EXPECT_EQ(changed([](H) {}), "trusted");
  EXPECT_EQ(changed([](H h) { h.chain = "comet-test-2"; }), "wrong_chain header.chain_id");
  EXPECT_EQ(changed([](H h) { h.height = Height(5); }), "block_gap header.height");
  EXPECT_EQ(changed([](H h) { h.height = Height(4); }), "block_gap header.height");
  EXPECT_EQ(changed([](H h) { h.time = Comet::time(5); }), "block_gap header.time");
  EXPECT_EQ(changed([](H h) { h.block_version = 12; }), "bad_version header.version");
}

// The same block with something else than the header changed after it was signed.
std::string after(void (*change)(LightBlock&), bool sign_again = false) {
  auto block = Comet::commit(Comet::header(6, kFour, kFour), kFour);
  change(block);
  if (sign_again) Comet::sign(block, kFour);
  return outcome(step(trusted(5, kFour, kFour), block));
}

TEST(LightClient, RefusesACommitOfSomethingElse) {
  using B = LightBlock&;
  EXPECT_EQ(after([](B b) { b.commit.height = Height(7); }), "bad_value commit.height");
  EXPECT_EQ(after([](B b) { b.commit.block.hash = Digest(); }, true), "bad_proof commit.block_id");
  EXPECT_EQ(after([](B b) { b.commit.block.hash.reset(); }, true), "bad_proof commit.block_id");
  EXPECT_EQ(after([](B b) { b.header.app.push_back(1); }), "bad_proof commit.block_id");
  EXPECT_EQ(after([](B b) { b.validators = Comet::set(kOthers); }), "bad_proof validators");
  EXPECT_EQ(after([](B b) { b.commit.signatures.pop_back(); }), "bad_value commit.signatures");
  EXPECT_EQ(after([](B b) { b.commit.round = 2; }), "bad_signature commit.signatures[0]");
}

// One validator must not undo what the others committed: CometBFT takes signatures that we do not.
TEST(LightClient, PassesOverWrongVotesWhileTheOthersSuffice) {
  using B = LightBlock&;
  EXPECT_EQ(after([](B b) { b.commit.signatures[1].time.nanos = 1; }), "trusted");
  EXPECT_EQ(after([](B b) {
              b.commit.signatures[1].time.nanos = 1;
              b.commit.signatures[3].signature = {};
            }),
            "bad_signature commit.signatures[1]");
}

TEST(LightClient, CountsNobodyTwiceAndNobodyInAnothersPlace) {
  using B = LightBlock&;
  EXPECT_EQ(after([](B b) { b.commit.signatures[1] = b.commit.signatures[0]; }),
            "bad_value commit.signatures[1]");
  EXPECT_EQ(after([](B b) { std::swap(b.commit.signatures[0], b.commit.signatures[1]); }),
            "bad_value commit.signatures[0]");
}

TEST(LightClient, LooksAtNoVoteBehindThoseThatSuffice) {
  using B = LightBlock&;
  EXPECT_EQ(after([](B b) { b.commit.signatures[3].signature = {}; }), "trusted");
}

TEST(LightClient, TakesNoVoteForNilAsOneForTheBlock) {
  auto block = Comet::commit(Comet::header(6, kThree, kThree), kThree, {{"carol", CometVote::nil}});
  block.commit.signatures[2].vote = CometVote::commit;
  EXPECT_EQ(outcome(step(trusted(5, kThree, kThree), block)), "bad_signature commit.signatures[2]");
}

TEST(VerifyCommit, BearsTheMostPowerThatThereIs) {
  const Powers most{{"alice", kMaxCometPower - 1}, {"bob", 1}};
  const auto block = Comet::commit(Comet::header(6, most, most), most);
  EXPECT_TRUE(verify_commit(block.header, block.commit, block.validators).has_value());
  const auto alone = Comet::commit(block.header, most, {{"alice", CometVote::absent}});
  EXPECT_EQ(verify_commit(alone.header, alone.commit, alone.validators).error(),
            (Refusal{Verdict::not_final, "1 of 1152921504606846975"}));
}

// From here on: the public runs of a TLA+ model (informalsystems/tendermint-rs).

std::filesystem::path folder() {
  const char* set = std::getenv("INTAGLIO_VECTORS");
  return std::filesystem::path(set != nullptr ? set : "../shared/vectors") /
         "tendermint-light-client" / "single_step";
}

const codec::Json& at(const codec::Json& json, std::string_view name) {
  const auto* found = json.find(name);
  if (found == nullptr) ADD_FAILURE() << name;
  return *found;
}
std::string text_at(const codec::Json& json, std::string_view name) {
  return must(json.text_at(name));
}
std::uint64_t uint_at(const codec::Json& json, std::string_view name) {
  return must(json.uint_at(name));
}
template <typename Id>
Id id_at(const codec::Json& json, std::string_view name) {
  return must(codec::id_from_hex<Id>(text_at(json, name)));
}
CometTime time_at(const codec::Json& json, std::string_view name) {
  return must(comet_time_from_text(text_at(json, name)));
}

// As CometBFT orders a set: the most power first, then by address. The files do not.
Result<CometValidatorSet> read_validators(const codec::Json& json) {
  const auto* items = at(json, "validators").items();
  if (items == nullptr || items->empty()) return CometValidatorSet::of({});
  auto validators = must(comet_validators_from_json(codec::Json(*items))).validators();
  std::ranges::sort(validators, {}, [](const CometValidator& each) {
    return std::pair(UINT64_MAX - each.power, comet_address(each.key));
  });
  return CometValidatorSet::of(std::move(validators));
}

Result<LightClientOutcome> run(const codec::Json& input, const Verified<TrustedHeader>& from,
                               const CometValidatorSet& next, Duration period) {
  const auto& block = at(input, "block");
  const auto& signed_header = at(block, "signed_header");
  ASSIGN(const auto validators, read_validators(at(block, "validator_set")));
  const LightBlock read{.header = must(comet_header_from_json(at(signed_header, "header"))),
                        .commit = must(comet_commit_from_json(at(signed_header, "commit"))),
                        .validators = validators};
  // What is verified is what came over the wire.
  ASSIGN(const auto received, decode_light_block(encode_light_block(read)));
  EXPECT_EQ(received, read);
  const LightClientOptions options{.trusting_period = period, .clock_drift = {}};
  return verify_light_block(from, received, &next, options, time_at(input, "now"));
}

std::string expected_of(const Result<LightClientOutcome>& result) {
  if (!result) return "INVALID";
  return std::holds_alternative<NotEnoughTrust>(*result) ? "NOT_ENOUGH_TRUST" : "SUCCESS";
}

std::map<std::string, int> run_file(const std::string& path) {
  const Bytes file = must(system_env().read_file(path, 1 << 20));
  const auto json = must(codec::parse_json(as_text(file), {.bytes = 1 << 20, .depth = 32}));
  const auto& initial = at(json, "initial");
  const auto header = must(comet_header_from_json(at(at(initial, "signed_header"), "header")));
  auto trusted = must(trust_header(
      header, id_at<Digest>(at(at(at(initial, "signed_header"), "commit"), "block_id"), "hash")));
  auto next = must(read_validators(at(initial, "next_validator_set")));
  const Duration period(uint_at(initial, "trusting_period") / 1'000'000);
  std::map<std::string, int> verdicts;
  for (const codec::Json& each : *at(json, "input").items()) {
    const auto result = run(each, trusted, next, period);
    EXPECT_EQ(expected_of(result), text_at(each, "verdict")) << outcome(result);
    ++verdicts[expected_of(result)];
    if (expected_of(result) != "SUCCESS") continue;
    trusted = std::get<Verified<TrustedHeader>>(*result);
    next = must(read_validators(at(at(each, "block"), "next_validator_set")));
  }
  return verdicts;
}

TEST(LightClientVectors, GiveTheVerdictsOfTheModel) {
  std::error_code none;
  std::size_t files = 0;
  std::map<std::string, int> verdicts;
  for (const auto& entry : std::filesystem::directory_iterator(folder(), none)) {
    SCOPED_TRACE(entry.path().filename().string());
    for (const auto& [verdict, count] : run_file(entry.path().string())) {
      verdicts[verdict] += count;
    }
    ++files;
  }
  if (files == 0) GTEST_SKIP() << "NOT RUN: no vectors in " << folder();
  EXPECT_EQ(files, 30U);
  EXPECT_EQ(verdicts, (std::map<std::string, int>{
                          {"SUCCESS", 34}, {"NOT_ENOUGH_TRUST", 35}, {"INVALID", 11}}));
}

}  // namespace
}  // namespace intaglio::proof
