#include "proof/comet_finality.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "proof/comet_for_test.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

using Comet = CometForTest;
using Powers = CometForTest::Powers;

const Powers kFour{{"alice", 10}, {"bob", 10}, {"carol", 10}, {"dave", 10}};
const Powers kOthers{{"erin", 10}, {"frank", 10}, {"grace", 10}, {"heidi", 10}};

struct SmallHeader {
  ChainId chain;
  Height height;
  static constexpr std::string_view kPurpose = "small block";
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "chain", &SmallHeader::chain, ""),
                      codec::field(2, "height", &SmallHeader::height, ""));
  }
  static Result<SmallHeader> decode(ByteView payload) {
    return codec::decode_record<SmallHeader>(payload);
  }
  Bytes encode() const { return codec::encode_record(*this); }
  BlockHash hash(const LedgerId&) const {
    return *BlockHash::from(crypto::sha256(encode()).view());
  }
};

SmallHeader header(std::uint64_t height) { return {ChainId(1), Height(height)}; }

// A chain of which CometBFT made the headers 1 to 30, with our block of the height before in each.
class Votes : public ::testing::Test {
 protected:
  const Powers& validators(std::uint64_t height) const {
    return std::prev(from_.upper_bound(height))->second;
  }
  LightBlock block(std::uint64_t height) const {
    auto out = Comet::header(height, validators(height), validators(height + 1));
    const BlockHash app = header(height - 1).hash(ledger_);
    out.app = to_bytes(app.view());
    return Comet::commit(out, validators(height), votes_);
  }
  LightBlockAt blocks() const {
    return [this](Height at) -> Result<LightBlock> {
      if (at > Height(30)) return refuse(Verdict::pending);
      return block(at.value());
    };
  }
  Verified<TrustedHeader> trusted(std::uint64_t height) const {
    const auto known = block(height).header;
    return must(trust_header(known, known.hash()));
  }
  CometTrust trust(std::uint64_t height) const {
    return {.header = trusted(height), .options = {}, .now = Comet::time(40)};
  }
  // Of the block of that height, by the steps that find_steps finds.
  FinalityProof proof(std::uint64_t from, std::uint64_t height) const {
    return of(height, must(find_steps(trusted(from), Height(height + 1), blocks())));
  }
  static FinalityProof of(std::uint64_t height, std::vector<CometStep> steps) {
    return {{}, {}, CometFinality{header(height).encode(), std::move(steps)}};
  }
  std::string verdict(const FinalityProof& proof, const CometTrust& trust) const {
    const auto verified = verify_votes<SmallHeader>(proof, trust, ledger_);
    if (verified) return "final " + std::to_string((*verified)->header.height.value());
    const std::string name(describe(verified.error().verdict).name);
    return verified.error().where.empty() ? name : name + " " + verified.error().where;
  }

  std::map<std::uint64_t, Powers> from_{{0, kFour}};
  Comet::Votes votes_{{"bob", CometVote::absent}};
  LedgerId ledger_ = golden_ledger();
};

TEST_F(Votes, ForTheNextHeaderProveABlock) {
  for (const std::uint64_t height : {5U, 6U, 20U}) {
    const auto good = proof(5, height);
    EXPECT_EQ(good.comet->steps.size(), 1U);
    EXPECT_EQ(verdict(good, trust(5)), "final " + std::to_string(height));
    const auto verified = must(verify_votes<SmallHeader>(good, trust(5), ledger_));
    EXPECT_EQ(verified->hash, header(height).hash(ledger_));
    EXPECT_EQ(verified->next, *trusted(height + 1));
  }
}

TEST_F(Votes, AreNotNeededOfAHeaderThatIsTrusted) {
  EXPECT_EQ(verdict(proof(8, 7), trust(8)), "final 7");
  EXPECT_TRUE(proof(8, 7).comet->steps.empty());
  EXPECT_EQ(verdict(of(6, {}), trust(8)), "bad_proof comet.header");
  // Nor are those that somebody brings all the same.
  auto again = block(8);
  again.commit.signatures.clear();
  EXPECT_EQ(verdict(of(7, {comet_step(again, nullptr)}), trust(8)), "final 7");
  again.header.app = Bytes(32, 7);
  EXPECT_EQ(verdict(of(7, {comet_step(again, nullptr)}), trust(8)),
            "block_gap comet.steps[0].header.height");
  // However old it is.
  auto old = trust(8);
  old.now = Comet::time(8) + seconds(100 * 24 * 3600);
  EXPECT_EQ(verdict(of(7, {}), old), "final 7");
}

TEST_F(Votes, AreOfMoreThanTwoThirds) {
  votes_ = {{"bob", CometVote::absent}, {"dave", CometVote::nil}};
  const std::vector steps{comet_step(block(9), nullptr)};
  EXPECT_EQ(verdict(of(8, steps), trust(5)), "not_final comet.steps[0].20 of 40");
  EXPECT_EQ(find_steps(trusted(5), Height(9), blocks()).error().verdict, Verdict::not_final);
}

TEST_F(Votes, OfAnotherBlockOrAnotherChainProveNothing) {
  const auto good = proof(5, 9);
  auto other = good;
  other.comet->header = header(10).encode();
  EXPECT_EQ(verdict(other, trust(5)), "bad_proof comet.header");
  auto lie = block(10);
  lie.header.app = Bytes(32, 7);
  EXPECT_EQ(verdict(of(9, {comet_step(lie, nullptr)}), trust(5)),
            "bad_proof comet.steps[0].commit.block_id");
  lie.commit.block.hash = lie.header.hash();
  EXPECT_EQ(verdict(of(9, {comet_step(lie, nullptr)}), trust(5)),
            "bad_signature comet.steps[0].commit.signatures[0]");
  lie = block(10);
  lie.header.chain = "another";
  EXPECT_EQ(verdict(of(9, {comet_step(lie, nullptr)}), trust(5)),
            "wrong_chain comet.steps[0].header.chain_id");
  // Whoever votes there: those who are trusted say who they are.
  from_[6] = kOthers;
  EXPECT_EQ(verdict(of(9, {comet_step(block(10), nullptr)}), trust(5)), "final 9")
      << "header 5 announces them";
  from_ = {{0, kFour}, {7, kOthers}};
  const auto announced = Comet::set(kFour);
  EXPECT_EQ(verdict(of(9, {comet_step(block(10), &announced)}), trust(5)),
            "unproven_signer comet.steps[0].0 of 40");
  EXPECT_EQ(verdict(of(9, {comet_step(block(10), nullptr)}), trust(5)),
            "bad_proof comet.steps[0].trusted_validators");
}

TEST_F(Votes, AreBelievedForATimeAndNotOfTheFuture) {
  const auto good = proof(5, 9);
  auto late = trust(5);
  late.now = Comet::time(5) + late.options.trusting_period;
  EXPECT_EQ(verdict(good, late), "expired comet.steps[0].trusted");
  auto early = trust(5);
  early.now = Comet::time(8);
  EXPECT_EQ(verdict(good, early), "block_time comet.steps[0].header.time");
}

TEST_F(Votes, ProveEarlierBlocksToo) {
  EXPECT_EQ(verdict(proof(20, 8), trust(20)), "final 8");
  votes_ = {{"bob", CometVote::absent}, {"dave", CometVote::absent}};
  EXPECT_EQ(verdict(of(8, {comet_step(block(9), nullptr)}), trust(20)),
            "not_final comet.steps[0].20 of 40");
  votes_ = {};
  // Nobody of today was there then.
  from_[12] = kOthers;
  const auto today = Comet::set(kOthers);
  EXPECT_EQ(verdict(of(8, {comet_step(block(9), &today)}), trust(20)),
            "unproven_signer comet.steps[0].0 of 40");
  EXPECT_EQ(find_steps(trusted(20), Height(9), blocks()).error().verdict, Verdict::unproven_signer);
  // Some of them.
  from_[10] = {{"carol", 10}, {"dave", 10}, {"erin", 10}, {"frank", 10}};
  const auto back = proof(20, 8);
  EXPECT_GE(back.comet->steps.size(), 2U);
  EXPECT_EQ(verdict(back, trust(20)), "final 8");
}

TEST_F(Votes, LeadFromValidatorsToOthersByWayOfHeadersBetween) {
  from_ = {
      {0, kFour}, {10, {{"carol", 10}, {"dave", 10}, {"erin", 10}, {"frank", 10}}}, {20, kOthers}};
  votes_ = {};
  const auto good = proof(5, 25);
  EXPECT_GE(good.comet->steps.size(), 2U);
  EXPECT_EQ(verdict(good, trust(5)), "final 25");
  auto cut = good;
  cut.comet->steps.erase(cut.comet->steps.begin());
  EXPECT_NE(verdict(cut, trust(5)).substr(0, 5), "final");
  auto turned = good;
  std::swap(turned.comet->steps[0], turned.comet->steps[1]);
  EXPECT_NE(verdict(turned, trust(5)).substr(0, 5), "final");
  // All at once, and every height is a step.
  from_ = {{0, kFour}, {20, kOthers}};
  EXPECT_EQ(verdict(proof(5, 25), trust(5)), "final 25");
}

// CometBFT forgets. What was kept of each change, the last header before it and the first after,
// leads over all of them.
TEST_F(Votes, LeadOverChangesByTheHeadersThatWereKept) {
  const Powers third{{"ivan", 10}, {"judy", 10}, {"kim", 10}};
  const Powers last{{"lea", 10}, {"mia", 10}};
  from_ = {{0, kFour}, {10, kOthers}, {11, third}, {20, last}};
  votes_ = {};
  const std::vector<Height> kept{Height(9), Height(10), Height(11), Height(19), Height(20)};
  const LightBlockAt some = [&](Height at) -> Result<LightBlock> {
    const bool is_there = at >= Height(25) || std::ranges::binary_search(kept, at);
    if (!is_there) return refuse(Verdict::unknown_block, std::to_string(at.value()));
    return block(at.value());
  };
  for (const std::uint64_t from : {1U, 8U, 9U, 10U, 15U, 19U, 24U}) {
    const auto steps = must(find_steps(trusted(from), Height(29), some, {.kept = kept}));
    EXPECT_EQ(verdict(of(28, steps), trust(from)), "final 28") << from;
  }
  EXPECT_EQ(find_steps(trusted(1), Height(29), some).error().verdict, Verdict::unknown_block);
  const std::span<const Height> few(kept.begin(), 3);
  EXPECT_FALSE(find_steps(trusted(1), Height(29), some, {.kept = few}).has_value());
}

TEST_F(Votes, LeadPeopleOverMoreStepsThanAChain) {
  for (std::uint64_t height = 7; height <= 30; ++height) {
    from_[height] = {{"only " + std::to_string(height), 10}};
  }
  votes_ = {};
  EXPECT_EQ(find_steps(trusted(5), Height(30), blocks()).error(),
            (Refusal{Verdict::too_large, "steps"}));
  const auto steps =
      must(find_steps(trusted(5), Height(30), blocks(), {.most = kMaxCometStepsForPeople}));
  EXPECT_GT(steps.size(), kMaxCometSteps);
  EXPECT_EQ(verdict(of(29, steps), trust(5)), "too_large comet.steps");
  auto people = trust(5);
  people.most_steps = kMaxCometStepsForPeople;
  EXPECT_EQ(verdict(of(29, steps), people), "final 29");
  EXPECT_EQ(must(FinalityProof::decode(of(29, steps).encode())), of(29, steps));
}

TEST_F(Votes, ComeWhenTheNextHeaderIsThere) {
  EXPECT_EQ(find_steps(trusted(5), Height(31), blocks()).error().verdict, Verdict::pending);
}

TEST_F(Votes, HaveOneForm) {
  const auto good = proof(5, 9);
  const auto nodes = must(FinalityProof::decode(good.encode()));
  EXPECT_EQ(nodes, good);
  auto both = good;
  both.signed_header = {1};
  EXPECT_EQ(FinalityProof::decode(both.encode()).error(),
            (Refusal{Verdict::bad_value, "signed_header"}));
  EXPECT_EQ(verdict(both, trust(5)), "bad_value signed_header");
  EXPECT_EQ(verdict({{1}, {}}, trust(5)), "missing_field comet");
  // What it says of itself decides nothing.
  const BlockSigners signers{.accounting = golden_key(), .consensus = {}, .quorum = 0};
  EXPECT_EQ(verify_finality<SmallHeader>(good, signers, ledger_).error(),
            (Refusal{Verdict::bad_value, "comet"}));
  auto many = good;
  many.comet->steps.assign(kMaxCometSteps + 1, good.comet->steps[0]);
  EXPECT_EQ(verdict(many, trust(5)), "too_large comet.steps");
  many.comet->steps.assign(kMaxCometStepsForPeople + 1, good.comet->steps[0]);
  EXPECT_EQ(FinalityProof::decode(many.encode()).error().verdict, Verdict::too_large);
  auto large = good;
  large.comet->header = Bytes(kMaxSignedHeader + 1);
  EXPECT_EQ(verdict(large, trust(5)), "too_large comet.header");
  EXPECT_EQ(
      FinalityProof::decode(FinalityProof{Bytes(kMaxNodesProof), {}}.encode()).error().verdict,
      Verdict::too_large);
}

// docs/reference/formats.md works this example.
TEST_F(Votes, BytesAreFrozen) {
  const FinalityProof proof{{}, {}, CometFinality{{1}, {{{2}, {3}, Bytes{4}}, {{5}, {6}, {}}}}};
  EXPECT_EQ(codec::to_hex(proof.encode()),
            "a30140028003a20141010282a301410202410303"
            "4104a2014105024106");
}

// A hundred validators who all vote, and a hundred others before them.
TEST_F(Votes, OfAHundredValidatorsHaveRoom) {
  Powers hundred;
  Powers before;
  for (int i = 0; i < 100; ++i) {
    hundred.emplace_back("new " + std::to_string(i), kMaxCometPower / 100 - 1);
    before.emplace_back("old " + std::to_string(i), kMaxCometPower / 100 - 1);
  }
  from_ = {{0, hundred}};
  votes_ = {};
  const auto announced = Comet::set(before);
  auto largest = block(30);
  largest.header.chain = std::string(kMaxCometChainId, 'x');
  for (auto& each : largest.commit.signatures) each.time.nanos = 999'999'999;
  const CometStep step = comet_step(largest, &announced);
  EXPECT_LE(step.signed_header.size(), codec::kMaxBytesField);
  EXPECT_LE(step.validators.size(), codec::kMaxBytesField);
  EXPECT_LE(codec::encode_record(step).size(), 27'000U);
  EXPECT_TRUE(FinalityProof::decode(of(29, std::vector(8, step)).encode()).has_value());
}

}  // namespace
}  // namespace intaglio::proof
