#include "cli/reference.h"

#include <gtest/gtest.h>

#include "base/env.h"
#include "codec/tagged.h"
#include "tx/operation.h"

namespace intaglio::cli {
namespace {

// What stands in docs/reference now. Tests run in the repository's own folder.
std::string written(const std::string& page) {
  const auto file = system_env().read_file("docs/reference/" + page + ".md", 1024 * 1024);
  EXPECT_TRUE(file.has_value()) << "no docs/reference/" << page << ".md";
  return file ? std::string(as_text(*file)) : std::string();
}

TEST(Reference, ThePageOfVerdictsIsCurrent) {
  EXPECT_EQ(verdicts_page(), written("verdicts")) << "stale: ./dev docs writes it anew";
}
TEST(Reference, ThePageOfTransactionsIsCurrent) {
  EXPECT_EQ(transactions_page(), written("transactions")) << "stale: ./dev docs writes it anew";
}
TEST(Reference, ThePageOfCommandsIsCurrent) {
  EXPECT_EQ(cli_page(), written("cli")) << "stale: ./dev docs writes it anew";
}

TEST(Reference, NamesEveryVerdictEveryOperationAndEveryCommand) {
  for (const VerdictRow& row : verdicts()) {
    EXPECT_NE(verdicts_page().find("`" + std::string(row.name) + "`"), std::string::npos);
  }
  const std::string transactions = transactions_page();
  codec::for_each_alternative<tx::Operation>([&]<typename T>(const T&) {
    EXPECT_NE(transactions.find("\n## " + std::string(T::kName) + ' '), std::string::npos);
    for (const auto& field : codec::field_docs<T>()) {
      EXPECT_NE(transactions.find("| `" + std::string(field.name) + "` |"), std::string::npos);
    }
  });
  for (const Command& command : commands()) {
    EXPECT_NE(cli_page().find("\n## intaglio " + command.path + '\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace intaglio::cli
