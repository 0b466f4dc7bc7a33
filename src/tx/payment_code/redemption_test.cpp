#include "tx/payment_code/redemption.h"

#include <gtest/gtest.h>

#include "tx/network_for_test.h"
#include "tx/payment_code/code_for_test.h"

namespace intaglio::tx {
namespace {

constexpr std::uint16_t kPayers = 1;
constexpr std::uint16_t kShops = 2;

// Bob's display "till" shows codes on chain 2; alice and carol pay from chain 1.
class CodesAcrossChains : public ::testing::Test {
 protected:
  void SetUp() override {
    register_key("carol", ledger::Role::holder, {});
    register_key("till", ledger::Role::display, people_.account("bob"));
    network_.relay_all();
    ASSERT_EQ(network_.run("alice", kPayers, {network_.pay("carol", kPayers, 500)}), "accepted");
  }

  void register_key(const std::string& who, ledger::Role role, std::optional<AccountId> account) {
    ASSERT_EQ(network_.run("authority", 0,
                           {RegisterKey{.key = people_.key(who),
                                        .role = role,
                                        .valid_from = kStart,
                                        .valid_until = kStart + seconds(100'000),
                                        .certificate = certificate_for_test(people_.key(who)),
                                        .account = account,
                                        .chains = {}}}),
              "accepted");
  }

  // As the display shows it to those who pay in the next block.
  proof::PaymentCode show() {
    return code_of(people_, "till", people_.account_on("bob", kShops), network_.now() + seconds(1),
                   ++counter_);
  }
  std::string text(const proof::PaymentCode& code) { return text_of(people_, "till", code); }
  std::string claim(const std::string& who, const proof::PaymentCode& code) {
    const auto shown = text(code);
    const auto signed_claim = claim_of(people_, who, people_.account_on(who, kPayers), shown,
                                       network_.now(), network_.ledger());
    return network_.run("service", kShops,
                        {ClaimCode{people_.key("till").hash(), shown, signed_claim}});
  }
  std::string pay(const std::string& who, const proof::PaymentCode& code, std::uint64_t cents,
                  std::optional<std::string> shown = {}) {
    return network_.run(
        who, kPayers,
        {Transfer{.to = people_.account_on("bob", kShops),
                  .asset = kEuro,
                  .amount = Amount(cents),
                  .memo = {},
                  .code = ledger::CodeRow::Key{people_.key("till").hash(), code.step, code.counter},
                  .code_text = std::move(shown)}});
  }
  // Why the payment sent last came back; nothing when it did not.
  std::optional<Verdict> came_back() {
    network_.relay(kPayers, kShops);
    const auto delivery = network_.next(kShops, kPayers);
    network_.relay_all();
    if (!delivery) return std::nullopt;
    const auto& refund = std::get<ledger::RefundPacket>(delivery->group->packets.at(0));
    return refund.verdict ? verdict_from_number(*refund.verdict) : std::nullopt;
  }
  std::uint64_t shop() { return network_.spendable("bob", kShops); }

  Network network_{3};
  World& people_ = network_.people();
  std::uint32_t counter_ = 0;
};

TEST_F(CodesAcrossChains, AClaimedCodeIsPaidOnceByItsClaimant) {
  const auto code = show();
  ASSERT_EQ(claim("alice", code), "accepted");
  ASSERT_EQ(pay("carol", code, 250), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_claimed);
  ASSERT_EQ(pay("alice", code, 251), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_wrong_amount);
  ASSERT_EQ(pay("alice", code, 250), "accepted");
  EXPECT_EQ(came_back(), std::nullopt);
  EXPECT_EQ(shop(), 250U);
  ASSERT_EQ(pay("alice", code, 250), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_used);
  EXPECT_EQ(shop(), 250U);
  EXPECT_EQ(network_.spendable("alice", kPayers), 250U);
  EXPECT_EQ(network_.spendable("carol", kPayers), 500U);
  EXPECT_EQ(network_.total() + network_.spendable("carol", kPayers), 3000U);
}

TEST_F(CodesAcrossChains, WithoutAClaimThePayersChainJudgesTheText) {
  const auto code = show();
  ASSERT_EQ(pay("alice", code, 250), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_unclaimed) << "neither a claim nor a text";
  EXPECT_EQ(pay("alice", code, 251, text(code)), "code_wrong_amount operations[0].code");
  EXPECT_EQ(pay("alice", code, 250, text_of(people_, "alice", code)),
            "code_bad_signature operations[0].code");
  const auto another = show();
  EXPECT_EQ(pay("alice", code, 250, text(another)), "bad_value operations[0].code.text");
  ASSERT_EQ(pay("alice", code, 250, text(code)), "accepted");
  // It may travel for as long as it likes: it was fresh when it was paid.
  network_.wait(seconds(100));
  EXPECT_EQ(came_back(), std::nullopt);
  EXPECT_EQ(shop(), 250U);
  EXPECT_EQ(pay("carol", code, 250, text(code)), "code_stale operations[0].code.step " +
                                                     std::to_string(code.step.value()) + ", now " +
                                                     std::to_string(code.step.value() + 7));
}

TEST_F(CodesAcrossChains, TwoPayersOfOneUnclaimedCodePayItOnce) {
  const auto code = show();
  ASSERT_EQ(pay("alice", code, 250, text(code)), "accepted");
  ASSERT_EQ(pay("carol", code, 250, text(code)), "accepted");
  network_.relay_all();
  EXPECT_EQ(shop(), 250U);
  EXPECT_EQ(network_.spendable("alice", kPayers), 250U);
  EXPECT_EQ(network_.spendable("carol", kPayers), 500U);
}

TEST_F(CodesAcrossChains, AnotherThanTheClaimantDoesNotGetAheadWithTheText) {
  const auto code = show();
  ASSERT_EQ(claim("alice", code), "accepted");
  ASSERT_EQ(pay("carol", code, 250, text(code)), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_claimed);
}

TEST_F(CodesAcrossChains, ACodeOfABindingThatEndedComesBack) {
  const auto code = show();
  ASSERT_EQ(network_.run("service", kShops,
                         {BindDisplay{people_.key("till").hash(), people_.account("alice")}}),
            "accepted");
  ASSERT_EQ(pay("alice", code, 250, text(code)), "accepted");
  EXPECT_EQ(came_back(), Verdict::code_not_bound);
}

TEST_F(CodesAcrossChains, ACodeOfARevokedDisplayIsRefusedOrComesBack) {
  const auto code = show();
  ASSERT_EQ(
      network_.run("authority", 0,
                   {SetKeyStatus{people_.key("till").hash(), ledger::KeyStatus::revoked, {}}}),
      "accepted");
  network_.relay(0, kShops);
  ASSERT_EQ(pay("alice", code, 250, text(code)), "accepted") << "not heard of it yet";
  EXPECT_EQ(came_back(), Verdict::code_key_revoked);
  EXPECT_EQ(pay("alice", code, 250, text(code)), "code_key_revoked operations[0].code");
}

}  // namespace
}  // namespace intaglio::tx
