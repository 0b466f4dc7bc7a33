#include "pki/cmp.h"

#include <barrier>

#include <gtest/gtest.h>

#include "pki/certification_request.h"
#include "pki/cmp_client_for_test.h"
#include "pki/der_reader.h"

namespace intaglio::pki {
namespace {

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

TEST_F(Cmp, ARenewalSeenByAnotherAndSentAgainLaterBringsNoSecondCertificate) {
  enrol();
  make_key("key2");
  ASSERT_EQ(
      cmp(std::string(kSigned) + "-cmd kur -newkey key2 -certout c2 -reqout 'r1 r2'").exit_code, 0);
  const Millis later = kCmpNow + kCmpTransactionTime;
  EXPECT_TRUE(responder.respond(read_bytes(folder / "r1"), later).has_value());
  EXPECT_EQ(authority.applications.size(), 3U);
  EXPECT_EQ(authority.issued.size(), 2U);
}

TEST_F(Cmp, AClientThatHasToWaitAsksUntilItsCertificateIsThere) {
  authority.undecided = 3;
  const Certificate got = enrol();
  EXPECT_EQ(authority.issued, std::vector<Certificate>{got});
  // At first, by three polls, and for the last one once more.
  EXPECT_EQ(authority.applications.size(), 5U);
  for (const CmpApplication& each : authority.applications) {
    EXPECT_EQ(each.signed_part, authority.applications[0].signed_part);
  }
  ASSERT_EQ(authority.confirmations.size(), 1U);
  EXPECT_EQ(authority.confirmations[0].certificate, got);
  EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::accepted);
}

TEST_F(Cmp, EveryKindOfApplicationMayHaveToWait) {
  authority.undecided = 2;
  ASSERT_EQ(in_folder("openssl req -new -key key -subj /CN=dev2 -out csr").exit_code, 0);
  const Ran p10cr =
      cmp(std::string(kSecret) + "-cmd p10cr -csr csr -certout cert -implicit_confirm");
  ASSERT_EQ(p10cr.exit_code, 0) << p10cr.output;
  ASSERT_EQ(authority.confirmations.size(), 1U);
  EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::implicit);

  // Signed: and so are the polls, and what answers them.
  authority.undecided = 2;
  make_key("key2");
  const Ran kur = cmp(std::string(kSigned) + "-cmd kur -newkey key2 -certout c2");
  ASSERT_EQ(kur.exit_code, 0) << kur.output;
  EXPECT_NE(certificate("c2"), certificate("cert"));
  EXPECT_EQ(authority.confirmations.size(), 2U);
}

TEST_F(Cmp, WhatIsRefusedWhileItsClientWaitsIsARejection) {
  authority.undecided = 2;
  authority.decision = refuse(Verdict::approval_refused, "by an officer");
  const Ran ran = cmp(std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout c");
  expect_refused(ran, "notAuthorized", "approval_refused at by an officer");
  EXPECT_TRUE(authority.issued.empty());
  EXPECT_TRUE(authority.confirmations.empty());
}

TEST_F(Cmp, AClientThatWaitsNoLongerGetsItsCertificateByTheSameApplication) {
  authority.undecided = 100;
  const std::string ir =
      std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout cert ";
  // With five seconds left it gives up at once.
  const Ran waits = cmp(ir + "-total_timeout 5 -reqout 'r1 r2'");
  EXPECT_NE(waits.exit_code, 0);
  EXPECT_TRUE(waits.says("'waiting' PKIStatus")) << waits.output;
  authority.undecided = 0;
  const Ran again = cmp(ir);
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(authority.issued, std::vector<Certificate>{certificate("cert")});

  // A responder that was started again knows nothing of the first one's transaction.
  CmpResponder another(authority, identity);
  const Bytes answer = must(another.respond(read_bytes(folder / "r2"), kCmpNow));
  EXPECT_NE(std::string(as_text(answer)).find("unknown_transaction"), std::string::npos);
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
  const Ran ran = cmp(std::string(kSecret) + "-cmd genm -infotype caCerts -rspout answer");
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_TRUE(ran.says("caCerts")) << ran.output;
  const Bytes answer = read_bytes(folder / "answer");
  Bytes both = identity.authorities[0].der();
  append(both, identity.authorities[1].der());
  EXPECT_FALSE(std::ranges::search(answer, der::sequence({both})).empty());
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
