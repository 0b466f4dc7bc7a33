#include "tx/network/network.h"

#include "base/check.h"
#include "tx/decision.h"

namespace intaglio::tx {
namespace {

using ledger::KeyRow;

// The row of a node's key: unknown_key, key_revoked, not_capable, at "accounting".
Result<KeyRow> require_node(const ledger::View& state, const KeyHash& key) {
  auto row = state.find<KeyRow>(key);
  if (!row) return refuse(Verdict::unknown_key, "accounting");
  if (row->status == ledger::KeyStatus::revoked) return refuse(Verdict::key_revoked, "accounting");
  if (row->role != ledger::Role::node) return refuse(Verdict::not_capable, "accounting");
  row->chains = std::nullopt;  // as the other chains have it
  return *std::move(row);
}

}  // namespace

Result<void> SetNodes::check() const { return {}; }

Result<void> SetNodes::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  if (!stage.find<ledger::NodesRow>(chain)) return refuse(Verdict::unknown_chain, "chain");
  ASSIGN(const auto node, require_node(stage, accounting));

  decide(stage, block, ledger::sub_chains(stage), ledger::ChainNodes{chain, node});
  return {};
}

Result<void> AddChain::check() const { return {}; }

Result<void> AddChain::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  ASSIGN(const auto node, require_node(stage, accounting));
  const auto others = ledger::sub_chains(stage);
  if (others.size() + 1 >= UINT16_MAX) return refuse(Verdict::too_large, std::string(kName));

  const ChainId added(static_cast<std::uint16_t>(others.size() + 1));
  decide(stage, block, others, ledger::ChainNodes{added, node});
  // The new chain knows the genesis alone: who signs for whom by now comes first of all.
  for (std::uint16_t i = 0; i <= added.value(); ++i) {
    const auto nodes = stage.find<ledger::NodesRow>(ChainId(i));
    CHECK(nodes.has_value());
    auto key = stage.find<KeyRow>(nodes->accounting);
    CHECK(key.has_value());
    key->chains = std::nullopt;
    ledger::send_packet(stage, block.height, added, ledger::ChainNodes{ChainId(i), *key});
  }
  return {};
}

}  // namespace intaglio::tx
