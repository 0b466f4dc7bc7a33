#include "http/account.h"

#include <gtest/gtest.h>

#include "http/api_for_test.h"

namespace intaglio::http {
namespace {

using codec::Json;

class Account : public testing::Test {
 protected:
  std::string target(element::SecureElement& key, const std::string& more = {}) {
    return "/v1/accounts/" + codec::to_text(ApiForTest::address(key)) + more;
  }
  std::string pay(element::SecureElement& from, element::SecureElement& to, std::uint64_t cents,
                  std::optional<std::string> memo = {}) {
    const auto sent = api_.submit(api_.payment(from, to, cents, std::move(memo)));
    EXPECT_EQ(sent.text("verdict"), "accepted");
    return sent.text("tx") + ":0";
  }

  ApiForTest api_;
  std::unique_ptr<element::SecureElement> alice_ = api_.holder("alice");
  std::unique_ptr<element::SecureElement> bob_ = api_.holder("bob");
};

TEST_F(Account, ShowsItsHolderWhatItHolds) {
  pay(api_.treasury(), *alice_, 1000);
  const Bytes hold = api_.sign(
      *alice_, api_.transaction(*alice_, {tx::Hold{.to = ApiForTest::address(*bob_),
                                                   .asset = AssetId(978),
                                                   .amount = Amount(300),
                                                   .expires = system_env().now() + seconds(60)}}));
  ASSERT_EQ(api_.submit(hold).text("verdict"), "accepted");
  pay(*alice_, *bob_, 50);
  const auto shown = api_.get(target(*alice_), alice_.get());
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.text("address"), codec::to_text(ApiForTest::address(*alice_)));
  EXPECT_EQ(shown.text("key"), codec::to_hex(alice_->public_key().hash()));
  EXPECT_EQ(*shown.json.find("open_holds"), Json(1));
  EXPECT_EQ(*shown.json.find("balances"), Json::array({Json::object({{"asset", 978},
                                                                     {"code", "EUR"},
                                                                     {"spendable", "650"},
                                                                     {"held", "300"},
                                                                     {"credits_posted", "1000"},
                                                                     {"debits_posted", "50"}})}));
  // The operator sees the same; an account without money has no balances.
  EXPECT_EQ(api_.get(target(*alice_), &api_.node_operator()).json, shown.json);
  const auto elsewhere = Address{ChainId(2), ApiForTest::account(*alice_)};
  const auto empty = api_.get("/v1/accounts/" + codec::to_text(elsewhere), alice_.get());
  EXPECT_TRUE(empty.json.find("balances")->items()->empty());
}

TEST_F(Account, IsNobodyElsesToRead) {
  EXPECT_EQ(api_.get(target(*alice_)).summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get(target(*alice_), bob_.get()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get(target(*alice_), &api_.treasury()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get(target(*alice_, "/statement"), bob_.get()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get(target(*alice_, "/statement")).summary(), "401 request_unsigned");
  const auto stranger = element::make_passing_key();
  EXPECT_EQ(api_.get(target(*alice_), stranger.get()).summary(), "403 unknown_key");
  // Whether an account exists is told to those alone who could read it.
  EXPECT_EQ(api_.get(target(*stranger), bob_.get()).summary(), "403 not_reader");
  EXPECT_EQ(api_.get(target(*stranger), &api_.node_operator()).summary(), "404 unknown_account");
}

TEST_F(Account, ListsItsOwnTransactionsNewestFirstInPagesAlsoRefusedOnes) {
  pay(api_.treasury(), *alice_, 5);
  std::vector<std::string> ids;
  for (std::uint64_t i = 1; i <= 4; ++i) ids.push_back(pay(*alice_, *bob_, 1));
  // Refused for good, so it stands among them.
  const auto refused = api_.submit(api_.payment(*alice_, *bob_, 1000));
  ASSERT_EQ(refused.text("verdict"), "insufficient_funds");
  ids.push_back(refused.text("tx") + ":0");
  std::ranges::reverse(ids);

  std::vector<std::string> seen;
  std::vector<std::string> verdicts;
  std::string before;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = api_.get(target(*alice_, "/transactions?limit=2" + before), alice_.get());
    ASSERT_EQ(page.status, 200);
    for (const auto& each : *page.json.find("transactions")->items()) {
      seen.push_back(each.text_at("tx").value_or("?") + ":0");
      verdicts.push_back(each.text_at("verdict").value_or("?"));
      EXPECT_EQ(each.uint_at("chain"), 1U);
    }
    const auto next = page.json.text_at("next");
    if (!next) break;
    before = "&before=" + percent_encode(*next);
  }
  EXPECT_EQ(seen, ids);
  EXPECT_EQ(verdicts, (std::vector<std::string>{"insufficient_funds", "accepted", "accepted",
                                                "accepted", "accepted"}));
  // Bob was paid and paid nothing: that is in his statement.
  const auto of_bob = api_.get(target(*bob_, "/transactions"), &api_.node_operator());
  EXPECT_TRUE(of_bob.json.find("transactions")->items()->empty());
}

TEST_F(Account, ItsTransactionsAreNobodyElsesToRead) {
  EXPECT_EQ(api_.get(target(*alice_, "/transactions")).summary(), "401 request_unsigned");
  EXPECT_EQ(api_.get(target(*alice_, "/transactions"), bob_.get()).summary(), "403 not_reader");
  const auto refused = [&](const std::string& query) {
    return api_.get(target(*alice_, "/transactions" + query), alice_.get()).summary();
  };
  for (const auto* query : {"?limit=0", "?limit=1001", "?before=here", "?before=1",
                            "?before=1:", "?before=1:4294967296", "?before=-1:0"}) {
    EXPECT_EQ(refused(query), "400 bad_value") << query;
  }
}

TEST_F(Account, RefusesAnAddressThatIsNone) {
  const auto nowhere = Address{ChainId(9), ApiForTest::account(*alice_)};
  EXPECT_EQ(api_.get("/v1/accounts/" + codec::to_text(nowhere), alice_.get()).summary(),
            "404 unknown_chain");
  std::string mistyped = codec::to_text(ApiForTest::address(*alice_));
  mistyped.back() = mistyped.back() == 'q' ? 'p' : 'q';
  EXPECT_EQ(api_.get("/v1/accounts/" + mistyped, alice_.get()).summary(), "400 bad_checksum");
}

TEST_F(Account, ItsStatementIsNewestFirstAndAddsUp) {
  const std::string first = pay(api_.treasury(), *alice_, 1000, "pocket money");
  const std::string second = pay(*alice_, *bob_, 300);
  const auto payment = ledger::operation_ref_from_text(second);
  ASSERT_TRUE(payment.has_value());
  const auto refund = api_.submit(api_.sign(
      *bob_, api_.transaction(*bob_, {tx::Refund{.payment = *payment, .amount = Amount(120)}})));
  ASSERT_EQ(refund.text("verdict"), "accepted");

  const auto page = api_.get(target(*alice_, "/statement"), alice_.get());
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.text("posted"), "820");
  EXPECT_EQ(page.json.find("next"), nullptr);
  const auto& entries = *page.json.find("entries")->items();
  ASSERT_EQ(entries.size(), 3U);
  const std::string treasury = codec::to_text(ApiForTest::address(api_.treasury()));
  const std::string bob = codec::to_text(ApiForTest::address(*bob_));
  const auto expect = [](const Json& entry, std::initializer_list<std::string> values) {
    auto value = values.begin();
    for (const auto* name : {"id", "kind", "amount", "counterparty", "refunded"}) {
      EXPECT_EQ(entry.text_at(name).value_or("?"), *value++) << name;
    }
  };
  expect(entries[0], {refund.text("tx") + ":0", "refund", "120", bob, "0"});
  EXPECT_EQ(entries[0].text_at("of"), second);
  expect(entries[1], {second, "transfer", "-300", bob, "120"});
  expect(entries[2], {first, "transfer", "1000", treasury, "0"});
  EXPECT_EQ(entries[2].text_at("memo"), "pocket money");

  // Issued money came from nobody.
  const auto issued = api_.get(target(api_.treasury(), "/statement"), &api_.treasury());
  const auto& oldest = issued.json.find("entries")->items()->back();
  EXPECT_EQ(oldest.text_at("kind"), "issue");
  EXPECT_EQ(oldest.find("counterparty"), nullptr);
}

TEST_F(Account, ItsStatementComesInPages) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 1; i <= 5; ++i) ids.push_back(pay(api_.treasury(), *alice_, i));
  std::vector<std::string> seen;
  std::string before;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page =
        api_.get(target(*alice_, "/statement?asset=978&limit=2" + before), alice_.get());
    ASSERT_EQ(page.status, 200);
    for (const auto& entry : *page.json.find("entries")->items()) {
      seen.push_back(entry.text_at("id").value_or("?"));
    }
    const auto next = page.json.text_at("next");
    if (!next) break;
    before = "&before=" + percent_encode(*next);
  }
  std::ranges::reverse(ids);
  EXPECT_EQ(seen, ids);

  const auto refused = [&](const std::string& query) {
    return api_.get(target(*alice_, "/statement" + query), alice_.get()).summary();
  };
  EXPECT_EQ(refused("?limit=0"), "400 bad_value");
  EXPECT_EQ(refused("?limit=1001"), "400 bad_value");
  EXPECT_EQ(refused("?asset=840"), "404 unknown_asset");
  EXPECT_EQ(refused("?asset=euro"), "400 bad_value");
  EXPECT_EQ(refused("?before=here"), "400 bad_value");
  EXPECT_EQ(refused("?before=" + std::string(64, '0') + "%3A0"), "404 unknown_payment");
  // An entry of somebody else's book is no place to go on from.
  const std::string foreign = percent_encode(pay(api_.treasury(), *bob_, 1));
  EXPECT_EQ(refused("?before=" + foreign), "404 unknown_payment");
}

}  // namespace
}  // namespace intaglio::http
