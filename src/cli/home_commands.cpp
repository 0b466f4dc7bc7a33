// connect, key: the client's folder.
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMaxPem = 64 * 1024;

Result<void> connect(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  std::string pem;
  std::optional<http::Trust> trust;
  if (arguments.has("trust")) {
    ASSIGN(const auto bytes, session.env().read_file(arguments.text("trust"), kMaxPem));
    pem = as_text(bytes);
    ASSIGN(trust, trust_from_pem(pem));
  }
  const std::string& url = arguments.text("URL");
  ASSIGN(auto node, NodeClient::open(url, trust, session.env()));
  ASSIGN(const auto ledger, node.ledger());
  TRY(session.home().connect({url, ledger.ledger}, pem, ledger));
  const std::string id = codec::to_hex(ledger.ledger);
  output.say("connected to {}", url);
  output.say("  ledger   {} ({})", ledger.name, id);
  output.say("  chains   {}", ledger.chains);
  for (const auto& asset : ledger.assets) {
    output.say("  asset    {} ({}), {} decimals", asset.code, asset.id.value(), asset.scale);
  }
  output.say("  folder   {}", session.home().folder());
  output.result(Json::object({{"url", url},
                              {"ledger", id},
                              {"name", ledger.name},
                              {"chains", ledger.chains},
                              {"home", session.home().folder()}}));
  return {};
}

Json key_json(const std::string& name, const StoredKey& key) {
  return Json::object({{"name", name},
                       {"key", codec::to_hex(key.key.hash())},
                       {"public_key", codec::to_hex(key.key.view())},
                       {"address", codec::to_text(Address{kHomeChain, key.account()})},
                       {"account", codec::to_hex(key.account())},
                       {"uri", key.uri},
                       {"made", key.made.value()}});
}

void say_key(Output& output, const std::string& name, const StoredKey& key) {
  output.say("{}", name);
  output.say("  key         {}", codec::to_hex(key.key.hash()));
  output.say("  address     {}", codec::to_text({kHomeChain, key.account()}));
  output.say("  public key  {}", codec::to_hex(key.key.view()));
  output.say("  element     {}", key.uri);
}

Result<void> key_new(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& name = arguments.text("NAME");
  if (session.home().key(name)) return refuse(Verdict::conflict, "key " + name);
  ASSIGN(auto uri, session.home().new_key_uri(name));
  uri = arguments.text_or("uri", uri);
  ASSIGN(const auto* passphrase, session.passphrase(true));
  ASSIGN(const auto element, element::create_key(uri, *passphrase, session.env()));
  const StoredKey key{element->uri(), element->public_key(), session.env().now()};
  TRY(session.home().add_key(name, key));
  say_key(output, name, key);
  if (element->simulated()) output.line("  Only software guards this key (a simulated element).");
  output.result(key_json(name, key));
  return {};
}

Result<void> key_list(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  Json all = Json::array();
  for (const auto& name : session.home().key_names()) {
    ASSIGN(const auto key, session.home().key(name));
    output.say("{:<20} {}", name, codec::to_text({kHomeChain, key.account()}));
    all.push(key_json(name, key));
  }
  if (all.items()->empty()) output.line("no keys yet: intaglio key new NAME");
  output.result(all);
  return {};
}

Result<void> key_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& name = arguments.text("NAME");
  ASSIGN(const auto key, session.home().key(name));
  say_key(output, name, key);
  output.say("  made        {}", time_text(key.made));
  output.result(key_json(name, key));
  return {};
}

}  // namespace

std::vector<Command> home_commands() {
  const Option name{OptionKind::positional, "NAME", "NAME", "the key's name in this home", true};
  return {
      {"connect",
       "say which node this home talks to",
       "Asks the node for its ledger and remembers both. TLS believes what FILE says: the node's "
       "own certificate, or the authorities it leads to. Plain http needs no FILE and is taken "
       "from this machine alone.",
       {{OptionKind::positional, "URL", "URL", "https://HOST:PORT", true},
        {OptionKind::value, "trust", "FILE", "PEM of the node's certificate"}},
       {"intaglio connect https://127.0.0.1:8443 --trust node.pem"},
       connect},
      {"key new",
       "make a key",
       "The key is made inside its element and never leaves it. Without --uri it is a file of mode "
       "600 in this home, encrypted under the passphrase.",
       {name, {OptionKind::value, "uri", "URI", "another element, e.g. tpm:/media/stick/a.tpm"}},
       {"intaglio key new alice", "INTAGLIO_PASSPHRASE=secret intaglio key new shop --json"},
       key_new},
      {"key list", "list the keys of this home", "", {}, {"intaglio key list"}, key_list},
      {"key show",
       "show a key's hash, address and public key",
       "The address is the one on chain 1; the account is the same on every chain.",
       {name},
       {"intaglio key show alice"},
       key_show},
  };
}

}  // namespace intaglio::cli
