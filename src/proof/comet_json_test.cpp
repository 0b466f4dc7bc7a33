#include "proof/comet_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "proof/comet_for_test.h"

namespace intaglio::proof {
namespace {

using codec::Json;
using Comet = CometForTest;

const Comet::Powers kThree{{"alice", 3}, {"bob", 2}, {"carol", 1}};

std::string hex(const std::optional<Digest>& hash) { return hash ? codec::to_hex(*hash) : ""; }

Json json_of(const CometBlockId& id) {
  return Json::object(
      {{"hash", hex(id.hash)},
       {"parts", Json::object({{"total", id.parts}, {"hash", hex(id.parts_hash)}})}});
}

// As RPC writes them.
Json json_of(const CometHeader& header) {
  return Json::object({{"version", Json::object({{"block", "11"}})},
                       {"chain_id", header.chain},
                       {"height", std::to_string(header.height.value())},
                       {"time", comet_time_text(header.time)},
                       {"last_block_id", json_of(header.last_block)},
                       {"last_commit_hash", hex(header.last_commit)},
                       {"data_hash", hex(header.data)},
                       {"validators_hash", codec::to_hex(header.validators)},
                       {"next_validators_hash", codec::to_hex(header.next_validators)},
                       {"consensus_hash", hex(header.consensus)},
                       {"app_hash", codec::to_hex(header.app)},
                       {"last_results_hash", hex(header.last_results)},
                       {"evidence_hash", hex(header.evidence)},
                       {"proposer_address", codec::to_hex(header.proposer)}});
}

Json json_of(const CometCommit& commit) {
  Json signatures = Json::array();
  for (const CometSignature& each : commit.signatures) {
    const bool is_absent = each.vote == CometVote::absent;
    signatures.push(Json::object(
        {{"block_id_flag", static_cast<int>(each.vote)},
         {"validator_address", is_absent ? "" : codec::to_hex(each.validator)},
         {"timestamp", comet_time_text(each.time)},
         {"signature", is_absent ? Json() : Json(codec::to_base64(each.signature.view()))}}));
  }
  return Json::object({{"height", std::to_string(commit.height.value())},
                       {"round", commit.round},
                       {"block_id", json_of(commit.block)},
                       {"signatures", std::move(signatures)}});
}

Json json_of(const CometValidatorSet& set) {
  Json out = Json::array();
  for (const CometValidator& each : set.validators()) {
    out.push(
        Json::object({{"address", codec::to_hex(comet_address(each.key))},
                      {"pub_key", Json::object({{"type", "tendermint/PubKeyEd25519"},
                                                {"value", codec::to_base64(each.key.view())}})},
                      {"voting_power", std::to_string(each.power)},
                      {"proposer_priority", "-5"}}));
  }
  return out;
}

LightBlock block() {
  return Comet::commit(Comet::header(6, kThree, kThree), kThree, {{"carol", CometVote::absent}});
}

TEST(CometJson, IsReadAsWhatTheWireSays) {
  const LightBlock wanted = block();
  EXPECT_EQ(must(comet_header_from_json(json_of(wanted.header))), wanted.header);
  EXPECT_EQ(must(comet_commit_from_json(json_of(wanted.commit))), wanted.commit);
  EXPECT_EQ(must(comet_validators_from_json(json_of(wanted.validators))), wanted.validators);
}

TEST(CometJson, NamesWhatIsWrongInAHeader) {
  const auto refused = [](const std::string& name, Json value) {
    Json json = json_of(block().header);
    json.set(name, std::move(value));
    return comet_header_from_json(json).error();
  };
  EXPECT_EQ(refused("height", "six"), (Refusal{Verdict::bad_value, "header.height"}));
  EXPECT_EQ(refused("app_hash", "6"), (Refusal{Verdict::bad_value, "header.app_hash"}));
  EXPECT_EQ(refused("app_hash", std::string(600, '0')),
            (Refusal{Verdict::too_large, "header.app_hash"}));
  EXPECT_EQ(refused("validators_hash", ""),
            (Refusal{Verdict::bad_value, "header.validators_hash"}));
  EXPECT_EQ(refused("time", "2026-11-30").where, "header.time.RFC 3339");
}

TEST(CometJson, TimesAreReadWithAnyDigitsOfASecondAndNothingElse) {
  const auto nanos = [](std::string_view text) { return must(comet_time_from_text(text)).nanos; };
  EXPECT_EQ(nanos("2026-11-30T01:02:03Z"), 0U);
  EXPECT_EQ(nanos("2026-11-30T01:02:03.5Z"), 500'000'000U);
  EXPECT_EQ(nanos("2026-11-30T01:02:03.000000004Z"), 4U);
  EXPECT_EQ(must(comet_time_from_text("1970-01-02T00:00:01Z")).seconds, 86'401);
  EXPECT_EQ(must(comet_time_from_text("0001-01-01T00:00:00Z")), kNoCometTime);
  for (const auto* text :
       {"", "2026-11-30T01:02:03", "2026-11-30T01:02:03+00:00", "2026-02-30T01:02:03Z",
        "2026-11-30T24:02:03Z", "2026-11-30T01:60:03Z", "2026-11-30T01:02:60Z",
        "2026-11-30T01:02:03.Z", "2026-11-30T01:02:03.0000000001Z", "2026-11-30T01:02:03.-1Z",
        "2026-11-30T01:02:+3Z", "0000-01-01T00:00:00Z", "2026-11-30T01:02:03,5Z"}) {
    EXPECT_EQ(comet_time_from_text(text).error(), (Refusal{Verdict::bad_value, "RFC 3339"}))
        << text;
  }
}

RC_GTEST_PROP(CometJson, ATimeIsTheSameAfterItWasWritten, ()) {
  const CometTime time{*rc::gen::inRange<std::int64_t>(kNoCometTime.seconds, 253'402'300'799),
                       *rc::gen::inRange<std::uint32_t>(0, 1'000'000'000)};
  RC_ASSERT(must(comet_time_from_text(comet_time_text(time))) == time);
}

TEST(CometJson, NamesTheValidatorThatIsWrong) {
  const auto refused = [](const std::string& name, Json value) {
    auto items = *json_of(block().validators).items();
    items[1].set(name, std::move(value));
    return comet_validators_from_json(Json(std::move(items))).error();
  };
  EXPECT_EQ(refused("address", std::string(40, '0')),
            (Refusal{Verdict::bad_value, "validators[1].address"}));
  EXPECT_EQ(
      refused("pub_key", Json::object({{"type", "tendermint/PubKeySecp256k1"}, {"value", ""}})),
      (Refusal{Verdict::bad_algorithm, "validators[1].pub_key.type"}));
  EXPECT_EQ(refused("voting_power", "-1"),
            (Refusal{Verdict::bad_value, "validators[1].voting_power"}));
  EXPECT_EQ(comet_validators_from_json(Json::array()).error().verdict, Verdict::missing_field);
  EXPECT_EQ(comet_validators_from_json(Json()).error(),
            (Refusal{Verdict::bad_value, "validators"}));
}

TEST(CometJson, NamesTheVoteThatIsWrong) {
  const auto refused = [](const std::string& name, Json value) {
    Json json = json_of(block().commit);
    auto items = *json.find("signatures")->items();
    items[0].set(name, std::move(value));
    json.set("signatures", Json(std::move(items)));
    return comet_commit_from_json(json).error();
  };
  EXPECT_EQ(refused("block_id_flag", 4),
            (Refusal{Verdict::bad_value, "commit.signatures[0].block_id_flag"}));
  EXPECT_EQ(refused("signature", "AAAA"),
            (Refusal{Verdict::bad_value, "commit.signatures[0].signature"}));
}

TEST(CometJson, OfABlocksEvidenceDoubleVotesAreRead) {
  const auto vote = [](char block) {
    return CometBallot{.kind = CometVoteKind::prevote,
                       .height = Height(7),
                       .round = 1,
                       .block = {crypto::sha256(as_bytes(std::string(1, block))), 1,
                                 crypto::sha256(as_bytes("parts"))},
                       .time = Comet::time(7),
                       .validator = Comet::address("alice"),
                       .signature = {}};
  };
  const auto json = [](const CometBallot& ballot) {
    return Json::object({{"type", static_cast<int>(ballot.kind)},
                         {"height", std::to_string(ballot.height.value())},
                         {"round", ballot.round},
                         {"block_id", json_of(ballot.block)},
                         {"timestamp", comet_time_text(ballot.time)},
                         {"validator_address", codec::to_hex(ballot.validator)},
                         {"validator_index", 0},
                         {"signature", codec::to_base64(ballot.signature.view())}});
  };
  const auto evidence = [&](const std::string& type, Json first) {
    return Json::object(
        {{"evidence",
          Json::array({Json::object({{"type", type},
                                     {"value", Json::object({{"vote_a", std::move(first)},
                                                             {"vote_b", json(vote('b'))}})}})})}});
  };
  const std::string type = "tendermint/DuplicateVoteEvidence";
  const auto read = must(double_votes_from_json(evidence(type, json(vote('a')))));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(must(read_double_vote(read[0])).first, vote('a'));
  EXPECT_EQ(must(read_double_vote(read[0])).second, vote('b'));
  EXPECT_TRUE(must(double_votes_from_json(evidence("tendermint/Other", {}))).empty());
  EXPECT_TRUE(must(double_votes_from_json(Json::object({{"evidence", Json()}}))).empty());
  Json wrong = json(vote('a'));
  wrong.set("type", 3);
  EXPECT_EQ(double_votes_from_json(evidence(type, wrong)).error(),
            (Refusal{Verdict::bad_value, "evidence[0].vote_a.type"}));
}

}  // namespace
}  // namespace intaglio::proof
