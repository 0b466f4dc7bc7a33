// snapshot: a chain's state as of its last block, for nodes that have not seen the blocks before.
#include <filesystem>

#include "chain/snapshot.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "service/setup.h"

namespace intaglio::cli {
namespace {

std::string chain_folder(const std::string& data, ChainId chain) {
  return data + "/chain-" + std::to_string(chain.value());
}

// A chain that is looked at and signs nothing, so that nobody's key need be opened.
Result<std::unique_ptr<chain::Application>> open_to_read(const ledger::Genesis& genesis,
                                                         ChainId chain, const std::string& data) {
  const std::string folder = chain_folder(data, chain);
  if (!std::filesystem::exists(folder)) return refuse(Verdict::unknown_chain, folder);
  const crypto::Signer nobody{genesis.keys.front().key, [](ByteView) -> Result<crypto::Signature> {
                                return refuse(Verdict::element_locked);
                              }};
  return chain::Application::open(genesis, chain, folder, nobody);
}

void say(const chain::Snapshot& snapshot, Output& output) {
  output.say("  ledger  {}", codec::to_hex(snapshot.ledger));
  output.say("  block   {} of chain {}  {}", snapshot.height.value(), snapshot.chain.value(),
             codec::to_hex(snapshot.block));
  output.say("  state   {}  {} rows in {} chunks", codec::to_hex(snapshot.state), snapshot.rows,
             snapshot.chunks.size());
  output.result(codec::record_to_json(snapshot));
}

Result<void> snapshot_make(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto number, arguments.number_or("CHAIN", 0, UINT16_MAX));
  const ChainId id(static_cast<std::uint16_t>(number));
  const std::string& data = arguments.text("data");
  const std::string& out = arguments.text("out");
  ASSIGN(const auto genesis, service::read_genesis(data, session.env()));
  ASSIGN(const auto main_chain, open_to_read(genesis, kMainChain, data));
  std::unique_ptr<chain::Application> other;
  if (id != kMainChain) {
    ASSIGN(other, open_to_read(genesis, id, data));
  }
  const chain::Application& chain = other ? *other : *main_chain;
  std::error_code failed;
  // A folder of its own: nothing of an older one may stand beside it.
  if (!std::filesystem::create_directory(out, failed)) {
    return refuse(Verdict::file_failed, out + (failed ? ": " + failed.message() : " is there"));
  }
  ASSIGN(const auto made, chain::make_snapshot(chain::Prover(genesis, *main_chain, chain), chain,
                                               out, session.env()));
  output.say("snapshot in {}", out);
  say(made, output);
  return {};
}

Result<void> snapshot_load(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& from = arguments.text("DIR");
  const std::string& data = arguments.text("data");
  ASSIGN(const auto genesis, service::read_genesis(data, session.env()));
  ASSIGN(const auto asked, chain::read_snapshot(from, session.env()));
  const std::string to = chain_folder(data, asked.chain);
  ASSIGN(const auto loaded, chain::load_snapshot(genesis, from, to, session.env()));
  output.say("{} goes on from", to);
  say(loaded, output);
  return {};
}

}  // namespace

std::vector<Command> snapshot_commands() {
  return {
      {"snapshot make",
       "write a chain's whole state as of its last block",
       "From the folder of a node or a consensus node that is not running: where there are three "
       "consensus nodes, stop one, and the chain goes on meanwhile. Everybody's snapshot of a "
       "block has the same rows in the same files.",
       {{OptionKind::positional, "CHAIN", "CHAIN", "its number; 0 is the main chain", true},
        {OptionKind::value, "data", "DIR", "the node's folder", true},
        {OptionKind::value, "out", "DIR", "a new folder", true}},
       {"intaglio snapshot make 1 --data /srv/consensus-1 --out /srv/snapshot-1"},
       snapshot_make},
      {"snapshot load",
       "have a node start from a snapshot",
       "Into the folder of a consensus node that is not running: one that is new, or was away for "
       "so long that the blocks after its last were forgotten. It believes the genesis in its "
       "folder alone: what is not what the block's nodes signed is refused, and nothing changes.",
       {{OptionKind::positional, "DIR", "DIR", "the snapshot's folder", true},
        {OptionKind::value, "data", "DIR", "the node's folder", true}},
       {"intaglio snapshot load /srv/snapshot-1 --data /srv/consensus-2"},
       snapshot_load},
  };
}

}  // namespace intaglio::cli
