#include "http/transaction_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/cbor.h"
#include "codec/hex.h"
#include "tx/transaction.h"

namespace intaglio::http {
namespace {

Bytes item(std::size_t size = 3) {
  codec::CborWriter out;
  out.tag(18).array(1).bytes(Bytes(size, 7));
  return out.take();
}

Bytes sequence(std::size_t count, std::size_t size = 3) {
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) append(out, item(size));
  return out;
}

Bytes json(const std::string& text) { return to_bytes(as_bytes(text)); }

std::string refused(std::string_view media_type, Bytes body) {
  const auto read = read_transactions(media_type, std::move(body));
  return read ? "read"
              : std::string(describe(read.error().verdict).name) + " " + read.error().where;
}

TEST(TransactionBody, OneCoseStatementIsTakenAsItCame) {
  const auto body = read_transactions(kCoseMediaType, item());
  ASSERT_TRUE(body.has_value());
  EXPECT_FALSE(body->is_sequence);
  ASSERT_EQ(body->transactions.size(), 1U);
  EXPECT_TRUE(equal(body->transactions[0], item()));
}

TEST(TransactionBody, ASequenceIsTakenApartInOrder) {
  Bytes bytes = item(1);
  append(bytes, item(40));
  append(bytes, item(2));
  const auto body = read_transactions(kCborSeqMediaType, bytes);
  ASSERT_TRUE(body.has_value());
  EXPECT_TRUE(body->is_sequence);
  ASSERT_EQ(body->transactions.size(), 3U);
  EXPECT_TRUE(equal(body->transactions[0], item(1)));
  EXPECT_TRUE(equal(body->transactions[1], item(40)));
  EXPECT_TRUE(equal(body->transactions[2], item(2)));
}

TEST(TransactionBody, JsonCarriesItInHex) {
  const auto body = read_transactions(kJsonMediaType,
                                      json("{\"transaction\":\"" + codec::to_hex(item()) + "\"}"));
  ASSERT_TRUE(body.has_value());
  EXPECT_FALSE(body->is_sequence);
  EXPECT_TRUE(equal(body->transactions.at(0), item()));
}

TEST(TransactionBody, RefusesWhatItIsNot) {
  EXPECT_THAT(refused("text/plain", item()), testing::StartsWith("bad_media_type"));
  EXPECT_THAT(refused("", item()), testing::StartsWith("bad_media_type"));
  EXPECT_EQ(refused(kCoseMediaType, {}), "missing_field transaction");
  EXPECT_EQ(refused(kCborSeqMediaType, {}), "missing_field transaction");
  EXPECT_EQ(refused(kJsonMediaType, json("{}")), "missing_field transaction");
  EXPECT_EQ(refused(kJsonMediaType, json("{\"transaction\":\"00\",\"b\":1}")), "unknown_field b");
  EXPECT_THAT(refused(kJsonMediaType, json("{\"transaction\":\"0\"}")),
              testing::StartsWith("bad_encoding transaction"));
  EXPECT_THAT(refused(kJsonMediaType, json("{")), testing::StartsWith("bad_encoding"));
}

TEST(TransactionBody, RefusesASequenceThatBreaksOffAndNamesTheTransaction) {
  Bytes cut = sequence(2);
  cut.pop_back();
  EXPECT_THAT(refused(kCborSeqMediaType, cut), testing::StartsWith("truncated transactions[1]"));
  Bytes indefinite = sequence(1);
  append(indefinite, Bytes{0x9f, 0xff});
  EXPECT_THAT(refused(kCborSeqMediaType, indefinite),
              testing::StartsWith("bad_encoding transactions[1]"));
}

TEST(TransactionBody, HasLimits) {
  EXPECT_EQ(refused(kCborSeqMediaType, sequence(kMaxTransactions)), "read");
  EXPECT_EQ(refused(kCborSeqMediaType, sequence(kMaxTransactions + 1)),
            "too_large more than 64 transactions");
  const std::size_t much = tx::Transaction::kMaxBytes + 1;
  EXPECT_EQ(refused(kCoseMediaType, item(much)), "too_large transactions[0]");
  EXPECT_EQ(refused(kCborSeqMediaType, sequence(2, much)), "too_large transactions[0]");
  EXPECT_EQ(refused(kJsonMediaType, Bytes(3 * much, ' ')).substr(0, 9), "too_large");
}

}  // namespace
}  // namespace intaglio::http
