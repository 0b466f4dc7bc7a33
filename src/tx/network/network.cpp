#include "tx/network/network.h"

#include "base/check.h"
#include "base/format.h"
#include "tx/decision.h"

namespace intaglio::tx {
namespace {

using ledger::KeyRow;
using ledger::NodesRow;

// The row of a node's key: unknown_key, key_revoked, key_suspended, not_capable, at its place.
Result<KeyRow> require_node(const ledger::View& state, const KeyHash& key, std::string_view at) {
  const auto found = state.find<KeyRow>(key);
  if (!found) return refuse(Verdict::unknown_key, std::string(at));
  TRY(ledger::check_standing(*found, at));
  if (found->role != ledger::Role::node) return refuse(Verdict::not_capable, std::string(at));
  KeyRow row = *found;
  row.chains = std::nullopt;  // as the other chains have it
  return row;
}

Result<ledger::ChainNodes> require_nodes(const ledger::View& state, ChainId chain,
                                         const NodesRow& nodes) {
  ASSIGN(auto accounting, require_node(state, nodes.accounting, "accounting"));
  ledger::ChainNodes out{.chain = chain,
                         .accounting = std::move(accounting),
                         .consensus = {},
                         .quorum = nodes.quorum,
                         .validators = nodes.validators};
  for (std::size_t i = 0; i < nodes.consensus.size(); ++i) {
    ASSIGN(auto each, require_node(state, nodes.consensus[i], format("consensus[{}]", i)));
    out.consensus.push_back(std::move(each));
  }
  for (std::size_t i = 0; nodes.by_comet() && i < nodes.validators->size(); ++i) {
    TRY(require_node(state, nodes.validators->at(i).node, format("validators[{}].node", i)));
  }
  return out;
}

}  // namespace

Result<void> SetNodes::check() const {
  return ledger::check_nodes({accounting, consensus, quorum, validators});
}

Result<void> SetNodes::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto before = stage.find<NodesRow>(chain);
  if (!before) return refuse(Verdict::unknown_chain, "chain");
  const NodesRow named{accounting, consensus, quorum, validators};
  // What orders a chain is decided when it begins.
  if (before->by_comet() != named.by_comet()) return refuse(Verdict::bad_value, "validators");
  ASSIGN(const auto nodes, require_nodes(stage, chain, named));

  decide(stage, block, ledger::sub_chains(stage), nodes);
  return {};
}

Result<void> AddChain::check() const {
  return ledger::check_nodes({accounting, consensus, quorum, validators});
}

Result<void> AddChain::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto others = ledger::sub_chains(stage);
  if (others.size() + 1 >= UINT16_MAX) return refuse(Verdict::too_large, std::string(kName));
  const ChainId added(static_cast<std::uint16_t>(others.size() + 1));
  ASSIGN(const auto nodes,
         require_nodes(stage, added, {accounting, consensus, quorum, validators}));

  decide(stage, block, others, nodes);
  // The new chain knows the genesis alone: who signs for whom by now comes first of all.
  for (std::uint16_t i = 0; i <= added.value(); ++i) {
    ledger::send_packet(stage, block.height, added, ledger::nodes_of(stage, ChainId(i)));
  }
  for (const auto& [id, asset] : ledger::assets_of(stage)) {
    if (!asset.issuer) continue;  // of the genesis
    ledger::send_packet(stage, block.height, added,
                        ledger::KnownAsset{.asset = id,
                                           .code = asset.code,
                                           .scale = asset.scale,
                                           .smallest = asset.smallest,
                                           .issuer = *asset.issuer});
  }
  return {};
}

}  // namespace intaglio::tx
