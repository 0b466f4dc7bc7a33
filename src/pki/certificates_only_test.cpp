#include "pki/certificates_only.h"

#include <gtest/gtest.h>

#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "pki/der_reader.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

TEST(CertificatesOnly, GivesBackTheCertificatesInTheirOrder) {
  const TestAuthority authority;
  const std::vector<Certificate> all{authority.issue(CertificateUsage::holder), authority.root,
                                     authority.issuing};
  EXPECT_EQ(must(decode_certificates_only(encode_certificates_only(all))), all);
  EXPECT_TRUE(must(decode_certificates_only(encode_certificates_only({}))).empty());
}

TEST(CertificatesOnlyGolden, WithoutCertificatesItIsAFrameAlone) {
  EXPECT_EQ(codec::to_hex(encode_certificates_only({})),
            "302506092a864886f70d010702a01830160201013100300b06092a864886f70d010701a0003100");
}

TEST(CertificatesOnly, IsReadByTheOpensslProgram) {
  const TestAuthority authority;
  const Certificate leaf = authority.issue(CertificateUsage::holder);
  const FolderForTest folder;
  const std::string file =
      write_file(folder, "p7", encode_certificates_only({leaf, authority.issuing}));
  const Ran ran = run("openssl pkcs7 -inform DER -print_certs -in " + file);
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(must(certificates_from_pem(ran.output)),
            (std::vector<Certificate>{leaf, authority.issuing}));
}

TEST(CertificatesOnly, WhatTheOpensslProgramMakesIsRead) {
  const TestAuthority authority;
  const FolderForTest folder;
  const std::string file =
      write_file(folder, "pem", as_bytes(authority.issuing.to_pem() + authority.root.to_pem()));
  ASSERT_EQ(
      run("openssl crl2pkcs7 -nocrl -outform DER -certfile " + file + " -out " + (folder / "p7"))
          .exit_code,
      0);
  const Bytes made = read_bytes(folder / "p7");
  const std::vector<Certificate> all{authority.issuing, authority.root};
  EXPECT_EQ(must(decode_certificates_only(made)), all);
  EXPECT_EQ(codec::to_hex(encode_certificates_only(all)), codec::to_hex(made));
}

TEST(CertificatesOnly, ASignedMessageOrOneWithListsIsRefused) {
  const TestAuthority authority;
  const FolderForTest folder;
  const std::string list = write_file(folder, "list", as_bytes(authority.list({}).to_pem()));
  const std::string file = write_file(folder, "pem", as_bytes(authority.root.to_pem()));
  ASSERT_EQ(run("openssl crl2pkcs7 -in " + list + " -outform DER -certfile " + file + " -out " +
                (folder / "p7"))
                .exit_code,
            0);
  EXPECT_EQ(verdict_of(decode_certificates_only(read_bytes(folder / "p7"))), Verdict::bad_value);

  ASSERT_EQ(run("cd " + folder.path() +
                " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "
                "/CN=s -keyout k -out c && echo text | openssl smime -sign -signer c -inkey k "
                "-outform DER -out p7")
                .exit_code,
            0);
  EXPECT_FALSE(decode_certificates_only(read_bytes(folder / "p7")).has_value());
}

TEST(CertificatesOnly, EveryCutAndTooManyAreRefused) {
  const TestAuthority authority;
  const Bytes der = encode_certificates_only({authority.root});
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(decode_certificates_only(ByteView(der).first(size)).has_value());
  }
  // One more certificate than may be in it, put there by hand.
  const Bytes full =
      encode_certificates_only(std::vector<Certificate>(kMaxCertificatesOnly, authority.root));
  EXPECT_TRUE(decode_certificates_only(full).has_value());
  Bytes more;
  for (std::size_t i = 0; i <= kMaxCertificatesOnly; ++i) append(more, authority.root.der());
  const Bytes empty = der::element(der::kSet, {});
  der::Reader parts(must(der::only_element(full, der::kSequence, "message")).content);
  const auto type = must(parts.next());
  der::Reader inside(
      must(der::only_element(must(parts.next()).content, der::kSequence, "data")).content);
  must(inside.next());
  must(inside.next());
  const auto content = must(inside.next());
  const Bytes data = der::sequence({der::integer(std::uint64_t{1}), empty, content.whole,
                                    der::element(der::explicit_tag(0), {more}), empty});
  EXPECT_EQ(verdict_of(decode_certificates_only(
                der::sequence({type.whole, der::element(der::explicit_tag(0), {data})}))),
            Verdict::too_large);
}

TEST(CertificatesOnly, TheEstBodyIsOneUnbrokenLine) {
  const TestAuthority authority;
  const std::string body = to_est_body({authority.issuing, authority.root});
  EXPECT_EQ(body.find_first_of(" \r\n"), std::string::npos);
  EXPECT_EQ(must(codec::from_wrapped_base64(body)),
            encode_certificates_only({authority.issuing, authority.root}));
}

}  // namespace
}  // namespace intaglio::pki
