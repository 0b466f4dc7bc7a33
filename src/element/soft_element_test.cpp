#include "element/soft_element.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "element/fake_env.h"

namespace intaglio::element {
namespace {

Secret passphrase(std::string text) { return Secret::take(text); }

TEST(SoftElement, KeepsItsKeyInAFileThatItsPassphraseOpens) {
  FakeEnv env(Millis(0));
  const auto made = create_key("soft:alice.key", passphrase("correct"), env);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ((*made)->uri(), "soft:alice.key");
  EXPECT_EQ(env.files().at("alice.key").mode, 0600u);

  const auto opened = open_key("soft:alice.key", passphrase("correct"), env);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ((*opened)->public_key(), (*made)->public_key());
  const auto signature = (*opened)->sign(as_bytes("message"));
  EXPECT_TRUE(crypto::Verifier((*made)->public_key())
                  .verify(crypto::sha256(as_bytes("message")), *signature));

  EXPECT_EQ(verdict_of(open_key("soft:alice.key", passphrase("wrong"), env)),
            Verdict::element_locked);
  EXPECT_EQ(verdict_of(open_key("soft:bob.key", passphrase("correct"), env)),
            Verdict::unknown_element);
}

// Acceptance 3.11: a software element is labelled as simulated.
TEST(SoftElement, SaysThatItIsSimulated) { EXPECT_TRUE(make_passing_key()->simulated()); }

TEST(SoftElement, NeverOverwritesAKey) {
  FakeEnv env(Millis(0));
  ASSERT_TRUE(create_key("soft:alice.key", passphrase("a"), env).has_value());
  const Bytes before = env.files().at("alice.key").content;
  EXPECT_EQ(verdict_of(create_key("soft:alice.key", passphrase("b"), env)), Verdict::element_taken);
  EXPECT_EQ(env.files().at("alice.key").content, before);
}

TEST(SoftElement, ItsFileOnTheRealDiskIsItsOwnersAlone) {
  const FolderForTest folder;
  const std::string path = folder / "a.key";
  ASSERT_TRUE(create_key("soft:" + path, passphrase("a"), system_env()).has_value());
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777u, 0600u);
  const Bytes before = system_env().read_file(path, 1 << 20).value();
  EXPECT_EQ(verdict_of(create_key("soft:" + path, passphrase("a"), system_env())),
            Verdict::element_taken);
  EXPECT_EQ(system_env().read_file(path, 1 << 20).value(), before);
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "a draft was left behind";
}

}  // namespace
}  // namespace intaglio::element
