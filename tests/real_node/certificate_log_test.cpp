// The main chain's record of certificates, as its users see it: who audits certificates that were
// shown to them, and members who ask about each other.
#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "element/soft_element.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {
namespace {

using codec::Json;

class CertificateLog : public ::testing::Test {
 protected:
  CertificateLog()
      : node_({.name = "test", .chains = 2, .assets = {{AssetId(978), "EUR", 2, Amount(1)}}}) {
    node_.start();
    for (const std::string who : {"alice", "bob"}) {
      done({"key", "new", who}, home(who));
      done({"connect", node_.url()}, home(who));
      operate({"login", "add", who, "--public-key", who, "--usage", "holder"}, who);
      done({"enrol", who, "--usage", "holder"}, home(who));
    }
  }

  std::string home(const std::string& who) { return folder_ / who; }
  static Ran ran(std::vector<std::string> words, const std::string& home) {
    words.insert(words.end(), {"--home", home, "--json"});
    return run_program(std::move(words));
  }
  static Json done(std::vector<std::string> words, const std::string& home) {
    const auto result = ran(std::move(words), home);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return must(codec::parse_json(result.output));
  }
  // By the operator, from somebody's home.
  Json operate(std::vector<std::string> words, const std::string& who) {
    words.insert(words.end(), {"--key", "soft:" + node_.folder() + "/keys/authority.key"});
    return done(std::move(words), home(who));
  }
  KeyHash key_of(const std::string& who) {
    const auto shown = done({"key", "show", who}, home(who));
    return must(codec::id_from_hex<KeyHash>(must(shown.text_at("key"))));
  }
  // How another one stands, as a member is told; nothing when who asks is refused.
  std::string asked(const std::string& who, const std::string& about) {
    const auto result = ran({"cert", "member", codec::to_hex(key_of(about))}, home(who));
    if (result.output.empty()) return {};
    return must(must(codec::parse_json(result.output)).text_at("standing"));
  }

  // As who has the issuing key makes one, and tells nobody.
  pki::Certificate issue_in_secret(std::optional<SerialNumber> serial = {}) {
    const auto issuing = node_.key("issuing");
    const auto pem = must(system_env().read_file(node_.folder() + "/authority/issuing.pem", 65536));
    const auto authority = must(pki::Certificate::from_pem(as_text(pem)));
    const auto holder = element::make_passing_key();
    const Millis now = system_env().now();
    const SerialNumber random = pki::serial_from(system_env().random_id<pki::SerialBits>());
    return must(pki::build_certificate(
        {.serial = serial.value_or(random),
         .subject = {.organization = {}, .common_name = "nobody", .serial_number = {}},
         .validity = {now, now + seconds(3600)},
         .public_key = holder->public_key(),
         .profile = pki::CertificateUsage::holder},
        authority, element::signer_of(*issuing)));
  }
  Ran audit(const pki::Certificate& certificate) {
    const std::string file = folder_ / "shown.pem";
    must(system_env().write_file(file, as_bytes(certificate.to_pem()), 0644));
    return ran({"cert", "audit", file}, home("alice"));
  }

  RealNode node_;
  FolderForTest folder_;
};

TEST_F(CertificateLog, AnAuditFindsWhatWasIssuedInSecret) {
  const Json known = done({"cert", "audit"}, home("alice"));
  const auto* certificates = known.find("certificates")->items();
  ASSERT_EQ(certificates->size(), 3U) << "the root's, the issuing authority's, alice's";
  for (const Json& each : *certificates) EXPECT_EQ(each.text_at("found"), "logged");
  EXPECT_EQ(must(known.uint_at("logged")), 4U) << "CMP's, the node's, alice's and bob's";

  const auto secret = audit(issue_in_secret());
  EXPECT_NE(secret.exit_code, 0);
  EXPECT_NE(secret.output.find("unlogged"), std::string::npos) << secret.output;

  // Behind the serial number of one that is logged.
  auto client = node_.client();
  const auto alice = must(client.certificate(key_of("alice"))).certificate;
  EXPECT_EQ(audit(alice).exit_code, 0);
  const auto twin = audit(issue_in_secret(alice.serial()));
  EXPECT_NE(twin.exit_code, 0);
  EXPECT_NE(twin.output.find("unlogged"), std::string::npos) << twin.output;
}

TEST_F(CertificateLog, TwoMembersAskAboutEachOther) {
  EXPECT_EQ(asked("alice", "bob"), "accepted");
  EXPECT_EQ(asked("bob", "alice"), "accepted");
  operate({"cert", "suspend", codec::to_hex(key_of("bob"))}, "alice");
  EXPECT_EQ(asked("alice", "bob"), "certificate_suspended");
  EXPECT_EQ(asked("bob", "alice"), "") << "who is none is told nothing";
  operate({"cert", "resume", codec::to_hex(key_of("bob"))}, "alice");
  EXPECT_EQ(asked("bob", "alice"), "accepted");
  operate({"cert", "revoke", codec::to_hex(key_of("bob")), "--reason", "key_compromise"}, "alice");
  EXPECT_EQ(asked("alice", "bob"), "certificate_revoked");
  EXPECT_EQ(asked("bob", "alice"), "");

  // A login that nobody certified is no member.
  done({"key", "new", "carol"}, home("carol"));
  done({"connect", node_.url()}, home("carol"));
  operate({"login", "add", "carol", "--public-key", "carol", "--usage", "holder"}, "carol");
  EXPECT_EQ(asked("carol", "alice"), "");
}

TEST_F(CertificateLog, ABankIsAMemberWithoutAnAccount) {
  done({"key", "new", "bank"}, home("bank"));
  done({"connect", node_.url()}, home("bank"));
  operate({"login", "add", "bank", "--public-key", "bank", "--usage", "bank"}, "bank");
  const Json enrolled = done({"enrol", "bank", "--usage", "bank"}, home("bank"));
  EXPECT_EQ(enrolled.find("account"), nullptr);
  EXPECT_EQ(asked("alice", "bank"), "accepted");
  EXPECT_EQ(asked("bank", "alice"), "accepted");
}

}  // namespace
}  // namespace intaglio::real_node
