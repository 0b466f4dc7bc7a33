// Every law is shown to catch the mistake it is there for: the change sets here are ones that no
// correct transactor makes.
#include "ledger/laws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids_for_test.h"
#include "ledger/certificates.h"
#include "ledger/memory_state.h"
#include "ledger/rows.h"
#include "ledger/settlements.h"
#include "ledger/trust.h"

namespace intaglio::ledger {
namespace {

using ::testing::Optional;
using ::testing::StartsWith;

constexpr AssetId kEuro{978};

AccountId account(std::uint8_t n) {
  AccountId id;
  id.writable()[0] = n;
  return id;
}
OperationRef reference(std::uint8_t n) {
  OperationRef ref;
  ref.tx.writable()[0] = n;
  return ref;
}
KeyHash key(std::uint8_t n) {
  KeyHash hash;
  hash.writable()[0] = n;
  return hash;
}

BalanceRow balance(std::uint64_t credits, std::uint64_t debits, std::uint64_t pending = 0) {
  return {Amount(credits), Amount(debits), Amount(pending), std::nullopt};
}

HoldRow hold(std::uint64_t amount, std::uint64_t captured, HoldState state) {
  return {account(1), account(2), kEuro, Amount(amount), Amount(captured), Millis(1), state};
}

EntryRow entry(std::uint64_t amount, std::uint64_t refunded) {
  return {.kind = EntryKind::transfer,
          .payer = account(1),
          .payee = account(2),
          .asset = kEuro,
          .amount = Amount(amount),
          .refunded = Amount(refunded),
          .time = Millis(1),
          .of = {},
          .payer_previous = {},
          .payee_previous = {},
          .memo = {}};
}

// The law that `change` breaks after `before`, or nothing.
template <typename Before, typename Change>
std::optional<std::string> broken(Before&& before, Change&& change) {
  MemoryState state;
  Stage first(&state);
  before(first);
  state.apply(first.changes());
  Stage second(&state);
  change(second);
  return first_broken_law(second.changes());
}

const auto kNothing = [](Stage&) {};

TEST(Laws, AllowAPlainTransfer) {
  EXPECT_EQ(broken([](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 0)); },
                   [](Stage& s) {
                     s.put<BalanceRow>({account(1), kEuro}, balance(10, 4));
                     s.put<BalanceRow>({account(2), kEuro}, balance(4, 0));
                     s.put<EntryRow>(reference(1), entry(4, 0));
                   }),
            std::nullopt);
}

TEST(Laws, CatchMoneyOutOfNothing) {
  EXPECT_THAT(
      broken(kNothing, [](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(1, 0)); }),
      Optional(StartsWith("conservation")));
}

TEST(Laws, CatchMoneyThatVanishes) {
  EXPECT_THAT(broken([](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 0)); },
                     [](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 1)); }),
              Optional(StartsWith("conservation")));
}

TEST(Laws, CatchOneAssetThatBecomesAnother) {
  EXPECT_THAT(broken([](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 0)); },
                     [](Stage& s) {
                       s.put<BalanceRow>({account(1), kEuro}, balance(10, 5));
                       s.put<BalanceRow>({account(1), AssetId(840)}, balance(5, 0));
                     }),
              Optional(StartsWith("conservation")));
}

TEST(Laws, CatchAHoldWithoutMoneyBehindIt) {
  EXPECT_THAT(broken(kNothing,
                     [](Stage& s) { s.put<HoldRow>(reference(1), hold(10, 0, HoldState::open)); }),
              Optional(StartsWith("holds_are_backed")));
}

TEST(Laws, CatchAnOverdraft) {
  EXPECT_THAT(broken([](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 0)); },
                     [](Stage& s) {
                       s.put<BalanceRow>({account(1), kEuro}, balance(10, 11));
                       s.put<BalanceRow>({account(2), kEuro}, balance(11, 0));
                     }),
              Optional(StartsWith("no_overdraft")));
}

TEST(Laws, CatchARefundAboveThePaymentAndARewrittenEntry) {
  const auto before = [](Stage& s) { s.put<EntryRow>(reference(1), entry(10, 0)); };
  EXPECT_THAT(broken(before, [](Stage& s) { s.put<EntryRow>(reference(1), entry(10, 11)); }),
              Optional(StartsWith("entries_are_final")));
  EXPECT_THAT(broken(before, [](Stage& s) { s.put<EntryRow>(reference(1), entry(11, 0)); }),
              Optional(StartsWith("entries_are_final")));
  EXPECT_THAT(broken(before, [](Stage& s) { s.erase<EntryRow>(reference(1)); }),
              Optional(StartsWith("entries_are_final")));
}

TEST(Laws, CatchAClosedHoldThatChanges) {
  EXPECT_THAT(
      broken([](Stage& s) { s.put<HoldRow>(reference(1), hold(10, 4, HoldState::closed)); },
             [](Stage& s) { s.put<HoldRow>(reference(1), hold(10, 5, HoldState::closed)); }),
      Optional(StartsWith("holds_stay_closed")));
}

TEST(Laws, CatchACodePaidTwice) {
  const CodeRow::Key slot{key(1), TimeStep(7), 3};
  CodeRow row{.payee = account(2),
              .asset = kEuro,
              .amount = {},
              .claimant = {},
              .claimed_until = {},
              .payment = reference(1)};
  EXPECT_THAT(broken([&](Stage& s) { s.put<CodeRow>(slot, row); },
                     [&](Stage& s) {
                       row.payment = reference(2);
                       s.put<CodeRow>(slot, row);
                     }),
              Optional(StartsWith("codes_are_paid_once")));
}

TEST(Laws, CatchARewrittenReceipt) {
  const ReceiptRow::Key slot{account(1), ClientId{}};
  ReceiptRow row{.tx = {},
                 .height = Height(1),
                 .index = 0,
                 .time = Millis(1),
                 .verdict = 302,
                 .where = {},
                 .valid_until = Millis(2)};
  EXPECT_THAT(broken([&](Stage& s) { s.put<ReceiptRow>(slot, row); },
                     [&](Stage& s) {
                       row.verdict = 0;
                       s.put<ReceiptRow>(slot, row);
                     }),
              Optional(StartsWith("receipts_are_final")));
}

TEST(Laws, CatchAKeyThatComesBackFromRevocation) {
  KeyRow row;
  row.status = KeyStatus::revoked;
  row.public_key = *crypto::PublicKey::parse(
      *codec::from_hex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                       "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
  EXPECT_THAT(broken([&](Stage& s) { s.put<KeyRow>(key(1), row); },
                     [&](Stage& s) {
                       row.status = KeyStatus::active;
                       s.put<KeyRow>(key(1), row);
                     }),
              Optional(StartsWith("revocation_is_final")));
}

TEST(Laws, CatchTrustThatGoesBack) {
  const auto trust = [](std::uint64_t height, std::uint8_t hash) {
    TrustRow row;
    row.height = Height(height);
    row.hash = filled<Digest>(hash);
    return row;
  };
  const auto changed = [&](const TrustRow& after) {
    return broken([&](Stage& s) { s.put<TrustRow>(ChainId(1), trust(8, 1)); },
                  [&](Stage& s) { s.put<TrustRow>(ChainId(1), after); });
  };
  EXPECT_EQ(changed(trust(8, 1)), std::nullopt);
  EXPECT_EQ(changed(trust(9, 2)), std::nullopt);
  EXPECT_THAT(changed(trust(7, 1)), Optional(StartsWith("trust_goes_forward")));
  EXPECT_THAT(changed(trust(8, 2)), Optional(StartsWith("trust_goes_forward")));
  EXPECT_THAT(broken([&](Stage& s) { s.put<TrustRow>(ChainId(1), trust(8, 1)); },
                     [](Stage& s) { s.erase<TrustRow>(ChainId(1)); }),
              Optional(StartsWith("trust_goes_forward")));
}

CertificateRow certificate_row(std::uint8_t number, KeyStatus status) {
  return {.hash = filled<Digest>(number),
          .key = key(1),
          .valid_until = Millis(9),
          .logged = Millis(1),
          .status = status,
          .since = Millis(2),
          .reason = {}};
}
const CertificateRow::Key kSerial{key(7), filled<SerialNumber>(1)};

TEST(Laws, CatchACertificateThatIsRewrittenOrForgotten) {
  const auto revoked = [](Stage& s) {
    s.put<CertificateRow>(kSerial, certificate_row(1, KeyStatus::revoked));
    s.put<IssuerRow>(kSerial.issuer, {.logged = 1, .changes = 1});
  };
  const auto breaks = StartsWith("certificates_stay_logged");
  EXPECT_THAT(broken(revoked, [](Stage& s) { s.erase<CertificateRow>(kSerial); }),
              Optional(breaks));
  EXPECT_THAT(broken(revoked, [](Stage& s) { s.erase<IssuerRow>(kSerial.issuer); }),
              Optional(breaks));
  for (const auto& [number, status] : {std::pair(1, KeyStatus::active), {2, KeyStatus::revoked}}) {
    EXPECT_THAT(broken(revoked,
                       [&](Stage& s) {
                         s.put<CertificateRow>(
                             kSerial, certificate_row(static_cast<std::uint8_t>(number), status));
                         s.put<IssuerRow>(kSerial.issuer, {.logged = 1, .changes = 2});
                       }),
                Optional(breaks));
  }
}

TEST(Laws, CountCertificatesAndWhatBecameOfThem) {
  const auto nothing = [](Stage&) {};
  const auto log = [](Stage& s) {
    s.put<CertificateRow>(kSerial, certificate_row(1, KeyStatus::active));
  };
  const auto count = [](std::uint64_t logged, std::uint64_t changes) {
    return [=](Stage& s) { s.put<IssuerRow>(kSerial.issuer, {logged, changes}); };
  };
  const auto both = [](auto first, auto second) {
    return [=](Stage& s) {
      first(s);
      second(s);
    };
  };
  const auto breaks = Optional(StartsWith("certificates_stay_logged"));
  EXPECT_THAT(broken(nothing, log), breaks);
  EXPECT_THAT(broken(nothing, count(1, 0)), breaks);
  EXPECT_EQ(broken(nothing, both(log, count(1, 0))), std::nullopt);
  const auto suspend = [](Stage& s) {
    s.put<CertificateRow>(kSerial, certificate_row(1, KeyStatus::suspended));
  };
  EXPECT_THAT(broken(both(log, count(1, 0)), suspend), breaks);
  EXPECT_EQ(broken(both(log, count(1, 0)), both(suspend, count(1, 1))), std::nullopt);
}

// One leg of ten, from account 1 to account 2.
SettlementRow settlement(SettlementState state, std::uint16_t arrived) {
  return {.terms = {.chain = ChainId(1),
                    .deadline = Millis(9),
                    .legs = {{{ChainId(1), account(1)}, kEuro, Amount(10)}},
                    .deliveries = {{{ChainId(1), account(2)}, kEuro, Amount(10)}},
                    .nonce = {},
                    .memo = {}},
          .arrived = arrived,
          .state = state,
          .verdict = {},
          .time = Millis(1)};
}
const SettlementId kSettlement;

TEST(Laws, CountWhatASettlementHolds) {
  const auto begin = [](Stage& s) { s.put<BalanceRow>({account(1), kEuro}, balance(10, 0)); };
  const auto pay_in = [](Stage& s) {
    s.put<BalanceRow>({account(1), kEuro}, balance(10, 10));
    s.put<SettlementRow>(kSettlement, settlement(SettlementState::open, 1));
  };
  EXPECT_EQ(broken(begin, pay_in), std::nullopt);
  EXPECT_THAT(broken(begin,
                     [](Stage& s) {
                       s.put<BalanceRow>({account(1), kEuro}, balance(10, 10));
                       s.put<SettlementRow>(kSettlement, settlement(SettlementState::open, 0));
                     }),
              Optional(StartsWith("conservation")));
  EXPECT_EQ(broken(pay_in,
                   [](Stage& s) {
                     s.put<BalanceRow>({account(2), kEuro}, balance(10, 0));
                     s.put<SettlementRow>(kSettlement, settlement(SettlementState::delivered, 1));
                   }),
            std::nullopt);
  EXPECT_THAT(broken(pay_in,
                     [](Stage& s) {
                       s.put<SettlementRow>(kSettlement, settlement(SettlementState::delivered, 1));
                     }),
              Optional(StartsWith("conservation")));
}

TEST(Laws, CatchASettlementThatChangesAfterItsEnd) {
  const auto put = [](SettlementState state, std::uint16_t arrived) {
    return [=](Stage& s) { s.put<SettlementRow>(kSettlement, settlement(state, arrived)); };
  };
  const auto nothing_came = put(SettlementState::returned, 0);
  EXPECT_EQ(broken(nothing_came, [](Stage& s) { s.erase<SettlementRow>(kSettlement); }),
            std::nullopt);
  EXPECT_THAT(broken(nothing_came, put(SettlementState::open, 0)),
              Optional(StartsWith("settlements_end_once: closed")));
  EXPECT_THAT(broken(put(SettlementState::returned, 1), nothing_came),
              Optional(StartsWith("settlements_end_once")));
  EXPECT_THAT(broken(put(SettlementState::open, 0), put(SettlementState::delivered, 0)),
              Optional(StartsWith("settlements_end_once")));
  EXPECT_THAT(
      broken(put(SettlementState::open, 0), [](Stage& s) { s.erase<SettlementRow>(kSettlement); }),
      Optional(StartsWith("settlements_end_once: open")));
  EXPECT_THAT(broken(put(SettlementState::open, 0),
                     [](Stage& s) {
                       auto other = settlement(SettlementState::open, 0);
                       other.terms.deadline = Millis(10);
                       s.put<SettlementRow>(kSettlement, other);
                     }),
              Optional(StartsWith("settlements_end_once")));
}

}  // namespace
}  // namespace intaglio::ledger
