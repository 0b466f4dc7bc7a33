// Certificate clients that are not ours, as their makers ship them, against the real node:
// OpenSSL's CMP client and OCSP, strongSwan's EST client, curl. That one of them is not installed
// is a failure.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/result_for_test.h"
#include "pki/test_authority.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {
namespace {

using codec::Json;

class ForeignClients : public ::testing::Test {
 protected:
  ForeignClients()
      : node_({.name = "test", .chains = 2, .assets = {{AssetId(978), "EUR", 2, Amount(1)}}}) {
    node_.start_with_tls();
    ours({"key", "new", "shop"});
    ours({"connect", node_.url(), "--trust", node_.folder() + "/tls/certificate.pem"});
    ours({"login", "add", "shop", "--public-key", "shop", "--usage", "holder", "--usage", "issuer",
          "--key", "soft:" + node_.folder() + "/keys/authority.key"});
    for (const std::string name : {"one", "two", "three"}) {
      run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " +
          at(name + ".key"));
      run(format("openssl req -new -key {} -subj /CN={} -out {}", at(name + ".key"), name,
                 at(name + ".csr")));
      run(format("openssl req -in {} -outform DER | base64 > {}", at(name + ".csr"),
                 at(name + ".b64")));
    }
  }

  static std::string run(const std::string& command) {
    const pki::Ran done = pki::run(command);
    EXPECT_EQ(done.exit_code, 0) << command << '\n' << done.output;
    return done.output;
  }
  Json ours(std::vector<std::string> words) {
    words.insert(words.end(), {"--home", folder_ / "home", "--json"});
    const auto ran = run_program(std::move(words));
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return must(codec::parse_json(ran.output));
  }

  std::string at(const std::string& name) { return folder_ / name; }
  std::string authority(const std::string& name) {
    return node_.folder() + "/authority/" + name + ".pem";
  }
  std::string tls() { return node_.folder() + "/tls/certificate.pem"; }

  struct Given {
    std::string reference;
    std::string secret;
  };
  Given secret_for(const std::string& usage) {
    const auto made = ours({"cert", "secret", "shop", "--usage", usage, "--key",
                            "soft:" + node_.folder() + "/keys/authority.key"});
    return {must(made.text_at("reference")), must(made.text_at("secret"))};
  }

  std::string cmp(const std::string& what, const std::string& recipient = "test issuing") {
    const std::string host = node_.url().substr(node_.url().find("//") + 2);
    return format(
        "openssl cmp -server {} -path .well-known/cmp -tls_used -tls_trusted {} "
        "-recipient '/O=test/CN={}' -verbosity 6 {}",
        host, tls(), recipient, what);
  }
  static std::string under(const Given& given) {
    return format("-ref {} -secret pass:{} ", given.reference, given.secret);
  }
  // Signed with a certificate of ours.
  std::string as(const std::string& certificate, const std::string& key) {
    return format("-cert {} -key {} -trusted {} -untrusted {} ", at(certificate), at(key),
                  authority("root"), authority("issuing"));
  }
  std::string fetched(const std::string& path, const std::string& options = {}) {
    return format("curl -sS --fail-with-body --cacert {} {} {}{}", tls(), options, node_.url(),
                  path);
  }

  pki::Certificate certificate(const std::string& name) {
    std::ifstream file(at(name));
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    return must(pki::Certificate::from_pem(pem));
  }
  // What OCSP says of it, by POST, checked by openssl. (It looks at nonces only where it asks and
  // reads the answer in one run, which it does over plain HTTP alone.)
  std::string status(const std::string& name, const std::string& issuer = "issuing") {
    ask(name, issuer);
    post_question();
    return answered(name, issuer);
  }
  void post_question() {
    run(fetched("/v1/authority/ocsp",
                format("-H 'Content-Type: application/ocsp-request' --data-binary @{} -o {}",
                       at("question"), at("answer"))));
  }
  void ask(const std::string& name, const std::string& issuer = "issuing") {
    run(format("openssl ocsp -no_nonce -issuer {} -cert {} -reqout {}", authority(issuer), at(name),
               at("question")));
  }
  std::string answered(const std::string& name, const std::string& issuer = "issuing") {
    return run(format("openssl ocsp -no_nonce -issuer {} -cert {} -respin {} -CAfile {}",
                      authority(issuer), at(name), at("answer"), authority("root")));
  }
  // With the issuer's list, as openssl judges it.
  pki::Ran verified(const std::string& name, const std::string& issuer) {
    run(fetched("/v1/authority/" + issuer + ".crl", "-o " + at("list.der")));
    run(format("openssl crl -inform DER -in {} -out {} -CAfile {}", at("list.der"), at("list.pem"),
               authority(issuer)));
    return pki::run(format("openssl verify -crl_check -CAfile {} -untrusted {} -CRLfile {} {}",
                           authority("root"), authority(issuer), at("list.pem"), at(name)));
  }
  // The next issuing key, certified by the root, which is in the node's folder still.
  void rotate() {
    const auto asked = ours({"authority", "request", "--data", node_.folder()});
    ours({"authority", "certify", must(asked.text_at("request")), "--root", node_.folder(), "--out",
          at("next.pem")});
    ours({"authority", "install", at("next.pem"), "--data", node_.folder()});
    node_.stop();
    node_.start_with_tls();
    ours({"connect", node_.url(), "--trust", node_.folder() + "/tls/certificate.pem"});
  }
  void enrol(const std::string& name) {
    run(cmp("-cmd ir " + under(secret_for("holder")) +
            format("-subject /CN={} -newkey {} -certout {}", name, at(name + ".key"),
                   at(name + ".pem"))));
  }
  // With a certificate of theirs, on the listener that asks for one.
  std::string certified(const std::string& path, const std::string& certificate,
                        const std::string& key, const std::string& options = {}) {
    return format("curl -sS --fail-with-body --cacert {} --cert {} --key {} {} {}{}", tls(),
                  certificate, key, options, node_.certified_url(), path);
  }
  std::string reenrol(const std::string& shown, const std::string& request) {
    return certified(
        "/.well-known/est/simplereenroll", at(shown + ".pem"), at(shown + ".key"),
        format("-H 'Content-Type: application/pkcs10' --data-binary @{}", at(request + ".b64")));
  }
  // NAME.csr and NAME.b64: NAME.key asks for what the certificate of somebody names.
  void ask_as(const std::string& name, const std::string& named, const std::string& subject = {}) {
    const auto old = certificate(named + ".pem");
    run(format("openssl req -new -key {} -subj {} -addext subjectAltName=URI:{}{} -out {}",
               at(name + ".key"),
               subject.empty() ? format("/CN={}/serialNumber={}", old.subject().common_name,
                                        old.subject().serial_number)
                               : subject,
               pki::kAccountUri, codec::to_text(*old.account()), at(name + ".csr")));
    run(format("openssl req -in {} -outform DER | base64 > {}", at(name + ".csr"),
               at(name + ".b64")));
  }
  // Signed by the authority's key beside its books.
  void issue_beside(const std::string& name, const std::string& key, pki::Validity validity) {
    run(format("openssl pkey -in {} -pubout -outform DER -out {}", at(key), at("public")));
    const Bytes spki = pki::read_bytes(at("public"));
    const auto issuing =
        must(pki::Certificate::from_pem(as_text(pki::read_bytes(authority("issuing")))));
    const auto built = must(pki::build_certificate(
        {.serial = pki::serial_from(system_env().random_id<pki::SerialBits>()),
         .subject = {{}, "shop", {}},
         .validity = validity,
         .public_key = must(crypto::PublicKey::parse(ByteView(spki).last(65))),
         .profile = pki::CertificateUsage::holder},
        issuing, element::signer_of(*node_.key("issuing"))));
    std::ofstream(at(name)) << built.to_pem();
  }

  // As every chain has it.
  std::string on_the_ledger(const std::string& name) {
    auto client = node_.client();
    const auto known = client.certificate(certificate(name).key_hash());
    if (!known) return to_string(known.error());
    return std::string(codec::enum_name(known->status));
  }

  RealNode node_;
  FolderForTest folder_;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(ForeignClients, OpensslGetsRenewsAndRevokesByCmp) {
  const auto given = secret_for("holder");
  const std::string ir = "-cmd ir " + under(given) + "-subject /CN=one -newkey ";
  run(cmp(ir + at("one.key") + " -certout " + at("one.pem")));
  run(format("openssl verify -CAfile {} -untrusted {} {}", authority("root"), authority("issuing"),
             at("one.pem")));
  EXPECT_EQ(certificate("one.pem").usage(), pki::CertificateUsage::holder);
  EXPECT_EQ(certificate("one.pem").subject().common_name, "shop") << "the login, not the wish";
  EXPECT_EQ(on_the_ledger("one.pem"), "active");
  EXPECT_HAS(status("one.pem"), "one.pem: good");

  // The same again is answered the same, another key is not.
  run(cmp(ir + at("one.key") + " -certout " + at("again.pem")));
  EXPECT_EQ(certificate("again.pem"), certificate("one.pem"));
  const pki::Ran other = pki::run(cmp(ir + at("two.key") + " -certout " + at("x.pem")));
  EXPECT_NE(other.exit_code, 0);
  EXPECT_HAS(other.output, "challenge_spent");

  run(cmp("-cmd kur " + as("one.pem", "one.key") + "-newkey " + at("two.key") + " -certout " +
          at("two.pem")));
  EXPECT_EQ(certificate("two.pem").account(), certificate("one.pem").account());
  EXPECT_HAS(status("one.pem"), "Reason: superseded");
  EXPECT_EQ(on_the_ledger("one.pem"), "revoked");
  EXPECT_HAS(status("two.pem"), "two.pem: good");
  // Who was superseded cannot speak any more.
  EXPECT_NE(pki::run(cmp("-cmd kur " + as("one.pem", "one.key") + "-newkey " + at("three.key") +
                         " -certout " + at("x.pem")))
                .exit_code,
            0);

  // A reason of RFC 5280 that may end again: a suspension.
  run(cmp("-cmd rr " + as("two.pem", "two.key") + "-oldcert " + at("two.pem") + " -revreason 6"));
  EXPECT_HAS(status("two.pem"), "Reason: certificateHold");
  EXPECT_EQ(on_the_ledger("two.pem"), "suspended");
  EXPECT_NE(pki::run(cmp("-cmd kur " + as("two.pem", "two.key") + "-newkey " + at("three.key") +
                         " -certout " + at("x.pem")))
                .exit_code,
            0);
  ours({"cert", "resume", codec::to_hex(certificate("two.pem").key_hash()), "--key",
        "soft:" + node_.folder() + "/keys/authority.key"});
  EXPECT_HAS(status("two.pem"), "two.pem: good");

  run(cmp("-cmd rr " + as("two.pem", "two.key") + "-oldcert " + at("two.pem") + " -revreason 1"));
  EXPECT_HAS(status("two.pem"), "Reason: keyCompromise");
  EXPECT_EQ(on_the_ledger("two.pem"), "revoked");

  run(fetched("/v1/authority/issuing.crl", "-o " + at("list.der")));
  const std::string list = run(format("openssl crl -inform DER -in {} -CAfile {} -text -noout",
                                      at("list.der"), authority("issuing")));
  EXPECT_HAS(list, "verify OK");
  EXPECT_HAS(list, "Superseded");
  EXPECT_HAS(list, "Key Compromise");
}

TEST_F(ForeignClients, OpensslSendsItsRequestFileByCmp) {
  const auto given = secret_for("issuer");
  const std::string p10cr = under(given) + "-certout " + at("one.pem");
  const pki::Ran wrong =
      pki::run(cmp("-cmd p10cr -csr " + at("one.csr") + " -ref " + given.reference +
                   " -secret pass:guess -certout " + at("x.pem")));
  EXPECT_NE(wrong.exit_code, 0);
  run(cmp("-cmd p10cr -implicit_confirm -csr " + at("one.csr") + ' ' + p10cr));
  EXPECT_EQ(certificate("one.pem").usage(), pki::CertificateUsage::issuer);
  EXPECT_EQ(on_the_ledger("one.pem"), "active");
  run(cmp("-cmd genm " + under(given)));
}

TEST_F(ForeignClients, StrongswanAndCurlEnrolByEst) {
  const auto given = secret_for("holder");
  run(format("cd {} && pki --estca --url {} --cacert {} --caout authorities --outform pem",
             folder_.path(), node_.url(), tls()));
  run(
      format("pki --est --url {} --in {} --cacert {} --cacert {} --cacert {} --userpass {}:{} "
             "--outform pem > {}",
             node_.url(), at("one.csr"), tls(), authority("root"), authority("issuing"),
             given.reference, given.secret, at("one.pem")));
  EXPECT_EQ(certificate("one.pem").usage(), pki::CertificateUsage::holder);
  EXPECT_EQ(on_the_ledger("one.pem"), "active");

  // curl sends the same request in lines, and gets the same certificate.
  const auto enrolled = [&](const std::string& user, const std::string& body,
                            const std::string& type = "application/pkcs10") {
    return fetched("/.well-known/est/simpleenroll",
                   format("-u {} -H 'Content-Type: {}' --data-binary @{}", user, type, body));
  };
  const std::string user = given.reference + ':' + given.secret;
  run(enrolled(user, at("one.b64")) +
      " | base64 -d | openssl pkcs7 -inform DER -print_certs -out " + at("again.pem"));
  EXPECT_EQ(certificate("again.pem"), certificate("one.pem"));

  EXPECT_HAS(pki::run(enrolled(user, at("two.b64"))).output, "challenge_spent");
  EXPECT_HAS(pki::run(enrolled(given.reference + ":guess", at("one.b64"))).output, "wrong_secret");
  EXPECT_HAS(pki::run(enrolled("nobody:guess", at("one.b64"))).output, "wrong_secret");
  EXPECT_HAS(pki::run(enrolled(user, at("one.b64"), "text/plain")).output, "bad_media_type");
  std::ofstream(at("bad.b64")) << "MIIB";
  EXPECT_HAS(pki::run(enrolled(user, at("bad.b64"))).output, "truncated");
  EXPECT_HAS(pki::run(fetched("/.well-known/est/simpleenroll", "-i -X POST")).output,
             "WWW-Authenticate: Basic");
  EXPECT_EQ(run(fetched("/.well-known/est/csrattrs", "-w '%{http_code}'")), "204");
}

TEST_F(ForeignClients, StrongswanAndCurlRenewByEstWithTheirCertificate) {
  enrol("one");
  ask_as("one", "one");
  EXPECT_HAS(pki::run(reenrol("one", "one")).output, "key_certified");
  ask_as("two", "one", "/CN=somebody");
  EXPECT_HAS(pki::run(reenrol("one", "two")).output, "bad_value");

  ask_as("two", "one");
  run(
      format("pki --est --url {} --in {} --cacert {} --cacert {} --cacert {} --cert {} --key {} "
             "--outform pem > {}",
             node_.certified_url(), at("two.csr"), tls(), authority("root"), authority("issuing"),
             at("one.pem"), at("one.key"), at("two.pem")));
  EXPECT_EQ(certificate("two.pem").account(), certificate("one.pem").account());
  EXPECT_EQ(on_the_ledger("one.pem"), "revoked");
  EXPECT_HAS(status("one.pem"), "Reason: superseded");
  EXPECT_EQ(on_the_ledger("two.pem"), "active");

  // Who lost the answer asks again; for anything else the old certificate is spent.
  const std::string to_pem = " | base64 -d | openssl pkcs7 -inform DER -print_certs -out ";
  run(reenrol("one", "two") + to_pem + at("again.pem"));
  EXPECT_EQ(certificate("again.pem"), certificate("two.pem"));
  ask_as("three", "one");
  EXPECT_HAS(pki::run(reenrol("one", "three")).output, "challenge_spent");

  ask_as("three", "two");
  run(reenrol("two", "three") + to_pem + at("three.pem"));
  EXPECT_EQ(on_the_ledger("three.pem"), "active");

  // Beside it there is all that EST is without a certificate, and on the other listener no such.
  const auto get = [&](const std::string& path, const std::string& options = {}) {
    return run(certified("/.well-known/est/" + path, at("three.pem"), at("three.key"), options));
  };
  EXPECT_EQ(get("cacerts"), run(fetched("/.well-known/est/cacerts")));
  EXPECT_EQ(get("csrattrs", "-w '%{http_code}'"), "204");
  EXPECT_HAS(pki::run(certified("/v1/ledger", at("three.pem"), at("three.key"))).output,
             "unknown_route");
  EXPECT_HAS(
      pki::run(fetched("/.well-known/est/simplereenroll",
                       "--cert " + at("three.pem") + " --key " + at("three.key") + " -X POST"))
          .output,
      "path_invalid");
}

TEST_F(ForeignClients, OnlyHoldersOfGoodCertificatesAreServedByTheirListener) {
  const std::string cacerts = "/.well-known/est/cacerts";
  const auto answered = [&](const std::string& shown, const std::string& key,
                            const std::string& options = {}) {
    const pki::Ran ran = pki::run(certified(cacerts, shown, key, options));
    if (ran.exit_code == 0) return std::string("served");
    const auto code = ran.output.find("\"code\":\"");
    if (code == std::string::npos) return std::string("no handshake");
    return ran.output.substr(code + 8, ran.output.find('"', code + 8) - code - 8);
  };
  enrol("one");
  EXPECT_EQ(answered(at("one.pem"), at("one.key")), "served");
  EXPECT_NE(pki::run(format("curl -sS --cacert {} {}{}", tls(), node_.certified_url(), cacerts))
                .exit_code,
            0)
      << "without a certificate";

  // Somebody else's certificate that says the same, and an authority's that is no usage of ours.
  run(format("openssl req -x509 -key {} -subj /CN=shop -out {}", at("two.key"), at("two.pem")));
  EXPECT_EQ(answered(at("two.pem"), at("two.key")), "no handshake");
  EXPECT_EQ(answered(authority("cmp"), node_.folder() + "/keys/cmp.key", "--pass 'correct horse'"),
            "no handshake");
  const Millis now = system_env().now();
  const Millis hour_ago(now.value() - 3'600'000);
  issue_beside("expired.pem", "two.key", {hour_ago, Millis(now.value() - 1000)});
  EXPECT_EQ(answered(at("expired.pem"), at("two.key")), "no handshake");

  // What the authority signed and has not in its books: a node's, and one made beside it.
  EXPECT_EQ(answered(node_.folder() + "/tls/peer.pem", node_.folder() + "/keys/peer.key",
                     "--pass 'correct horse'"),
            "unknown_certificate");
  issue_beside("beside.pem", "two.key", {hour_ago, now + seconds(3600)});
  EXPECT_EQ(answered(at("beside.pem"), at("two.key")), "unknown_certificate");

  run(cmp("-cmd rr " + as("one.pem", "one.key") + "-oldcert " + at("one.pem") + " -revreason 1"));
  EXPECT_EQ(answered(at("one.pem"), at("one.key")), "certificate_revoked");
  ask_as("three", "one");
  EXPECT_HAS(pki::run(reenrol("one", "three")).output, "certificate_revoked");
}

// From here on the shop's certificates wait for an officer.
class ForeignClientsUnderFourEyes : public ForeignClients {
 protected:
  ForeignClientsUnderFourEyes() {
    ours({"key", "new", "anna"});
    ours({"login", "add", "anna", "--public-key", "anna", "--officer", "--key", operator_key()});
    ours({"login", "add", "shop", "--public-key", "shop", "--usage", "holder", "--usage", "issuer",
          "--approvals", "1", "--key", operator_key()});
  }
  std::string operator_key() { return "soft:" + node_.folder() + "/keys/authority.key"; }
  // Of the only one that waits.
  void decide(const std::string& word) {
    const auto list = ours({"cert", "pending", "--key", "anna"});
    const auto& items = *list.find("approvals")->items();
    ASSERT_EQ(items.size(), 1U);
    ours({"cert", word, must(items[0].text_at("digest")), "--key", "anna"});
  }
  // OpenSSL's client keeps the last five seconds for an answer: it polls once and gives up.
  void expect_waiting(const std::string& command) {
    const pki::Ran waits = pki::run(cmp(command + " -total_timeout 5"));
    EXPECT_NE(waits.exit_code, 0);
    EXPECT_HAS(waits.output, "received 'waiting' PKIStatus");
    EXPECT_HAS(waits.output, "checkAfter = 60 seconds");
  }
};

TEST_F(ForeignClientsUnderFourEyes, OpensslWaitsByCmpAndGetsItOnceApproved) {
  const std::string ir = "-cmd ir " + under(secret_for("holder")) + "-subject /CN=one -newkey " +
                         at("one.key") + " -certout " + at("one.pem");
  expect_waiting(ir);
  expect_waiting(ir);
  decide("approve");
  run(cmp(ir));
  EXPECT_EQ(on_the_ledger("one.pem"), "active");

  // A renewal waits too, and the old certificate is good until then.
  const std::string kur = "-cmd kur " + as("one.pem", "one.key") + "-newkey " + at("two.key") +
                          " -certout " + at("two.pem");
  expect_waiting(kur);
  EXPECT_EQ(on_the_ledger("one.pem"), "active");
  decide("approve");
  run(cmp(kur));
  EXPECT_EQ(on_the_ledger("one.pem"), "revoked");
  EXPECT_EQ(on_the_ledger("two.pem"), "active");

  const std::string p10cr = "-cmd p10cr -csr " + at("three.csr") + ' ' +
                            under(secret_for("issuer")) + "-certout " + at("x.pem");
  expect_waiting(p10cr);
  decide("refuse");
  const pki::Ran refused = pki::run(cmp(p10cr));
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_HAS(refused.output, "approval_refused");
}

TEST_F(ForeignClientsUnderFourEyes, StrongswanAndCurlAreToldToComeAgainByEst) {
  const auto given = secret_for("holder");
  const std::string curl =
      fetched("/.well-known/est/simpleenroll",
              format("-i -u {}:{} -H 'Content-Type: application/pkcs10' --data-binary @{}",
                     given.reference, given.secret, at("one.b64")));
  const std::string told = run(curl);
  EXPECT_HAS(told, "202 Accepted");
  EXPECT_HAS(told, "Retry-After: 60");
  EXPECT_HAS(told, "approval_pending");

  // strongSwan waits by itself; it is not waited for here, and asked again. It may end when nobody
  // reads what it says any more.
  const std::string est = format(
      "pki --est --url {} --in {} --cacert {} --cacert {} --cacert {} --userpass {}:{} "
      "--outform pem > {}",
      node_.url(), at("one.csr"), tls(), authority("root"), authority("issuing"), given.reference,
      given.secret, at("one.pem"));
  const std::string waits = run(format(
      "mkfifo {0}; {1} 2> {0} & client=$!; grep -m1 'polling indefinitely' {0}; kill $client || :",
      at("said"), est));
  EXPECT_HAS(waits, "every 60 seconds");
  decide("approve");
  run(est);
  EXPECT_EQ(certificate("one.pem").usage(), pki::CertificateUsage::holder);
  EXPECT_EQ(on_the_ledger("one.pem"), "active");
  EXPECT_HAS(run(curl), "200 OK");
}

TEST_F(ForeignClients, OcspIsAskedByGetToo) {
  enrol("one");
  ask("one.pem");
  const std::string encoded =
      run(format("base64 -w0 {} | sed 's/+/%2B/g; s#/#%2F#g; s/=/%3D/g'", at("question")));
  run(fetched("/v1/authority/ocsp/" + encoded, "-o " + at("answer")));
  EXPECT_HAS(answered("one.pem"), "one.pem: good");
}

TEST_F(ForeignClients, OpensslBelievesTheResponderThatTheAuthorityCertifiedForOcspAlone) {
  enrol("one");
  EXPECT_HAS(status("one.pem"), "Response verify OK");
  run(format("openssl ocsp -respin {} -noverify -text -out {}", at("answer"), at("answer.txt")));
  const std::string text = run("cat " + at("answer.txt"));
  EXPECT_HAS(text, "Responder Id: O = test, CN = test ocsp");
  EXPECT_HAS(text, "Issuer: O=test, CN=test issuing");
  EXPECT_HAS(text, "OCSP Signing");
  EXPECT_HAS(text, "OCSP No Check");
  // The path is judged, and not the issuer's word alone taken for it.
  run(
      format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "
             "'/O=test/CN=test root' -keyout {} -out {}",
             at("other.key"), at("other")));
  const pki::Ran other =
      pki::run(format("openssl ocsp -no_nonce -issuer {} -cert {} -respin {} -CAfile {}",
                      authority("issuing"), at("one.pem"), at("answer"), at("other")));
  EXPECT_EQ(other.output.find("Response verify OK"), std::string::npos) << other.output;

  // Without a nonce the answer is the one that was signed, until something happens.
  const Bytes first = pki::read_bytes(at("answer"));
  status("one.pem");
  EXPECT_EQ(pki::read_bytes(at("answer")), first);
  run(cmp("-cmd rr " + as("one.pem", "one.key") + "-oldcert " + at("one.pem") + " -revreason 1"));
  EXPECT_HAS(status("one.pem"), "one.pem: revoked");
}

TEST_F(ForeignClients, OpensslFollowsWhatStandsInTheCertificate) {
  node_.stop();
  node_.start_in_public();
  ours({"connect", node_.url()});
  const auto given = secret_for("holder");
  run(
      format("curl -sS --fail-with-body -u {}:{} -H 'Content-Type: application/pkcs10' "
             "--data-binary @{} {}/.well-known/est/simpleenroll | base64 -d | "
             "openssl pkcs7 -inform DER -print_certs -out {}",
             given.reference, given.secret, at("one.b64"), node_.url(), at("one.pem")));
  // By OCSP, at the URL of the certificate, with a nonce.
  const std::string ocsp = format(
      "openssl ocsp -issuer {} -cert {} -CAfile {} -url $(openssl x509 -in {} -noout -ocsp_uri)",
      authority("issuing"), at("one.pem"), authority("root"), at("one.pem"));
  EXPECT_HAS(run(ocsp), "Response verify OK");
  EXPECT_HAS(run(ocsp), "one.pem: good");
  EXPECT_EQ(run(ocsp).find("WARNING"), std::string::npos);
  // By the list, which the program fetches itself.
  const std::string verify =
      format("openssl verify -crl_check -crl_download -CAfile {} -untrusted {} {}",
             authority("root"), authority("issuing"), at("one.pem"));
  EXPECT_HAS(run(verify), "one.pem: OK");
  const auto url_after = [&](const std::string& label) {
    const std::string text = run(format("openssl x509 -in {} -noout -text", at("one.pem")));
    const auto from = text.find("URI:", text.find(label)) + 4;
    return text.substr(from, text.find('\n', from) - from);
  };
  run(format("curl -sS --fail -o {} {}", at("list.der"), url_after("CRL Distribution Points")));
  EXPECT_HAS(run(format("openssl crl -inform DER -in {} -CAfile {} -noout", at("list.der"),
                        authority("issuing"))),
             "verify OK");
  // The issuer that it names is the one whose certificate there is.
  run(format("curl -sS --fail {} | openssl x509 -inform DER -out {}", url_after("CA Issuers"),
             at("issuer.pem")));
  EXPECT_EQ(certificate("issuer.pem").to_pem(), as_text(pki::read_bytes(authority("issuing"))));

  ours({"cert", "revoke", codec::to_hex(certificate("one.pem").key_hash()), "--key",
        "soft:" + node_.folder() + "/keys/authority.key"});
  EXPECT_HAS(run(ocsp), "one.pem: revoked");
  EXPECT_HAS(pki::run(verify).output, "certificate revoked");
}

TEST_F(ForeignClients, FollowTheNextIssuingKeyAndFindTheOneBeforeStillAnswering) {
  const std::string ir = "-cmd ir -subject /CN=x -newkey ";
  for (const std::string name : {"one", "two"}) {
    run(cmp(ir + at(name + ".key") + " -certout " + at(name + ".pem ") +
            under(secret_for("holder"))));
  }
  rotate();
  run(cmp(ir + at("three.key") + " -certout " + at("three.pem ") + under(secret_for("holder")),
          "test issuing 2/serialNumber=" + certificate("next.pem").subject().serial_number));
  EXPECT_EQ(certificate("three.pem").issuer().common_name, "test issuing 2");
  EXPECT_HAS(status("one.pem"), "one.pem: good");
  EXPECT_HAS(status("three.pem", "issuing-2"), "three.pem: good");
  for (const auto& [name, issuer] : {std::pair("one.pem", "issuing"), {"three.pem", "issuing-2"}}) {
    const auto good = verified(name, issuer);
    EXPECT_EQ(good.exit_code, 0) << good.output;
  }
  // Nobody answers for another's certificates.
  const std::string by_serial =
      format("openssl ocsp -no_nonce -issuer {} -serial 0x{} ", authority("issuing"),
             codec::to_hex(certificate("three.pem").serial()));
  run(by_serial + "-reqout " + at("question"));
  post_question();
  EXPECT_HAS(run(by_serial + "-respin " + at("answer") + " -CAfile " + authority("root")),
             ": unknown");

  // The holder of an old one addresses who issued it, and gets one of the new; what revokes the old
  // one is its issuer's list.
  run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + at("next.key"));
  run(cmp("-cmd kur " + as("one.pem", "one.key") + "-newkey " + at("next.key") + " -certout " +
          at("renewed.pem")));
  EXPECT_EQ(certificate("renewed.pem").issuer().common_name, "test issuing 2");
  EXPECT_HAS(verified("one.pem", "issuing").output, "certificate revoked");
  EXPECT_EQ(verified("two.pem", "issuing").exit_code, 0);
  EXPECT_EQ(verified("renewed.pem", "issuing-2").exit_code, 0);
  EXPECT_HAS(status("one.pem"), "Reason: superseded");

  run(fetched("/.well-known/est/cacerts") +
      " | base64 -d | openssl pkcs7 -inform DER -print_certs " + "-out " + at("all.pem"));
  EXPECT_EQ(run("grep -c BEGIN " + at("all.pem")), "3\n") << "both issuers and the root";
}

}  // namespace
}  // namespace intaglio::real_node
