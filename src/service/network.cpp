#include "service/network.h"

#include <filesystem>
#include <map>

#include "base/format.h"
#include "codec/json.h"
#include "ledger/trust.h"
#include "proof/comet_json.h"
#include "service/comet_key.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

using codec::Json;

// How long a double vote can still be shown: longer than any header is trusted.
constexpr Duration kMaxEvidenceAge = seconds(21 * 24 * 3600);
constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{4} << 20;
constexpr std::size_t kMaxOperators = 100;
constexpr std::string_view kThisMachine = "127.0.0.1";
constexpr std::size_t kMaxText = std::size_t{4} << 20;  // of a file of CometBFT's, or network.json

struct OperatorKeys {
  CometKey validator;
  CometKey node;  // by which its peers know it
};

// Those of one chain, by operator.
using ChainKeys = std::vector<OperatorKeys>;

std::string home_of(ChainId chain) { return format("comet-{}", chain.value()); }
std::string address_of(ChainId chain) { return format("unix://abci-{}.sock", chain.value()); }

// Where the nodes of CometBFT of an operator are, by chain.
struct Peer {
  std::string id;
  std::uint16_t port = 0;  // the other nodes'; that of RPC is the next one
};
struct Operator {
  std::string host;
  std::vector<Peer> peers;
};
struct Directory {
  Duration block_interval;
  std::vector<Operator> operators;

  Json json() const {
    Json all = Json::array();
    for (const Operator& each : operators) {
      Json peers = Json::array();
      for (const Peer& peer : each.peers) {
        peers.push(Json::object({{"id", peer.id}, {"port", peer.port}}));
      }
      all.push(Json::object({{"host", each.host}, {"peers", std::move(peers)}}));
    }
    return Json::object(
        {{"block_interval", block_interval.value()}, {"operators", std::move(all)}});
  }
  static Result<Directory> from(const Json& json);
};

// A name or an IPv4 address, as it may stand in CometBFT's settings.
bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-';
  });
}

Result<Operator> operator_from(const Json& json) {
  Operator out;
  ASSIGN(out.host, json.text_at("host"));
  if (!is_host(out.host)) return refuse(Verdict::bad_value, "host");
  const Json* peers = json.find("peers");
  if (peers == nullptr || peers->items() == nullptr) return refuse(Verdict::bad_value, "peers");
  for (const Json& each : *peers->items()) {
    Peer peer;
    ASSIGN(peer.id, each.text_at("id"));
    ASSIGN(const auto port, each.uint_at("port"));
    const bool is_id = codec::id_from_hex<proof::CometAddress>(peer.id).has_value();
    if (!is_id || port == 0 || port > UINT16_MAX) return refuse(Verdict::bad_value, "peers");
    peer.port = static_cast<std::uint16_t>(port);
    out.peers.push_back(std::move(peer));
  }
  return out;
}

Result<Directory> Directory::from(const Json& json) {
  Directory out;
  ASSIGN(const auto interval, json.uint_at("block_interval"));
  out.block_interval = Duration(interval);
  const Json* all = json.find("operators");
  if (all == nullptr || all->items() == nullptr) return refuse(Verdict::bad_value, "operators");
  for (const Json& each : *all->items()) {
    ASSIGN(auto one, operator_from(each));
    out.operators.push_back(std::move(one));
  }
  return out;
}

std::string peers_text(const Directory& directory, ChainId chain, std::size_t but) {
  std::string out;
  for (std::size_t i = 0; i < directory.operators.size(); ++i) {
    const Operator& each = directory.operators[i];
    if (i == but || chain.value() >= each.peers.size()) continue;
    const Peer& peer = each.peers[chain.value()];
    out += format("{}{}@{}:{}", out.empty() ? "" : ",", peer.id, each.host, peer.port);
  }
  return out;
}

// CometBFT wants two servers: what the first says of headers it compares with the second.
std::string sync_text(const StateSync& sync, const StateSync& witness) {
  return format(R"(
[statesync]
enable = true
rpc_servers = "{0},{1}"
trust_height = {2}
trust_hash = "{3}"
trust_period = "336h0m0s"
discovery_time = "5s"
)",
                sync.rpc_url, witness.rpc_url, sync.height.value(), codec::to_hex(sync.hash));
}

std::string config_text(const Directory& directory, ChainId chain, std::size_t operator_index,
                        const std::string& sync) {
  const Operator& mine = directory.operators[operator_index];
  const std::uint16_t port = mine.peers[chain.value()].port;
  return format(
      R"(# CometBFT v0.38: the node of operator {0} for chain {1}. Run it in the operator's folder:
# cometbft start --home {8}
proxy_app = "{9}"
abci = "socket"
moniker = "operator-{0} chain-{1}"
log_level = "error"

[rpc]
laddr = "tcp://127.0.0.1:{2}"

[p2p]
laddr = "tcp://{3}:{4}"
persistent_peers = "{5}"
pex = false
addr_book_strict = false
allow_duplicate_ip = true
# Votes are small and many wait for each: sent at once, not gathered for a tenth of a second.
flush_throttle_timeout = "10ms"
send_rate = 52428800
recv_rate = 52428800

[mempool]
# A pack of transactions has to fit.
max_tx_bytes = 1048576
max_txs_bytes = 268435456

[consensus]
timeout_commit = "{6}ms"
peer_gossip_sleep_duration = "10ms"
# Deadlines are judged by the time of blocks, so there is always a next one.
create_empty_blocks = true
create_empty_blocks_interval = "0s"

[tx_index]
# Receipts are the application's.
indexer = "null"
{7})",
      operator_index + 1, chain.value(), port + 1,
      mine.host == kThisMachine ? kThisMachine : "0.0.0.0", port,
      peers_text(directory, chain, operator_index), directory.block_interval.value(), sync,
      home_of(chain), address_of(chain));
}

std::string nanoseconds(Duration duration) { return std::to_string(duration.value()) + "000000"; }

using Powers = std::vector<std::pair<crypto::Ed25519Key, std::uint64_t>>;

// What CometBFT begins a chain with.
Json genesis_json(const ledger::Genesis& genesis, ChainId chain, const Powers& powers) {
  const LedgerId ledger = ledger::ledger_id(genesis);
  Json validators = Json::array();
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const auto& [key, power] = powers[i];
    validators.push(Json::object({{"address", codec::to_hex(proof::comet_address(key))},
                                  {"pub_key", public_json_of(key)},
                                  {"power", std::to_string(power)},
                                  {"name", format("operator-{}", i + 1)}}));
  }
  const Json params = Json::object(
      {{"block", Json::object({{"max_bytes", std::to_string(kMaxBlockBytes)}, {"max_gas", "-1"}})},
       {"evidence",
        Json::object({{"max_age_num_blocks", std::to_string(kMaxEvidenceAge.value() / 1000)},
                      {"max_age_duration", nanoseconds(kMaxEvidenceAge)},
                      {"max_bytes", "1048576"}})},
       {"validator", Json::object({{"pub_key_types", Json::array({"ed25519"})}})},
       {"version", Json::object({{"app", "0"}})},
       {"abci", Json::object({{"vote_extensions_enable_height", "0"}})}});
  return Json::object({{"genesis_time", proof::comet_time_text(proof::comet_time(genesis.time))},
                       {"chain_id", ledger::comet_chain_id(ledger, chain)},
                       {"initial_height", "1"},
                       {"consensus_params", params},
                       {"validators", std::move(validators)},
                       {"app_hash", ""},
                       {"app_state", Json::object({{"ledger", codec::to_hex(ledger)}})}});
}

// Each operator's share when it begins.
Powers powers_of(const ChainKeys& keys) {
  Powers out;
  for (const OperatorKeys& each : keys) out.emplace_back(each.validator.key, 1);
  return out;
}

// The power of each key, as texts, whatever their order.
std::map<std::string, std::string> powers_in(const Json& validators) {
  std::map<std::string, std::string> out;
  if (validators.items() == nullptr) return out;
  for (const Json& each : *validators.items()) {
    const Json* key = each.find("pub_key");
    out[key == nullptr ? "" : key->dump()] = each.text_at("power").value_or("");
  }
  return out;
}

std::string serve_text(const NetworkOptions& options) {
  std::string comet;
  for (std::uint16_t i = 0; i < options.setup.chains; ++i) {
    const CometHome home = comet_home(options, 0, ChainId(i));
    comet += format("  \"{}={},{},{}\",\n", i, home.address, home.rpc_url(), home.folder);
  }
  return format(
      R"(# The first operator's node. Run it in this folder: intaglio serve --config serve.toml
[node]
data = "."
# Each chain's application, where its CometBFT node looks for it, and that node's RPC.
comet = [
{}])"
      "\n",
      comet);
}

Directory directory_of(const NetworkOptions& options, const std::vector<ChainKeys>& keys) {
  Directory out{options.block_interval, {}};
  for (std::size_t i = 0; i < options.validators; ++i) {
    Operator one{options.hosts.empty() ? std::string(kThisMachine) : options.hosts[i], {}};
    for (std::uint16_t chain = 0; chain < options.setup.chains; ++chain) {
      one.peers.push_back(
          {keys[chain][i].node.address(), comet_home(options, i, ChainId(chain)).peer_port});
    }
    out.operators.push_back(std::move(one));
  }
  return out;
}

Result<void> write_home(const std::string& folder, const std::string& config,
                        const std::string& genesis, const OperatorKeys& keys, Env& env) {
  TRY(make_folder(folder + "/config"));
  const auto write = [&](std::string_view file, const std::string& text, unsigned mode) {
    return env.write_file(format("{}/{}", folder, file), as_bytes(text), mode);
  };
  TRY(write("config/config.toml", config, 0644));
  TRY(write("config/genesis.json", genesis, 0644));
  TRY(write("config/node_key.json", Json::object({{"priv_key", keys.node.private_json()}}).pretty(),
            0600));
  return write_validator_key(folder, keys.validator, env);
}

Result<void> check(const NetworkOptions& options) {
  if (options.validators == 0 || options.validators > kMaxOperators) {
    return refuse(Verdict::bad_setting, "validators");
  }
  if (!options.hosts.empty() && options.hosts.size() != options.validators) {
    return refuse(Verdict::bad_setting,
                  format("hosts ({} for {} validators)", options.hosts.size(), options.validators));
  }
  for (const std::string& each : options.hosts) {
    if (!is_host(each)) return refuse(Verdict::bad_setting, "hosts: " + each);
  }
  const std::size_t ports = std::size_t{2} * options.validators * options.setup.chains;
  if (options.first_port == 0 || options.first_port + ports > UINT16_MAX) {
    return refuse(Verdict::bad_setting, "first_port");
  }
  if (options.setup.consensus != 0) return refuse(Verdict::bad_setting, "consensus");
  // Nothing a deadline of ours could wait for.
  if (options.block_interval < Duration(1) || options.block_interval > seconds(5)) {
    return refuse(Verdict::bad_setting, "block_interval (1 ms to 5 s)");
  }
  return {};
}

// The ports behind all that are used on that host.
std::uint16_t next_port(const Directory& directory, std::string_view host) {
  std::uint16_t out = NetworkOptions{}.first_port;
  for (const Operator& each : directory.operators) {
    for (const Peer& peer : each.peers) {
      if (each.host == host) out = std::max(out, static_cast<std::uint16_t>(peer.port + 2));
    }
  }
  return out;
}

// What CometBFT would begin with against what the ledger's genesis says of it: `bad_setting` at the
// first field that is another. The parameters of consensus and validators' names are CometBFT's
// own.
Result<void> check_comet_genesis(const Json& found, const ledger::Genesis& genesis, ChainId chain) {
  const ledger::NodesRow& nodes = genesis.nodes[chain.value()];
  if (!nodes.by_comet()) return refuse(Verdict::bad_setting, "nodes");
  Powers powers;
  for (const auto& each : *nodes.validators) powers.emplace_back(each.key, each.power);
  const Json expected = genesis_json(genesis, chain, powers);
  for (const auto& [name, value] : *expected.members()) {
    if (name == "consensus_params") continue;
    const Json* there = found.find(name);
    if (there == nullptr) return refuse(Verdict::missing_field, name);
    if (name == "validators") {
      if (powers_in(*there) != powers_in(value)) return refuse(Verdict::bad_setting, name);
    } else if (*there != value) {
      return refuse(Verdict::bad_setting, name);
    }
  }
  return {};
}

// CometBFT's genesis of each chain as an operator's folder has it.
Result<std::vector<Bytes>> read_comet_genesis(const std::string& folder,
                                              const ledger::Genesis& genesis, Env& env) {
  std::vector<Bytes> out;
  for (std::uint16_t i = 0; i < genesis.chains; ++i) {
    const std::string path = format("{}/{}/config/genesis.json", folder, home_of(ChainId(i)));
    ASSIGN(auto text, env.read_file(path, kMaxText));
    const auto json = codec::parse_json(as_text(text), {.bytes = kMaxText});
    if (!json) return refuse_within(path, json.error());
    const auto checked = check_comet_genesis(*json, genesis, ChainId(i));
    if (!checked) return refuse_within(path, checked.error());
    out.push_back(std::move(text));
  }
  return out;
}

Result<Directory> read_directory(const std::string& folder, Env& env) {
  ASSIGN(const auto text, env.read_file(folder + "/network.json", kMaxText));
  const auto json = codec::parse_json(as_text(text), {.bytes = kMaxText});
  if (!json) return refuse_within("network.json", json.error());
  auto out = Directory::from(*json);
  if (!out) return refuse_within("network.json", out.error());
  return *std::move(out);
}

}  // namespace

std::string CometHome::rpc_url() const { return format("http://127.0.0.1:{}", rpc_port); }

CometHome comet_home(const NetworkOptions& options, std::size_t operator_index, ChainId chain) {
  const std::size_t number = operator_index * options.setup.chains + chain.value();
  const auto port = static_cast<std::uint16_t>(options.first_port + 2 * number);
  return {.folder = home_of(chain),
          .address = address_of(chain),
          .peer_port = port,
          .rpc_port = static_cast<std::uint16_t>(port + 1)};
}

std::string operator_folder(const std::string& folder, std::size_t operator_index) {
  return format("{}/operator-{}", folder, operator_index + 1);
}

Result<void> create_network(const std::string& folder, const NetworkOptions& options,
                            const Secret& passphrase, Env& env) {
  TRY(check(options));
  // One may have been moved away: what is left of a network is not begun anew either.
  for (std::size_t i = 0; i < options.validators; ++i) {
    const std::string genesis = operator_folder(folder, i) + "/genesis.cbor";
    if (std::filesystem::exists(genesis)) {
      return refuse(Verdict::file_failed, genesis + " (is there already)");
    }
  }
  const std::string first = operator_folder(folder, 0);
  std::vector<ChainKeys> keys(options.setup.chains);
  for (ChainKeys& chain : keys) {
    for (std::size_t i = 0; i < options.validators; ++i) {
      chain.push_back({CometKey::make(env), CometKey::make(env)});
    }
  }
  SetupOptions setup = options.setup;
  for (std::size_t i = 0; i < options.validators; ++i) {
    SetupValidator validator;
    for (const ChainKeys& chain : keys) validator.keys.push_back(chain[i].validator.key);
    if (i > 0) {
      const std::string other = operator_folder(folder, i);
      TRY(make_folder(other + "/keys"));
      TRY(make_folder(other + "/authority"));
      ASSIGN(const auto node, make_key(other, "node", {}, passphrase, env));
      validator.node = node->public_key();
    }
    setup.validators.push_back(std::move(validator));
  }
  TRY(create_data_folder(first, setup, passphrase, env));
  ASSIGN(const auto genesis, read_genesis(first, env));
  ASSIGN(const auto root, env.read_file(first + "/authority/root.pem", std::size_t{64} << 10));
  const Directory directory = directory_of(options, keys);
  for (std::size_t i = 0; i < options.validators; ++i) {
    const std::string mine = operator_folder(folder, i);
    for (std::uint16_t chain = 0; chain < options.setup.chains; ++chain) {
      TRY(write_home(mine + '/' + home_of(ChainId(chain)),
                     config_text(directory, ChainId(chain), i, ""),
                     genesis_json(genesis, ChainId(chain), powers_of(keys[chain])).pretty(),
                     keys[chain][i], env));
    }
    TRY(env.write_file(mine + "/network.json", as_bytes(directory.json().pretty()), 0644));
    if (i == 0) continue;
    TRY(env.write_file(mine + "/authority/root.pem", root, 0644));
    TRY(env.write_file(mine + "/genesis.cbor", codec::encode_record(genesis), 0644));
  }
  return env.write_file(first + "/serve.toml", as_bytes(serve_text(options)), 0644);
}

Result<SetupValidator> join_network(const std::string& from, const std::string& folder,
                                    const JoinOptions& options, const Secret& passphrase,
                                    Env& env) {
  if (std::filesystem::exists(folder + "/genesis.cbor")) {
    return refuse(Verdict::file_failed, folder + "/genesis.cbor (is there already)");
  }
  ASSIGN(const auto genesis, read_genesis(from, env));
  ASSIGN(const auto root, env.read_file(from + "/authority/root.pem", kMaxText));
  ASSIGN(auto directory, read_directory(from, env));
  ASSIGN(const auto theirs, read_comet_genesis(from, genesis, env));
  for (const auto* below : {"", "/keys", "/authority"}) TRY(make_folder(folder + below));
  ASSIGN(const auto node, make_key(folder, "node", {}, passphrase, env));
  SetupValidator out{.node = node->public_key(), .keys = {}};

  const std::size_t number = directory.operators.size();
  directory.operators.push_back(
      {options.host.empty() ? std::string(kThisMachine) : options.host, {}});
  Operator& mine = directory.operators.back();
  if (!is_host(mine.host)) return refuse(Verdict::bad_setting, "host: " + mine.host);
  std::uint16_t port =
      options.first_port != 0 ? options.first_port : next_port(directory, mine.host);
  if (port + 2 * std::size_t{genesis.chains} > UINT16_MAX) {
    return refuse(Verdict::bad_setting, "first_port");
  }
  ChainKeys keys;
  for (std::uint16_t i = 0; i < genesis.chains; ++i) {
    keys.push_back({CometKey::make(env), CometKey::make(env)});
    out.keys.push_back(keys.back().validator.key);
    mine.peers.push_back({keys.back().node.address(), port});
    port = static_cast<std::uint16_t>(port + 2);
  }
  for (std::uint16_t i = 0; i < genesis.chains; ++i) {
    std::string sync;
    std::vector<StateSync> servers;
    std::ranges::copy_if(options.state_sync, std::back_inserter(servers),
                         [&](const StateSync& each) { return each.chain == ChainId(i); });
    if (!servers.empty()) sync = sync_text(servers.front(), servers.back());
    const std::string home = home_of(ChainId(i));
    TRY(write_home(format("{}/{}", folder, home), config_text(directory, ChainId(i), number, sync),
                   std::string(as_text(theirs[i])), keys[i], env));
  }
  TRY(env.write_file(folder + "/network.json", as_bytes(directory.json().pretty()), 0644));
  TRY(env.write_file(folder + "/authority/root.pem", root, 0644));
  // Last: a folder with a genesis is whole.
  TRY(env.write_file(folder + "/genesis.cbor", codec::encode_record(genesis), 0644));
  return out;
}

}  // namespace intaglio::service
