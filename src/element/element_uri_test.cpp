#include "element/element_uri.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kModule = "?module-path=/usr/lib/softhsm/libsofthsm2.so";

std::string refused(std::string_view uri) {
  const auto parsed = parse_pkcs11_uri(uri);
  return parsed ? "" : parsed.error().where;
}

TEST(Pkcs11Uri, NamesATokenAndAKey) {
  const auto uri = must(parse_pkcs11_uri(
      "pkcs11:token=The%20Token;serial=0a1;object=k%c3%bClm;id=%01%00z;type=private" +
      std::string(kModule)));
  EXPECT_EQ(uri.token, "The Token");
  EXPECT_EQ(uri.serial, "0a1");
  EXPECT_EQ(uri.object, "külm");
  EXPECT_EQ(uri.id, (Bytes{1, 0, 'z'}));
  EXPECT_EQ(uri.module_path, "/usr/lib/softhsm/libsofthsm2.so");
  EXPECT_EQ(to_text(uri), "pkcs11:token=The%20Token;serial=0a1;object=k%C3%BClm;id=%01%00z" +
                              std::string(kModule));
}

TEST(Pkcs11Uri, SaysWhatIsWrong) {
  const std::string module(kModule);
  EXPECT_EQ(refused("pkcs11:" + module), "attribute 1: NAME=VALUE is wanted");
  EXPECT_EQ(refused("pkcs11:token=a;" + module), "attribute 2: NAME=VALUE is wanted");
  EXPECT_EQ(refused("pkcs11:token=a"), "module-path: missing");
  EXPECT_EQ(refused("pkcs11:token=a?"), "attribute 1: NAME=VALUE is wanted");
  EXPECT_EQ(refused("pkcs11:object=a" + module), "token: missing");
  EXPECT_EQ(refused("pkcs11:token=" + module), "token: empty");
  EXPECT_EQ(refused("pkcs11:token=a;token=b" + module), "token: stands twice");
  EXPECT_EQ(refused("pkcs11:token=a;id=1;id=1" + module), "id: stands twice");
  EXPECT_EQ(refused("pkcs11:token=a;type=private;type=private" + module), "type: stands twice");
  EXPECT_EQ(refused("pkcs11:token=a;type=public" + module), "type: a key that signs is private");
  EXPECT_EQ(refused("pkcs11:token=a;slot-id=1" + module),
            "slot-id: not an attribute that this program goes by");
  EXPECT_EQ(refused("pkcs11:token=a" + module + "&pin-value=1234"),
            "pin-value: a PIN never stands in a URI; it is the passphrase");
  EXPECT_EQ(refused("pkcs11:token=a?module-path=lib.so"), "module-path: is no absolute path");
  EXPECT_EQ(refused("pkcs11:token=" + std::string(33, 'a') + module),
            "token: longer than 32 bytes");
  EXPECT_EQ(refused("pkcs11:token=" + std::string(5000, 'a')), "URI: not pkcs11:");
}

TEST(Pkcs11Uri, DecodesEscapesStrictly) {
  const auto with = [](const std::string& token) {
    return refused("pkcs11:token=" + token + std::string(kModule));
  };
  EXPECT_EQ(with("%41"), "");
  EXPECT_EQ(with("%4"), "token: an escape cut short");
  EXPECT_EQ(with("%"), "token: an escape cut short");
  EXPECT_EQ(with("%4g"), "token: an escape that is no two hexadecimal digits");
  EXPECT_EQ(with("%+1"), "token: an escape that is no two hexadecimal digits");
  EXPECT_EQ(with("a b"), "token: a character not escaped");
  EXPECT_EQ(with("a/b"), "token: a character not escaped");
  EXPECT_EQ(with("k\xc3\xbclm"), "token: a character not escaped");
  EXPECT_EQ(with("%ff"), "token: not text");
  EXPECT_EQ(with("%00"), "token: not text");
}

TEST(TpmUri, NamesAFileOrAHandle) {
  EXPECT_EQ(must(parse_tpm_uri("tpm:/a/b c.pem")), (TpmUri{"/a/b c.pem", {}, ""}));
  EXPECT_EQ(must(parse_tpm_uri("tpm:handle=0x81000001?tcti=swtpm:host=127.0.0.1,port=2321")),
            (TpmUri{"", 0x81000001, "swtpm:host=127.0.0.1,port=2321"}));
  for (const std::string uri :
       {"tpm:handle=0x81000001", "tpm:a.pem?tcti=device:/dev/tpmrm0", "tpm:x"}) {
    EXPECT_EQ(to_text(must(parse_tpm_uri(uri))), uri);
  }
  const auto wrong = [](std::string_view uri) {
    const auto parsed = parse_tpm_uri(uri);
    return parsed ? "" : parsed.error().where;
  };
  EXPECT_EQ(wrong("tpm:handle=0x8100001"), "handle: 0x and eight hexadecimal digits");
  EXPECT_EQ(wrong("tpm:handle=0x8100000g"), "handle: 0x and eight hexadecimal digits");
  EXPECT_EQ(wrong("tpm:handle=81000001"), "handle: 0x and hexadecimal digits");
  EXPECT_EQ(wrong("tpm:handle=0x80000001"),
            "handle: not that of a persistent object (0x81000000 to 0x81ffffff)");
  EXPECT_EQ(wrong("tpm:a?tcti="), "tcti: empty");
  EXPECT_EQ(wrong("tpm:a?tcti=$(x)"), "tcti: letters, digits and -._:=,/@+ only");
  EXPECT_EQ(wrong("tpm:a?x=1"), "query: ?tcti= is the only one");
}

TEST(KeyUri, PutsAKeyIntoAPlace) {
  EXPECT_EQ(must(key_uri("soft:/a", "node")), "soft:/a/node.key");
  EXPECT_EQ(must(key_uri("tpm:/a?tcti=x", "node")), "tpm:/a/node.tpm?tcti=x");
  EXPECT_EQ(must(key_uri("pkcs11:token=t?module-path=/m", "node")),
            "pkcs11:token=t;object=intaglio-node?module-path=/m");
  for (const std::string place :
       {"", "soft:", "tpm:handle=0x81000001", "pkcs11:token=t;object=o?module-path=/m",
        "pkcs11:token=t;id=1?module-path=/m", "hsm:a"}) {
    EXPECT_EQ(verdict_of(key_uri(place, "node")), Verdict::unknown_element) << place;
  }
}

RC_GTEST_PROP(Pkcs11UriProperty, ReadingAfterWritingIsIdentity, ()) {
  const auto letters = rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ09: ;?&=%/|\"#"))));
  Pkcs11Uri uri;
  uri.token = (*letters).substr(0, 32);
  uri.serial = (*letters).substr(0, 16);
  uri.object = (*letters).substr(0, 64);
  uri.id = *rc::gen::container<Bytes>(7, rc::gen::arbitrary<std::uint8_t>());
  uri.module_path = "/" + (*letters).substr(0, 64);
  RC_ASSERT(parse_pkcs11_uri(to_text(uri)).value() == uri);
}

}  // namespace
}  // namespace intaglio::element
