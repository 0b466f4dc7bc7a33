// Enrolment over three processes: a node, an element behind its socket, and the client, which has
// neither the element's key nor anything that could pack an answer.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "pki/path.h"
#include "real_node/real_node.h"

namespace intaglio::real_node {
namespace {

class ElementProcess : public ::testing::TestWithParam<pki::EnrolmentProfile> {
 protected:
  ElementProcess()
      : node_({.name = "test", .chains = 2, .assets = {{AssetId(978), "EUR", 2, Amount(1)}}}) {
    node_.start();
    done({"key", "new", "till"}, folder_ / "element");
    done({"key", "new", "shop"}, folder_ / "client");
    done({"connect", node_.url()}, folder_ / "client");
    done({"login", "add", "shop", "--public-key", "shop", "--usage", "holder", "--key",
          "soft:" + node_.folder() + "/keys/authority.key"},
         folder_ / "client");
  }

  static codec::Json done(std::vector<std::string> words, const std::string& home) {
    words.insert(words.end(), {"--home", home, "--json"});
    const auto ran = run_program(std::move(words));
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return must(codec::parse_json(ran.output));
  }

  RealNode node_;
  FolderForTest folder_;
};
INSTANTIATE_TEST_SUITE_P(Profiles, ElementProcess,
                         ::testing::Values(pki::EnrolmentProfile::compact,
                                           pki::EnrolmentProfile::framed),
                         [](const auto& each) {
                           return std::string(codec::enum_name(each.param));
                         });

// Acceptance, enrolment line 1 and framed enrolment line 1.
TEST_P(ElementProcess, AnswersAndTheClientGetsACertificateForItsKey) {
  const std::string socket = folder_ / "element.sock";
  RealElement element(folder_ / "element", "till", socket);
  const auto enrolled = done({"enrol", "till", "--usage", "holder", "--login", "shop", "--socket",
                              socket, "--profile", std::string(codec::enum_name(GetParam()))},
                             folder_ / "client");
  const bool framed = GetParam() == pki::EnrolmentProfile::framed;
  EXPECT_EQ(must(enrolled.uint_at("answer_bytes")),
            framed ? pki::kFramedAnswer : pki::kCompactAnswer);

  const auto certificate = must(pki::Certificate::from_pem(must(enrolled.text_at("certificate"))));
  EXPECT_EQ(codec::to_hex(certificate.public_key().view()), element.key());
  EXPECT_TRUE(certificate.capabilities()->simulated_element);
  auto client = node_.client();
  const auto ledger = must(client.ledger());
  const auto valid = pki::validate_path(
      certificate, {.intermediates = {ledger.issuing}, .anchors = {ledger.root}, .lists = {}},
      {.at = system_env().now(), .usage = pki::CertificateUsage::holder});
  EXPECT_TRUE(valid.has_value()) << to_string(valid.error());
  // The client's folder never had the key.
  EXPECT_TRUE(std::filesystem::exists(folder_ / "element/keys/till.key"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "client/keys/till.key"));

  EXPECT_EQ(element.stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(socket));
}

}  // namespace
}  // namespace intaglio::real_node
