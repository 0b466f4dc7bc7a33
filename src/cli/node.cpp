// The commands that make and run a node: init, serve, node, network init.
#include <filesystem>

#include "base/log.h"
#include "cli/amounts.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/serving.h"
#include "cli/session.h"
#include "http/comet_client.h"
#include "service/certificate/ceremony.h"
#include "service/comet_node.h"
#include "service/network.h"

namespace intaglio::cli {
namespace {

log::Level log_level(std::string_view name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warning") return log::Level::warning;
  if (name == "error") return log::Level::error;
  return log::Level::info;
}

Result<ServeSettings> settings_of(const Arguments& arguments, Env& env) {
  ServeSettings settings;
  if (arguments.has("config")) {
    const std::string& path = arguments.text("config");
    ASSIGN(const auto text, env.read_file(path, kMaxConfig));
    auto parsed = parse_config(as_text(text));
    if (!parsed) return refuse_within(path, parsed.error());
    settings = *parsed;
  }
  settings.data = arguments.text_or("data", settings.data);
  settings.address = arguments.text_or("address", settings.address);
  ASSIGN(const auto port, arguments.number_or("port", settings.port, UINT16_MAX));
  settings.port = static_cast<std::uint16_t>(port);
  if (arguments.has("certified-port")) {
    ASSIGN(const auto certified, arguments.number_or("certified-port", 0, UINT16_MAX));
    settings.certified_port = static_cast<std::uint16_t>(certified);
  }
  settings.public_url = arguments.text_or("public-url", settings.public_url);
  if (arguments.has("no-tls")) settings.tls = false;
  ASSIGN(settings.keep_blocks, arguments.number_or("keep-blocks", settings.keep_blocks, INT64_MAX));
  if (arguments.has("consensus-node")) settings.consensus = arguments.list("consensus-node");
  if (arguments.has("comet")) settings.comet = arguments.list("comet");
  ASSIGN(settings.snapshot_every,
         arguments.number_or("snapshot-every", settings.snapshot_every, INT64_MAX));
  settings.log_level = arguments.text_or("log", settings.log_level);
  TRY(check(settings));
  return settings;
}

// Starts what serves (cli/serving.h), or says what to do about it; `act` has it until it returns.
template <typename Serving, typename Act>
Result<void> run_serving(const Arguments& arguments, Output& output, const Act& act) {
  Env& env = system_env();
  ASSIGN(const auto settings, settings_of(arguments, env));
  ASSIGN(auto session, Session::open(arguments, env));
  ASSIGN(const Secret* passphrase, session.passphrase());
  log::set_level(log_level(settings.log_level));
  const Interrupt interrupt;
  auto serving = Serving::start(settings, *passphrase, env);
  if (!serving) {
    const std::string todo = advice(serving.error(), settings);
    if (!todo.empty()) output.line(todo);
    return std::unexpected(serving.error());
  }
  act(**serving, settings, interrupt);
  return {};
}

Result<void> serve(const Arguments& arguments, Output& output) {
  return run_serving<ServingNode>(
      arguments, output,
      [&](ServingNode& serving, const ServeSettings& settings, const Interrupt& interrupt) {
        const std::string ledger = codec::to_hex(serving.node().gateway().ledger());
        output.say("Serving ledger {} at {}", ledger, serving.url());
        if (!serving.certified_url().empty()) {
          output.say("Certificate holders renew at {}", serving.certified_url());
        }
        output.say("Clients: intaglio connect {} --trust {}/tls/certificate.pem", serving.url(),
                   settings.data);
        codec::Json::Object said = {{"url", serving.url()}, {"ledger", ledger}};
        if (!serving.certified_url().empty()) {
          said.emplace_back("certified_url", serving.certified_url());
        }
        output.result(codec::Json(std::move(said)));
        interrupt.wait();
        output.line("Stopping: what was taken in is being finished.");
      });
}

// What a validator runs beside its CometBFT node.
Result<void> run_comet_node(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  if (!arguments.has("chain") || !arguments.has("abci")) {
    return refuse(Verdict::bad_usage, "--chain and --abci go together");
  }
  service::CometNode::Options options;
  ASSIGN(const auto chain, arguments.number_or("chain", 0, UINT16_MAX));
  options.chain = ChainId(static_cast<std::uint16_t>(chain));
  options.address = arguments.text("abci");
  ASSIGN(options.keep_blocks, arguments.number_or("keep-blocks", 0, INT64_MAX));
  ASSIGN(options.snapshot_every, arguments.number_or("snapshot-every", 0, INT64_MAX));
  if (arguments.has("comet-home")) TRY(check_comet_home(arguments.text("comet-home"), env));
  ASSIGN(auto session, Session::open(arguments, env));
  ASSIGN(const Secret* passphrase, session.passphrase());
  log::set_level(log_level(arguments.text_or("log", "info")));
  const Interrupt interrupt;
  ASSIGN(const auto node,
         service::CometNode::start(arguments.text_or("data", "."), options, *passphrase, env));
  output.say("Chain {} at block {}, for CometBFT at {}", chain,
             node->application().tip().height.value(), node->address());
  output.result(codec::Json::object({{"chain", chain},
                                     {"height", node->application().tip().height.value()},
                                     {"abci", node->address()}}));
  interrupt.wait();
  return {};
}

Result<void> run_consensus_node(const Arguments& arguments, Output& output) {
  if (arguments.has("chain") || arguments.has("abci")) return run_comet_node(arguments, output);
  return run_serving<ServingConsensus>(
      arguments, output,
      [&](const ServingConsensus& serving, const ServeSettings&, const Interrupt& interrupt) {
        const std::string key = codec::to_hex(serving.key());
        output.say("Consensus node {} at {}", key, serving.url());
        output.say("Its accounting node: intaglio serve --consensus-node {}={}", key,
                   serving.url());
        output.result(codec::Json::object({{"url", serving.url()}, {"node", key}}));
        interrupt.wait();
      });
}

// "EUR:978:2"
Result<ledger::GenesisAsset> asset_from_text(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    return refuse(Verdict::bad_usage, "--asset " + text + " (CODE:NUMBER:SCALE)");
  }
  const auto number =
      codec::uint_from_json(codec::Json(text.substr(first + 1, second - first - 1)), 999);
  const auto scale = codec::uint_from_json(codec::Json(text.substr(second + 1)), 12);
  if (!number || !scale) return refuse(Verdict::bad_usage, "--asset " + text);
  return ledger::GenesisAsset{AssetId(static_cast<std::uint32_t>(*number)), text.substr(0, first),
                              static_cast<std::uint8_t>(*scale), Amount(1)};
}

// What of a new ledger's rules the command line says.
Result<service::SetupOptions> setup_of(const Arguments& arguments) {
  service::SetupOptions options;
  options.name = arguments.text_or("name", options.name);
  ASSIGN(const auto chains, arguments.number_or("chains", 3, UINT16_MAX));
  options.chains = static_cast<std::uint16_t>(chains);
  auto assets = arguments.list("asset");
  if (assets.empty()) assets = {"EUR:978:2"};
  for (const auto& text : assets) {
    ASSIGN(auto asset, asset_from_text(text));
    options.assets.push_back(std::move(asset));
  }
  const std::string treasury = arguments.text_or("treasury", "1000000");
  for (const auto& asset : options.assets) {
    ASSIGN(const auto amount, amount_from_text(treasury, asset.scale));
    if (amount != Amount(0)) options.treasury.push_back({amount, asset.id});
  }
  return options;
}

Result<void> init(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(auto session, Session::open(arguments, env));
  ASSIGN(auto options, setup_of(arguments));
  ASSIGN(const auto consensus, arguments.number_or("consensus", 0, proof::kMaxConsensusNodes));
  options.consensus = static_cast<std::uint16_t>(consensus);
  options.host_names = arguments.list("host");
  options.key_place = arguments.text_or("keys", "");
  if (arguments.has("root")) {
    ASSIGN(options.root, service::read_certificate(arguments.text("root"), env));
  }
  const std::string folder = arguments.text_or("data", ServeSettings{}.data);
  ASSIGN(const Secret* passphrase, session.passphrase(true));
  TRY(service::create_data_folder(folder, options, *passphrase, env));
  ASSIGN(const auto genesis, service::read_genesis(folder, env));
  const std::string ledger = codec::to_hex(ledger::ledger_id(genesis));
  output.say("Made ledger {} with {} chains in {}", ledger, genesis.chains, folder);
  ASSIGN(const auto operator_key, service::uri_of_key(folder, "authority", env));
  output.say("The operator's key is {}", operator_key);
  if (!options.key_place.empty()) {
    output.say("All of its keys are there, but {}/keys/tls.key, which the TLS library reads.",
               folder);
  } else if (!options.root) {
    output.say("Take {}/keys/root.key off this machine: only a new issuing authority needs it.",
               folder);
  }
  if (options.root) {
    output.say("Where the root is: intaglio authority certify {}/authority/issuing.csr", folder);
    output.say("Then here: intaglio authority install CERTIFICATE --data {}", folder);
  } else {
    output.say("Next: intaglio serve --data {}", folder);
  }
  output.result(codec::Json::object({{"ledger", ledger}, {"data", folder}}));
  return {};
}

Result<void> network_init(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(auto session, Session::open(arguments, env));
  service::NetworkOptions options;
  ASSIGN(options.setup, setup_of(arguments));
  ASSIGN(const auto validators, arguments.number_or("validators", 4, UINT16_MAX));
  options.validators = static_cast<std::uint16_t>(validators);
  options.hosts = arguments.list("host");
  if (!options.hosts.empty()) options.setup.host_names = {options.hosts.front()};
  ASSIGN(const auto port, arguments.number_or("first-port", options.first_port, UINT16_MAX));
  options.first_port = static_cast<std::uint16_t>(port);
  ASSIGN(const auto interval, arguments.number_or("block-interval", 1000, 60'000));
  options.block_interval = Duration(interval);
  const std::string folder = arguments.text_or("out", "network");
  ASSIGN(const Secret* passphrase, session.passphrase(true));
  TRY(service::create_network(folder, options, *passphrase, env));
  const std::string first = service::operator_folder(folder, 0);
  ASSIGN(const auto genesis, service::read_genesis(first, env));
  const std::string ledger = codec::to_hex(ledger::ledger_id(genesis));
  output.say("Made ledger {}: {} chains, {} validators each, in {}", ledger, genesis.chains,
             options.validators, folder);
  output.say("Take {}/keys/root.key off this machine: only a new issuing authority needs it.",
             first);
  output.say("Each operator, in a folder of theirs, for every chain N:");
  output.say("  cometbft start --home comet-N");
  output.say("  intaglio node --chain N --abci unix://abci-N.sock --comet-home comet-N");
  output.say("but the first, who serves people, instead of the nodes:");
  output.say("  intaglio serve --config serve.toml");
  output.result(codec::Json::object({{"ledger", ledger}, {"out", folder}}));
  return {};
}

// "0=http://127.0.0.1:26601": the last header of that node is the one that is believed.
Result<service::StateSync> state_sync_of(const std::string& text) {
  const auto equals = std::min(text.find('='), text.size());
  const auto chain = codec::uint_from_digits(text.substr(0, equals));
  if (equals == text.size() || !chain || *chain > UINT16_MAX) {
    return refuse(Verdict::bad_usage, "--sync " + text + " (CHAIN=URL)");
  }
  service::StateSync out{.chain = ChainId(static_cast<std::uint16_t>(*chain)),
                         .rpc_url = text.substr(equals + 1)};
  ASSIGN(const auto client, http::CometClient::open(out.rpc_url));
  ASSIGN(const auto status, client->status());
  ASSIGN(const auto block, client->light_block(status.height));
  out.height = status.height;
  out.hash = block.header.hash();
  return out;
}

Result<void> network_join(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  if (!arguments.has("out")) return refuse(Verdict::bad_usage, "--out DIR");
  ASSIGN(auto session, Session::open(arguments, env));
  service::JoinOptions options;
  options.host = arguments.text_or("host", "");
  ASSIGN(const auto port, arguments.number_or("first-port", 0, UINT16_MAX));
  options.first_port = static_cast<std::uint16_t>(port);
  for (const auto& each : arguments.list("sync")) {
    ASSIGN(auto sync, state_sync_of(each));
    options.state_sync.push_back(std::move(sync));
  }
  const std::string& folder = arguments.text("out");
  ASSIGN(const Secret* passphrase, session.passphrase(true));
  ASSIGN(const auto made,
         service::join_network(arguments.text_or("from", "."), folder, options, *passphrase, env));
  const std::string node = codec::to_hex(made.node.hash());
  output.say("Made {} for the node {}", folder, node);
  output.say("  its public key is {}", codec::to_hex(made.node.view()));
  codec::Json validators = codec::Json::array();
  for (std::size_t i = 0; i < made.keys.size(); ++i) {
    output.say("  chain {}: its validator's key is {}", i, codec::to_hex(made.keys[i]));
    validators.push(codec::to_hex(made.keys[i]));
  }
  output.result(codec::Json::object({{"out", folder},
                                     {"node", node},
                                     {"public_key", codec::to_hex(made.node.view())},
                                     {"validators", std::move(validators)}}));
  return {};
}

Option value(std::string name, std::string value_name, std::string help) {
  return {OptionKind::value, std::move(name), std::move(value_name), std::move(help)};
}

Option data_option() { return value("data", "DIR", "the node's data folder (data/node)"); }
Option keep_option() {
  return value("keep-blocks", "N",
               "forget the transactions and receipts of all but the newest N blocks of each chain, "
               "once nothing needs them; 0 keeps all (0)");
}

Option snapshot_option() {
  return value("snapshot-every", "N",
               "of a chain that CometBFT orders: make a snapshot each N blocks, from which nodes "
               "that join begin; 0 makes none (0)");
}

Command init_command() {
  return {
      .path = "init",
      .summary = "make a new node: its keys, its authority, its ledger's genesis",
      .details =
          "Every key is encrypted under one passphrase: INTAGLIO_PASSPHRASE, "
          "--passphrase-file, or asked for.",
      .options = {data_option(),
                  value("name", "NAME", "of the ledger and its authority (intaglio)"),
                  value("chains", "N", "main chain and sub-chains together (3)"),
                  value("consensus", "N",
                        "consensus nodes of each chain, 0 to 3, of which over half sign (0)"),
                  {OptionKind::list, "asset", "CODE:NUMBER:SCALE",
                   "an asset of the ledger, may be repeated (EUR:978:2)"},
                  value("treasury", "AMOUNT",
                        "of each asset, issued on each chain to the treasury's key (1000000)"),
                  value("keys", "URI",
                        "where the node's keys are made, by an element's URI that names no key; "
                        "the TLS key stays a file (files in DIR/keys)"),
                  value("root", "FILE",
                        "the certificate of a root whose key is elsewhere (authority root); the "
                        "issuing key then waits to be certified"),
                  {OptionKind::list, "host", "NAME",
                   "a host name or address in the node's TLS certificate, may be repeated"}},
      .examples = {"intaglio init --data /srv/intaglio --host node.example --treasury 5000000",
                   "intaglio init --keys "
                   "\"pkcs11:token=node?module-path=/usr/lib/softhsm/libsofthsm2.so\""},
      .run = init};
}

Command serve_command() {
  return {.path = "serve",
          .summary = "run a node until it is interrupted",
          .details =
              "Listens on 127.0.0.1 with the node's own certificate unless told otherwise. "
              "Ctrl-C finishes what was taken in; a second one ends at once.",
          .options = {data_option(),
                      value("config", "FILE", "settings in TOML; flags win"),
                      value("address", "ADDRESS", "where to listen (127.0.0.1)"),
                      value("port", "N", "0 takes any free one (8443)"),
                      value("certified-port", "N",
                            "a port for holders of the authority's certificates, who are asked for "
                            "them and renew them by EST; 0 takes any free one (none)"),
                      value("public-url", "URL",
                            "where the world finds this node: stands in certificates, for their "
                            "revocation list, OCSP and issuer (none)"),
                      {OptionKind::flag, "no-tls", "", "plain HTTP, on this machine alone"},
                      {OptionKind::list, "consensus-node", "KEY=URL",
                       "a consensus node in another process, by its key's hash; may be repeated"},
                      {OptionKind::list, "comet", "CHAIN=ABCI,RPC,HOME",
                       "of a chain that CometBFT orders: where its node finds its application, the "
                       "URL of its RPC, and its folder if that is here; may be repeated"},
                      keep_option(),
                      snapshot_option(),
                      value("log", "LEVEL", "debug, info, warning or error (info)")},
          .examples = {"intaglio serve --data /srv/intaglio --address 0.0.0.0 --port 443",
                       "intaglio serve --config /etc/intaglio.toml"},
          .run = serve};
}

Command node_command() {
  return {
      .path = "node",
      .summary = "run a consensus node of every chain, or one chain's application for CometBFT",
      .details =
          "A consensus node: its folder is one of those that `init --consensus` made inside "
          "the node's, and may be moved to another machine. Only nodes that the ledger's "
          "authority certified can talk to it, over mutual TLS. With --chain and --abci: "
          "what a validator runs beside its CometBFT node, in an operator's folder that "
          "`network init` made.",
      .options = {value("data", "DIR", "the consensus node's folder, or an operator's (.)"),
                  value("chain", "N", "the chain whose application this is"),
                  value("abci", "ADDRESS",
                        "where CometBFT finds it: unix://PATH or tcp://127.0.0.1:PORT"),
                  value("comet-home", "DIR",
                        "the folder of that node of CometBFT, whose settings are looked at"),
                  value("address", "ADDRESS", "where to listen (127.0.0.1)"),
                  value("port", "N", "0 takes any free one (8443)"), keep_option(),
                  snapshot_option(), value("log", "LEVEL", "debug, info, warning or error (info)")},
      .examples =
          {"intaglio node --data /srv/consensus-1 --address 0.0.0.0 --port 9001",
           "intaglio node --data . --chain 1 --abci unix://abci-1.sock --comet-home comet-1"},
      .run = run_consensus_node};
}

Command network_join_command() {
  return {
      .path = "network join",
      .summary = "make the folder of one more operator, from another's",
      .details =
          "Of that folder nothing secret is read. The new operator's nodes follow the chains "
          "and vote for nothing, until the authority names their validators: intaglio chain "
          "validators. With --sync a node of CometBFT begins with a snapshot that the others "
          "have (--snapshot-every), and not with the first block.",
      .options = {value("from", "DIR", "an operator's folder (.)"),
                  value("out", "DIR", "the folder to make"),
                  value("host", "HOST", "where the others reach its CometBFT nodes (this machine)"),
                  value("first-port", "N",
                        "two for each CometBFT node follow it (behind those that are known)"),
                  {OptionKind::list, "sync", "CHAIN=URL",
                   "the RPC of a CometBFT node that is trusted, of that chain; may be repeated"}},
      .examples = {"intaglio network join --from operator-2 --out operator-5",
                   "intaglio network join --out ../operator-5 --sync 0=http://127.0.0.1:26601"},
      .run = network_join};
}

Command network_init_command() {
  return {
      .path = "network init",
      .summary = "make a ledger whose chains CometBFT orders: a folder for each operator",
      .details =
          "Each operator runs a validator of every chain. The first one's folder is a "
          "node's, with the authority; the others hold what a validator needs. Every one "
          "may be moved to its machine. All keys of ours are encrypted under one "
          "passphrase; those of CometBFT are plain files, as it wants them.",
      .options = {value("out", "DIR", "the folder to make (network)"),
                  value("name", "NAME", "of the ledger and its authority (intaglio)"),
                  value("chains", "N", "main chain and sub-chains together (3)"),
                  value("validators", "N", "operators, each with a validator of every chain (4)"),
                  {OptionKind::list, "host", "HOST",
                   "where an operator's CometBFT nodes are reached, one for each operator in "
                   "order (all on this machine)"},
                  value("first-port", "N", "two for each CometBFT node follow it (26600)"),
                  value("block-interval", "MS", "from a block to the next, 1 to 5000 (1000)"),
                  {OptionKind::list, "asset", "CODE:NUMBER:SCALE",
                   "an asset of the ledger, may be repeated (EUR:978:2)"},
                  value("treasury", "AMOUNT",
                        "of each asset, issued on each chain to the treasury's key (1000000)")},
      .examples = {"intaglio network init --out network --chains 2 --validators 4"},
      .run = network_init};
}

}  // namespace

std::vector<Command> node_commands() {
  return {init_command(), serve_command(), node_command(), network_init_command(),
          network_join_command()};
}

}  // namespace intaglio::cli
