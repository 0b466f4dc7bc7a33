// The program as it is called: usage, help, exit codes.
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/run_for_test.h"
#include "codec/utf8.h"

namespace intaglio::cli {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    widest = std::max(widest, codec::utf8_length(line));
  }
  return widest;
}

// The command an example calls: the one that the words after "intaglio" name.
const Command* command_of(const std::string& example) {
  const auto all = words_of(example);
  const auto program = std::ranges::find(all, "intaglio");
  if (program == all.end()) return nullptr;
  const std::vector<std::string> words(program + 1, all.end());
  const Command* found = nullptr;
  for (const Command& command : commands()) {
    const auto path = words_of(command.path);
    if (path.size() <= words.size() &&
        std::ranges::equal(path, std::span(words).first(path.size()))) {
      found = &command;
    }
  }
  return found;
}

TEST(Commands, EachHasAnExampleOfItself) {
  for (const Command& command : commands()) {
    EXPECT_FALSE(command.examples.empty()) << command.path;
    EXPECT_FALSE(command.summary.empty()) << command.path;
    EXPECT_TRUE(command.run) << command.path;
    for (const auto& example : command.examples) {
      EXPECT_EQ(command_of(example), &command) << example;
    }
  }
}

TEST(Commands, ExamplesUseOptionsThatThereAre) {
  for (const Command& command : commands()) {
    std::set<std::string> known;
    for (const auto& option : command.options) known.insert("--" + option.name);
    for (const auto& option : global_options()) known.insert("--" + option.name);
    for (const auto& example : command.examples) {
      for (const auto& word : words_of(example)) {
        if (!word.starts_with("--")) continue;
        EXPECT_TRUE(known.contains(word)) << example;
      }
    }
  }
}

TEST(Commands, ExamplesHaveEverythingThatIsRequired) {
  for (const Command& command : commands()) {
    for (const auto& example : command.examples) {
      for (const auto& option : command.options) {
        if (!option.required || option.kind == OptionKind::positional) continue;
        EXPECT_NE(example.find("--" + option.name + ' '), std::string::npos) << example;
      }
    }
  }
}

TEST(Commands, NamesAreUniqueAndNoCommandIsAGroupToo) {
  std::set<std::string> paths;
  for (const Command& command : commands()) EXPECT_TRUE(paths.insert(command.path).second);
  for (const auto& path : paths) {
    const std::string group = path.substr(0, path.find(' '));
    EXPECT_TRUE(group == path || !paths.contains(group)) << group;
  }
}

TEST(Help, OfEveryCommandRendersWithinAHundredColumns) {
  for (const Command& command : commands()) {
    auto words = words_of(command.path);
    words.emplace_back("--help");
    const auto ran = run_captured(words);
    EXPECT_EQ(ran.code, 0) << command.path;
    EXPECT_EQ(ran.out, help_text(command)) << command.path;
    EXPECT_LE(widest_line(ran.out), 100U) << ran.out;
    EXPECT_NE(ran.out.find(command.examples.front()), std::string::npos) << command.path;
  }
}

TEST(Help, OfTheProgramNamesEveryCommandAndTheExitCodes) {
  const auto ran = run_captured({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_LE(widest_line(ran.out), 100U) << ran.out;
  for (const Command& command : commands()) {
    EXPECT_NE(ran.out.find("\n  " + command.path), std::string::npos) << command.path;
  }
  EXPECT_NE(ran.out.find("Exit codes:"), std::string::npos);
  EXPECT_NE(ran.out.find("INTAGLIO_PASSPHRASE"), std::string::npos);
}

TEST(Help, OfAGroupListsItsCommands) {
  const auto ran = run_captured({"code", "--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("  code show"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("  key new"), std::string::npos) << ran.out;
}

TEST(ExitCodes, FollowFromTheKindOfTheVerdict) {
  EXPECT_EQ(exit_code({Verdict::bad_usage, {}}), 2);
  EXPECT_EQ(exit_code({Verdict::insufficient_funds, {}}), 3);
  EXPECT_EQ(exit_code({Verdict::pending, {}}), 4);
  EXPECT_EQ(exit_code({Verdict::timed_out, {}}), 4);
  for (const VerdictRow& row : verdicts()) {
    const int code = exit_code({row.verdict, {}});
    EXPECT_EQ(code == 0, row.kind == VerdictKind::accepted) << row.name;
    EXPECT_EQ(code == 4, row.kind == VerdictKind::later) << row.name;
  }
}

TEST(Usage, AWrongCommandLineIsMalformedAndSaysWhereHelpIs) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"key"},
                                             {"key", "new"},
                                             {"key", "new", "a", "b"},
                                             {"key", "list", "--colour"},
                                             {"enrol", "alice"},
                                             {"pay", "--amount"},
                                             {"key", "list", "--home", "a", "--home", "b"}}) {
    const auto ran = run_captured(words);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_TRUE(ran.out.empty());
    EXPECT_NE(ran.err.find("--help"), std::string::npos) << ran.err;
  }
}

TEST(Usage, WithJsonAProblemIsJsonOnStandardError) {
  const auto ran = run_captured({"nonsense", "--json"});
  EXPECT_EQ(ran.code, 2);
  const auto problem = codec::parse_json(ran.err.substr(0, ran.err.find('\n')));
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->text_at("code"), "bad_usage");
  EXPECT_EQ(problem->text_at("kind"), "malformed");
}

TEST(Usage, TheVersionIsAWordOfItsOwn) {
  const auto ran = run_captured({"--version"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "intaglio 0.1.0\n");
}

TEST(Usage, ARefusalSaysWhatToDoFirst) {
  const FolderForTest folder;
  const auto ran = run_captured({"chain", "list", "--home", folder.path()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("intaglio connect URL --trust FILE"), std::string::npos) << ran.err;
}

// A key by the command line, with each way of giving a passphrase that needs no terminal.
TEST(Keys, AreMadeListedAndShownWithoutASecretInAnyMessage) {
  const FolderForTest folder;
  const std::string secret = "correct-horse";
  const std::string file = folder.path() + "/passphrase";
  std::ofstream(file) << secret << "\nsecond line\n";
  const std::vector<std::string> shared = {"--home", folder.path() + "/home", "--passphrase-file",
                                           file};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), shared.begin(), shared.end());
    return run_captured(words);
  };
  ASSERT_EQ(with({"key", "new", "alice"}).code, 0);
  const auto shown = with({"key", "show", "alice", "--json"});
  ASSERT_EQ(shown.code, 0);
  const auto json = codec::parse_json(shown.out);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->text_at("name"), "alice");
  EXPECT_EQ(json->text_at("key")->size(), 64U);
  EXPECT_EQ(json->text_at("public_key")->size(), 130U);
  EXPECT_TRUE(json->text_at("address")->starts_with("itg1"));
  EXPECT_EQ(with({"key", "new", "alice"}).code, 3) << "there is one of that name";
  const auto list = with({"key", "list"});
  EXPECT_NE(list.out.find(*json->text_at("address")), std::string::npos);
  std::ofstream(file) << "wrong-horse\n";
  const auto locked = with({"account", "show", "alice"});
  for (const auto& ran : {shown, list, locked}) {
    EXPECT_EQ((ran.out + ran.err).find("horse"), std::string::npos) << ran.out << ran.err;
  }
}

}  // namespace
}  // namespace intaglio::cli
