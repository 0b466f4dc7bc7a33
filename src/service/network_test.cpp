#include "service/network.h"

#include <filesystem>
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "codec/json.h"
#include "ledger/trust.h"
#include "proof/comet_json.h"
#include "service/backup.h"

namespace intaglio::service {
namespace {

Secret passphrase() {
  std::string text = "correct horse";
  return Secret::take(text);
}

NetworkOptions options() {
  NetworkOptions out;
  out.setup.chains = 2;
  out.setup.assets = {{AssetId(978), "EUR", 2, Amount(1)}};
  out.validators = 3;
  return out;
}

std::string text_of(const std::string& path) {
  return std::string(as_text(must(system_env().read_file(path, 1 << 20))));
}
codec::Json json_of(const std::string& path) { return must(codec::parse_json(text_of(path))); }

// One network for all that only read it: its keys take a while on purpose.
class Network : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<FolderForTest>();
    ASSERT_TRUE(create_network(folder->path(), options(), passphrase(), system_env()).has_value());
  }
  static void TearDownTestSuite() { folder.reset(); }
  static std::string in(std::size_t op, const std::string& path) {
    return operator_folder(folder->path(), op) + '/' + path;
  }
  static inline std::unique_ptr<FolderForTest> folder;
};

TEST_F(Network, EveryOperatorHasTheGenesisAndAKeyThatItKnows) {
  const auto genesis = must(read_genesis(operator_folder(folder->path(), 0), system_env()));
  ASSERT_EQ(genesis.nodes.size(), 2U);
  for (const auto& nodes : genesis.nodes) {
    EXPECT_TRUE(nodes.by_comet());
    ASSERT_EQ(nodes.validators->size(), 3U);
    std::set<KeyHash> who;
    for (const auto& each : *nodes.validators) {
      who.insert(each.node);
      EXPECT_EQ(std::ranges::count(genesis.keys, each.node,
                                   [](const auto& key) { return key.key.hash(); }),
                1);
    }
    EXPECT_TRUE(who.contains(nodes.accounting)) << "the first operator's";
    EXPECT_EQ(who.size(), 3U);
  }
  for (std::size_t op = 1; op < 3; ++op) {
    EXPECT_EQ(text_of(in(op, "genesis.cbor")), text_of(in(0, "genesis.cbor")));
    EXPECT_EQ(text_of(in(op, "authority/root.pem")), text_of(in(0, "authority/root.pem")));
    EXPECT_NE(text_of(in(op, "keys/node.key")), text_of(in(0, "keys/node.key")));
  }
}

TEST_F(Network, CometsGenesisHasTheValidatorsOfOurs) {
  const auto genesis = must(read_genesis(operator_folder(folder->path(), 0), system_env()));
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    const std::string path = "comet-" + std::to_string(chain) + "/config/genesis.json";
    const auto json = json_of(in(0, path));
    for (std::size_t op = 1; op < 3; ++op) EXPECT_EQ(json_of(in(op, path)), json);
    EXPECT_EQ(json.text_at("chain_id").value(),
              ledger::comet_chain_id(ledger::ledger_id(genesis), ChainId(chain)));
    auto validators = *json.find("validators")->items();
    for (auto& each : validators) each.set("voting_power", each.text_at("power").value());
    auto set = must(proof::comet_validators_from_json(codec::Json(validators))).validators();
    std::ranges::sort(set, {}, [](const auto& each) { return proof::comet_address(each.key); });
    EXPECT_EQ(must(proof::CometValidatorSet::of(set)).hash(),
              ledger::comet_validators(genesis.nodes[chain]).hash());
    EXPECT_EQ(must(proof::comet_time_from_text(json.text_at("genesis_time").value())),
              proof::comet_time(genesis.time));
  }
}

TEST_F(Network, NoTwoPortsAreTheSameAndEveryNodeKnowsTheOthers) {
  std::set<std::uint16_t> ports;
  for (std::size_t op = 0; op < 3; ++op) {
    for (std::uint16_t chain = 0; chain < 2; ++chain) {
      const auto home = comet_home(options(), op, ChainId(chain));
      EXPECT_TRUE(ports.insert(home.peer_port).second);
      EXPECT_TRUE(ports.insert(home.rpc_port).second);
      const std::string config = text_of(in(op, home.folder + "/config/config.toml"));
      EXPECT_NE(config.find("proxy_app = \"" + home.address + '"'), std::string::npos);
      for (std::size_t other = 0; other < 3; ++other) {
        const std::string peer =
            "@127.0.0.1:" + std::to_string(comet_home(options(), other, ChainId(chain)).peer_port);
        EXPECT_EQ(config.find(peer) != std::string::npos, other != op);
      }
    }
  }
}

TEST_F(Network, PrivateKeysAreTheirOwnersAlone) {
  for (const auto* file : {"priv_validator_key.json", "node_key.json"}) {
    struct stat found{};
    ASSERT_EQ(::stat(in(1, std::string("comet-0/config/") + file).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U) << file;
  }
}

TEST_F(Network, IsNotMadeOverAnother) {
  EXPECT_EQ(verdict_of(create_network(folder->path(), options(), passphrase(), system_env())),
            Verdict::file_failed);
}

TEST_F(Network, ABackupOfAnOperatorsFolderHoldsAllButWhatVotes) {
  const std::string mine = operator_folder(folder->path(), 2);
  const std::string stored = "comet-1/data/state.db/000001.log";
  std::filesystem::create_directories(std::filesystem::path(in(2, stored)).parent_path());
  must(system_env().write_file(in(2, stored), as_bytes("state"), 0644));
  const FolderForTest away;
  const auto made = must(make_backup(mine, away / "a.backup", system_env()));
  EXPECT_TRUE(made.left_out.empty());
  const std::string key = json_of(in(2, "comet-1/config/priv_validator_key.json"))
                              .find("priv_key")
                              ->text_at("value")
                              .value();
  EXPECT_EQ(text_of(away / "a.backup").find(key), std::string::npos);

  const std::string again = away / "again/";
  const auto restored = must(restore_backup(away / "a.backup", again, system_env()));
  for (const auto* file : {"genesis.cbor", "network.json", "keys/node.key",
                           "comet-1/config/config.toml", "comet-1/config/genesis.json",
                           "comet-1/config/node_key.json", "comet-1/data/state.db/000001.log"}) {
    EXPECT_EQ(text_of(again + file), text_of(in(2, file))) << file;
  }
  ASSERT_EQ(restored.validators.size(), 2U);
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    const std::string home = again + "comet-" + std::to_string(chain);
    EXPECT_EQ(json_of(home + "/config/priv_validator_key.json").text_at("address").value(),
              codec::to_hex(proof::comet_address(restored.validators[chain])));
    EXPECT_EQ(json_of(home + "/data/priv_validator_state.json").text_at("height").value(), "0");
    struct stat found{};
    ASSERT_EQ(::stat((home + "/config/node_key.json").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
  }
  EXPECT_NE(restored.validators[0], restored.validators[1]);
  EXPECT_EQ(text_of(again + "comet-1/config/priv_validator_key.json").find(key), std::string::npos);
}

TEST_F(Network, OneMoreOperatorKnowsTheOthers) {
  const std::string out = folder->path() + "/joined";
  const StateSync sync{ChainId(1), "http://127.0.0.1:26603", Height(7), Digest()};
  const StateSync second{ChainId(1), "http://127.0.0.1:26607", Height(8), Digest()};
  const auto made = must(join_network(operator_folder(folder->path(), 1), out,
                                      {.state_sync = {sync, second}}, passphrase(), system_env()));
  EXPECT_EQ(made.keys.size(), 2U);
  EXPECT_EQ(text_of(out + "/genesis.cbor"), text_of(in(0, "genesis.cbor")));
  EXPECT_EQ(text_of(out + "/comet-1/config/genesis.json"),
            text_of(in(0, "comet-1/config/genesis.json")));
  const std::string config = text_of(out + "/comet-1/config/config.toml");
  for (std::size_t op = 0; op < 3; ++op) {
    const auto port = comet_home(options(), op, ChainId(1)).peer_port;
    EXPECT_NE(config.find("@127.0.0.1:" + std::to_string(port)), std::string::npos);
  }
  // Its own ports are behind theirs.
  EXPECT_NE(config.find("tcp://127.0.0.1:26614"), std::string::npos);
  EXPECT_NE(config.find("trust_height = 7\n"), std::string::npos);
  EXPECT_NE(config.find("\"http://127.0.0.1:26603,http://127.0.0.1:26607\""), std::string::npos);
  EXPECT_EQ(text_of(out + "/comet-0/config/config.toml").find("statesync"), std::string::npos);
  // The next one counts from there.
  const auto again = join_network(out, out, {}, passphrase(), system_env());
  EXPECT_EQ(verdict_of(again), Verdict::file_failed);
  EXPECT_EQ(*json_of(out + "/network.json").find("operators")->items()->back().find("host"),
            codec::Json("127.0.0.1"));
}

// Who would begin with another genesis than the others would stand alone, and say nothing of why.
TEST_F(Network, IsNotJoinedByAGenesisOfCometsThatIsAnother) {
  const FolderForTest copied;
  const std::string theirs = copied.path() + "/operator-2";
  std::filesystem::copy(operator_folder(folder->path(), 1), theirs,
                        std::filesystem::copy_options::recursive);
  const std::string path = theirs + "/comet-1/config/genesis.json";
  const auto right = json_of(path);
  const auto refused = [&](const std::function<void(codec::Json&)>& change) {
    codec::Json changed = right;
    change(changed);
    must(system_env().write_file(path, as_bytes(changed.pretty()), 0644));
    const auto made =
        join_network(theirs, copied.path() + "/joined", {}, passphrase(), system_env());
    if (made) return std::string();
    const auto& [verdict, where] = made.error();
    return std::string(describe(verdict).name) + " " + where.substr(where.rfind('.') + 1);
  };
  const auto set = [](const char* name, const codec::Json& value) {
    return [=](codec::Json& json) { json.set(name, value); };
  };
  EXPECT_EQ(refused(set("chain_id", "intaglio-1")), "bad_setting chain_id");
  EXPECT_EQ(refused(set("initial_height", "2")), "bad_setting initial_height");
  EXPECT_EQ(refused(set("genesis_time", "2024-01-01T00:00:00Z")), "bad_setting genesis_time");
  EXPECT_EQ(refused(set("app_state", codec::Json::object({}))), "bad_setting app_state");
  const auto with = [&](auto change) {
    auto validators = *right.find("validators")->items();
    change(validators);
    return refused(set("validators", codec::Json(std::move(validators))));
  };
  EXPECT_EQ(with([](auto& all) { all.pop_back(); }), "bad_setting validators");
  EXPECT_EQ(with([](auto& all) { all[0].set("power", "2"); }), "bad_setting validators");
  EXPECT_EQ(with([](auto& all) { all[0].set("pub_key", *all[1].find("pub_key")); }),
            "bad_setting validators");
  EXPECT_EQ(with([](auto& all) {
              std::ranges::reverse(all);
              all[0].set("name", "somebody");
            }),
            "")
      << "names and order are anybody's";
}

TEST(NetworkOptions, AreRefusedByName) {
  const FolderForTest folder;
  const auto refused = [&](const auto& change) {
    NetworkOptions changed = options();
    change(changed);
    const auto made = create_network(folder.path(), changed, passphrase(), system_env());
    return made ? "" : made.error().where;
  };
  EXPECT_EQ(refused([](auto& o) { o.validators = 0; }), "validators");
  EXPECT_EQ(refused([](auto& o) { o.validators = 101; }), "validators");
  EXPECT_EQ(refused([](auto& o) { o.hosts = {"a.example"}; }), "hosts (1 for 3 validators)");
  EXPECT_EQ(refused([](auto& o) { o.hosts = {"a", "b", "c d"}; }), "hosts: c d");
  EXPECT_EQ(refused([](auto& o) { o.first_port = 65'530; }), "first_port");
  EXPECT_EQ(refused([](auto& o) { o.setup.consensus = 1; }), "consensus");
  EXPECT_EQ(refused([](auto& o) { o.block_interval = seconds(6); }),
            "block_interval (1 ms to 5 s)");
}

}  // namespace
}  // namespace intaglio::service
