#include "pki/certification_request.h"

#include <gtest/gtest.h>

#include "pki/der_reader.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

// A request that the openssl program makes; `key` and `more` are arguments of it.
Bytes openssl_request(const std::string& more, std::string_view subject = "/CN=device 7/O=Works",
                      std::string_view key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256") {
  const FolderForTest folder;
  const std::string settings =
      write_file(folder, "cnf", as_bytes("[req]\ndistinguished_name=dn\n[dn]\n"));
  const Ran ran = run("openssl req -new -nodes -keyout " + folder / "key" + " -outform DER -out " +
                      folder / "csr" + " -config " + settings + " -subj '" + std::string(subject) +
                      "' " + std::string(key) + ' ' + more);
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  return read_bytes(folder / "csr");
}

constexpr std::string_view kGoldenRequest =
    "3082010e3081b40201003021310f300d06035504030c06646576696365310e300c060355040a0c05576f726b"
    "733059301306072a8648ce3d020106082a8648ce3d03010703420004f4cdcfa8e332dd55251fff073858409c"
    "e95aa431681356f0c51b2678b4a13804b0fe2fa47c91b42331143e479a3e0377d96cb494eea2ccbf3595fa4b"
    "e1457ecda031302f06092a864886f70d01090e31223020301e0603551d1104173015861375726e3a696e7461"
    "676c696f3a6170703a3432300a06082a8648ce3d040302034900304602210080c2d40691fad71d7ece8c5f1b"
    "2c8172c7b7abd2aaf4429972c4b6eefcf7ec03022100b90802c8bac11996932ca3e7166e5efc0af364ea2615"
    "0af493918686d98b6ca1";

TEST(CertificationRequestGolden, OneMadeElsewhereIsVerifiedAndRead) {
  const Bytes der = must(codec::from_hex(kGoldenRequest));
  const auto request = must(verify_certification_request(der));
  EXPECT_EQ(request->subject, (Name{"Works", "device", ""}));
  EXPECT_EQ(request->uris, (std::vector<std::string>{"urn:intaglio:app:42"}));
  EXPECT_EQ(request->challenge_password, std::nullopt);
}

TEST(CertificationRequest, OfTheOpensslProgramIsVerifiedAndRead) {
  const Bytes der = openssl_request(
      "-addext 'subjectAltName=URI:urn:intaglio:app:42,DNS:a.example,URI:urn:second' "
      "-addext keyUsage=critical,digitalSignature",
      "/CN=device 7/O=Works/serialNumber=0042");
  const auto request = must(verify_certification_request(der));
  EXPECT_EQ(request->subject, (Name{"Works", "device 7", "0042"}));
  EXPECT_EQ(request->uris, (std::vector<std::string>{"urn:intaglio:app:42", "urn:second"}));
  EXPECT_EQ(request->der, der);
  EXPECT_EQ(must(parse_certification_request(der)).public_key, request->public_key);
}

TEST(CertificationRequest, ARenewalNamesWhomTheCertificateNames) {
  const TestAuthority authority;
  auto content = content_for(make_signer(), "shop", CertificateUsage::holder);
  content.subject = {"Works", "shop", "00ab"};
  const Certificate plain = authority.issue(content);
  content.account = Address{ChainId(1), {}};
  const Certificate bound = authority.issue(content);
  const std::string uri =
      "URI:" + std::string(kAccountUri) + codec::to_text(Address{ChainId(1), {}});
  const auto named = [](std::string_view subject, const std::string& names) {
    return must(verify_certification_request(
        openssl_request(names.empty() ? names : "-addext subjectAltName=" + names, subject)));
  };
  const auto where = [](const auto& request, const Certificate& certificate) {
    const auto checked = check_names_same(*request, certificate);
    return checked ? "same" : checked.error().where;
  };
  constexpr std::string_view kSame = "/O=Works/CN=shop/serialNumber=00ab";
  EXPECT_EQ(where(named(kSame, ""), plain), "same");
  EXPECT_EQ(where(named(kSame, uri), bound), "same");
  EXPECT_EQ(where(named("/O=works/CN=Shop/serialNumber=00AB", uri), bound), "same");
  for (const auto* other : {"/CN=shop/O=Works/serialNumber=00ab", "/O=Works/CN=shop", "/CN=shop",
                            "/O=Works/CN=shop2", "/O=Works/CN=shop/serialNumber=00ab/OU=more"}) {
    EXPECT_EQ(where(named(other, uri), bound), "subject") << other;
  }
  EXPECT_EQ(where(named(kSame, uri), plain), "subjectAltName");
  for (const std::string& other : {std::string(), uri + "0", uri + ",DNS:a.example"}) {
    EXPECT_EQ(where(named(kSame, other), bound), "subjectAltName") << other;
  }
}

TEST(CertificationRequest, ThatIsBuiltHereIsVerifiedByTheOpensslProgram) {
  const auto signer = make_signer();
  const Bytes der = must(build_certification_request({"Works", "Works issuing 2", ""}, signer));
  const auto request = must(verify_certification_request(der));
  EXPECT_EQ(request->subject, (Name{"Works", "Works issuing 2", ""}));
  EXPECT_EQ(request->public_key, signer.key);
  const FolderForTest folder;
  const Ran ran =
      run("openssl req -verify -noout -subject -inform DER -in " + write_file(folder, "csr", der));
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_TRUE(ran.says("O = Works, CN = Works issuing 2")) << ran.output;
  EXPECT_EQ(verdict_of(build_certification_request({"Works", "", ""}, signer)), Verdict::bad_value);
}

TEST(CertificationRequest, CarriesItsChallengePassword) {
  const FolderForTest folder;
  const std::string settings =
      write_file(folder, "cnf",
                 as_bytes("[req]\ndistinguished_name=dn\nattributes=attrs\nprompt=no\n"
                          "[dn]\nCN=device\n[attrs]\nchallengePassword=one time 4711\n"));
  ASSERT_EQ(run("openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout " +
                folder / "key" + " -outform DER -out " + folder / "csr" + " -config " + settings)
                .exit_code,
            0);
  EXPECT_EQ(must(verify_certification_request(read_bytes(folder / "csr")))->challenge_password,
            "one time 4711");
}

TEST(CertificationRequest, TheLongerHashesAreTaken) {
  for (const char* hash : {"-sha256", "-sha384", "-sha512"}) {
    EXPECT_TRUE(verify_certification_request(openssl_request(hash)).has_value()) << hash;
  }
}

TEST(CertificationRequest, AWeakHashOrAnotherKeyIsRefused) {
  EXPECT_EQ(verdict_of(verify_certification_request(openssl_request("-sha1"))),
            Verdict::bad_algorithm);
  EXPECT_EQ(verdict_of(verify_certification_request(openssl_request("-sha224"))),
            Verdict::bad_algorithm);
  for (const char* key :
       {"-newkey ec -pkeyopt ec_paramgen_curve:P-384", "-newkey rsa:2048", "-newkey ed25519"}) {
    EXPECT_EQ(verdict_of(parse_certification_request(openssl_request("", "/CN=d", key))),
              Verdict::bad_key)
        << key;
  }
}

TEST(CertificationRequest, EveryFlippedBitIsRefused) {
  Bytes der = openssl_request("-addext subjectAltName=URI:urn:intaglio:app:42");
  for (std::size_t i = 0; i < der.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      der[i] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_FALSE(verify_certification_request(der).has_value()) << "byte " << i;
      der[i] ^= static_cast<std::uint8_t>(1U << bit);
    }
  }
}

TEST(CertificationRequest, AnotherKeysSignatureIsNoPossession) {
  const Bytes one = openssl_request("");
  const Bytes other = openssl_request("");
  // The other's algorithm and signature behind this one's wishes.
  der::Reader parts(must(der::only_element(other, der::kSequence, "request")).content);
  must(parts.next());
  const auto algorithm = must(parts.next());
  const auto signature = must(parts.next());
  const Bytes joined = der::sequence(
      {must(parse_certification_request(one)).signed_part, algorithm.whole, signature.whole});
  EXPECT_EQ(verdict_of(verify_certification_request(joined)), Verdict::no_possession);
}

TEST(CertificationRequest, EveryCutAndEveryTailIsRefused) {
  const Bytes der = openssl_request("");
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(parse_certification_request(ByteView(der).first(size)).has_value());
  }
  Bytes more = der;
  more.push_back(0);
  EXPECT_EQ(verdict_of(parse_certification_request(more)), Verdict::trailing_bytes);
  EXPECT_EQ(verdict_of(parse_certification_request(Bytes(kMaxCertificationRequest + 1))),
            Verdict::too_large);
}

TEST(CertificationRequest, TooManyUrisAreRefused) {
  std::string names = "URI:urn:a";
  for (std::size_t i = 1; i <= kMaxRequestedUris; ++i) names += ",URI:urn:a" + std::to_string(i);
  EXPECT_EQ(verdict_of(parse_certification_request(
                openssl_request("-addext 'subjectAltName=" + names + "'"))),
            Verdict::too_large);
}

TEST(CertificationRequest, IsFoundInAPemFileAndInADerFile) {
  const Bytes der = openssl_request("");
  EXPECT_EQ(must(certification_request_from_file(der)), der);
  for (const char* label : {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}) {
    EXPECT_EQ(must(certification_request_from_file(as_bytes(to_pem(label, der)))), der);
  }
}

}  // namespace
}  // namespace intaglio::pki
