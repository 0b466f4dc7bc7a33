#include "http/payment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "http/api_for_test.h"
#include "http/submission.h"

namespace intaglio::http {
namespace {

using codec::Json;

class Payment : public testing::Test {
 protected:
  Ask submission(Bytes body, std::string_view media_type, std::string_view accept = "") {
    return {.method = "POST",
            .target = "/v1/transactions",
            .body = std::move(body),
            .media_type = std::string(media_type),
            .accept = std::string(accept)};
  }
  Answered with_key(Bytes transaction, const std::string& key) {
    Ask ask = submission(std::move(transaction), kCoseMediaType);
    ask.fields.add("Idempotency-Key", key);
    return api_.send(ask);
  }
  std::string id_of(ByteView transaction) {
    const auto parsed = proof::parse_statement<tx::Transaction>(transaction, api_.ledger());
    CHECK(parsed.has_value());
    return codec::to_hex(parsed->id());
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> alice_ = api_.holder("alice");
};

TEST_F(Payment, IsAnsweredWithItsFinalReceiptWhichStaysThere) {
  const Bytes bytes = api_.payment(api_.treasury(), *alice_, 1250, "lunch");
  const auto sent = api_.submit(bytes);
  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.text("verdict"), "accepted");
  EXPECT_EQ(sent.text("tx"), id_of(bytes));
  EXPECT_EQ(sent.json.find("where"), nullptr);

  const auto found = api_.get("/v1/transactions/" + id_of(bytes));
  EXPECT_EQ(found.status, 200);
  for (const auto& [name, value] : *sent.json.members()) {
    EXPECT_EQ(*found.json.find(name), value) << name;
  }
  EXPECT_EQ(found.text("bytes"), codec::to_hex(bytes));
  const auto body = codec::record_from_json<tx::Transaction>(*found.json.find("transaction"));
  ASSERT_TRUE(body.has_value()) << to_string(body.error());
  const KeyHash signer = api_.treasury().public_key().hash();
  EXPECT_EQ(codec::to_hex(proof::statement_id(*body, signer, api_.ledger())), id_of(bytes));
  EXPECT_EQ(found.text("signer"), codec::to_hex(signer));

  // The same bytes again: the same receipt, whatever the media type.
  const auto again = api_.send(
      post_json("/v1/transactions", Json::object({{"transaction", codec::to_hex(bytes)}})));
  EXPECT_EQ(again.json, sent.json);
}

TEST_F(Payment, OfAnotherChainIsPaidWhenThatChainHasItOrSaysWhyItCameBack) {
  const auto stranger = element::make_passing_key();
  const auto send = [&](element::SecureElement& to, std::uint16_t chain) {
    const auto bytes = api_.sign(
        api_.treasury(),
        api_.transaction(api_.treasury(), {tx::Transfer{.to = ApiForTest::address(to, chain),
                                                        .asset = AssetId(978),
                                                        .amount = Amount(7),
                                                        .memo = {},
                                                        .code = {},
                                                        .code_text = {}}}));
    EXPECT_EQ(api_.submit(bytes).text("verdict"), "accepted");
    return "/v1/payments/" + id_of(bytes) + ":0";
  };
  const auto settled = [&](const std::string& target) {
    auto standing = api_.get(target);
    while (standing.text("state") == "on_its_way") standing = api_.get(target);
    return standing;
  };
  const auto here = settled(send(*alice_, 1));
  EXPECT_EQ(here.text("state"), "paid");
  const auto there = settled(send(*alice_, 2));
  EXPECT_EQ(there.text("state"), "paid");
  EXPECT_EQ(there.json.uint_at("from_chain"), 1U);
  EXPECT_EQ(there.json.uint_at("to_chain"), 2U);
  const auto back = settled(send(*stranger, 2));
  EXPECT_EQ(back.text("state"), "came_back");
  EXPECT_EQ(back.text("verdict"), "unknown_account");
  EXPECT_EQ(api_.get("/v1/payments/" + std::string(64, '0') + ":0").status, 404);
  EXPECT_EQ(api_.get("/v1/payments/x").status, 400);
}

TEST_F(Payment, OneReceiptIsTheSameOverJsonAndCbor) {
  const Bytes bytes = api_.payment(api_.treasury(), *alice_, 5);
  const auto json = api_.submit(bytes);
  const auto cbor = api_.send(submission(bytes, kCoseMediaType, "text/html, application/cbor;q=1"));
  ASSERT_EQ(cbor.status, 200);
  EXPECT_EQ(cbor.fields.find("Content-Type"), "application/cbor");
  codec::CborReader in(cbor.body);
  ASSERT_EQ(in.array().value_or(0), 1U);
  const auto receipt = codec::read_record<tx::Receipt>(in);
  ASSERT_TRUE(receipt.has_value()) << to_string(receipt.error());
  EXPECT_TRUE(in.finish());
  EXPECT_EQ(receipt_json(api_.node()->gateway(), *receipt), json.json);
}

TEST_F(Payment, ASequenceIsAnsweredInItsOrder) {
  Bytes bytes = api_.payment(api_.treasury(), *alice_, 7);
  append(bytes, api_.payment(*alice_, api_.treasury(), 1'000'000));
  Bytes altered = api_.payment(api_.treasury(), *alice_, 9);
  altered.back() ^= 1;
  append(bytes, altered);
  const auto several = api_.send(submission(bytes, kCborSeqMediaType));
  ASSERT_EQ(several.status, 200);
  const auto& results = *several.json.find("results")->items();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].text_at("verdict"), "accepted");
  EXPECT_EQ(results[1].text_at("code"), "insufficient_funds");
  EXPECT_EQ(results[1].text_at("verdict"), "insufficient_funds");
  EXPECT_EQ(*results[1].find("final"), Json(true));
  EXPECT_EQ(results[2].text_at("code"), "bad_signature");
  EXPECT_EQ(*results[2].find("final"), Json(false));

  const auto binary = api_.send(submission(bytes, kCborSeqMediaType, kCborMediaType));
  codec::CborReader in(binary.body);
  ASSERT_EQ(in.array().value_or(0), 3U);
  EXPECT_EQ(receipt_json(api_.node()->gateway(), must(codec::read_record<tx::Receipt>(in))),
            results[0]);
  EXPECT_EQ(codec::read_record<tx::Receipt>(in).value_or(tx::Receipt()).verdict, 302);
  ASSERT_EQ(in.array().value_or(0), 2U);
  EXPECT_EQ(in.uint().value_or(0), 200U);
  EXPECT_TRUE(in.text().has_value());
  EXPECT_TRUE(in.finish());

  // Of one it is a sequence still.
  const auto one =
      api_.send(submission(api_.payment(api_.treasury(), *alice_, 1), kCborSeqMediaType));
  EXPECT_EQ(one.json.find("results")->items()->size(), 1U);
}

TEST_F(Payment, ARefusalHasItsVerdictsStatusAndSaysWhetherItIsFinal) {
  const auto poor = api_.submit(api_.payment(*alice_, api_.treasury(), 1));
  EXPECT_EQ(poor.summary(), "402 insufficient_funds");
  EXPECT_EQ(*poor.json.find("final"), Json(true));
  EXPECT_EQ(poor.text("where"), poor.text("detail"));
  const auto recorded = api_.get("/v1/transactions/" + poor.text("tx"));
  EXPECT_EQ(recorded.status, 200);
  EXPECT_EQ(recorded.text("verdict"), "insufficient_funds");

  const auto stranger = element::make_passing_key();
  const auto unknown = api_.submit(api_.payment(*stranger, *alice_, 1));
  EXPECT_EQ(unknown.summary(), "403 unknown_key");
  EXPECT_EQ(*unknown.json.find("final"), Json(false));
  EXPECT_EQ(api_.submit(Bytes{1, 2, 3}).status, 400);
  EXPECT_EQ(api_.send(submission(Bytes{1}, "text/plain")).summary(), "415 bad_media_type");
  EXPECT_EQ(api_.send(submission({}, kCoseMediaType)).summary(), "400 missing_field");
  EXPECT_EQ(api_.send(submission(Bytes(3'000'000), kCborSeqMediaType)).summary(), "413 too_large");

  EXPECT_EQ(api_.get("/v1/transactions/" + std::string(64, '0')).summary(),
            "404 unknown_transaction");
  EXPECT_EQ(api_.get("/v1/transactions/beef").summary(), "400 bad_value");
}

TEST_F(Payment, WhoDoesNotWaitIsToldWhereToAsk) {
  const Bytes bytes = api_.payment(api_.treasury(), *alice_, 3);
  const auto pending = api_.submit(bytes, "?wait=0");
  // The receipt may be there before the answer is.
  if (pending.status == 202) {
    EXPECT_EQ(pending.summary(), "202 pending");
    EXPECT_EQ(pending.text("transaction"), id_of(bytes));
    EXPECT_EQ(pending.fields.find("Location"), "/v1/transactions/" + id_of(bytes));
  }
  EXPECT_TRUE(eventually(
      [&] { return api_.get("/v1/transactions/" + id_of(bytes)).text("verdict") == "accepted"; }));
  EXPECT_EQ(api_.submit(bytes, "?wait=soon").summary(), "400 bad_value");
  EXPECT_EQ(api_.submit(bytes, "?wait=30001").summary(), "400 bad_value");
}

TEST_F(Payment, ADryRunSaysWhatWouldHappenAndSendsNothing) {
  const Bytes bytes = api_.payment(api_.treasury(), *alice_, 3);
  const auto dry = api_.submit(bytes, "?dry_run=true");
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(dry.text("verdict"), "accepted");
  EXPECT_EQ(*dry.json.find("final"), Json(false));
  EXPECT_EQ(api_.get("/v1/transactions/" + dry.text("transaction")).summary(),
            "404 unknown_transaction");
  const auto poor = api_.submit(api_.payment(*alice_, api_.treasury(), 1), "?dry_run=true");
  EXPECT_EQ(poor.summary(), "402 insufficient_funds");
  EXPECT_EQ(*poor.json.find("final"), Json(false));
  EXPECT_EQ(api_.submit(bytes, "?dry_run=perhaps").summary(), "400 bad_value");
  Bytes two = bytes;
  append(two, bytes);
  Ask ask = submission(two, kCborSeqMediaType);
  ask.target += "?dry_run=true";
  EXPECT_EQ(api_.send(ask).summary(), "400 bad_value");
  EXPECT_EQ(api_.submit(bytes, "?dry_run=false").status, 200);
}

TEST_F(Payment, AnIdempotencyKeyMustBeTheClientIds) {
  const std::string key = "order 4711";
  tx::Transaction body =
      api_.transaction(api_.treasury(), {tx::Transfer{.to = ApiForTest::address(*alice_),
                                                      .asset = AssetId(978),
                                                      .amount = Amount(3),
                                                      .memo = {},
                                                      .code = {},
                                                      .code_text = {}}});
  body.client = ClientId::prefix_of(crypto::sha256(as_bytes(key)));
  const Bytes bytes = api_.sign(api_.treasury(), body);
  const auto first = with_key(bytes, key);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(with_key(bytes, '"' + key + '"').json, first.json);
  const auto other = with_key(bytes, "order 4712");
  EXPECT_EQ(other.summary(), "400 bad_value");
  EXPECT_EQ(other.text("detail"), "Idempotency-Key");
  // Another payment under the same key.
  body.operations = {tx::Transfer{.to = ApiForTest::address(*alice_),
                                  .asset = AssetId(978),
                                  .amount = Amount(4),
                                  .memo = {},
                                  .code = {},
                                  .code_text = {}}};
  EXPECT_EQ(with_key(api_.sign(api_.treasury(), body), key).summary(), "409 conflict");
  Ask two = submission(bytes, kCborSeqMediaType);
  append(two.body, bytes);
  two.fields.add("Idempotency-Key", key);
  EXPECT_EQ(api_.send(two).summary(), "400 bad_value");
}

TEST_F(Payment, SixtyFourInOnePostAreAllThere) {
  Bytes bytes;
  for (int i = 0; i < 64; ++i) append(bytes, api_.payment(api_.treasury(), *alice_, 1));
  const auto all = api_.send(submission(bytes, kCborSeqMediaType, kCborMediaType));
  codec::CborReader in(all.body);
  ASSERT_EQ(in.array().value_or(0), 64U);
  for (int i = 0; i < 64; ++i) {
    const auto receipt = codec::read_record<tx::Receipt>(in);
    ASSERT_TRUE(receipt && receipt->accepted()) << i;
  }
  EXPECT_THAT(std::string(as_text(api_.get("/metrics").body)),
              testing::HasSubstr("intaglio_transactions_total{verdict=\"accepted\"} 64"));
  append(bytes, api_.payment(api_.treasury(), *alice_, 1));
  EXPECT_EQ(api_.send(submission(bytes, kCborSeqMediaType)).summary(), "413 too_large");
}

TEST(Submission, AnswersOnceWithPendingForThoseThatAreStillOnTheirWay) {
  // A gateway that was never started takes transactions in and leaves them.
  service::NodeForTest node;
  gateway::Gateway asleep(node->gateway().ledger(), {}, system_env());
  Metrics metrics;
  Kept<Response> answers;
  SubmissionDeadlines deadlines;
  auto key = element::make_passing_key();
  const tx::Transaction body{.ledger = asleep.ledger(),
                             .chains = {ChainId(1)},
                             .account = ApiForTest::account(*key),
                             .client = {},
                             .valid_until = {},
                             .operations = {}};
  auto bytes = proof::sign_statement(body, asleep.ledger(), element::signer_of(*key));
  ASSERT_TRUE(bytes.has_value());
  auto read = read_transactions(kCoseMediaType, *bytes);
  ASSERT_TRUE(read.has_value());
  const auto submission = std::make_shared<Submission>(
      *std::move(read), Submission::Form::json, asleep, metrics,
      Reply::to([&](Response response) { answers.put(std::move(response)); }));
  submission->send();
  deadlines.add(submission, Duration(20));
  const Response answer = answers.take();
  EXPECT_EQ(answer.status, 202);
  const auto json = codec::parse_json(as_text(answer.body));
  const auto parsed = proof::parse_statement<tx::Transaction>(*bytes, asleep.ledger());
  EXPECT_EQ(json->text_at("transaction"), codec::to_hex(parsed->id()));
  // What comes later goes nowhere.
  submission->answer_now();
  asleep.stop();
  EXPECT_EQ(answers.count(), 1U);
}

// The worked example of docs/reference/formats.md.
TEST(Results, HaveTheBytesOfTheirFormat) {
  tx::Receipt receipt{.tx = {},
                      .chain = ChainId(1),
                      .height = Height(7),
                      .index = 2,
                      .time = Millis(1'800'000'000'000),
                      .verdict = 302,
                      .where = "operations[0]"};
  for (std::size_t i = 0; i < TxId::kSize; ++i) {
    receipt.tx.writable()[i] = static_cast<std::uint8_t>(i);
  }
  const std::vector<Result<tx::Receipt>> results = {receipt, refuse(Verdict::bad_signature),
                                                    refuse(Verdict::pending, "ab"),
                                                    refuse(Verdict::bad_value, "\xff")};
  EXPECT_EQ(codec::to_hex(encode_results(results)),
            "84a7015820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f020103"
            "070402051b000001a3185c50000619012e076d6f7065726174696f6e735b305d8218c86082190384"
            "62616282186860");
}

TEST(Accept, NamesAMediaTypeOrDoesNot) {
  const auto accept = [](std::string_view field) {
    Request request;
    request.fields.add("Accept", field);
    return accepts(request, "application/cbor");
  };
  EXPECT_TRUE(accept("application/cbor"));
  EXPECT_TRUE(accept("text/html , Application/CBOR ; q=0.5"));
  EXPECT_FALSE(accept("application/cbor-seq"));
  EXPECT_FALSE(accept("*/*"));
  EXPECT_FALSE(accept(""));
  EXPECT_FALSE(accept(","));
  EXPECT_FALSE(accepts(Request(), "application/cbor"));
}

}  // namespace
}  // namespace intaglio::http
