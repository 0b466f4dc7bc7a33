#include "service/network.h"

#include <filesystem>

#include "base/format.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "crypto/ed25519.h"
#include "ledger/trust.h"
#include "proof/comet_json.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

using codec::Json;

// How long a double vote can still be shown: longer than any header is trusted.
constexpr Duration kMaxEvidenceAge = seconds(21 * 24 * 3600);
constexpr std::uint64_t kMaxBlockBytes = std::uint64_t{4} << 20;
constexpr std::size_t kMaxOperators = 100;

// A key pair of CometBFT's, in its files.
struct CometKey {
  Secret seed;
  crypto::Ed25519Key key;

  static CometKey make(Env& env) {
    Bytes seed(crypto::kEd25519Seed);
    env.random(seed);
    Secret secret(std::move(seed));
    const auto key = crypto::ed25519_key_of(secret);
    return {std::move(secret), key};
  }
  std::string address() const { return codec::to_hex(proof::comet_address(key)); }
  Json public_json() const {
    return Json::object(
        {{"type", "tendermint/PubKeyEd25519"}, {"value", codec::to_base64(key.view())}});
  }
  // As Go writes it: the seed, then the public key.
  Json private_json() const {
    Bytes both = to_bytes(seed.reveal());
    append(both, key.view());
    return Json::object({{"type", "tendermint/PrivKeyEd25519"}, {"value", codec::to_base64(both)}});
  }
};

struct OperatorKeys {
  CometKey validator;
  CometKey node;  // by which its peers know it
};

std::string host_of(const NetworkOptions& options, std::size_t operator_index) {
  return options.hosts.empty() ? "127.0.0.1" : options.hosts[operator_index];
}

// Those of one chain, by operator.
using ChainKeys = std::vector<OperatorKeys>;

std::string peers_text(const NetworkOptions& options, ChainId chain, const ChainKeys& keys,
                       std::size_t but) {
  std::string out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == but) continue;
    out += format("{}{}@{}:{}", out.empty() ? "" : ",", keys[i].node.address(), host_of(options, i),
                  comet_home(options, i, chain).peer_port);
  }
  return out;
}

std::string config_text(const NetworkOptions& options, ChainId chain, const ChainKeys& keys,
                        std::size_t operator_index) {
  const CometHome home = comet_home(options, operator_index, chain);
  const bool is_local = options.hosts.empty();
  return format(
      R"(# CometBFT v0.38: the node of operator {0} for chain {1}. Run it in the operator's folder:
# cometbft start --home {2}
proxy_app = "{3}"
abci = "socket"
moniker = "operator-{0} chain-{1}"
log_level = "error"

[rpc]
laddr = "tcp://127.0.0.1:{4}"

[p2p]
laddr = "tcp://{5}:{6}"
persistent_peers = "{7}"
pex = false
addr_book_strict = false
allow_duplicate_ip = true

[mempool]
# A pack of transactions has to fit.
max_tx_bytes = 1048576
max_txs_bytes = 268435456

[consensus]
timeout_commit = "{8}ms"
# Deadlines are judged by the time of blocks, so there is always a next one.
create_empty_blocks = true
create_empty_blocks_interval = "0s"

[tx_index]
# Receipts are the application's.
indexer = "null"
)",
      operator_index + 1, chain.value(), home.folder, home.address, home.rpc_port,
      is_local ? "127.0.0.1" : "0.0.0.0", home.peer_port,
      peers_text(options, chain, keys, operator_index), options.block_interval.value());
}

std::string nanoseconds(Duration duration) { return std::to_string(duration.value()) + "000000"; }

std::string genesis_text(const ledger::Genesis& genesis, ChainId chain, const ChainKeys& keys) {
  const LedgerId ledger = ledger::ledger_id(genesis);
  Json validators = Json::array();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    validators.push(Json::object({{"address", keys[i].validator.address()},
                                  {"pub_key", keys[i].validator.public_json()},
                                  {"power", "1"},
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
                       {"app_state", Json::object({{"ledger", codec::to_hex(ledger)}})}})
      .pretty();
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

Result<void> make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return refuse(Verdict::file_failed, path + " (" + failed.message() + ')');
  return {};
}

Result<void> write_home(const std::string& folder, const std::string& config,
                        const std::string& genesis, const OperatorKeys& keys, Env& env) {
  TRY(make_folder(folder + "/config"));
  TRY(make_folder(folder + "/data"));
  const auto write = [&](std::string_view file, const std::string& text, unsigned mode) {
    return env.write_file(format("{}/{}", folder, file), as_bytes(text), mode);
  };
  TRY(write("config/config.toml", config, 0644));
  TRY(write("config/genesis.json", genesis, 0644));
  TRY(write("config/node_key.json", Json::object({{"priv_key", keys.node.private_json()}}).pretty(),
            0600));
  TRY(write("config/priv_validator_key.json",
            Json::object({{"address", keys.validator.address()},
                          {"pub_key", keys.validator.public_json()},
                          {"priv_key", keys.validator.private_json()}})
                .pretty(),
            0600));
  return write("data/priv_validator_state.json",
               Json::object({{"height", "0"}, {"round", 0}, {"step", 0}}).pretty(), 0600);
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
    const bool is_plain = !each.empty() && std::ranges::all_of(each, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             c == '.' || c == '-';
    });
    if (!is_plain) return refuse(Verdict::bad_setting, "hosts: " + each);
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

}  // namespace

std::string CometHome::rpc_url() const { return format("http://127.0.0.1:{}", rpc_port); }

CometHome comet_home(const NetworkOptions& options, std::size_t operator_index, ChainId chain) {
  const std::size_t number = operator_index * options.setup.chains + chain.value();
  const auto port = static_cast<std::uint16_t>(options.first_port + 2 * number);
  return {.folder = format("comet-{}", chain.value()),
          .address = format("unix://abci-{}.sock", chain.value()),
          .peer_port = port,
          .rpc_port = static_cast<std::uint16_t>(port + 1)};
}

std::string operator_folder(const std::string& folder, std::size_t operator_index) {
  return format("{}/operator-{}", folder, operator_index + 1);
}

Result<void> create_network(const std::string& folder, const NetworkOptions& options,
                            const Secret& passphrase, Env& env) {
  TRY(check(options));
  const std::string first = operator_folder(folder, 0);
  if (std::filesystem::exists(first + "/genesis.cbor")) {
    return refuse(Verdict::file_failed, first + "/genesis.cbor (is there already)");
  }
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
  for (std::size_t i = 0; i < options.validators; ++i) {
    const std::string mine = operator_folder(folder, i);
    for (std::uint16_t chain = 0; chain < options.setup.chains; ++chain) {
      const ChainKeys& all = keys[chain];
      TRY(write_home(mine + '/' + comet_home(options, i, ChainId(chain)).folder,
                     config_text(options, ChainId(chain), all, i),
                     genesis_text(genesis, ChainId(chain), all), all[i], env));
    }
    if (i == 0) continue;
    TRY(env.write_file(mine + "/authority/root.pem", root, 0644));
    TRY(env.write_file(mine + "/genesis.cbor", codec::encode_record(genesis), 0644));
  }
  return env.write_file(first + "/serve.toml", as_bytes(serve_text(options)), 0644);
}

}  // namespace intaglio::service
