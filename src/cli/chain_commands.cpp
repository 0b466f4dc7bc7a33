// chain: the chains of the ledger and their blocks.
#include <sstream>

#include "cli/commands.h"
#include "cli/sending.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

void say_chain(Output& output, const Json& chain) {
  output.say("chain {}: block {} at {}, {} waiting", chain.uint_at("chain").value_or(0),
             chain.uint_at("height").value_or(0),
             time_text(Millis(chain.uint_at("time").value_or(0))),
             chain.uint_at("waiting").value_or(0));
}

void say_validators(Output& output, const Json& nodes, const Json::Array& validators) {
  output.say("  ordered by CometBFT as {}; {} validators, whose votes make each block final",
             nodes.text_at("comet_chain").value_or(""), validators.size());
  for (const auto& each : validators) {
    const Json* voted = each.find("voted");
    output.say(
        "    {}  power {}  {}", each.text_at("node").value_or(""),
        each.uint_at("power").value_or(0),
        voted != nullptr && *voted == Json(true) ? "voted for the last block" : "did not vote");
  }
}

// One line for the accounting node and one for each consensus node or validator.
void say_nodes(Output& output, const Json& nodes) {
  output.say("  accounting node  {}", nodes.text_at("accounting").value_or(""));
  const Json* validators = nodes.find("validators");
  if (validators != nullptr && validators->items() != nullptr) {
    return say_validators(output, nodes, *validators->items());
  }
  const Json* consensus = nodes.find("consensus");
  if (consensus == nullptr || consensus->items() == nullptr) return;
  const std::size_t count = consensus->items()->size();
  output.say("  consensus nodes  {}; {} sign each block", count,
             nodes.uint_at("quorum").value_or(0));
  for (const auto& each : *consensus->items()) {
    const bool answers = each.find("answers") != nullptr && each.find("answers")->boolean() &&
                         *each.find("answers")->boolean();
    std::string line = each.text_at("node").value_or("");
    line +=
        answers ? format("  block {}", each.uint_at("height").value_or(0)) : "  does not answer";
    if (each.find("unwilling") != nullptr) {
      line += format("  {} {}", *each.text_at("unwilling"), each.text_at("where").value_or(""));
    }
    if (const Json* lost = each.find("needs_snapshot"); lost != nullptr && *lost == Json(true)) {
      line += "  needs a snapshot: the blocks after its last were forgotten";
    }
    if (const auto overlooked = each.uint_at("overlooked").value_or(0); overlooked > 0) {
      line += format("  {} transactions in no block", overlooked);
    }
    if (each.find("saw_fork") != nullptr && each.find("saw_fork")->boolean() != nullptr &&
        *each.find("saw_fork")->boolean()) {
      line += "  saw a fork: intaglio chain forks";
    }
    output.say("    {}", line);
  }
}

Result<ChainId> chain_argument(const Arguments& arguments) {
  ASSIGN(const auto number, arguments.number_or("CHAIN", 0, UINT16_MAX));
  return ChainId(static_cast<std::uint16_t>(number));
}

Result<void> chain_list(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto chains, node->chains());
  if (chains.items() == nullptr) return refuse(Verdict::bad_value, "the node's answer");
  for (const auto& chain : *chains.items()) say_chain(output, chain);
  output.result(chains);
  return {};
}

// "0.00 EUR", or what is on its way in every asset.
std::string in_flight_text(const Json& stream) {
  const Json* money = stream.find("in_flight");
  std::string out;
  for (const auto& each : *money->items()) {
    const std::string amount = each.text_at("amount").value_or("0");
    if (amount == "0") continue;
    out += format("{}{} {}", out.empty() ? "" : ", ", amount, each.text_at("code").value_or(""));
  }
  return out.empty() ? "nothing on its way" : out + " (minor units) on its way";
}

Result<void> chain_streams(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto streams, node->streams());
  if (streams.items()->empty()) output.say("no chain has sent anything to another");
  for (const auto& stream : *streams.items()) {
    if (stream.find("in_flight") == nullptr || stream.find("in_flight")->items() == nullptr) {
      return refuse(Verdict::bad_value, "the node's answer");
    }
    output.say("from chain {} to {}: {} sent, {} arrived, {}", stream.uint_at("from").value_or(0),
               stream.uint_at("to").value_or(0), stream.uint_at("sent").value_or(0),
               stream.uint_at("arrived").value_or(0), in_flight_text(stream));
    if (const auto held_up = stream.text_at("held_up")) {
      output.say("  waiting for the votes that prove it: {}", *held_up);
    }
  }
  output.result(streams);
  return {};
}

Result<void> chain_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto id, chain_argument(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto chain, node->chain(id));
  say_chain(output, chain);
  output.say("  block  {}", chain.text_at("block").value_or(""));
  output.say("  state  {}", chain.text_at("state").value_or(""));
  if (const auto kept = chain.uint_at("kept_from"); kept && *kept > 1) {
    output.say("  keeps transactions and receipts from block {} on", *kept);
  }
  if (const Json* nodes = chain.find("nodes")) say_nodes(output, *nodes);
  output.result(chain);
  return {};
}

Result<void> chain_forks(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto id, chain_argument(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto forks, node->forks(id));
  if (forks.items() == nullptr) return refuse(Verdict::bad_value, "the node's answer");
  if (forks.items()->empty())
    output.say("no consensus node of chain {} has seen a fork", id.value());
  for (const auto& fork : *forks.items()) {
    output.say("consensus node {} saw two blocks of one height, signed by the accounting node:",
               fork.text_at("seen_by").value_or(""));
    for (const auto* name : {"first", "second"}) {
      const Json* block = fork.find(name);
      if (block == nullptr || block->find("header") == nullptr) continue;
      output.say("  height {}  {}", block->find("header")->uint_at("height").value_or(0),
                 block->text_at("hash").value_or(""));
    }
  }
  output.result(forks);
  return {};
}

Result<void> chain_block(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto id, chain_argument(arguments));
  ASSIGN(const auto height, arguments.number_or("HEIGHT", 0));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto block, node->block(id, Height(height)));
  const Json* cosignatures = block.find("cosignatures");
  const bool has_list = cosignatures != nullptr && cosignatures->items() != nullptr;
  if (block.find("comet") != nullptr) {
    output.say("block {} of chain {}, voted for by its validators", height, id.value());
  } else {
    output.say("block {} of chain {}, signed by {}", height, id.value(),
               signatures_text(has_list ? cosignatures->items()->size() : 0,
                               block.uint_at("consensus").value_or(0)));
  }
  output.line(block.pretty());
  output.result(block);
  return {};
}

Result<KeyHash> key_hash(std::string_view text) {
  const auto hash = codec::id_from_hex<KeyHash>(text);
  if (!hash) return refuse(Verdict::bad_usage, format("a key is 64 hex digits, not {}", text));
  return *hash;
}

// Those of the main chain, but for what the arguments say.
Result<tx::AddChain> nodes_argument(const Arguments& arguments, const Json& main_chain) {
  const Json* nodes = main_chain.find("nodes");
  const Json* consensus = nodes == nullptr ? nullptr : nodes->find("consensus");
  if (consensus == nullptr || consensus->items() == nullptr) {
    return refuse(Verdict::bad_value, "the node's answer");
  }
  tx::AddChain out;
  const auto accounting = nodes->text_at("accounting").value_or("");
  ASSIGN(out.accounting, key_hash(arguments.text_or("accounting", accounting)));
  std::vector<std::string> keys = arguments.list("consensus");
  if (!arguments.has("consensus")) {
    for (const auto& each : *consensus->items()) keys.push_back(each.text_at("node").value_or(""));
  }
  for (const auto& each : keys) {
    ASSIGN(const auto hash, key_hash(each));
    out.consensus.push_back(hash);
  }
  const auto majority = keys.empty() ? 0 : keys.size() / 2 + 1;
  ASSIGN(const auto quorum, arguments.number_or("quorum", majority, UINT8_MAX));
  out.quorum = static_cast<std::uint8_t>(quorum);
  return out;
}

Result<void> chain_add(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto before, node->chains());
  ASSIGN(const auto main_chain, node->chain(kMainChain));
  ASSIGN(const auto operation, nodes_argument(arguments, main_chain));
  ASSIGN(const auto sent, sending.send(kMainChain, operation));
  sending.tell(sent, sending.payer(kMainChain), "decision",
               Json::object({{"operation", "add_chain"},
                             {"chain", before.items() == nullptr ? 0 : before.items()->size()}}));
  output.line("The node opens it now: intaglio chain list");
  return {};
}

// "NODE=KEY", or "NODE=KEY=POWER"
Result<ledger::Validator> validator_from_text(const std::string& text) {
  const auto wrong = [&] {
    return refuse(Verdict::bad_usage, "--add " + text + " (NODE=KEY or NODE=KEY=POWER)");
  };
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, '=');) parts.push_back(part);
  if (parts.size() < 2 || parts.size() > 3) return wrong();
  ledger::Validator out;
  ASSIGN(out.node, key_hash(parts[0]));
  const auto key = codec::id_from_hex<crypto::Ed25519Key>(parts[1]);
  const auto power = codec::uint_from_digits(parts.size() == 3 ? std::string_view(parts[2]) : "1");
  if (!key || !power) return wrong();
  out.key = *key;
  out.power = *power;
  return out;
}

// Who votes after what the arguments say, ascending by node.
Result<std::vector<ledger::Validator>> validators_argument(const Arguments& arguments,
                                                           const Json& decided) {
  const Json* known = decided.find("validators");
  if (known == nullptr || known->items() == nullptr) {
    return refuse(Verdict::bad_value, "the node's answer");
  }
  std::vector<ledger::Validator> out;
  for (const Json& each : *known->items()) {
    ledger::Validator validator;
    ASSIGN(validator.node, key_hash(each.text_at("node").value_or("")));
    const auto key = codec::id_from_hex<crypto::Ed25519Key>(each.text_at("key").value_or(""));
    if (!key) return refuse(Verdict::bad_value, "the node's answer");
    validator.key = *key;
    ASSIGN(validator.power, each.uint_at("power"));
    out.push_back(validator);
  }
  for (const auto& text : arguments.list("remove")) {
    ASSIGN(const auto node, key_hash(text));
    if (std::erase_if(out, [&](const auto& each) { return each.node == node; }) == 0) {
      return refuse(Verdict::bad_usage, "--remove " + text + " (is no validator)");
    }
  }
  for (const auto& text : arguments.list("add")) {
    ASSIGN(const auto validator, validator_from_text(text));
    std::erase_if(out, [&](const auto& each) { return each.node == validator.node; });
    out.push_back(validator);
  }
  std::ranges::sort(out, {}, &ledger::Validator::node);
  return out;
}

Result<void> chain_validators(const Arguments& arguments, Output& output) {
  ASSIGN(const auto id, chain_argument(arguments));
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto chain, node->chain(id));
  // By what was decided last, not by what the chain itself has heard of it yet: the command before
  // this one may be on its way there.
  const Json* decided = chain.find("decided");
  if (decided == nullptr) return refuse(Verdict::bad_usage, "CHAIN is not ordered by CometBFT");
  tx::SetNodes operation{.chain = id};
  ASSIGN(operation.accounting, key_hash(decided->text_at("accounting").value_or("")));
  ASSIGN(operation.validators, validators_argument(arguments, *decided));
  ASSIGN(const auto sent, sending.send(kMainChain, operation));
  sending.tell(sent, sending.payer(kMainChain), "decision",
               Json::object({{"operation", "set_nodes"},
                             {"chain", id.value()},
                             {"validators", operation.validators->size()}}));
  output.say("Chain {} has {} validators, once it has heard of it", id.value(),
             operation.validators->size());
  return {};
}

}  // namespace

std::vector<Command> chain_commands() {
  const Option chain{OptionKind::positional, "CHAIN", "CHAIN", "its number; 0 is the main chain",
                     true};
  return {
      {"chain list", "list the chains", "", {}, {"intaglio chain list"}, chain_list},
      {"chain streams",
       "show what is on its way between chains",
       "",
       {},
       {"intaglio chain streams", "intaglio chain streams --json"},
       chain_streams},
      {"chain show",
       "show one chain's height and hashes, and who signs for it",
       "",
       {chain},
       {"intaglio chain show 1"},
       chain_show},
      {"chain forks",
       "show evidence against a chain's accounting node",
       "Two blocks of one height that it signed, as its consensus nodes saw them. An honest node "
       "signs one, so there is nothing to show.",
       {chain},
       {"intaglio chain forks 1"},
       chain_forks},
      {"chain block",
       "show a block: its header and its transactions' ids",
       "",
       {chain, {OptionKind::positional, "HEIGHT", "HEIGHT", "1 is the first", true}},
       {"intaglio chain block 1 17", "intaglio chain block 0 1 --json"},
       chain_block},
      {"chain validators",
       "change who votes on a chain that CometBFT orders",
       "By the authority's key, on the main chain. A node's key is certified before (enrol --usage "
       "node). CometBFT follows two blocks after the chain has heard of it; a validator that is "
       "added should have caught up by then.",
       with_sending(
           {chain,
            {OptionKind::list, "add", "NODE=KEY[=POWER]",
             "hash of its node's key, its own key, its power (1); may be repeated"},
            {OptionKind::list, "remove", "NODE", "hash of its node's key; may be repeated"}}),
       {"intaglio chain validators 1 --remove 3f0c… --key soft:data/keys/authority.key"},
       chain_validators},
      {"chain add",
       "add a sub-chain",
       "By the authority's key, on the main chain. It begins without money and without accounts: "
       "intaglio account extend brings these. The nodes are those of the main chain unless others "
       "are named.",
       with_sending({{OptionKind::value, "accounting", "KEY", "hash of its accounting node's key"},
                     {OptionKind::list, "consensus", "KEY",
                      "hash of a consensus node's key; may be repeated"},
                     {OptionKind::value, "quorum", "N",
                      "how many of these sign each block (more than half)"}}),
       {"intaglio chain add --key soft:data/keys/authority.key"},
       chain_add},
  };
}

}  // namespace intaglio::cli
