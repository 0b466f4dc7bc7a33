// What only tokens have: attributes, PINs, sessions. SoftHSM2 is the token.
#include "element/pkcs11_element.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "element/elements_for_test.h"
#include "element/pkcs11_token.h"

namespace intaglio::element {
namespace {

constexpr CK_BBOOL kYes = CK_TRUE;
constexpr CK_BBOOL kNo = CK_FALSE;

CK_ATTRIBUTE flag(CK_ATTRIBUTE_TYPE type, const CK_BBOOL& value) {
  return {type, const_cast<CK_BBOOL*>(&value), sizeof value};
}
CK_ATTRIBUTE text(CK_ATTRIBUTE_TYPE type, std::string_view value) {
  return {type, const_cast<char*>(value.data()), value.size()};
}

class Pkcs11Element : public testing::Test {
 public:
  Result<std::unique_ptr<SecureElement>> create(std::string_view name) {
    return create_key(token.uri(name), TokenForTest::pin(), system_env());
  }
  Result<std::unique_ptr<SecureElement>> open(std::string_view name) {
    return open_key(token.uri(name), TokenForTest::pin(), system_env());
  }
  bool signs(SecureElement& element) {
    const auto signature = element.sign(as_bytes("m"));
    return signature &&
           crypto::Verifier(element.public_key()).verify(crypto::sha256(as_bytes("m")), *signature);
  }
  Pkcs11Uri parsed(std::string_view name) { return must(parse_pkcs11_uri(token.uri(name))); }
  // The token, as another part of the program would reach it.
  std::shared_ptr<Pkcs11Token> raw() {
    return must(Pkcs11Token::open(parsed("x"), TokenForTest::pin()));
  }
  template <typename Work>
  auto in_token(Work work) {
    return must(raw()->with_writing_session(work));
  }

  // A pair that somebody else makes, with these attributes of its private key beside the usual.
  void make_pair(std::string_view name, std::vector<CK_ATTRIBUTE> more, std::string_view curve) {
    in_token([&](const Pkcs11Token::Session& session) -> Result<int> {
      CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
      CK_ATTRIBUTE for_public[] = {flag(CKA_TOKEN, kYes), text(CKA_EC_PARAMS, curve),
                                   text(CKA_LABEL, name), text(CKA_ID, name)};
      more.insert(more.end(), {flag(CKA_TOKEN, kYes), flag(CKA_PRIVATE, kYes), flag(CKA_SIGN, kYes),
                               text(CKA_LABEL, name), text(CKA_ID, name)});
      CK_OBJECT_HANDLE keys[2];
      EXPECT_EQ(session.call.C_GenerateKeyPair(session.handle, &mechanism, for_public,
                                               std::size(for_public), more.data(), more.size(),
                                               &keys[0], &keys[1]),
                CKR_OK);
      return 0;
    });
  }

  std::vector<CK_OBJECT_HANDLE> objects(const Pkcs11Token::Session& session, CK_OBJECT_CLASS kind,
                                        std::string_view name) {
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof kind}, text(CKA_LABEL, name)};
    CK_OBJECT_HANDLE found[8];
    CK_ULONG count = 0;
    EXPECT_EQ(session.call.C_FindObjectsInit(session.handle, wanted, 2), CKR_OK);
    EXPECT_EQ(session.call.C_FindObjects(session.handle, found, 8, &count), CKR_OK);
    EXPECT_EQ(session.call.C_FindObjectsFinal(session.handle), CKR_OK);
    return {found, found + count};
  }

  static constexpr std::string_view kP256{"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10};
  static constexpr std::string_view kP384{"\x06\x05\x2b\x81\x04\x00\x22", 7};
  TokenForTest token;
};

// Acceptance 3.2: no interface gives the private key. Not the token's own either.
TEST_F(Pkcs11Element, TheTokenDoesNotShowThePrivateValue) {
  const auto element = must(create("a"));
  in_token([&](const Pkcs11Token::Session& session) -> Result<int> {
    const auto keys = objects(session, CKO_PRIVATE_KEY, "a");
    EXPECT_EQ(keys.size(), 1u);
    Bytes value(64);
    CK_ATTRIBUTE asked{CKA_VALUE, value.data(), value.size()};
    EXPECT_EQ(session.call.C_GetAttributeValue(session.handle, keys[0], &asked, 1),
              CKR_ATTRIBUTE_SENSITIVE);
    EXPECT_EQ(value, Bytes(64));
    // Nor can it be made readable afterwards.
    CK_ATTRIBUTE readable[] = {flag(CKA_SENSITIVE, kNo)};
    EXPECT_NE(session.call.C_SetAttributeValue(session.handle, keys[0], readable, 1), CKR_OK);
    CK_ATTRIBUTE extractable[] = {flag(CKA_EXTRACTABLE, kYes)};
    EXPECT_NE(session.call.C_SetAttributeValue(session.handle, keys[0], extractable, 1), CKR_OK);
    return 0;
  });
}

TEST_F(Pkcs11Element, RefusesAKeyThatIsNotGuarded) {
  const auto why = [&](std::string_view name) {
    const auto opened = open(name);
    return opened ? "" : to_string(opened.error());
  };
  make_pair("shown", {flag(CKA_SENSITIVE, kNo), flag(CKA_EXTRACTABLE, kNo)}, kP256);
  make_pair("taken", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kYes)}, kP256);
  make_pair("large", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kNo)}, kP384);
  make_pair("good", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kNo)}, kP256);
  EXPECT_TRUE(why("shown").starts_with("element_unfit at the token shows the private key"))
      << why("shown");
  EXPECT_TRUE(why("taken").starts_with("element_unfit at the private key can be taken out"))
      << why("taken");
  EXPECT_TRUE(why("large").starts_with("element_unfit at not a P-256 key")) << why("large");
  EXPECT_EQ(why("good"), "");
}

TEST_F(Pkcs11Element, RefusesAPublicKeyThatIsAnothers) {
  const auto first = must(create("a"));
  make_pair("b", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kNo)}, kP256);
  make_pair("c", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kNo)}, kP256);
  in_token([&](const Pkcs11Token::Session& session) -> Result<int> {
    const CK_OBJECT_HANDLE good = objects(session, CKO_PUBLIC_KEY, "b").at(0);
    const CK_OBJECT_HANDLE other = objects(session, CKO_PUBLIC_KEY, "c").at(0);
    EXPECT_EQ(session.call.C_DestroyObject(session.handle, good), CKR_OK);
    CK_ATTRIBUTE renamed[] = {text(CKA_ID, "b")};
    EXPECT_EQ(session.call.C_SetAttributeValue(session.handle, other, renamed, 1), CKR_OK);
    return 0;
  });
  const auto opened = open("b");
  ASSERT_EQ(verdict_of(opened), Verdict::element_unfit);
  EXPECT_EQ(opened.error().where, "its public key is not its private key's");
  EXPECT_EQ(open("c").error().where, "object: its public key is not there");
}

TEST_F(Pkcs11Element, IsFoundByItsIdAndSaysWhenItsNameIsNotEnough) {
  const auto by_id = [&](const std::string& rest) {
    return open_key(format("pkcs11:token=test;{}?module-path={}", rest, TokenForTest::kModule),
                    TokenForTest::pin(), system_env());
  };
  const auto with_id = must(create_key(
      format("pkcs11:token=test;object=a;id=%01%FF?module-path={}", TokenForTest::kModule),
      TokenForTest::pin(), system_env()));
  EXPECT_EQ(must(by_id("id=%01%FF"))->public_key(), with_id->public_key());
  EXPECT_EQ(must(by_id("object=a"))->public_key(), with_id->public_key());
  EXPECT_EQ(verdict_of(by_id("object=a;id=%02")), Verdict::unknown_element);
  make_pair("a", {flag(CKA_SENSITIVE, kYes), flag(CKA_EXTRACTABLE, kNo)}, kP256);
  EXPECT_EQ(by_id("object=a").error(),
            (Refusal{Verdict::unknown_element, "object: two of that name; add id="}));
  EXPECT_EQ(must(by_id("object=a;id=%01%FF"))->public_key(), with_id->public_key());
  EXPECT_EQ(verdict_of(create("a")), Verdict::element_taken);
}

TEST_F(Pkcs11Element, TwoTokensOfOneLabelAreToldApartByTheirSerialNumbers) {
  token.add("test");
  EXPECT_EQ(create("a").error(),
            (Refusal{Verdict::unknown_element, "token: two of that label; add serial="}));
  token.add("other");
  const auto uri = format("pkcs11:token=other;object=a?module-path={}", TokenForTest::kModule);
  EXPECT_TRUE(create_key(uri, TokenForTest::pin(), system_env()).has_value());
  EXPECT_EQ(verdict_of(open_key(
                "pkcs11:token=none;object=a?module-path=" + std::string(TokenForTest::kModule),
                TokenForTest::pin(), system_env())),
            Verdict::unknown_element);
}

TEST_F(Pkcs11Element, SignsOnWhenItsSessionsWereClosed) {
  const auto first = must(create("a"));
  const auto second = must(create("b"));
  ASSERT_TRUE(signs(*first) && signs(*second));
  const auto module = must(Pkcs11Module::load(std::string(TokenForTest::kModule)));
  CK_SLOT_ID slots[8];
  CK_ULONG count = 8;
  ASSERT_EQ(module->call().C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
  for (CK_ULONG i = 0; i < count; ++i) module->call().C_CloseAllSessions(slots[i]);
  EXPECT_TRUE(signs(*first));
  EXPECT_TRUE(signs(*second));

  // The whole module, by a part of the program that thinks it is alone.
  ASSERT_EQ(module->call().C_Finalize(nullptr), CKR_OK);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(signs(*first) && signs(*second)); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(open("a").has_value());
}

TEST_F(Pkcs11Element, RefusesWhenItsKeyIsGone) {
  const auto element = must(create("a"));
  in_token([&](const Pkcs11Token::Session& session) -> Result<int> {
    for (const auto kind : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
      EXPECT_EQ(session.call.C_DestroyObject(session.handle, objects(session, kind, "a").at(0)),
                CKR_OK);
    }
    return 0;
  });
  const auto refused = element->sign(as_bytes("m"));
  ASSERT_EQ(verdict_of(refused), Verdict::element_gone);
  EXPECT_EQ(refused.error().where, token.uri("a") + ": object: no key 'a' in the token");
  // Another of the same name is not taken for it.
  const auto second = must(create("a"));
  EXPECT_EQ(element->sign(as_bytes("m")).error().where,
            token.uri("a") + ": object: another key is there now");
  EXPECT_TRUE(signs(*second));
}

// SoftHSM2 sees what is in its folder when it is initialised, as after a reader was pulled out.
TEST_F(Pkcs11Element, RefusesWhileItsTokenIsAwayAndGoesOnWhenItIsBack) {
  const auto element = must(create("a"));
  const auto module = must(Pkcs11Module::load(std::string(TokenForTest::kModule)));
  const std::string away = token.tokens() + "-away";
  std::filesystem::rename(token.tokens(), away);
  std::filesystem::create_directory(token.tokens());
  ASSERT_EQ(module->call().C_Finalize(nullptr), CKR_OK);
  for (int i = 0; i < 2; ++i) {
    const auto refused = element->sign(as_bytes("m"));
    ASSERT_EQ(verdict_of(refused), Verdict::element_gone);
    EXPECT_EQ(refused.error().where, token.uri("a") + ": token: no 'test' there");
  }
  std::filesystem::remove(token.tokens());
  std::filesystem::rename(away, token.tokens());
  ASSERT_EQ(module->call().C_Finalize(nullptr), CKR_OK);
  EXPECT_TRUE(signs(*element));
}

// A token counts wrong PINs and locks: one that was refused is not tried a second time.
TEST_F(Pkcs11Element, DoesNotTryARefusedPinAgain) {
  const auto element = must(create("a"));
  const auto module = must(Pkcs11Module::load(std::string(TokenForTest::kModule)));
  in_token([&](const Pkcs11Token::Session& session) -> Result<int> {
    std::string old(TokenForTest::kPin);
    std::string changed = "another horse";
    EXPECT_EQ(session.call.C_SetPIN(session.handle, reinterpret_cast<CK_UTF8CHAR*>(old.data()),
                                    old.size(), reinterpret_cast<CK_UTF8CHAR*>(changed.data()),
                                    changed.size()),
              CKR_OK);
    return 0;
  });
  EXPECT_TRUE(signs(*element)) << "the login still holds";
  ASSERT_EQ(module->call().C_Finalize(nullptr), CKR_OK);
  EXPECT_EQ(element->sign(as_bytes("m")).error(),
            (Refusal{Verdict::element_locked, token.uri("a") + ": token: CKR_PIN_INCORRECT, few "
                                                               "tries are left"}));
  EXPECT_EQ(element->sign(as_bytes("m")).error(),
            (Refusal{Verdict::element_locked, token.uri("a") + ": token: has refused this PIN"}));
}

}  // namespace
}  // namespace intaglio::element
