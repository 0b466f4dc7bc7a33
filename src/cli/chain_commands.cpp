// chain: the chains of the ledger and their blocks.
#include "cli/commands.h"
#include "cli/session.h"
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
  output.result(chain);
  return {};
}

Result<void> chain_block(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto id, chain_argument(arguments));
  ASSIGN(const auto height, arguments.number_or("HEIGHT", 0));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto block, node->block(id, Height(height)));
  output.say("block {} of chain {}", height, id.value());
  output.line(block.pretty());
  output.result(block);
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
       "show one chain's height and hashes",
       "",
       {chain},
       {"intaglio chain show 1"},
       chain_show},
      {"chain block",
       "show a block: its header and its transactions' ids",
       "",
       {chain, {OptionKind::positional, "HEIGHT", "HEIGHT", "1 is the first", true}},
       {"intaglio chain block 1 17", "intaglio chain block 0 1 --json"},
       chain_block},
  };
}

}  // namespace intaglio::cli
