#include "chain/abci/messages.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "codec/protobuf.h"

namespace intaglio::chain::abci {
namespace {

const CometTime kTime{1'800'000'000, 5};
const std::vector<ValidatorUpdate> kUpdates{{crypto::Ed25519Key(), 7}};
const Snapshot kSnapshot{9, 1, 2, {3}, {4}};

const std::vector<Misbehaviour> kEvidence{
    {Misbehaviour::Kind::duplicate_vote, {}, 10, 3, kTime, 40},
    {Misbehaviour::Kind::unknown, {}, 0, 0, {}, 0}};

const std::vector<Request> kRequests{Echo{"hello"},
                                     Flush{},
                                     Info{"0.38.21", 11, 8, "2.0.0"},
                                     InitChain{kTime, "chain", kUpdates, {'{', '}'}, 1},
                                     Query{{1}, "/path", 3, true},
                                     CheckTx{{1, 2}, true},
                                     Commit{},
                                     ListSnapshots{},
                                     OfferSnapshot{kSnapshot, {5}},
                                     LoadSnapshotChunk{9, 1, 2},
                                     ApplySnapshotChunk{1, {2}, "sender"},
                                     PrepareProposal{1000, {{1}, {}}, 4, kTime, {5}, {6}},
                                     ProcessProposal{{{1}, {2}}, {3}, 4, kTime, {5}, {6}},
                                     ExtendVote{{1}, 2, kTime, {{3}}},
                                     VerifyVoteExtension{{1}, {2}, 3, {4}},
                                     FinalizeBlock{{{1}, {2}}, {3}, 4, kTime, {5}, {6}, kEvidence}};

const std::vector<Response> kAnswers{
    EchoAnswer{"hello"},
    FlushAnswer{},
    InfoAnswer{"data", "1.0", 1, 2, {3}},
    InitChainAnswer{kUpdates, {1}},
    QueryAnswer{1, "log", "info", 2, {3}, {4}, 5, "space"},
    CheckTxAnswer{1, {2}, "log", "info", 3, 4, "space"},
    CommitAnswer{3},
    ListSnapshotsAnswer{{kSnapshot, {}}},
    OfferSnapshotAnswer{Offer::reject_sender},
    LoadSnapshotChunkAnswer{{1}},
    ApplySnapshotChunkAnswer{Applied::retry, {1, 2}, {"sender"}},
    PrepareProposalAnswer{{{1}, {}}},
    ProcessProposalAnswer{Status::accept},
    ExtendVoteAnswer{{1}},
    VerifyVoteExtensionAnswer{Status::reject},
    FinalizeBlockAnswer{{{1, {2}, "log", "info", 3, 4, "space"}, {}}, kUpdates, {5}},
    Exception{"error"}};

TEST(AbciMessage, IsReadAsItWasWritten) {
  ASSERT_EQ(kRequests.size(), std::variant_size_v<Request>);
  ASSERT_EQ(kAnswers.size(), std::variant_size_v<Response>);
  for (std::size_t i = 0; i < kAnswers.size(); ++i) {
    EXPECT_EQ(kAnswers[i].index(), i);
    EXPECT_TRUE(must(decode_response(encode_response(kAnswers[i]))) == kAnswers[i]) << i;
    if (i == kRequests.size()) continue;
    EXPECT_TRUE(must(decode_request(encode_request(kRequests[i]))) == kRequests[i]) << i;
    EXPECT_TRUE(answers(kAnswers[i], kRequests[i]));
    EXPECT_FALSE(answers(Exception{}, kRequests[i]));
  }
}

// The field that a message is in, by the first byte: the numbers of CometBFT v0.38.
std::uint64_t number_of(ByteView encoded) { return *codec::take_varint(encoded).value() >> 3; }

TEST(AbciMessage, HasTheNumberOfItsSpecification) {
  const std::vector<std::uint64_t> requests{1,  2,  3,  5,  6,  8,  11, 12,
                                            13, 14, 15, 16, 17, 18, 19, 20};
  const std::vector<std::uint64_t> answers{2,  3,  4,  6,  7,  9,  12, 13, 14,
                                           15, 16, 17, 18, 19, 20, 21, 1};
  for (std::size_t i = 0; i < kRequests.size(); ++i) {
    EXPECT_EQ(number_of(encode_request(kRequests[i])), requests[i]);
  }
  for (std::size_t i = 0; i < kAnswers.size(); ++i) {
    EXPECT_EQ(number_of(encode_response(kAnswers[i])), answers[i]);
  }
}

TEST(AbciMessage, HasTheseBytes) {
  EXPECT_EQ(codec::to_hex(encode_response(FlushAnswer{})), "1a00") << "not left out, though empty";
  EXPECT_EQ(codec::to_hex(encode_response(CommitAnswer{})), "6200");
  EXPECT_EQ(codec::to_hex(encode_response(InfoAnswer{"d", "v", 1, 2, {3}})),
            "220d0a01641201761801200"
            "22a0103");
  EXPECT_EQ(codec::to_hex(encode_response(
                FinalizeBlockAnswer{{{.code = 1, .data = {2}}, {}}, kUpdates, {5}})),
            "aa01"
            "34"
            "12050801120102"
            "1200"
            "1a26"
            "0a220a20" +
                std::string(64, '0') +
                "1007"
                "2a0105");
}

TEST(AbciMessage, OfALaterVersionIsReadAsFarAsItIsKnown) {
  // A field that nobody here knows, in a message that is known.
  codec::ProtobufWriter echo;
  echo.bytes(1, as_bytes("hello")).uint(99, 1);
  codec::ProtobufWriter known;
  known.message(1, echo.view());
  EXPECT_TRUE(must(decode_request(known.view())) == Request(Echo{"hello"}));
  // InsertTx of v0.39.
  codec::ProtobufWriter later;
  later.message(21, {});
  EXPECT_EQ(decode_request(later.view()).error(), (Refusal{Verdict::unknown_field, "request"}));
  EXPECT_EQ(decode_request({}).error(), (Refusal{Verdict::unknown_field, "request"}));
}

TEST(AbciMessage, IsRefusedWhenItIsNone) {
  EXPECT_EQ(decode_request(Bytes{0x0a, 0x05, 1}).error().verdict, Verdict::bad_encoding);
  EXPECT_EQ(decode_request(Bytes{0xff}).error().verdict, Verdict::bad_encoding);
  InitChain init;
  init.time.nanos = 1'000'000'000;
  EXPECT_EQ(decode_request(encode_request(init)).error(), (Refusal{Verdict::bad_value, "time"}));
  // An update of a secp256k1 key.
  codec::ProtobufWriter key;
  key.bytes(2, Bytes(33, 2));
  codec::ProtobufWriter update;
  update.message(1, key.view());
  codec::ProtobufWriter chain;
  chain.message(4, update.view());
  codec::ProtobufWriter request;
  request.message(5, chain.view());
  EXPECT_EQ(decode_request(request.view()).error(),
            (Refusal{Verdict::bad_algorithm, "validators.pub_key"}));
  EXPECT_EQ(decode_response(Bytes{0x92, 0x01, 0x02, 0x08, 0x03}).error(),
            (Refusal{Verdict::bad_value, "status"}));
}

}  // namespace
}  // namespace intaglio::chain::abci
