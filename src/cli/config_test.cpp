#include "cli/config.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"

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

TEST(Config, SaysWhereTheNodesOfCometAre) {
  const auto settings = parse_config("[node]\ncomet = [\"7=unix://a,http://127.0.0.1:1,home\"]\n");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  const auto comet = must(comet_of(settings->comet.at(0)));
  EXPECT_EQ(comet.chain, ChainId(7));
  EXPECT_EQ(comet.abci, "unix://a");
  EXPECT_EQ(comet.rpc, "http://127.0.0.1:1");
  EXPECT_EQ(comet.home, "home");
  EXPECT_FALSE(must(comet_of("0=a,b")).home);
  for (const auto* text : {"", "7", "7=", "7=a", "a,b", "x=a,b", "65536=a,b", "-1=a,b"}) {
    EXPECT_EQ(verdict_of(comet_of(text)), Verdict::bad_setting) << text;
  }
  EXPECT_EQ(parse_config("[node]\ncomet = [\"7\"]\n").error().where,
            "node.comet (CHAIN=ABCI,RPC or CHAIN=ABCI,RPC,HOME): 7");
}

TEST(CometConfig, MakesBlocksThoughNobodyPaysAndNotTooSeldom) {
  const auto where = [](const std::string& consensus) {
    const auto checked = check_comet_config("[consensus]\n" + consensus);
    return checked ? "" : checked.error().where;
  };
  EXPECT_EQ(where(""), "");
  EXPECT_EQ(where("create_empty_blocks_interval = \"0s\"\ntimeout_commit = \"1s500ms\""), "");
  EXPECT_EQ(where("timeout_commit = \"5s\""), "");
  EXPECT_EQ(where("create_empty_blocks = false"), "consensus.create_empty_blocks");
  EXPECT_EQ(where("create_empty_blocks_interval = \"1m\""),
            "consensus.create_empty_blocks_interval (1m, at most 5s)");
  EXPECT_EQ(where("timeout_commit = \"5s1ms\""), "consensus.timeout_commit (5s1ms, at most 5s)");
  EXPECT_EQ(where("timeout_commit = \"soon\""), "consensus.timeout_commit (soon, at most 5s)");
  EXPECT_EQ(verdict_of(check_comet_config("[consensus")), Verdict::bad_setting);
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
