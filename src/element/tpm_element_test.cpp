// What only TPMs have. swtpm is the TPM.
#include "element/tpm_element.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "element/elements_for_test.h"

namespace intaglio::element {
namespace {

class TpmElement : public testing::Test {
 public:
  Result<std::unique_ptr<SecureElement>> create(std::string_view name) {
    return create_key(tpm.uri(name), TpmForTest::passphrase(), system_env());
  }
  Result<std::unique_ptr<SecureElement>> open(std::string_view name,
                                              Secret passphrase = TpmForTest::passphrase()) {
    return open_key(tpm.uri(name), passphrase, system_env());
  }
  static Secret secret(std::string_view text) { return Secret(to_bytes(as_bytes(text))); }
  static bool signs(SecureElement& element) {
    const auto signature = element.sign(as_bytes("m"));
    return signature &&
           crypto::Verifier(element.public_key()).verify(crypto::sha256(as_bytes("m")), *signature);
  }
  // A program of tpm2-tools.
  void run(std::vector<std::string> words) {
    words.insert(words.begin() + 1, {"-T", tpm.tcti()});
    ProgramForTest tool(words);
    ASSERT_EQ(tool.wait(), 0) << words.front();
  }

  TpmForTest tpm;
};

TEST_F(TpmElement, KeepsAKeyThatNoOtherTpmCanLoad) {
  const auto element = must(create("a"));
  const std::string file = tpm.folder() + "/a";
  const Bytes pem = must(system_env().read_file(file, 1 << 16));
  EXPECT_TRUE(as_text(pem).starts_with("-----BEGIN TSS2 PRIVATE KEY-----\n"));
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);

  const TpmForTest other;
  const auto elsewhere = format("tpm:{}?tcti={}", file, other.tcti());
  const auto refused = open_key(elsewhere, TpmForTest::passphrase(), system_env());
  EXPECT_EQ(verdict_of(refused), Verdict::unknown_element);
  EXPECT_TRUE(signs(*element)) << "two TPMs at once";
}

TEST_F(TpmElement, SaysWhatIsNoKeyOfATpm) {
  const auto write = [&](std::string_view text) {
    ASSERT_TRUE(system_env().write_file(tpm.folder() + "/x", as_bytes(text), 0600));
  };
  write("-----BEGIN PRIVATE KEY-----\n");
  EXPECT_EQ(open("x").error(),
            (Refusal{Verdict::unknown_element, "not a key that a TPM wrapped (TSS2 PRIVATE KEY)"}));
  write("-----BEGIN TSS2 PRIVATE KEY-----\nMAA=\n-----END TSS2 PRIVATE KEY-----\n");
  EXPECT_FALSE(open("x").has_value());
  const auto no_provider = open_key("tpm:" + tpm.folder() + "/none", secret("a"), system_env());
  EXPECT_EQ(verdict_of(no_provider), Verdict::unknown_element);
}

TEST_F(TpmElement, TakesNoPassphraseThatATpmWouldCut) {
  EXPECT_EQ(create_key(tpm.uri("a"), secret(std::string(33, 'a')), system_env()).error(),
            (Refusal{Verdict::element_locked, "passphrase: a TPM takes 1 to 32 bytes"}));
  EXPECT_FALSE(create_key(tpm.uri("a"), secret(""), system_env()).has_value());
  EXPECT_FALSE(create_key(tpm.uri("a"), secret(std::string_view("a\0b", 3)), system_env()));
  EXPECT_FALSE(std::filesystem::exists(tpm.folder() + "/a"));
  EXPECT_TRUE(create_key(tpm.uri("a"), secret(std::string(32, 'a')), system_env()).has_value());
  EXPECT_TRUE(open("a", secret(std::string(32, 'a'))).has_value());
}

// A key without one is signed with by whoever reaches the TPM.
TEST_F(TpmElement, RefusesAKeyWithoutAuthorisation) {
  ::setenv("TPM2OPENSSL_TCTI", tpm.tcti().c_str(), 1);
  ProgramForTest openssl({"openssl", "genpkey", "-provider", "tpm2", "-provider", "default",
                          "-propquery", "?provider=tpm2", "-algorithm", "EC", "-pkeyopt",
                          "group:P-256", "-out", tpm.folder() + "/open"});
  ASSERT_EQ(openssl.wait(), 0);
  ::unsetenv("TPM2OPENSSL_TCTI");
  EXPECT_EQ(
      open("open").error(),
      (Refusal{Verdict::element_unfit, "the key has no authorisation: whoever reaches it signs"}));
}

TEST_F(TpmElement, OpensAKeyThatTheOpensslProgramMadeWithAPassphrase) {
  ::setenv("TPM2OPENSSL_TCTI", tpm.tcti().c_str(), 1);
  ProgramForTest openssl(
      {"openssl", "genpkey", "-provider", "tpm2", "-provider", "default", "-propquery",
       "?provider=tpm2", "-algorithm", "EC", "-pkeyopt", "group:P-256", "-pkeyopt",
       "user-auth:" + std::string(TpmForTest::kPassphrase), "-out", tpm.folder() + "/theirs"});
  ASSERT_EQ(openssl.wait(), 0);
  {
    // By the environment too, as the provider's other users have it.
    const auto element =
        must(open_key("tpm:" + tpm.folder() + "/theirs", TpmForTest::passphrase(), system_env()));
    EXPECT_TRUE(signs(*element));
  }
  ::unsetenv("TPM2OPENSSL_TCTI");
  EXPECT_TRUE(signs(*must(open("theirs"))));
}

TEST_F(TpmElement, SignsWithAPersistentKey) {
  const auto file = [&](const char* name) { return tpm.folder() + '/' + name; };
  run({"tpm2_createprimary", "-C", "o", "-G", "ecc", "-c", file("prim.ctx")});
  run({"tpm2_flushcontext", "-t"});
  run({"tpm2_create", "-C", file("prim.ctx"), "-G", "ecc256", "-u", file("k.pub"), "-r",
       file("k.priv"), "-p", std::string(TpmForTest::kPassphrase), "-a",
       "sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth"});
  run({"tpm2_flushcontext", "-t"});
  run({"tpm2_load", "-C", file("prim.ctx"), "-u", file("k.pub"), "-r", file("k.priv"), "-c",
       file("k.ctx")});
  run({"tpm2_evictcontrol", "-C", "o", "-c", file("k.ctx"), "0x81000001"});
  run({"tpm2_flushcontext", "-t"});

  const std::string uri = "tpm:handle=0x81000001?tcti=" + tpm.tcti();
  const auto element = must(open_key(uri, TpmForTest::passphrase(), system_env()));
  EXPECT_TRUE(signs(*element));
  EXPECT_EQ(element->uri(), uri);
  EXPECT_EQ(verdict_of(open_key(uri, secret("wrong"), system_env())), Verdict::element_locked);
  EXPECT_EQ(verdict_of(open_key("tpm:handle=0x81000002?tcti=" + tpm.tcti(),
                                TpmForTest::passphrase(), system_env())),
            Verdict::unknown_element);
  EXPECT_EQ(verdict_of(create_key(uri, TpmForTest::passphrase(), system_env())),
            Verdict::unknown_element);
}

TEST_F(TpmElement, RefusesWhileItsTpmIsAwayAndGoesOnWhenItIsBack) {
  const auto first = must(create("a"));
  const auto second = must(create("b"));
  tpm.stop();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict_of(first->sign(as_bytes("m"))), Verdict::element_gone);
    EXPECT_EQ(verdict_of(open("b")), Verdict::element_gone);
  }
  tpm.start();
  EXPECT_TRUE(signs(*first));
  EXPECT_TRUE(signs(*second));
  // Without an error in between, too.
  tpm.stop();
  tpm.start();
  EXPECT_TRUE(signs(*second));
}

// More keys than the TPM has room for, taking turns.
TEST_F(TpmElement, HoldsMoreKeysThanTheTpm) {
  std::vector<std::unique_ptr<SecureElement>> keys;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) keys.push_back(must(create(name)));
  for (int i = 0; i < 2; ++i) {
    for (const auto& key : keys) EXPECT_TRUE(signs(*key));
  }
}

// The TPM counts wrong passphrases and then takes none, right or wrong, for a while.
TEST_F(TpmElement, SaysThatTheTpmLocksAfterWrongPassphrases) {
  const auto element = must(create("a"));
  std::string said;
  for (int i = 0; i < 10; ++i) {
    const auto opened = open("a", secret("wrong"));
    ASSERT_EQ(verdict_of(opened), Verdict::element_locked);
    said = opened.error().where;
  }
  EXPECT_NE(said.find("lockout"), std::string::npos) << said;
  EXPECT_EQ(verdict_of(element->sign(as_bytes("m"))), Verdict::element_locked);
  EXPECT_EQ(verdict_of(element->sign(as_bytes("m"))), Verdict::element_locked);
  EXPECT_EQ(element->sign(as_bytes("m")).error().where,
            tpm.uri("a") + ": has refused this passphrase");
}

}  // namespace
}  // namespace intaglio::element
