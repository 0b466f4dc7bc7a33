#include "pki/path.h"

#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "codec/tlv.h"
#include "pki/certificate_parts.h"
#include "pki/der.h"
#include "pki/object_ids.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

// "" for a path that holds, else the verdict's name and where.
std::string judge(const Certificate& leaf, const PathMaterial& material,
                  const PathQuestion& question) {
  const auto verified = validate_path(leaf, material, question);
  if (verified) return {};
  return std::string(describe(verified.error().verdict).name) + ", " + verified.error().where;
}

RevokedCertificate revoked(const Certificate& certificate) {
  return {certificate.serial(), kNow, RevocationReason::key_compromise};
}

// A chain and lists as files, for the openssl program.
struct Files {
  FolderForTest scratch;
  std::string root, issuing, leaf, lists;
  Files(const TestAuthority& authority, const Certificate& leaf_certificate,
        const std::vector<RevocationList>& all_lists)
      : root(write_file(scratch, "root", as_bytes(authority.root.to_pem()))),
        issuing(write_file(scratch, "issuing", as_bytes(authority.issuing.to_pem()))),
        leaf(write_file(scratch, "leaf", as_bytes(leaf_certificate.to_pem()))) {
    std::string text;
    for (const RevocationList& list : all_lists) text += list.to_pem();
    lists = write_file(scratch, "lists", as_bytes(text));
  }
  Ran verify(Millis at, const std::string& options) const {
    return run("openssl verify -x509_strict -attime " + std::to_string(at.value() / 1000) +
               " -CAfile " + root + " -untrusted " + issuing + ' ' + options + ' ' + leaf);
  }
};

TEST(Path, AnIssuedCertificateLeadsToTheRoot) {
  const TestAuthority authority;
  const Certificate leaf = authority.issue(CertificateUsage::display);
  const PathQuestion question{.at = kNow, .usage = CertificateUsage::display};
  const auto verified = validate_path(leaf, authority.material(), question);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(**verified, leaf);
  const Files files(authority, leaf, {});
  EXPECT_EQ(files.verify(kNow, "").exit_code, 0) << files.verify(kNow, "").output;
}

TEST(Path, WithoutTheIssuerOrUnderAnotherRootIsRefused) {
  const TestAuthority authority;
  const TestAuthority other;  // the same names, other keys
  const Certificate leaf = authority.issue(CertificateUsage::display);
  const PathQuestion question{.at = kNow};
  EXPECT_EQ(judge(leaf, {{}, {authority.root}, {}}, question),
            "path_invalid, depth 0: unable to get local issuer certificate");
  EXPECT_NE(judge(leaf, {{authority.issuing}, {other.root}, {}}, question), "");
  EXPECT_NE(judge(leaf, {{authority.issuing}, {}, {}}, question), "");
  // An authority that is not self-signed is no anchor.
  EXPECT_NE(judge(leaf, {{}, {authority.issuing}, {}}, question), "");
}

TEST(Path, BeforeAndAfterItsValidityIsRefusedWithTheDepth) {
  const TestAuthority authority;
  CertificateContent content = content_for(make_signer(), "short", CertificateUsage::display);
  const Millis first = kNow + kDay;
  const Millis last = first + kDay;
  content.validity = {first, last};
  const Certificate leaf = authority.issue(content);
  const auto at = [&](Millis time) { return judge(leaf, authority.material(), {.at = time}); };
  const Millis before_first(first.value() - 1);
  const Millis before_last(last.value() - 1);
  EXPECT_EQ(at(before_first), "certificate_not_valid_now, depth 0: certificate is not yet valid");
  EXPECT_EQ(at(first), "");
  EXPECT_EQ(at(before_last), "");
  EXPECT_EQ(at(last), "certificate_not_valid_now, depth 0: certificate has expired");
  EXPECT_EQ(judge(authority.issuing, authority.material(), {.at = authority.root_ends()}),
            "certificate_not_valid_now, depth 1: certificate has expired");

  const Files files(authority, leaf, {});
  EXPECT_EQ(files.verify(before_last, "").exit_code, 0);
  EXPECT_TRUE(files.verify(last, "").says("certificate has expired"));
  EXPECT_TRUE(files.verify(before_first, "").says("certificate is not yet valid"));
}

TEST(Path, ARevokedCertificateIsRefusedAndOpensslAgrees) {
  const TestAuthority authority;
  const Certificate good = authority.issue(CertificateUsage::display);
  const Certificate bad = authority.issue(CertificateUsage::display);
  const std::vector<RevocationList> lists{authority.list({revoked(bad)}), authority.root_list({})};
  const PathQuestion question{.at = kNow, .revocation = RevocationCheck::path};
  EXPECT_EQ(judge(good, authority.material(lists), question), "");
  EXPECT_EQ(judge(bad, authority.material(lists), question),
            "certificate_revoked, depth 0: certificate revoked");
  EXPECT_EQ(judge(bad, authority.material(lists), {.at = kNow}), "");  // nobody asked

  const Files good_files(authority, good, lists);
  const Files bad_files(authority, bad, lists);
  const std::string check = "-crl_check_all -CRLfile ";
  const Ran accepted = good_files.verify(kNow, check + good_files.lists);
  EXPECT_EQ(accepted.exit_code, 0) << accepted.output;
  EXPECT_TRUE(bad_files.verify(kNow, check + bad_files.lists).says("certificate revoked"));
}

TEST(Path, ARevokedAuthorityIsRefusedWithItsDepth) {
  const TestAuthority authority;
  const Certificate leaf = authority.issue(CertificateUsage::display);
  const std::vector<RevocationList> lists{authority.list({}),
                                          authority.root_list({revoked(authority.issuing)})};
  EXPECT_EQ(
      judge(leaf, authority.material(lists), {.at = kNow, .revocation = RevocationCheck::path}),
      "certificate_revoked, depth 1: certificate revoked");
  EXPECT_EQ(
      judge(leaf, authority.material(lists), {.at = kNow, .revocation = RevocationCheck::leaf}),
      "");
}

TEST(Path, AListThatIsMissingTooOldOrForgedFailsClosed) {
  const TestAuthority authority;
  const Certificate leaf = authority.issue(CertificateUsage::display);
  const PathQuestion question{.at = kNow, .revocation = RevocationCheck::leaf};
  EXPECT_EQ(judge(leaf, authority.material(), question),
            "path_invalid, depth 0: unable to get certificate CRL");
  EXPECT_EQ(judge(leaf, authority.material({authority.list({})}),
                  {.at = kNow + kDay, .revocation = RevocationCheck::leaf}),
            "path_invalid, depth 0: CRL has expired");
  const TestAuthority other;
  EXPECT_NE(judge(leaf, authority.material({other.list({})}), question), "");
}

TEST(Path, ACertificateForAnotherUsageIsRefused) {
  const TestAuthority authority;
  const Certificate leaf = authority.issue(CertificateUsage::holder);
  EXPECT_EQ(judge(leaf, authority.material(), {.at = kNow, .usage = CertificateUsage::display}),
            "not_capable, depth 0: not for usage display");
  EXPECT_EQ(judge(authority.issuing, authority.material(),
                  {.at = kNow, .usage = CertificateUsage::display}),
            "not_capable, depth 0: not for usage display");
}

TEST(Path, AnEndEntityIssuesNothing) {
  const TestAuthority authority;
  const crypto::Signer holder = make_signer();
  const Certificate leaf = authority.issue(content_for(holder, "leaf", CertificateUsage::display));
  // build_certificate refuses such an issuer, so a root of the leaf's name and key stands in for
  // it.
  const Certificate disguise =
      must(build_self_signed(content_for(holder, "leaf", RootAuthority{}), holder));
  const Certificate below = must(build_certificate(
      content_for(make_signer(), "below", CertificateUsage::display), disguise, holder));
  ASSERT_EQ(below.issuer_der(), leaf.subject_der());
  EXPECT_NE(judge(below, {{leaf, authority.issuing}, {authority.root}, {}}, {.at = kNow}), "");
}

TEST(Path, AnIssuingAuthorityMakesNoOther) {
  const TestAuthority authority;
  const crypto::Signer second = make_signer();
  const Certificate below =
      must(build_certificate(content_for(second, "second", IssuingAuthority{}), authority.issuing,
                             authority.issuing_signer));
  const Certificate leaf = must(build_certificate(
      content_for(make_signer(), "leaf", CertificateUsage::display), below, second));
  EXPECT_EQ(judge(leaf, {{below, authority.issuing}, {authority.root}, {}}, {.at = kNow}),
            "path_invalid, depth 2: path length constraint exceeded");
}

// A leaf under `issuer` with one more extension, signed anew.
Certificate with_extension(const Certificate& leaf, const crypto::Signer& signer, bool critical) {
  const std::array<std::uint8_t, 4> kind{0x2a, 0x03, 0x04, 0x05};
  const Bytes extra = extension(kind, critical, der::element(der::kOctetString, {}));
  // Open Certificate and TBSCertificate, copy all before the extensions, then those and ours.
  const ByteView outer = must(codec::TlvReader(leaf.der()).next()).value;
  codec::TlvReader in(must(codec::TlvReader(outer).next()).value);
  codec::TlvWriter fields;
  Bytes to_be_signed;
  while (!in.at_end()) {
    const codec::Tlv field = must(in.next());
    if (field.tag == der::explicit_tag(3)) {
      const ByteView old = must(codec::TlvReader(field.value).next()).value;
      fields.put(field.tag, der::sequence({old, extra}));
      to_be_signed = der::sequence({fields.view()});
    } else {
      fields.put(field.tag, field.value);
    }
  }
  return must(Certificate::parse(must(sign_der(to_be_signed, signer))));
}

TEST(Path, AnUnknownCriticalExtensionFailsClosed) {
  const TestAuthority authority;
  CertificateContent content = content_for(make_signer(), "leaf", CertificateUsage::display);
  content.account = Address{ChainId(1), AccountId::prefix_of(content.public_key.hash())};
  const Certificate leaf = authority.issue(content);
  EXPECT_EQ(judge(with_extension(leaf, authority.issuing_signer, false), authority.material(),
                  {.at = kNow}),
            "");
  EXPECT_EQ(judge(with_extension(leaf, authority.issuing_signer, true), authority.material(),
                  {.at = kNow}),
            "path_invalid, depth 0: unhandled critical extension");
}

// Chains of other keys and hashes, made by openssl.
EncodedPath foreign_path(const FolderForTest& scratch, const std::string& key,
                         const std::string& hash) {
  const Ran ran =
      run("openssl req -x509 -newkey " + key + " -nodes -days 3650 -keyout " + scratch / "rootkey" +
          " -subj /CN=root -addext keyUsage=critical,keyCertSign -out " + scratch / "root" +
          " && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
          "-keyout " +
          scratch / "key" + " -subj /CN=leaf -out " + scratch / "csr" +
          " && printf 'authorityKeyIdentifier=keyid\\n"
          "subjectKeyIdentifier=hash\\n' >" +
          scratch / "ext" + " && openssl x509 -req -days 3650 -" + hash + " -in " +
          scratch / "csr" + " -CA " + scratch / "root" + " -CAkey " + scratch / "rootkey" +
          " -extfile " + scratch / "ext" + " -out " + scratch / "leaf");
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  const auto der = [&](const std::string& name) {
    const Bytes pem = read_bytes(scratch / name);
    return must(pem_blocks(as_text(pem), "CERTIFICATE", 1)).at(0);
  };
  return {der("leaf"), {}, {der("root")}, {}};
}

TEST(Path, WeakKeysAndHashesAreRefusedUnderTheProductionPolicy) {
  const FolderForTest scratch;
  // What openssl makes below starts at a later moment than this one.
  const PathQuestion question{.at = system_env().now() + seconds(3600)};
  const auto verdict = [&](const std::string& key, const std::string& hash) {
    const auto checked = check_encoded_path(foreign_path(scratch, key, hash), question);
    return checked ? std::string() : checked.error().where;
  };
  const std::string curve = "ec -pkeyopt ec_paramgen_curve:";
  EXPECT_EQ(verdict(curve + "P-256", "sha256"), "");
  EXPECT_EQ(verdict(curve + "P-384", "sha384"), "");
  EXPECT_EQ(verdict(curve + "P-256", "sha1"), "depth 0: signature");
  EXPECT_EQ(verdict(curve + "P-256", "sha224"), "depth 0: signature");
  EXPECT_EQ(verdict(curve + "P-224", "sha256"), "depth 1: key");
  EXPECT_EQ(verdict(curve + "secp256k1", "sha256"), "depth 1: key");
  EXPECT_EQ(verdict("rsa:3072", "sha256"), "depth 1: key");

  const auto weak = check_encoded_path(foreign_path(scratch, "rsa:3072", "sha256"), question);
  ASSERT_FALSE(weak.has_value());
  EXPECT_EQ(weak.error().verdict, Verdict::weak_key);
}

TEST(Path, MoreMaterialThanTheLimitIsRefused) {
  const TestAuthority authority;
  PathMaterial material = authority.material();
  material.intermediates.assign(kMaxPathCertificates, authority.issuing);
  EXPECT_EQ(judge(authority.issuing, material, {.at = kNow}), "too_large, path");
}

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
constexpr std::string_view kGoldenListSignature =
    "66a88856a3bc39109a3cf904b404502003a17b2aba01c0cf638e1b634279b7254841b5617a3cc07c021d2eb7"
    "8b02a18aafcc9ff7a6fe9a68d229f5d155d2da52";
constexpr std::string_view kGoldenList =
    "308201053081ad020101300a06082a8648ce3d04030230293111300f060355040a0c08496e7461676c696f31"
    "14301206035504030c0b476f6c64656e20726f6f74170d3236303130313030303030305a170d323630313032"
    "3030303030305a30223020020107170d3236303130313030303030305a300c300a0603551d1504030a0101a0"
    "2f302d301f0603551d230418301680140a942e9556f421ee425e418d15ec6d0078eda632300a0603551d1404"
    "03020103300a06082a8648ce3d0403020347003044022066a88856a3bc39109a3cf904b404502003a17b2aba"
    "01c0cf638e1b634279b72502204841b5617a3cc07c021d2eb78b02a18aafcc9ff7a6fe9a68d229f5d155d2da"
    "52";

TEST(RevocationListGolden, OneRevokedUnderTheGoldenRoot) {
  const Certificate root = must(Certificate::parse(must(codec::from_hex(kGoldenRoot))));
  const crypto::Signer signer{root.public_key(), [](ByteView) {
                                return codec::id_from_hex<crypto::Signature>(kGoldenListSignature);
                              }};
  SerialBits bits;
  bits.writable()[15] = 7;
  const RevocationListContent content{
      3, kNow, kNow + kDay, {{serial_from(bits), kNow, RevocationReason::key_compromise}}};
  const RevocationList list = must(build_revocation_list(content, root, signer));
  EXPECT_EQ(codec::to_hex(list.der()), kGoldenList);
  EXPECT_TRUE(verify_revocation_list(list, root).has_value());
}

TEST(RevocationList, GivesBackWhatItWasBuiltFromAndOpensslReadsIt) {
  const TestAuthority authority;
  const Certificate one = authority.issue(CertificateUsage::display);
  const Certificate two = authority.issue(CertificateUsage::bank);
  const RevocationListContent content{
      0x1234567890abcdef,
      kNow,
      kNow + kDay,
      {{one.serial(), kNow, RevocationReason::hold}, {two.serial(), kNow}}};
  const RevocationList list =
      must(build_revocation_list(content, authority.issuing, authority.issuing_signer));
  EXPECT_EQ(list.content(), content);
  EXPECT_EQ(list.issuer(), authority.issuing.subject());
  EXPECT_EQ(must(RevocationList::from_pem(list.to_pem())).content(), content);
  EXPECT_TRUE(verify_revocation_list(list, authority.issuing).has_value());
  EXPECT_EQ(verify_revocation_list(list, authority.root).error().verdict, Verdict::path_invalid);
  const TestAuthority other;
  EXPECT_EQ(verify_revocation_list(list, other.issuing).error().verdict, Verdict::bad_signature);

  const FolderForTest scratch;
  const std::string file = write_file(scratch, "list", list.der());
  const Ran text = run("openssl crl -inform DER -noout -text -in " + file + " -CAfile " +
                       write_file(scratch, "issuing", as_bytes(authority.issuing.to_pem())));
  for (const std::string part :
       {"verify OK", "Version 2", "Certificate Hold", "Last Update: Jan  1 00:00:00 2026 GMT",
        "Next Update: Jan  2 00:00:00 2026 GMT", "1311768467294899695"}) {
    EXPECT_TRUE(text.says(part)) << part << '\n' << text.output;
  }
}

TEST(RevocationList, RefusesToBuildOrReadWhatIsWrong) {
  const TestAuthority authority;
  const Certificate one = authority.issue(CertificateUsage::display);
  const auto build = [&](const RevocationListContent& content, const crypto::Signer& signer) {
    return build_revocation_list(content, authority.issuing, signer);
  };
  EXPECT_FALSE(build({1, kNow, kNow, {}}, authority.issuing_signer).has_value());
  EXPECT_FALSE(build({1, kNow, kNow + kDay, {}}, make_signer()).has_value());
  EXPECT_FALSE(build({1, kNow, kNow + kDay, {revoked(one), revoked(one)}}, authority.issuing_signer)
                   .has_value());
  Bytes bytes = authority.list({revoked(one)}).der();
  bytes.push_back(0);
  EXPECT_EQ(RevocationList::parse(bytes).error().verdict, Verdict::trailing_bytes);
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
    EXPECT_FALSE(RevocationList::parse(ByteView(bytes).first(size)).has_value());
  }
}

}  // namespace
}  // namespace intaglio::pki
