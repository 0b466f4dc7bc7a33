#include "cli/config.h"

#include <gtest/gtest.h>

namespace intaglio::cli {
namespace {

TEST(Config, SaysNothingAndEverythingHasItsDefault) {
  EXPECT_EQ(*parse_config(""), ServeSettings{});
}

TEST(Config, SetsWhatItNames) {
  const auto settings = parse_config(R"(
[node]
data = "/srv/intaglio"
keep_blocks = 100000
[http]
certified_port = 8444
public_url = "http://node.example:8080/a"
address = "::1"
port = 0
)");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  EXPECT_EQ(settings->data, "/srv/intaglio");
  EXPECT_EQ(settings->keep_blocks, 100'000U);
  EXPECT_EQ(settings->port, 0);
  EXPECT_EQ(settings->certified_port, 8444);
  EXPECT_EQ(settings->public_url, "http://node.example:8080/a");
}

TEST(Config, NamesWhatIsWrong) {
  const auto where = [](std::string_view text) { return parse_config(text).error().where; };
  EXPECT_EQ(where("[http]\nport = 70000\n"), "http.port");
  EXPECT_EQ(where("[node]\nkeep_blocks = -1\n"), "node.keep_blocks");
  EXPECT_EQ(where("[http]\nport = \"8443\"\n"), "http.port");
  EXPECT_EQ(where("[http]\ncertified_port = -1\n"), "http.certified_port");
  EXPECT_EQ(where("[http]\nprot = 8443\n"), "http.prot");
  EXPECT_EQ(where("colour = 1\n"), "colour");
  EXPECT_EQ(where("\"\" = 1\n"), "\"\"");
  EXPECT_EQ(where("[log]\nlevel = \"loud\"\n"), "log.level");
  EXPECT_NE(where("[http\n").find("line 1"), std::string::npos);
}

TEST(Config, APublicUrlIsWhatMayStandInACertificate) {
  const auto verdict = [](const std::string& url) {
    const auto settings = parse_config("[http]\npublic_url = '" + url + "'\n");
    return settings ? Verdict::accepted : settings.error().verdict;
  };
  EXPECT_EQ(verdict("http://[::1]:8080"), Verdict::accepted);
  EXPECT_EQ(verdict("https://node.example/intaglio"), Verdict::accepted);
  for (const auto* url : {"node.example", "ftp://node.example", "http://", "http://node.example/",
                          "http://node.example/a b", "http://node.example/?a", "http://nöde"}) {
    EXPECT_EQ(verdict(url), Verdict::bad_setting) << url;
  }
  EXPECT_EQ(verdict("http://" + std::string(200, 'a')), Verdict::bad_setting);
}

TEST(Config, GoesWithoutTlsOnThisMachineAloneAndNotForCertificateHolders) {
  EXPECT_FALSE(parse_config("[http]\ntls = false\n")->tls);
  EXPECT_EQ(parse_config("[http]\ntls = false\ncertified_port = 0\n").error().where,
            "http.certified_port (over TLS only)");
  EXPECT_EQ(parse_config("[http]\ntls = false\naddress = \"0.0.0.0\"\n").error().verdict,
            Verdict::bad_setting);
}

}  // namespace
}  // namespace intaglio::cli
