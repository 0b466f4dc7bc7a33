// One list of what every kind of element must do.
#include "element/secure_element.h"

#include <atomic>
#include <cstdio>
#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "element/elements_for_test.h"
#include "element/soft_element.h"

namespace intaglio::element {
namespace {

// The passphrase of all: a SoftHSM2 token takes 4 to 255 bytes as its PIN, a TPM up to 32.
constexpr std::string_view kPassphrase = TokenForTest::kPin;
static_assert(kPassphrase == TpmForTest::kPassphrase);

Secret secret(std::string_view text) { return Secret(to_bytes(as_bytes(text))); }

class Place {
 public:
  virtual ~Place() = default;
  virtual std::string uri(const std::string& name) const = 0;
};
class InFolder final : public Place {
  std::string uri(const std::string& name) const override { return "soft:" + (folder_ / name); }
  FolderForTest folder_;
};
class InToken final : public Place {
  std::string uri(const std::string& name) const override { return token_.uri(name); }
  TokenForTest token_;
};
class InTpm final : public Place {
  std::string uri(const std::string& name) const override { return tpm_.uri(name); }
  TpmForTest tpm_;
};

struct Kind {
  std::string name;
  bool is_simulated;
  std::unique_ptr<Place> (*make)();
};
template <typename T>
std::unique_ptr<Place> make() {
  return std::make_unique<T>();
}

class EveryElement : public testing::TestWithParam<Kind> {
 public:
  Result<std::unique_ptr<SecureElement>> create(const std::string& name,
                                                std::string_view passphrase = kPassphrase) {
    return create_key(place->uri(name), secret(passphrase), system_env());
  }
  Result<std::unique_ptr<SecureElement>> open(const std::string& name,
                                              std::string_view passphrase = kPassphrase) {
    return open_key(place->uri(name), secret(passphrase), system_env());
  }

  std::unique_ptr<Place> place = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryElement,
                         testing::Values(Kind{"soft", true, make<InFolder>},
                                         Kind{"pkcs11", false, make<InToken>},
                                         Kind{"tpm", false, make<InTpm>}),
                         [](const auto& kind) { return kind.param.name; });

bool verifies(const crypto::PublicKey& key, std::string_view text, const crypto::Signature& by) {
  return crypto::Verifier(key).verify(crypto::sha256(as_bytes(text)), by);
}

// What the `openssl` program says.
bool openssl_verifies(const crypto::PublicKey& key, std::string_view text,
                      const crypto::Signature& by) {
  const FolderForTest folder;
  // SubjectPublicKeyInfo of RFC 5480 up to the point.
  Bytes info = must(codec::from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200"));
  append(info, key.view());
  std::ofstream(folder / "key.pem") << "-----BEGIN PUBLIC KEY-----\n"
                                    << codec::to_base64(info) << "\n-----END PUBLIC KEY-----\n";
  std::ofstream(folder / "text") << text;
  std::ofstream(folder / "signature") << as_text(crypto::to_der(by));
  ProgramForTest openssl({"openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature",
                          folder / "signature", folder / "text"});
  return openssl.wait() == 0;
}

TEST_P(EveryElement, MakesAKeyThatIsThereWhenItIsOpenedAgain) {
  crypto::PublicKey key;
  {
    const auto made = must(create("a"));
    key = made->public_key();
    EXPECT_EQ(made->simulated(), GetParam().is_simulated);
  }
  const auto opened = must(open("a"));
  EXPECT_EQ(opened->public_key(), key);
  EXPECT_EQ(must(open_key(opened->uri(), secret(kPassphrase), system_env()))->public_key(), key);
  EXPECT_EQ(verdict_of(open("b")), Verdict::unknown_element);
}

TEST_P(EveryElement, SignsWhatOursAndTheOpensslProgramVerify) {
  const auto element = must(create("a"));
  const auto other = must(create("b"));
  EXPECT_NE(element->public_key(), other->public_key());
  for (const std::string text : {"", "a message", "another one"}) {
    const auto signature = must(element->sign(as_bytes(text)));
    EXPECT_TRUE(crypto::in_canonical_form(signature));
    EXPECT_TRUE(verifies(element->public_key(), text, signature));
    EXPECT_FALSE(verifies(other->public_key(), text, signature));
    EXPECT_TRUE(openssl_verifies(element->public_key(), text, signature));
    EXPECT_FALSE(openssl_verifies(element->public_key(), text + "!", signature));
  }
}

// Half of all signatures are high-s before they are made low-s.
TEST_P(EveryElement, NeverSignsInHighS) {
  const auto element = must(create("a"));
  for (int i = 0; i < 32; ++i) {
    const auto signature = must(element->sign(as_bytes(std::to_string(i))));
    EXPECT_TRUE(crypto::in_canonical_form(signature));
    EXPECT_TRUE(verifies(element->public_key(), std::to_string(i), signature));
  }
}

TEST_P(EveryElement, RefusesAWrongPassphraseAndNamesNone) {
  std::string said;
  const auto listen = [&](const auto& result) {
    if (!result) said += to_string(result.error()) + '\n';
    return verdict_of(result);
  };
  ASSERT_TRUE(create("a").has_value());
  EXPECT_EQ(listen(open("a", "wrong donkey")), Verdict::element_locked);
  {
    const auto element = must(open("a"));
    // The element that is open already lends nobody its passphrase.
    EXPECT_EQ(listen(open("a", "wrong donkey")), Verdict::element_locked);
    EXPECT_TRUE(element->sign(as_bytes("m")).has_value());
  }
  EXPECT_EQ(listen(create("a")), Verdict::element_taken);
  EXPECT_EQ(listen(open("b")), Verdict::unknown_element);
  EXPECT_EQ(said.find("donkey"), std::string::npos) << said;
  EXPECT_EQ(said.find(kPassphrase), std::string::npos) << said;
}

TEST_P(EveryElement, NeverTakesAnothersPlace) {
  const auto first = must(create("a"));
  EXPECT_EQ(verdict_of(create("a")), Verdict::element_taken);
  EXPECT_TRUE(verifies(first->public_key(), "m", must(first->sign(as_bytes("m")))));
  EXPECT_EQ(must(open("a"))->public_key(), first->public_key());
}

TEST_P(EveryElement, SignsForManyThreadsAtOnce) {
  const auto first = must(create("a"));
  const auto second = must(create("b"));
  SecureElement* const elements[] = {first.get(), second.get()};
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&, t] {
      SecureElement& element = *elements[t % 2];
      for (int i = 0; i < 8; ++i) {
        const std::string text = format("{} {}", t, i);
        const auto signature = element.sign(as_bytes(text));
        if (signature && verifies(element.public_key(), text, *signature)) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 12 * 8);
}

TEST(SecureElement, RefusesWhatNamesNoElement) {
  const std::string module = "?module-path=" + std::string(TokenForTest::kModule);
  for (const auto& [uri, where] : std::vector<std::pair<std::string, std::string>>{
           {"", "'' (an element's URI starts with its scheme: soft:PATH)"},
           {"alice.key", "'alice.key' (an element's URI starts with its scheme: soft:PATH)"},
           {"soft:", "path: missing"},
           {"hsm:a", "scheme 'hsm' (soft, pkcs11 and tpm are known)"},
           {"pkcs11:object=a" + module, "token: missing"},
           {"pkcs11:token=a" + module, ""},
           {"pkcs11:token=a;object=b", "module-path: missing"},
           {"pkcs11:token=a;object=b?module-path=/gone.so",
            "module-path: /gone.so (No such file or directory)"},
           {"pkcs11:token=a;object=b?module-path=/etc/passwd", ""},
           {"pkcs11:token=a;object=b;pin-value=1234" + module,
            "pin-value: a PIN never stands in a URI; it is the passphrase"},
           {"tpm:", "path: missing"},
           {"tpm:handle=0x01", "handle: 0x and eight hexadecimal digits"},
       }) {
    const auto opened = open_key(uri, secret("a"), system_env());
    ASSERT_EQ(verdict_of(opened), Verdict::unknown_element) << uri;
    if (!where.empty()) {
      EXPECT_EQ(opened.error().where, where);
    }
    EXPECT_EQ(verdict_of(create_key(uri, secret("a"), system_env())), Verdict::unknown_element);
  }
}

TEST(SecureElement, SignsForWhoeverIsHandedItsSigner) {
  const auto element = make_passing_key();
  const crypto::Signer signer = signer_of(*element);
  EXPECT_EQ(signer.key, element->public_key());
  EXPECT_TRUE(verifies(signer.key, "m", *signer.sign(as_bytes("m"))));
}

}  // namespace
}  // namespace intaglio::element
