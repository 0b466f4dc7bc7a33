#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "base/amount.h"
#include "base/env.h"
#include "base/format.h"
#include "base/result.h"
#include "base/secret.h"

namespace intaglio {
namespace {

TEST(Verdict, TheTableIsClosedAscendingAndUnique) {
  std::set<std::string_view> names;
  for (const auto& row : verdicts()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.sentence.empty());
    EXPECT_EQ(verdict_from_name(row.name), row.verdict);
    EXPECT_EQ(verdict_from_number(static_cast<std::uint64_t>(row.verdict)), row.verdict);
  }
  EXPECT_EQ(verdict_from_number(65536), std::nullopt);
  EXPECT_EQ(verdict_from_number(1), std::nullopt);
  EXPECT_EQ(verdict_from_name("nonsense"), std::nullopt);
}

TEST(Verdict, KindAndHttpStatusAgree) {
  for (const auto& row : verdicts()) {
    // What was taken in and waits is no failure, though it is not done.
    const bool waits = row.verdict == Verdict::pending || row.verdict == Verdict::approval_pending;
    const bool good = row.kind == VerdictKind::accepted || waits;
    EXPECT_EQ(row.http_status < 400, good) << row.name;
  }
}

TEST(Refusal, NamesItsPlaceFromTheOutsideIn) {
  const auto inner = refuse(Verdict::bad_value, "amount");
  EXPECT_EQ(refuse_within("operations[1]", inner.error()).error().where, "operations[1].amount");
  EXPECT_EQ(refuse_within("items", refuse(Verdict::bad_value, "[2]").error()).error().where,
            "items[2]");
  EXPECT_EQ(refuse_within("to", refuse(Verdict::bad_value).error()).error().where, "to");
}

TEST(Amount, SumsAndDifferencesAreChecked) {
  EXPECT_EQ(add(Amount(1), Amount(2)), Amount(3));
  EXPECT_EQ(add(Amount(UINT64_MAX), Amount(1)), std::nullopt);
  EXPECT_EQ(subtract(Amount(2), Amount(3)), std::nullopt);
  EXPECT_EQ(subtract(Amount(3), Amount(3)), Amount(0));
}

TEST(Millis, SaturateInsteadOfWrapping) {
  EXPECT_EQ(Millis(UINT64_MAX - 1) + seconds(1), Millis(UINT64_MAX));
  EXPECT_EQ(elapsed(Millis(5), Millis(3)), Duration(0));
}

TEST(Secret, MovesAndLeavesNothingBehind) {
  std::string typed = "open sesame";
  Secret first = Secret::take(typed);
  EXPECT_TRUE(typed.empty());
  const Secret second = std::move(first);
  EXPECT_EQ(as_text(second.reveal()), "open sesame");
}

class SystemEnvFiles : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / format("intaglio-base-{}", ::getpid());
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(SystemEnvFiles, AreReplacedWholeAndKeepTheirMode) {
  const std::string path = folder_ / "file";
  ASSERT_TRUE(system_env().write_file(path, as_bytes("one"), 0600));
  ASSERT_TRUE(system_env().write_file(path, as_bytes("two"), 0600));
  EXPECT_EQ(as_text(*system_env().read_file(path, 10)), "two");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(SystemEnvFiles, TooLargeAndAbsentAreRefusedByName) {
  const std::string path = folder_ / "file";
  ASSERT_TRUE(system_env().write_file(path, as_bytes("three"), 0600));
  EXPECT_EQ(system_env().read_file(path, 4).error().verdict, Verdict::file_failed);
  const auto absent = system_env().read_file(folder_ / "absent", 4);
  EXPECT_NE(absent.error().where.find("absent"), std::string::npos);
}

}  // namespace
}  // namespace intaglio
