#include "cli/statement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace intaglio::cli {
namespace {

const ledger::GenesisAsset kEuro{AssetId(978), "EUR", 2, Amount(1)};

StatementEntry entry(std::int64_t cents, std::optional<std::string> memo = {}) {
  StatementEntry out;
  out.id = std::string(64, 'a') + ":0";
  out.kind = "transfer";
  out.time = Millis(1'767'225'600'000);
  out.amount = {Amount(static_cast<std::uint64_t>(cents < 0 ? -cents : cents)), cents < 0};
  out.memo = std::move(memo);
  return out;
}

Statement statement(std::vector<StatementEntry> entries, std::uint64_t closing) {
  return {{}, kEuro, {}, std::move(entries), {Amount(closing), false}};
}

// Reads CSV as RFC 4180 has it; written apart from the writer, on purpose.
std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> line(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      line.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      line.emplace_back();
    } else if (!quoted && c == '\r') {
      EXPECT_EQ(text[++i], '\n');
      lines.push_back(std::exchange(line, std::vector<std::string>(1)));
    } else {
      line.back() += c;
    }
  }
  EXPECT_TRUE(line.size() == 1 && line.front().empty());
  return lines;
}

constexpr std::size_t kMemo = 5;
constexpr std::size_t kAmount = 6;

// The column's sum in cents, from its decimals.
std::int64_t sum_of_amounts(std::string_view csv) {
  std::int64_t sum = 0;
  const auto lines = parse_csv(csv);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string digits = lines[i][kAmount];
    EXPECT_EQ(digits[digits.size() - 3], '.');
    digits.erase(digits.size() - 3, 1);
    sum += std::stoll(digits);
  }
  return sum;
}

TEST(Statement, ReconcilesToZeroOrSaysByHowMuchItIsOff) {
  EXPECT_TRUE(reconcile(statement({entry(1000), entry(-250)}, 750)));
  const auto off = reconcile(statement({entry(1000), entry(-250)}, 800));
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error(), (Refusal{Verdict::internal, "the statement is off by -0.50 EUR"}));
}

RC_GTEST_PROP(Statement, TheCsvsAmountsAddUpToZero, (const std::vector<std::int32_t>& cents)) {
  std::vector<StatementEntry> entries;
  std::int64_t total = 0;
  for (const auto each : cents) {
    entries.push_back(entry(each));
    total += each;
  }
  // Whatever was there before makes the closing balance one that an account can have.
  const std::int64_t opening = total < 0 ? -total : 0;
  Statement whole = statement(std::move(entries), static_cast<std::uint64_t>(opening + total));
  whole.opening = {Amount(static_cast<std::uint64_t>(opening)), false};
  RC_ASSERT(reconcile(whole).has_value());
  RC_ASSERT(sum_of_amounts(to_csv(whole)) == 0);
  const std::int64_t lines = static_cast<std::int64_t>(parse_csv(to_csv(whole)).size());
  RC_ASSERT(lines == static_cast<std::int64_t>(cents.size()) + 3);
}

RC_GTEST_PROP(Statement, AMemoNeverBreaksTheCsv, (const std::string& memo)) {
  const auto lines = parse_csv(to_csv(statement({entry(100, memo)}, 100)));
  RC_ASSERT(lines.size() == 4U);
  const std::string& read = lines[2][kMemo];
  RC_ASSERT(read == memo || read == '\'' + memo);
}

TEST(Statement, AMemoIsNoFormulaToASpreadsheet) {
  for (const auto* memo : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1"}) {
    const auto lines = parse_csv(to_csv(statement({entry(100, memo)}, 100)));
    EXPECT_EQ(lines[2][kMemo], std::string("'") + memo);
  }
}

TEST(Statement, TheCsvIsThisText) {
  EXPECT_EQ(to_csv(statement({entry(1250, "coffee, \"black\"")}, 1250)),
            "time,kind,id,counterparty,of,memo,amount,asset\r\n"
            ",opening,,,,,0.00,EUR\r\n"
            "2026-01-01T00:00:00Z,transfer," +
                std::string(64, 'a') +
                ":0,,,\"coffee, \"\"black\"\"\",12.50,EUR\r\n"
                ",closing,,,,,-12.50,EUR\r\n");
}

TEST(Statement, TheJsonHasMinorUnitsAsText) {
  const auto json = to_json(statement({entry(-250)}, 0));
  EXPECT_EQ((*json.find("entries")->items())[0].text_at("amount"), "-250");
  EXPECT_EQ(json.text_at("closing"), "0");
}

}  // namespace
}  // namespace intaglio::cli
