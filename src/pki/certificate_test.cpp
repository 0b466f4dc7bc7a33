#include "pki/certificate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/folder_for_test.h"
#include "pki/der.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

Verdict verdict_of(ByteView der) {
  const auto certificate = Certificate::parse(der);
  return certificate ? Verdict::accepted : certificate.error().verdict;
}

std::string openssl_text(const Certificate& certificate) {
  const FolderForTest scratch;
  const std::string file = write_file(scratch, "c", certificate.der());
  return run("openssl x509 -inform DER -noout -text -in " + file).output;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Capabilities display_capabilities() {
  return {CertificateUsage::display,
          {Function::refund, Function::issue_code},
          {{AssetId(756), Amount(5)}, {AssetId(978), Amount(100000)}},
          true};
}

// Fixed keys and signatures, so that the bytes are always the same.
crypto::Signer fixed_signer(std::string_view point, std::string_view signature) {
  return {must(crypto::PublicKey::parse(must(codec::from_hex(point)))),
          [signature](ByteView) { return codec::id_from_hex<crypto::Signature>(signature); }};
}
constexpr std::string_view kElementPoint =
    "04d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d54975f5952a6f8ae"
    "59eb9b740f646029a7b695c943c13af8d8eb762bc8";
constexpr std::string_view kAuthorityPoint =
    "044091440339ba06d100e7def0bdd2e288245aab8e5c7a7b9f08ea0aaed708c279d2431f1aa14732a8e7ec2c"
    "46e008194c70b736b80426e94e6874d2a7b1d2f393";
constexpr std::string_view kRootSignature =
    "bc020921f5022ab95c9c128d9ece1fcbd6450e6e6f1c7ffd8b87d17e1c00144f1633887cac77f951cfca4c8c"
    "1f24496c32c046282fc655ad2e924f750e5e5ac2";
constexpr std::string_view kDisplaySignature =
    "d0ca44517788d7f7935ca7c587790dbbdc49b28955b519335c871e6e8698135b236d0e6e5e540bba4d36295e"
    "3624dfbf8eb5f5e39b1c63d90dd4a4095ad3942e";
constexpr std::string_view kGoldenRoot =
    "308201b63082015ca003020102021100f0000000000000000000000000000000300a06082a8648ce3d040302"
    "30293111300f060355040a0c08496e7461676c696f3114301206035504030c0b476f6c64656e20726f6f7430"
    "20170d3236303130313030303030305a180f32303536303130313030303030305a30293111300f060355040a"
    "0c08496e7461676c696f3114301206035504030c0b476f6c64656e20726f6f743059301306072a8648ce3d02"
    "0106082a8648ce3d030107034200044091440339ba06d100e7def0bdd2e288245aab8e5c7a7b9f08ea0aaed7"
    "08c279d2431f1aa14732a8e7ec2c46e008194c70b736b80426e94e6874d2a7b1d2f393a3633061300f060355"
    "1d130101ff040530030101ff300e0603551d0f0101ff040403020106301d0603551d0e041604140a942e9556"
    "f421ee425e418d15ec6d0078eda632301f0603551d230418301680140a942e9556f421ee425e418d15ec6d00"
    "78eda632300a06082a8648ce3d0403020348003045022100bc020921f5022ab95c9c128d9ece1fcbd6450e6e"
    "6f1c7ffd8b87d17e1c00144f02201633887cac77f951cfca4c8c1f24496c32c046282fc655ad2e924f750e5e"
    "5ac2";
constexpr std::string_view kGoldenDisplay =
    "308202883082022ea003020102020107300a06082a8648ce3d04030230293111300f060355040a0c08496e74"
    "61676c696f3114301206035504030c0b476f6c64656e20726f6f74301e170d3236303130313030303030305a"
    "170d3236303133313030303030305a305f3112301006035504030c09636f756e7465722d3131493047060355"
    "0405134033306234633635623832323032623065363039346463393233633233643936633766643964363435"
    "3432653938653264616564613633666332363533633836353059301306072a8648ce3d020106082a8648ce3d"
    "03010703420004d903619fd1361d7eee0c2d37b0c1a3f4a1add428fadaab58fcf7ab8d68790ecb0aa20d5497"
    "5f5952a6f8ae59eb9b740f646029a7b695c943c13af8d8eb762bc8a382010f3082010b300c0603551d130101"
    "ff04023000300e0603551d0f0101ff04040302078030210603551d25041a301806166981c4ba84a1eeeacaa6"
    "87b1b6ca9fb2d2c8f5270201301d0603551d0e0416041430b4c65b82202b0e6094dc923c23d96c7fd9d64530"
    "1f0603551d230418301680140a942e9556f421ee425e418d15ec6d0078eda632304e0603551d110447304586"
    "4375726e3a696e7461676c696f3a6163636f756e743a697467317171716e706478787477707a71326377767a"
    "3264657933757930766b636c376536657a7363656573666e303806156981c4ba84a1eeeacaa687b1b6ca9fb2"
    "d2c8f52701041f041da40101028202070382a2011902f40205a2011903d2021a000186a004f5300a06082a86"
    "48ce3d0403020348003045022100d0ca44517788d7f7935ca7c587790dbbdc49b28955b519335c871e6e8698"
    "135b0220236d0e6e5e540bba4d36295e3624dfbf8eb5f5e39b1c63d90dd4a4095ad3942e";

Certificate golden_root() {
  const crypto::Signer signer = fixed_signer(kAuthorityPoint, kRootSignature);
  SerialBits bits;
  bits.writable()[0] = 0xf0;  // the highest bit set: its DER needs a zero byte in front
  const CertificateContent content{serial_from(bits),
                                   {"Intaglio", "Golden root", ""},
                                   {kNow, Millis(2713910400000)},  // 2056: GeneralizedTime
                                   signer.key,
                                   RootAuthority{}};
  return must(build_self_signed(content, signer));
}

Certificate golden_display() {
  const crypto::Signer element = fixed_signer(kElementPoint, "");
  SerialBits bits;
  bits.writable()[15] = 7;
  CertificateContent content{serial_from(bits),
                             {"", "counter-1", codec::to_hex(element.key.hash())},
                             {kNow, kNow + Duration(kDay.value() * 30)},
                             element.key,
                             CertificateUsage::display};
  content.account = Address{ChainId(1), AccountId::prefix_of(element.key.hash())};
  content.capabilities = display_capabilities();
  return must(
      build_certificate(content, golden_root(), fixed_signer(kAuthorityPoint, kDisplaySignature)));
}

TEST(Certificate, SaysWhereItsListItsOcspAndItsIssuerAreFound) {
  const TestAuthority authority;
  CertificateContent content = content_for(make_signer(), "shop", CertificateUsage::holder);
  content.publication = Publication{.revocation_list = "http://node.example/issuing.crl",
                                    .ocsp = "http://node.example:8080/ocsp",
                                    .issuer = "http://node.example/issuing.cer"};
  const FolderForTest folder;
  write_file(folder, "leaf", as_bytes(authority.issue(content).to_pem()));
  const Ran ran = run("openssl x509 -noout -in " + folder / "leaf" +
                      " -ext crlDistributionPoints,authorityInfoAccess");
  EXPECT_TRUE(ran.says("Full Name:\n      URI:http://node.example/issuing.crl\n")) << ran.output;
  EXPECT_TRUE(ran.says("OCSP - URI:http://node.example:8080/ocsp\n")) << ran.output;
  EXPECT_TRUE(ran.says("CA Issuers - URI:http://node.example/issuing.cer\n")) << ran.output;

  for (const std::string& url :
       {std::string(), std::string("http://a b"), "http://" + std::string(kMaxPublishedUrl, 'a')}) {
    content.publication->ocsp = url;
    EXPECT_EQ(verdict_of(build_certificate(content, authority.issuing, authority.issuing_signer)),
              Verdict::bad_value)
        << url;
  }
}

TEST(CertificateGolden, RootAndDisplay) {
  EXPECT_EQ(codec::to_hex(golden_root().der()), kGoldenRoot);
  EXPECT_EQ(codec::to_hex(golden_display().der()), kGoldenDisplay);
  // The frozen signatures are real ones.
  const PathMaterial material{{}, {golden_root()}, {}};
  EXPECT_TRUE(validate_path(golden_display(), material, {.at = kNow}).has_value());
}

TEST(Certificate, GivesBackWhatItWasBuiltFrom) {
  const TestAuthority authority;
  const crypto::Signer holder = make_signer();
  CertificateContent content = content_for(holder, "counter-1", CertificateUsage::display);
  content.subject.serial_number = codec::to_hex(holder.key.hash());
  content.account = Address{ChainId(2), AccountId::prefix_of(holder.key.hash())};
  content.capabilities = display_capabilities();
  const Certificate certificate = authority.issue(content);
  EXPECT_EQ(certificate.serial(), content.serial);
  EXPECT_EQ(certificate.subject(), content.subject);
  EXPECT_EQ(certificate.issuer(), authority.issuing.subject());
  EXPECT_EQ(certificate.validity(), content.validity);
  EXPECT_EQ(certificate.public_key(), holder.key);
  EXPECT_EQ(certificate.key_hash(), holder.key.hash());
  EXPECT_EQ(certificate.usage(), CertificateUsage::display);
  EXPECT_FALSE(certificate.is_authority());
  EXPECT_EQ(certificate.account(), content.account);
  EXPECT_EQ(certificate.capabilities(), content.capabilities);
  EXPECT_EQ(certificate.subject_key_id(), to_bytes(AccountId::prefix_of(holder.key.hash()).view()));
  EXPECT_EQ(certificate.fingerprint().view()[0], crypto::sha256(certificate.der()).view()[0]);
  EXPECT_TRUE(authority.root.is_authority());
  EXPECT_EQ(authority.root.usage(), std::nullopt);
}

TEST(Certificate, OpensslReadsEveryPartOfADisplaysCertificate) {
  const std::string text = openssl_text(golden_display());
  for (const std::string& part : std::initializer_list<std::string>{
           std::string("Version: 3 (0x2)"), std::string("Serial Number: 7 (0x7)"),
           std::string("Signature Algorithm: ecdsa-with-SHA256"),
           std::string("Issuer: O = Intaglio, CN = Golden root"),
           "Subject: CN = counter-1, serialNumber = " + codec::to_hex(golden_display().key_hash()),
           std::string("Not Before: Jan  1 00:00:00 2026 GMT"),
           std::string("Not After : Jan 31 00:00:00 2026 GMT"), std::string("NIST CURVE: P-256"),
           std::string("X509v3 Basic Constraints: critical\n                CA:FALSE"),
           std::string("X509v3 Key Usage: critical\n                Digital Signature\n"),
           usage_oid(CertificateUsage::display), capabilities_oid() + ": \n",
           std::string("URI:urn:intaglio:account:itg1"),
           std::string("X509v3 Authority Key Identifier"),
           std::string("X509v3 Subject Key Identifier")}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
  EXPECT_TRUE(has(openssl_text(golden_root()), "Not After : Jan  1 00:00:00 2056 GMT"));
}

// Acceptance, enrolment line 7, second half.
TEST(Certificate, EachUsageBecomesKeyUsageAndExtendedKeyUsage) {
  const TestAuthority authority;
  for (const auto& [usage, name] : codec::EnumNames<CertificateUsage>::kNames) {
    const Certificate certificate = authority.issue(usage);
    EXPECT_EQ(certificate.usage(), usage) << name;
    const std::string text = openssl_text(certificate);
    EXPECT_TRUE(has(text, "Digital Signature")) << text;
    EXPECT_TRUE(has(text, usage_oid(usage))) << text;
    const bool tls = usage == CertificateUsage::node || usage == CertificateUsage::bank ||
                     usage == CertificateUsage::terminal ||
                     usage == CertificateUsage::meeting_provider;
    EXPECT_EQ(has(text, "TLS Web Client Authentication"), tls) << text;
    EXPECT_FALSE(has(text, "Certificate Sign")) << text;
  }
  EXPECT_TRUE(has(openssl_text(authority.root), "Certificate Sign, CRL Sign"));
  EXPECT_TRUE(has(openssl_text(authority.issuing), "CA:TRUE, pathlen:0"));
}

// Acceptance, enrolment line 11: the label is in the signed certificate, not beside it.
TEST(Certificate, ASoftwareElementIsLabelledAsSimulated) {
  const TestAuthority authority;
  for (const bool simulated : {true, false}) {
    CertificateContent content = content_for(make_signer(), "a", CertificateUsage::display);
    content.capabilities = display_capabilities();
    content.capabilities->simulated_element = simulated;
    const Certificate certificate = authority.issue(content);
    EXPECT_EQ(certificate.capabilities()->simulated_element, simulated);

    Bytes relabelled = certificate.der();  // the flag is the last byte of the capabilities
    const Bytes capabilities = encode_capabilities(*content.capabilities);
    const auto place = std::ranges::search(relabelled, capabilities);
    ASSERT_FALSE(place.empty());
    ASSERT_EQ(place.back(), simulated ? 0xf5 : 0xf4);
    place.back() ^= 1;
    const Certificate forged = must(Certificate::parse(relabelled));
    ASSERT_NE(forged.capabilities()->simulated_element, simulated);
    const auto refused = validate_path(forged, authority.material(), {.at = kNow});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().verdict, Verdict::path_invalid);
  }
  EXPECT_TRUE(Capabilities{}.simulated_element);  // unless somebody says otherwise
}

TEST(Certificate, RefusesToBuildWhatNoCertificateMaySay) {
  const TestAuthority authority;
  const auto refusal = [&](auto change) {
    CertificateContent content = content_for(make_signer(), "a", CertificateUsage::display);
    content.capabilities = display_capabilities();
    change(content);
    const auto built = build_certificate(content, authority.issuing, authority.issuing_signer);
    return built ? std::string("built") : built.error().where;
  };
  EXPECT_EQ(refusal([](auto&) {}), "built");
  EXPECT_EQ(refusal([](auto& c) { c.serial = {}; }), "serial");
  EXPECT_EQ(refusal([](auto& c) { c.validity.not_after = Millis(0); }), "validity");
  EXPECT_EQ(refusal([](auto& c) { c.validity.not_after = Millis(UINT64_MAX); }),
            "time after the year 9999");
  EXPECT_EQ(refusal([](auto& c) { c.subject.common_name = ""; }), "common_name");
  EXPECT_EQ(refusal([](auto& c) { c.subject.common_name = std::string(65, 'a'); }), "common_name");
  EXPECT_EQ(refusal([](auto& c) { c.subject.serial_number = "a_b"; }), "serial_number");
  EXPECT_EQ(refusal([](auto& c) { c.profile = CertificateUsage::bank; }), "capabilities.role");
  EXPECT_EQ(refusal([](auto& c) { c.profile = RootAuthority{}; }), "capabilities.role");
  EXPECT_EQ(refusal([](auto& c) { std::ranges::reverse(c.capabilities->functions); }),
            "capabilities.functions[1]");

  const CertificateContent content = content_for(make_signer(), "a", CertificateUsage::display);
  const auto other_key = build_certificate(content, authority.issuing, make_signer());
  EXPECT_EQ(other_key.error().where, "signer does not hold the issuer's key");
  const crypto::Signer holder = make_signer();
  const Certificate leaf = authority.issue(content_for(holder, "b", CertificateUsage::display));
  const auto by_leaf = build_certificate(content, leaf, holder);
  EXPECT_EQ(by_leaf.error().where, "issuer is no authority");
  EXPECT_FALSE(build_self_signed(content, make_signer()).has_value());
}

TEST(Certificate, ARefusalOfTheSignerIsTheAnswer) {
  const crypto::Signer locked{make_signer().key, [](ByteView) -> Result<crypto::Signature> {
                                return refuse(Verdict::element_locked);
                              }};
  const auto built = build_self_signed(content_for(locked, "a", RootAuthority{}), locked);
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().verdict, Verdict::element_locked);
}

TEST(Certificate, ATlsServersNamesAreInItAndOpensslTrustsIt) {
  const crypto::Signer node = make_signer();
  const Certificate certificate = must(build_self_signed(
      content_for(node, "node", TlsServer{{"node.example", "10.0.0.7", "localhost", "fe80::2"}}),
      node));
  const std::string text = openssl_text(certificate);
  EXPECT_TRUE(has(text,
                  "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, "
                  "DNS:node.example, IP Address:10.0.0.7, IP Address:FE80:0:0:0:0:0:0:2\n"))
      << text;
  const FolderForTest scratch;
  const std::string file = write_file(scratch, "node.pem", as_bytes(certificate.to_pem()));
  const std::string verify = "openssl verify -x509_strict -purpose sslserver -attime 1767225600 ";
  for (const std::string name : {"-verify_hostname localhost ", "-verify_ip ::1 "}) {
    const Ran ran = run(verify + name + "-CAfile " + file + ' ' + file);
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
  }
  EXPECT_NE(run(verify + "-verify_hostname other.example -CAfile " + file + ' ' + file).exit_code,
            0);
  for (const std::string name : {"", "a b", "a/b", "node\nname"}) {
    EXPECT_EQ(build_self_signed(content_for(node, "node", TlsServer{{name}}), node).error().where,
              "host name");
  }
}

TEST(Certificate, ComesBackFromPemAndOpensslReadsThePem) {
  const TestAuthority authority;
  const std::string pem = authority.issuing.to_pem() + "text between\r\n" + authority.root.to_pem();
  const auto both = must(certificates_from_pem(pem));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], authority.issuing);
  EXPECT_EQ(both[1], authority.root);
  EXPECT_EQ(Certificate::from_pem(pem).error().verdict, Verdict::trailing_bytes);
  EXPECT_EQ(Certificate::from_pem("").error().verdict, Verdict::bad_encoding);
  EXPECT_EQ(Certificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA").error().verdict,
            Verdict::truncated);
  const FolderForTest scratch;
  const std::string file = write_file(scratch, "root.pem", as_bytes(authority.root.to_pem()));
  const std::string out = scratch / "out";
  ASSERT_EQ(run("openssl x509 -text -in " + file + " -out " + out).exit_code, 0);
  EXPECT_EQ(must(Certificate::from_pem(as_text(read_bytes(out)))), authority.root);
}

TEST(Certificate, AnOperatorsOpensslRootCanIssueOurs) {
  const FolderForTest scratch;
  const std::string pem = scratch / "root.pem";
  const Ran made = run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout " +
      scratch / "key" +
      " -addext keyUsage=critical,keyCertSign,cRLSign -subj /C=AT/O=Operator/CN=Root -out " + pem);
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const Certificate root = must(Certificate::from_pem(as_text(read_bytes(pem))));
  EXPECT_EQ(root.subject(), (Name{"Operator", "Root", ""}));
  EXPECT_TRUE(root.is_authority());
  const crypto::Signer signer{
      root.public_key(), [&](ByteView message) -> Result<crypto::Signature> {
        const std::string file = write_file(scratch, "message", message);
        const std::string out = scratch / "signature";
        run("openssl dgst -sha256 -sign " + scratch / "key" + " -out " + out + ' ' + file);
        ASSIGN(const auto raw, crypto::signature_from_der(read_bytes(out)));
        return crypto::to_low_s(raw);
      }};
  CertificateContent content = content_for(make_signer(), "issuing", IssuingAuthority{});
  content.validity = root.validity();
  const Certificate issuing = must(build_certificate(content, root, signer));
  const std::string file = write_file(scratch, "issuing.pem", as_bytes(issuing.to_pem()));
  const Ran ran = run("openssl verify -x509_strict -CAfile " + pem + ' ' + file);
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
}

TEST(CertificateParser, RefusesWhatIsNotOneWholeP256Certificate) {
  const TestAuthority authority;
  const Bytes& good = authority.root.der();
  ASSERT_EQ(verdict_of(good), Verdict::accepted);
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(verdict_of(longer), Verdict::trailing_bytes);
  for (std::size_t size = 0; size < good.size(); size += 7) {
    EXPECT_EQ(verdict_of(ByteView(good).first(size)), Verdict::bad_encoding) << size;
  }
  EXPECT_EQ(verdict_of(Bytes(Certificate::kMaxBytes + 1)), Verdict::too_large);

  // The same certificate under a length that is not the shortest.
  ASSERT_EQ(good[1], 0x82);
  Bytes other_form = good;
  other_form[1] = 0x83;
  other_form.insert(other_form.begin() + 2, 0);
  EXPECT_EQ(verdict_of(other_form), Verdict::bad_encoding);

  const FolderForTest scratch;
  for (const std::string key : {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:secp256k1"}) {
    const std::string out = scratch / "other";
    const Ran ran = run("openssl req -x509 -newkey " + key + " -nodes -keyout " + scratch / "key" +
                        " -subj /CN=a -outform DER -out " + out);
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_EQ(verdict_of(read_bytes(out)), Verdict::bad_key) << key;
  }
}

RC_GTEST_PROP(CertificateParser, AChangedByteNeverKeepsTheFingerprint,
              (std::size_t place, std::uint8_t value)) {
  static const TestAuthority authority;
  Bytes bytes = authority.issuing.der();
  RC_PRE(bytes[place % bytes.size()] != value);
  bytes[place % bytes.size()] = value;
  const auto certificate = Certificate::parse(bytes);
  if (!certificate) return;
  RC_ASSERT(certificate->fingerprint() != authority.issuing.fingerprint());
  RC_ASSERT(!validate_path(*certificate, {{}, {authority.root}, {}}, {.at = kNow}).has_value());
}

TEST(Der, WritesTheShortestForms) {
  EXPECT_EQ(codec::to_hex(der::integer(0)), "020100");
  EXPECT_EQ(codec::to_hex(der::integer(127)), "02017f");
  EXPECT_EQ(codec::to_hex(der::integer(128)), "02020080");
  EXPECT_EQ(codec::to_hex(der::named_bits(0x8000)), "03020780");
  EXPECT_EQ(codec::to_hex(der::named_bits(0x0600)), "03020106");
  EXPECT_EQ(codec::to_hex(der::named_bits(0x0080)), "0303070080");
  EXPECT_EQ(codec::to_hex(der::named_bits(0)), "030100");
  const Bytes long_one = der::element(der::kOctetString, {Bytes(300)});
  EXPECT_EQ(codec::to_hex(ByteView(long_one).first(4)), "0482012c");
  EXPECT_EQ(as_text(ByteView(must(der::time(Millis(2524607999999)))).subspan(2)), "491231235959Z");
  EXPECT_EQ(as_text(ByteView(must(der::time(Millis(2524608000000)))).subspan(2)),
            "20500101000000Z");
}

}  // namespace
}  // namespace intaglio::pki
