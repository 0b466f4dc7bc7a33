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
  EXPECT_EQ(verdict_of(create_key("soft:alice.key", passphrase("b"), env)), Verdict::file_failed);
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
            Verdict::file_failed);
  EXPECT_EQ(system_env().read_file(path, 1 << 20).value(), before);
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "a draft was left behind";
}

TEST(SecureElement, RefusesAnElementThatThisProgramDoesNotHave) {
  FakeEnv env(Millis(0));
  for (const std::string uri :
       {"pkcs11:token=dev;object=k", "tpm:0x81000001", "alice.key", "soft:", ""}) {
    const auto opened = open_key(uri, passphrase("a"), env);
    ASSERT_EQ(verdict_of(opened), Verdict::unknown_element) << uri;
    EXPECT_FALSE(opened.error().where.empty());
    EXPECT_EQ(verdict_of(create_key(uri, passphrase("a"), env)), Verdict::unknown_element);
  }
  EXPECT_EQ(open_key("tpm:1", passphrase("a"), env).error().where,
            "scheme 'tpm' (this program has software elements alone: soft:PATH)");
  EXPECT_TRUE(env.files().empty());
}

TEST(SecureElement, SignsForWhoeverIsHandedItsSigner) {
  const auto element = make_passing_key();
  const crypto::Signer signer = signer_of(*element);
  EXPECT_EQ(signer.key, element->public_key());
  EXPECT_TRUE(crypto::Verifier(signer.key)
                  .verify(crypto::sha256(as_bytes("m")), *signer.sign(as_bytes("m"))));
}

}  // namespace
}  // namespace intaglio::element
