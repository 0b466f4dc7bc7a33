#include "chain/messages.h"

#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "base/result_for_test.h"
#include "chain/notes.h"
#include "codec/hex.h"

namespace intaglio::chain {
namespace {

std::string repeated(std::string_view hex, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += hex;
  return out;
}

template <codec::Record R>
std::string encoded(const R& record) {
  return codec::to_hex(codec::encode_record(record));
}

// docs/reference/formats.md works these examples.
TEST(Messages, HaveTheirFrozenBytes) {
  const Greeting greeting{.signed_start = {1, 2, 3}};
  EXPECT_EQ(codec::to_hex(encode_message(greeting)), "8201a10143010203");
  EXPECT_EQ(codec::to_hex(SessionStart{ChainId(1), 7}.encode()), "a201010207");
  const Proposal proposal{
      .session = 7, .signed_header = {1, 2, 3}, .body = {{0x80}}, .vouchers = {}};
  EXPECT_EQ(codec::to_hex(encode_message(proposal)), "8202a4010702430102030341800480");
  const FinalBlock final_block{.proof = {{1, 2, 3}, {}}, .body = {}};
  EXPECT_EQ(codec::to_hex(encode_message(final_block)), "8203a101a201430102030280");
  Standing standing{.session = 7,
                    .height = Height(2),
                    .block = {},
                    .signed_block = {},
                    .holds_body = false,
                    .unwilling = {},
                    .fork = {},
                    .overlooked = 0};
  EXPECT_EQ(codec::to_hex(encode_standing(standing)),
            "a501070202035820" + repeated("00", 32) + "05f40800");
  standing.signed_block = SignedBlock{filled<BlockHash>(0x22),
                                      {filled<KeyHash>(0x33), filled<crypto::Signature>(0x44)}};
  standing.unwilling = {220, "behind"};
  standing.fork = proof::Fork{{1}, {2}};
  EXPECT_EQ(codec::to_hex(encode_standing(standing)),
            "a801070202035820" + repeated("00", 32) + "04a2015820" + repeated("22", 32) +
                "02a2015820" + repeated("33", 32) + "025840" + repeated("44", 64) +
                "05f406a20118dc0266626568696e6407a20141010241020800");
  EXPECT_EQ(must(decode_standing(encode_standing(standing))), standing);
}

TEST(Messages, NotesHaveTheirFrozenBytes) {
  const KeyHash key = filled<KeyHash>(0x33);
  EXPECT_EQ(encoded(SessionNote{7}), "a10107");
  EXPECT_EQ(encoded(ProposalNote{Height(2), {1, 2, 3}, {{0x80}}, {key}}),
            "a40102024301020303418004815820" + repeated("33", 32));
  EXPECT_EQ(encoded(WordNote{Height(2), {1, 2, 3}, {filled<BlockHash>(0x22), {key, {}}}}),
            "a30102024301020303a2015820" + repeated("22", 32) + "02a2015820" + repeated("33", 32) +
                "025840" + repeated("00", 64));
  EXPECT_EQ(encoded(ForkNote{{{1}, {2}}}), "a101a2014101024102");
}

TEST(Messages, AreBounded) {
  EXPECT_EQ(verdict_of(decode_message(Bytes(kMaxMessage + 1))), Verdict::too_large);
  EXPECT_EQ(verdict_of(decode_message(Bytes{0x82, 0x09, 0xa0})), Verdict::bad_value);
  EXPECT_EQ(verdict_of(decode_standing(Bytes(8 * 1024 + 1))), Verdict::too_large);
  // The largest block that a sequencer makes fits, with room for its proof.
  const Proposal largest{.session = 1,
                         .signed_header = Bytes(proof::kMaxSignedHeader),
                         .body = {Bytes(std::size_t{4} * 1024 * 1024 + 2000 * 5)},
                         .vouchers = {}};
  EXPECT_LT(encode_message(largest).size(), kMaxMessage);
}

}  // namespace
}  // namespace intaglio::chain
