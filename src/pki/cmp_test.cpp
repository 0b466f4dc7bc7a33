#include "pki/cmp.h"

#include <barrier>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pki/certification_request.h"
#include "pki/cmp_for_test.h"
#include "pki/cmp_message.h"
#include "pki/der_reader.h"
#include "pki/test_authority.h"

namespace intaglio::pki {
namespace {

// As much of HTTP as the openssl program needs to reach the responder: POST with a length, on
// connections that stay.
class Loopback {
 public:
  explicit Loopback(CmpResponder& responder) : responder_(responder) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
          ::listen(listener_, 16) == 0 &&
          ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] {
      for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;) {
        connections_.emplace_back([this, peer] {
          while (serve_one(peer)) {
          }
          ::close(peer);
        });
      }
    });
  }
  ~Loopback() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : connections_) each.join();
    ::close(listener_);
  }
  std::string server() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  bool serve_one(int peer) {
    std::string in;
    std::size_t need = std::string::npos;
    std::size_t head = 0;
    while (need == std::string::npos || in.size() < need) {
      char buffer[4096];
      const auto n = ::recv(peer, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      in.append(buffer, static_cast<std::size_t>(n));
      head = in.find("\r\n\r\n");
      const auto length = in.find("Content-Length: ");
      if (head == std::string::npos || length == std::string::npos) continue;
      need = head + 4 + std::stoul(in.substr(length + 16));
    }
    const auto answer = responder_.respond(as_bytes(in).subspan(head + 4), kCmpNow);
    std::string out = answer ? "HTTP/1.1 200 OK\r\nContent-Type: application/pkixcmp\r\n"
                             : "HTTP/1.1 400 Bad Request\r\n";
    const ByteView body = answer ? ByteView(*answer) : ByteView{};
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    out += as_text(body);
    return ::send(peer, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
  }

  CmpResponder& responder_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> connections_;  // of the acceptor, until it is joined
};

// A responder on a port, and a folder in which the openssl program is its client.
struct Cmp : testing::Test {
  CmpAuthorityForTest authority;
  CmpIdentity identity = cmp_identity();
  CmpResponder responder{authority, identity};
  FolderForTest folder;
  Loopback loopback{responder};

  Cmp() {
    write_file(folder, "root", as_bytes(identity.authorities.back().to_pem()));
    write_file(folder, "issuing", as_bytes(identity.authorities.front().to_pem()));
    make_key("key");
  }
  void make_key(const std::string& name,
                const std::string& kind = "EC -pkeyopt ec_paramgen_curve:P-256") const {
    ASSERT_EQ(in_folder("openssl genpkey -algorithm " + kind + " -out " + name).exit_code, 0);
  }
  Ran in_folder(const std::string& command) const {
    return run("cd " + folder.path() + " && " + command);
  }
  std::string client(const std::string& arguments) const {
    return "openssl cmp -config '' -no_proxy 127.0.0.1 -total_timeout 60 -server " +
           loopback.server() + " -path pkix/ -attime " + std::to_string(kCmpNow.value() / 1000) +
           ' ' + arguments;
  }
  Ran cmp(const std::string& arguments) const { return in_folder(client(arguments)); }

  static constexpr auto kSecret = "-ref app-42 -secret pass:pass -recipient '/CN=CMP issuing' ";
  static constexpr auto kSigned = "-cert cert -key key -trusted root ";
  static constexpr auto kErrors = " -unprotected_errors -trusted root ";

  // A first certificate for "key", in the file "cert".
  Certificate enrol() const {
    const Ran ran =
        cmp(std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout cert");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return certificate("cert");
  }
  Certificate certificate(const std::string& file) const {
    return must(Certificate::from_pem(as_text(read_bytes(folder / file))));
  }
  // The openssl program was refused, with this failure and verdict.
  void expect_refused(const Ran& ran, std::string_view failure, std::string_view verdict) const {
    EXPECT_NE(ran.exit_code, 0);
    EXPECT_TRUE(ran.says(failure)) << ran.output;
    EXPECT_TRUE(ran.says(verdict)) << ran.output;
  }
};

TEST_F(Cmp, AnInitialRequestUnderASecretGetsACertificateThatTheClientConfirms) {
  const Certificate got = enrol();
  EXPECT_EQ(got.subject().common_name, "dev1");
  EXPECT_EQ(got.issuer_der(), identity.authorities.front().subject_der());
  ASSERT_EQ(authority.applications.size(), 1U);
  const CmpApplication& application = authority.applications[0];
  EXPECT_EQ(application.kind, CmpRequestKind::initialization);
  EXPECT_EQ(application.reference, "app-42");
  EXPECT_EQ(application.sender, std::nullopt);
  EXPECT_EQ(application.public_key, got.public_key());
  ASSERT_EQ(authority.confirmations.size(), 1U);
  EXPECT_EQ(authority.confirmations[0].certificate, got);
  EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::accepted);
}

TEST_F(Cmp, ASecretAlsoBringsTheRootAndTheChain) {
  const Ran ran = cmp(std::string(kSecret) +
                      "-cmd ir -newkey key -subject /CN=dev1 -certout c -cacertsout ca "
                      "-extracertsout extra -sans urn:intaglio:app:42");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(certificate("ca"), identity.authorities.back());
  EXPECT_EQ(must(certificates_from_pem(as_text(read_bytes(folder / "extra")))),
            identity.authorities);
  EXPECT_EQ(authority.applications.at(0).uris, (std::vector<std::string>{"urn:intaglio:app:42"}));
}

TEST_F(Cmp, AgreedBeforehandNoConfirmationIsSent) {
  const Ran ran = cmp(std::string(kSecret) +
                      "-cmd ir -newkey key -subject /CN=dev1 -certout c -implicit_confirm");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  ASSERT_EQ(authority.confirmations.size(), 1U);
  EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::implicit);
}

TEST_F(Cmp, AClientThatDoesNotTrustItsCertificateRejectsIt) {
  ASSERT_EQ(in_folder("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                      "-subj /CN=other -keyout k2 -out other")
                .exit_code,
            0);
  const Ran ran = cmp(std::string(kSecret) +
                      "-cmd ir -newkey key -subject /CN=dev1 -certout c -out_trusted other");
  EXPECT_NE(ran.exit_code, 0);
  ASSERT_EQ(authority.confirmations.size(), 1U) << ran.output;
  EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::rejected);
  EXPECT_EQ(authority.confirmations[0].certificate, authority.issued.at(0));
}

TEST_F(Cmp, APkcs10RequestUnderASecretGetsACertificate) {
  ASSERT_EQ(in_folder("openssl req -new -key key -subj /CN=dev2 -out csr").exit_code, 0);
  const Ran ran = cmp(std::string(kSecret) + "-cmd p10cr -csr csr -certout c");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const CmpApplication& application = authority.applications.at(0);
  EXPECT_EQ(application.kind, CmpRequestKind::pkcs10);
  const auto csr = must(certification_request_from_file(read_bytes(folder / "csr")));
  EXPECT_EQ(application.signed_part, must(parse_certification_request(csr)).signed_part);
  EXPECT_EQ(certificate("c").public_key(), application.public_key);
}

TEST_F(Cmp, ADamagedPkcs10RequestIsBadPossession) {
  ASSERT_EQ(in_folder("openssl req -new -key key -subj /CN=dev2 -outform DER -out csr").exit_code,
            0);
  Bytes csr = read_bytes(folder / "csr");
  csr.back() ^= 1;
  write_file(folder, "csr", as_bytes(to_pem("CERTIFICATE REQUEST", csr)));
  const Ran ran = cmp(std::string(kSecret) + "-cmd p10cr -csr csr -certout c");
  expect_refused(ran, "badPOP", "rejection");
  EXPECT_TRUE(authority.applications.empty());
}

TEST_F(Cmp, AWrongSecretAndAnUnknownReferenceLookTheSame) {
  const std::string rest = std::string(
                               " -recipient '/CN=CMP issuing' -cmd ir -newkey key "
                               "-subject /CN=dev1 -certout c") +
                           kErrors;
  expect_refused(cmp("-ref app-42 -secret pass:wrong" + rest), "badMessageCheck",
                 "wrong_secret: the one-time secret does not fit");
  expect_refused(cmp("-ref app-99 -secret pass:pass" + rest), "badMessageCheck",
                 "wrong_secret: the one-time secret does not fit");
  EXPECT_TRUE(authority.applications.empty());
}

TEST_F(Cmp, ASecretBuysOneCertificateAndTheSameApplicationGetsItAgain) {
  const Certificate first = enrol();
  EXPECT_EQ(enrol(), first);
  make_key("key2");
  const Ran ran = cmp(std::string(kSecret) + "-cmd ir -newkey key2 -subject /CN=dev1 -certout c");
  expect_refused(ran, "duplicateCertReq", "challenge_spent");
  EXPECT_EQ(authority.issued.size(), 1U);
}

TEST_F(Cmp, AHolderGetsAnotherCertificateWithItsOwn) {
  const Certificate own = enrol();
  make_key("key2");
  const Ran ran = cmp(std::string(kSigned) + "-cmd cr -newkey key2 -subject /CN=dev1b -certout c2");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(authority.applications.at(1).kind, CmpRequestKind::certification);
  EXPECT_EQ(authority.applications.at(1).sender, own);
  EXPECT_EQ(authority.applications.at(1).reference, "");
  EXPECT_EQ(authority.confirmations.size(), 2U);
}

TEST_F(Cmp, AHolderRenewsItsCertificateForANewKey) {
  const Certificate old = enrol();
  make_key("key2");
  const Ran ran = cmp(std::string(kSigned) + "-cmd kur -newkey key2 -certout c2");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(authority.applications.at(1).kind, CmpRequestKind::update);
  EXPECT_EQ(authority.applications.at(1).sender, old);
  EXPECT_NE(certificate("c2").public_key(), old.public_key());
}

TEST_F(Cmp, OnlyTheHolderRenewsACertificate) {
  enrol();
  make_key("key2");
  const Ran other =
      cmp("-ref app-43 -secret pass:other -recipient '/CN=CMP issuing' -cmd ir "
          "-newkey key2 -subject /CN=dev2 -certout cert2");
  ASSERT_EQ(other.exit_code, 0) << other.output;
  const Ran ran =
      cmp("-cert cert2 -key key2 -trusted root -cmd kur -oldcert cert -newkey key2 "
          "-certout c3");
  expect_refused(ran, "notAuthorized", "not_signer at old certificate");
  const Ran secret = cmp(std::string(kSecret) + "-cmd kur -oldcert cert -newkey key2 -certout c3");
  expect_refused(secret, "notAuthorized", "not_signer at kur");
  EXPECT_EQ(authority.issued.size(), 2U);
}

TEST_F(Cmp, AHolderRevokesItsCertificateAndIsNobodyFromThenOn) {
  const Certificate own = enrol();
  const Ran ran = cmp(std::string(kSigned) + "-cmd rr -oldcert cert -revreason 1");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  ASSERT_EQ(authority.revocations.size(), 1U);
  EXPECT_EQ(authority.revocations[0].first, own);
  EXPECT_EQ(authority.revocations[0].second, RevocationReason::key_compromise);
  const Ran again = cmp(std::string(kSigned) + "-cmd rr -oldcert cert");
  expect_refused(again, "certRevoked", "certificate_revoked");
  EXPECT_EQ(authority.revocations.size(), 1U);
}

TEST_F(Cmp, OnlyTheHolderRevokesACertificate) {
  enrol();
  make_key("key2");
  ASSERT_EQ(cmp("-ref app-43 -secret pass:other -recipient '/CN=CMP issuing' -cmd ir -newkey key2 "
                "-subject /CN=dev2 -certout cert2")
                .exit_code,
            0);
  const Ran ran = cmp("-cert cert2 -key key2 -trusted root -cmd rr -oldcert cert");
  expect_refused(ran, "notAuthorized", "not_signer at rr");
  const Ran secret = cmp(std::string(kSecret) + "-cmd rr -oldcert cert");
  expect_refused(secret, "notAuthorized", "not_signer at rr");
  EXPECT_TRUE(authority.revocations.empty());
}

TEST_F(Cmp, TheAuthoritiesCertificatesAreToldToWhoAsks) {
  const Ran ran = cmp(std::string(kSecret) + "-cmd genm -infotype caCerts");
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_TRUE(ran.says("caCerts")) << ran.output;
  const Ran nothing = cmp(std::string(kSecret) + "-cmd genm");
  EXPECT_EQ(nothing.exit_code, 0) << nothing.output;
}

TEST_F(Cmp, ACertificateOfAnotherAuthorityIsNobodys) {
  enrol();
  // Of an authority with the name of ours.
  write_file(folder, "extensions",
             as_bytes("subjectKeyIdentifier=hash\nkeyUsage=digitalSignature\n"));
  const std::string ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  const Ran made =
      in_folder("openssl req -x509 " + ec +
                "-subj '/CN=CMP issuing' -keyout fca_key -out fca && openssl req " + ec +
                "-subj /CN=dev1 -keyout fkey -out fcsr && openssl x509 -req -in fcsr "
                "-CA fca -CAkey fca_key -extfile extensions -out fcert");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const Ran ran =
      cmp("-cert fcert -key fkey -recipient '/CN=CMP issuing' -cmd cr -newkey key "
          "-subject /CN=x -certout c -trusted root");
  expect_refused(ran, "signerNotTrusted", "path_invalid");
  EXPECT_EQ(authority.issued.size(), 1U);
}

TEST_F(Cmp, ASignatureByAnotherKeyIsRefused) {
  enrol();
  make_key("key2");
  // The program checks that key and certificate fit; so its message is altered on the way.
  ASSERT_EQ(cmp(std::string(kSigned) + "-cmd cr -newkey key2 -subject /CN=dev1 -certout c -reqout "
                                       "'r1 r2'")
                .exit_code,
            0);
  Bytes request = read_bytes(folder / "r1");
  const auto text = as_text(request);
  const auto at = text.find("dev1", text.find("dev1") + 4);  // in the template's subject
  ASSERT_NE(at, std::string_view::npos);
  request[at + 3] = '2';
  const std::size_t before = authority.issued.size();
  const Bytes answer = must(responder.respond(request, kCmpNow));
  EXPECT_NE(as_text(answer).find("bad_signature"), std::string_view::npos);
  EXPECT_EQ(authority.issued.size(), before);
}

TEST_F(Cmp, AMessageForAnotherAuthorityIsNotTaken) {
  const Ran ran = cmp(std::string("-ref app-42 -secret pass:pass -recipient /CN=somebody -cmd ir "
                                  "-newkey key -subject /CN=dev1 -certout c") +
                      kErrors);
  expect_refused(ran, "wrongAuthority", "wrong_recipient");
  EXPECT_TRUE(authority.applications.empty());
}

TEST_F(Cmp, PossessionMustBeProvenByTheKeyItself) {
  for (const char* method : {"-1", "0"}) {  // none; a registration authority's word
    const Ran ran = cmp(std::string(kSecret) +
                        "-cmd ir -newkey key -subject /CN=dev1 -certout c "
                        "-popo " +
                        method);
    expect_refused(ran, "badPOP", "rejection");
  }
  EXPECT_TRUE(authority.applications.empty());
}

TEST_F(Cmp, OtherKeysThanP256AreRefused) {
  make_key("rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
  make_key("p384", "EC -pkeyopt ec_paramgen_curve:P-384");
  for (const char* key : {"rsa", "p384"}) {
    const Ran ran =
        cmp(std::string(kSecret) + "-cmd ir -newkey " + key + " -subject /CN=dev1 -certout c");
    expect_refused(ran, "badAlg", key == std::string_view("rsa") ? "bad_algorithm" : "bad_key");
  }
  EXPECT_TRUE(authority.applications.empty());
}

TEST_F(Cmp, OtherMacsHashesAndNoProtectionAreRefused) {
  const std::string rest =
      std::string("-cmd ir -newkey key -subject /CN=dev1 -certout c") + kErrors;
  expect_refused(cmp(kSecret + rest + "-mac hmacWithSHA512"), "badAlg", "bad_algorithm at MAC");
  expect_refused(cmp(kSecret + rest + "-digest sha1"), "badAlg", "bad_algorithm");
  expect_refused(cmp(kSecret + rest + "-unprotected_requests"), "badDataFormat",
                 "missing_field at protection");
  EXPECT_TRUE(cmp(kSecret + rest + "-mac hmacWithSHA256").exit_code == 0);
}

// The same message with the MAC that its header asks for (RFC 4210 section 5.1.3.1), for one that
// was altered by who knows the secret. As the openssl program makes them: 500 times SHA-256, then
// HMAC-SHA1.
Bytes mac_again(const Bytes& message, std::string_view secret) {
  der::Reader in(must(der::only_element(message, der::kSequence, "message")).content);
  const auto header = must(in.next());
  const auto body = must(in.next());
  der::Reader fields(header.content);
  for (int i = 0; i < 4; ++i) must(fields.next());  // version, sender, recipient, time
  const auto algorithm = must(fields.next());
  der::Reader parts(must(der::only_element(algorithm.content, der::kSequence, "MAC")).content);
  must(parts.next());
  der::Reader parameters(must(parts.next()).content);
  Bytes key = to_bytes(as_bytes(secret));
  append(key, must(parameters.next()).content);  // salt
  for (int i = 0; i < 500; ++i) key = to_bytes(crypto::sha256(key).view());
  const Bytes covered = der::sequence({header.whole, body.whole});
  std::array<std::uint8_t, 20> mac;
  unsigned size = mac.size();
  CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), covered.data(), covered.size(),
             mac.data(), &size) != nullptr);
  const Bytes protection = der::element(der::explicit_tag(0), {der::bit_string(mac)});
  return der::sequence({header.whole, body.whole, protection});
}

// An initial request of the openssl program, as it went over the wire.
struct CmpRequest : Cmp {
  Bytes request;
  Bytes confirmation;
  CmpRequest() {
    const Ran ran = cmp(std::string(kSecret) +
                        "-cmd ir -newkey key -subject /CN=dev1 -certout c "
                        "-reqout 'r1 r2' -rspout 's1 s2'");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    request = read_bytes(folder / "r1");
    confirmation = read_bytes(folder / "r2");
  }
  bool says(const Result<Bytes>& answer, std::string_view text) const {
    return answer && as_text(*answer).find(text) != std::string_view::npos;
  }
};

TEST_F(CmpRequest, SentAgainGetsTheSameAnswerAndAsksTheAuthorityNothing) {
  EXPECT_EQ(must(responder.respond(request, kCmpNow)), read_bytes(folder / "s1"));
  EXPECT_EQ(must(responder.respond(confirmation, kCmpNow)), read_bytes(folder / "s2"));
  EXPECT_EQ(authority.applications.size(), 1U);
  EXPECT_EQ(authority.confirmations.size(), 1U);
}

TEST_F(CmpRequest, SentAgainAfterItsTransactionIsAskedOfTheAuthorityAgain) {
  const Millis later = kCmpNow + kCmpTransactionTime;
  EXPECT_FALSE(says(responder.respond(confirmation, later), "pkiconf"));
  EXPECT_TRUE(says(responder.respond(confirmation, later), "unknown_transaction"));
  EXPECT_TRUE(responder.respond(request, later).has_value());
  EXPECT_EQ(authority.applications.size(), 2U);  // which knows the application
  EXPECT_EQ(authority.issued.size(), 1U);
}

TEST_F(CmpRequest, AConfirmationOutOfNowhereIsNotTaken) {
  CmpResponder fresh(authority, identity);
  EXPECT_TRUE(says(fresh.respond(confirmation, kCmpNow), "unknown_transaction"));
  EXPECT_EQ(authority.confirmations.size(), 1U);
}

TEST_F(CmpRequest, AnotherRequestInTheSameTransactionIsAConflict) {
  const std::string silent =
      std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout c -disable_confirm ";
  ASSERT_EQ(cmp(silent + "-reqout r3").exit_code, 0);
  ASSERT_EQ(cmp(silent + "-reqout r4").exit_code, 0);
  const auto transaction = [](const Bytes& message) {
    return must(read_cmp_addresses(message)).transaction;
  };
  const Bytes first = read_bytes(folder / "r3");
  Bytes second = read_bytes(folder / "r4");
  const auto offset = transaction(second).data() - second.data();
  std::ranges::copy(transaction(first), second.begin() + offset);
  EXPECT_TRUE(says(responder.respond(second, kCmpNow), "wrong_secret"));  // the MAC is broken
  EXPECT_TRUE(says(responder.respond(mac_again(second, "pass"), kCmpNow), "conflict"));
  EXPECT_EQ(authority.applications.size(), 3U);
}

TEST_F(CmpRequest, WhatItsMacCostsIsTheServersToSay) {
  const Bytes iterations{0x02, 0x02, 0x01, 0xf4};  // 500
  const auto at = std::ranges::search(request, iterations).begin() - request.begin();
  ASSERT_LT(static_cast<std::size_t>(at), request.size());
  for (const unsigned count : {99U, 10'001U, 0x7fffU}) {
    Bytes altered = request;
    altered[static_cast<std::size_t>(at) + 2] = static_cast<std::uint8_t>(count >> 8);
    altered[static_cast<std::size_t>(at) + 3] = static_cast<std::uint8_t>(count);
    EXPECT_TRUE(says(responder.respond(altered, kCmpNow), "bad_algorithm at ")) << count;
  }
}

TEST_F(CmpRequest, WithAnyBitFlippedAsksTheAuthorityNothing) {
  CmpAuthorityForTest untouched;
  CmpResponder other(untouched, identity);
  for (std::size_t i = 0; i < request.size(); ++i) {
    Bytes altered = request;
    altered[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    static_cast<void>(other.respond(altered, kCmpNow));
  }
  EXPECT_TRUE(untouched.applications.empty());
  EXPECT_TRUE(other.respond(request, kCmpNow).has_value());
  EXPECT_EQ(untouched.applications.size(), 1U);
}

TEST_F(CmpRequest, AnEmptySecretIsNone) {
  CmpAuthorityForTest careless;
  careless.secrets["app-42"] = "";
  CmpResponder other(careless, identity);
  EXPECT_TRUE(says(other.respond(mac_again(request, ""), kCmpNow), "wrong_secret"));
  EXPECT_TRUE(careless.applications.empty());
}

TEST_F(CmpRequest, CutAnywhereIsNoMessage) {
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(responder.respond(ByteView(request).first(size), kCmpNow).has_value());
  }
}

constexpr std::string_view kGoldenError =
    "3081b93073020102a41b30193117301506035504030c0e434d502070726f74656374696f6ea4023000a01118"
    "0f32303236303130313030303030305aa412041007070707070707070707070707070707a512041009090909"
    "090909090909090909090909a612041007070707070707070707070707070707b7423040303a02010230310c"
    "2f77726f6e675f726563697069656e743a2061646472657373656420746f20616e6f7468657220617574686f"
    "72697479030201020202025f";

TEST(CmpGolden, ARequestForAnotherAuthorityIsRefusedInTheseBytes) {
  const Bytes transaction(16, 7);
  const Bytes nobody = der::sequence({});
  CmpMessage request;
  request.sender = nobody;
  request.transaction = transaction;
  request.sender_nonce = transaction;
  const Bytes error = must(encode_cmp_error(request, cmp_identity(), {Verdict::wrong_recipient, {}},
                                            Bytes(16, 9), kCmpNow));
  EXPECT_EQ(codec::to_hex(error), kGoldenError);
  const CmpMessage read = must(read_cmp_addresses(error));
  EXPECT_EQ(to_bytes(read.transaction), transaction);
}

TEST_F(Cmp, TwoClientsAreInTheMiddleOfTheirTransactionsAtOnce) {
  std::barrier both(2);
  authority.while_issuing = [&] { both.arrive_and_wait(); };
  make_key("key2");
  const Ran ran = in_folder(
      "{ " + client(std::string(kSecret) + "-cmd ir -newkey key -subject /CN=one -certout c1") +
      " & " +
      client("-ref app-43 -secret pass:other -recipient '/CN=CMP issuing' -cmd ir -newkey key2 "
             "-subject /CN=two -certout c2") +
      "; second=$?; wait $! && exit $second; }");
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_EQ(certificate("c1").subject().common_name, "one");
  EXPECT_EQ(certificate("c2").subject().common_name, "two");
  EXPECT_EQ(authority.confirmations.size(), 2U);
}

TEST_F(Cmp, OneSenderKeepsOnlySoManyTransactionsOpen) {
  const std::string silent = std::string(kSecret) +
                             "-cmd ir -newkey key -subject /CN=dev1 "
                             "-certout c -disable_confirm";
  for (std::size_t i = 0; i < kMaxCmpTransactionsOfOne; ++i) {
    ASSERT_EQ(cmp(silent).exit_code, 0);
  }
  expect_refused(cmp(silent + kErrors), "systemUnavail", "busy");
  // Another sender is not in its way.
  const Ran other =
      cmp("-ref app-43 -secret pass:other -recipient '/CN=CMP issuing' -cmd ir "
          "-newkey key -subject /CN=dev1 -certout c");
  EXPECT_EQ(other.exit_code, 0) << other.output;
}

}  // namespace
}  // namespace intaglio::pki
