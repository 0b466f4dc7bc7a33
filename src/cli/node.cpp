// The commands that make and run a node: init, serve.
#include <filesystem>

#include "base/log.h"
#include "cli/amounts.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/serving.h"
#include "cli/session.h"
#include "service/certificate/ceremony.h"
#include "service/setup.h"

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

Result<void> run_consensus_node(const Arguments& arguments, Output& output) {
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

Result<void> init(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(auto session, Session::open(arguments, env));
  service::SetupOptions options;
  options.name = arguments.text_or("name", options.name);
  ASSIGN(const auto chains, arguments.number_or("chains", 3, UINT16_MAX));
  options.chains = static_cast<std::uint16_t>(chains);
  ASSIGN(const auto consensus, arguments.number_or("consensus", 0, proof::kMaxConsensusNodes));
  options.consensus = static_cast<std::uint16_t>(consensus);
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

Option value(std::string name, std::string value_name, std::string help) {
  return {OptionKind::value, std::move(name), std::move(value_name), std::move(help)};
}

}  // namespace

std::vector<Command> node_commands() {
  const Option data = value("data", "DIR", "the node's data folder (data/node)");
  const Option keep = value("keep-blocks", "N",
                            "forget the transactions and receipts of all but the newest N blocks "
                            "of each chain, once nothing needs them; 0 keeps all (0)");
  return {
      {.path = "init",
       .summary = "make a new node: its keys, its authority, its ledger's genesis",
       .details = "Every key is encrypted under one passphrase: INTAGLIO_PASSPHRASE, "
                  "--passphrase-file, or asked for.",
       .options = {data,
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
       .run = init},
      {.path = "serve",
       .summary = "run a node until it is interrupted",
       .details = "Listens on 127.0.0.1 with the node's own certificate unless told otherwise. "
                  "Ctrl-C finishes what was taken in; a second one ends at once.",
       .options = {data,
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
                   keep,
                   value("log", "LEVEL", "debug, info, warning or error (info)")},
       .examples = {"intaglio serve --data /srv/intaglio --address 0.0.0.0 --port 443",
                    "intaglio serve --config /etc/intaglio.toml"},
       .run = serve},
      {.path = "node",
       .summary = "run a consensus node of every chain in a process of its own",
       .details = "Its folder is one of those that `init --consensus` made inside the node's, and "
                  "may be moved to another machine. Only nodes that the ledger's authority "
                  "certified can talk to it, over mutual TLS.",
       .options = {value("data", "DIR", "the consensus node's folder"),
                   value("address", "ADDRESS", "where to listen (127.0.0.1)"),
                   value("port", "N", "0 takes any free one (8443)"), keep,
                   value("log", "LEVEL", "debug, info, warning or error (info)")},
       .examples = {"intaglio node --data /srv/consensus-1 --address 0.0.0.0 --port 9001"},
       .run = run_consensus_node}};
}

}  // namespace intaglio::cli
