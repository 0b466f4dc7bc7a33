#include "proof/comet_wire.h"

#include <gtest/gtest.h>

#include "codec/protobuf.h"
#include "proof/comet_for_test.h"

namespace intaglio::proof {
namespace {

using codec::ProtobufWriter;

const CometForTest::Powers kFour{{"alice", 10}, {"bob", 10}, {"carol", 10}, {"dave", 10}};

LightBlock any_block() {
  return CometForTest::commit(CometForTest::header(3, kFour, kFour), kFour,
                              {{"bob", CometVote::absent}, {"carol", CometVote::nil}});
}

TEST(LightBlock, IsReadAsItWasWritten) {
  const LightBlock block = any_block();
  const Bytes bytes = encode_light_block(block);
  EXPECT_EQ(must(decode_light_block(bytes)), block);
  EXPECT_EQ(must(decode_comet_validators(encode_comet_validators(block.validators))),
            block.validators);
}

TEST(LightBlock, IsRefusedWhereverItIsCut) {
  const Bytes bytes = encode_light_block(any_block());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_light_block(ByteView(bytes).first(size))) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0x20);
  longer.push_back(1);
  EXPECT_EQ(decode_light_block(longer).error(), (Refusal{Verdict::unknown_field, "4"}));
  EXPECT_EQ(decode_light_block(Bytes(kMaxLightBlock + 1)).error().verdict, Verdict::too_large);
}

// A block's message with one message in it replaced.
Refusal refused(ByteView header, ByteView commit, ByteView validators) {
  ProtobufWriter signed_header;
  signed_header.message(1, header).message(2, commit);
  ProtobufWriter out;
  out.message(1, signed_header.view()).message(2, validators);
  return decode_light_block(out.view()).error();
}

Bytes header_bytes(std::string_view chain, std::size_t hash_size, std::uint64_t nanos) {
  ProtobufWriter time;
  time.uint(1, 1).uint(2, nanos);
  ProtobufWriter out;
  out.bytes(2, as_bytes(chain))
      .uint(3, 1)
      .message(4, time.view())
      .bytes(8, Bytes(hash_size, 1))
      .bytes(9, Bytes(32, 1))
      .bytes(14, Bytes(20, 1));
  return out.take();
}

TEST(LightBlock, RefusesAHeaderWithWhatDoesNotFit) {
  EXPECT_EQ(refused(header_bytes(std::string(51, 'c'), 32, 0), {}, {}),
            (Refusal{Verdict::too_large, "header.chain_id"}));
  EXPECT_EQ(refused(header_bytes("c", 31, 0), {}, {}),
            (Refusal{Verdict::bad_value, "header.validators_hash"}));
  EXPECT_EQ(refused(header_bytes("c", 32, 1'000'000'000), {}, {}),
            (Refusal{Verdict::bad_value, "header.time"}));
  EXPECT_EQ(refused(header_bytes("c", 32, UINT64_MAX), {}, {}),
            (Refusal{Verdict::bad_value, "header.time"}));
  EXPECT_EQ(refused(header_bytes("c", 32, 0), {}, {}),
            (Refusal{Verdict::missing_field, "validator_set.validators"}));
}

Refusal refused_vote(const ProtobufWriter& vote) {
  ProtobufWriter commit;
  commit.message(4, vote.view());
  return refused(header_bytes("c", 32, 0), commit.view(), {});
}

TEST(LightBlock, RefusesAVoteThatIsNone) {
  const std::string place = "commit.signatures[0].";
  const Bytes address(20, 1);
  const Bytes time = encode_comet_time(kNoCometTime);
  EXPECT_EQ(refused_vote(ProtobufWriter().uint(1, 4)),
            (Refusal{Verdict::bad_value, place + "block_id_flag"}));
  EXPECT_EQ(refused_vote(ProtobufWriter()), (Refusal{Verdict::bad_value, place + "block_id_flag"}));
  EXPECT_EQ(refused_vote(ProtobufWriter().uint(1, 1).bytes(2, address).message(3, time)),
            (Refusal{Verdict::bad_value, place + "absent"}));
  EXPECT_EQ(refused_vote(ProtobufWriter().uint(1, 2).bytes(2, Bytes(19, 1)).message(3, time)),
            (Refusal{Verdict::bad_value, place + "validator_address"}));
  EXPECT_EQ(
      refused_vote(
          ProtobufWriter().uint(1, 2).bytes(2, address).message(3, time).bytes(4, Bytes(65, 1))),
      (Refusal{Verdict::bad_signature_form, place + "signature"}));
}

TEST(LightBlock, RefusesAValidatorWithAnotherKindOfKeyOrAForeignAddress) {
  const auto refused_validator = [](const CometAddress& address, ByteView key,
                                    std::uint64_t power) {
    ProtobufWriter validator;
    validator.bytes(1, address.view()).message(2, key).uint(3, power);
    ProtobufWriter set;
    set.message(1, validator.view());
    return decode_comet_validators(set.view()).error();
  };
  const Bytes key = encode_comet_key(CometForTest::key("alice").key());
  const auto alice = CometForTest::address("alice");
  const Bytes secp256k1 = ProtobufWriter().bytes(2, Bytes(33, 2)).take();
  EXPECT_EQ(refused_validator(alice, secp256k1, 1),
            (Refusal{Verdict::bad_algorithm, "validators[0].pub_key"}));
  EXPECT_EQ(refused_validator(CometForTest::address("bob"), key, 1),
            (Refusal{Verdict::bad_value, "validators[0].address"}));
  EXPECT_EQ(refused_validator(alice, key, 1ULL << 63),
            (Refusal{Verdict::bad_value, "validators[0].voting_power"}));
  EXPECT_EQ(refused_validator(alice, key, kMaxCometPower + 1),
            (Refusal{Verdict::too_large, "total_voting_power"}));
}

// Rust leaves out the message of a block's parts when it is empty, Go never does.
TEST(LightBlock, IsReadAlsoWithoutEmptyMessages) {
  LightBlock block = any_block();
  block.header.last_block = {};
  const Bytes with = encode_light_block(block);
  Bytes without = with;
  const Bytes empty{0x2a, 0x02, 0x12, 0x00};  // last_block_id of an empty part_set_header
  const auto at = std::ranges::search(without, empty);
  ASSERT_FALSE(at.empty());
  without.erase(at.begin(), at.end());
  // The lengths before it, each two bytes: of the signed header and of the header.
  without[1] = static_cast<std::uint8_t>(without[1] - 4);
  without[4] = static_cast<std::uint8_t>(without[4] - 4);
  EXPECT_EQ(must(decode_light_block(without)), block);
}

}  // namespace
}  // namespace intaglio::proof
