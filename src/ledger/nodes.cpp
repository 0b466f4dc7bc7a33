#include "ledger/nodes.h"

#include <algorithm>

#include "base/format.h"

namespace intaglio::ledger {

Result<void> check_nodes(const NodesRow& nodes) {
  const std::size_t count = nodes.consensus.size();
  if (count > proof::kMaxConsensusNodes) return refuse(Verdict::too_large, "consensus");
  for (std::size_t i = 0; i < count; ++i) {
    const auto before = std::span(nodes.consensus).first(i);
    if (nodes.consensus[i] == nodes.accounting ||
        std::ranges::find(before, nodes.consensus[i]) != before.end()) {
      return refuse(Verdict::bad_value, format("consensus[{}]", i));
    }
  }
  const bool is_majority = nodes.quorum <= count && std::size_t{2} * nodes.quorum > count;
  if (!is_majority && (count > 0 || nodes.quorum > 0)) return refuse(Verdict::bad_value, "quorum");
  return {};
}

Result<proof::BlockSigners> block_signers(const View& state, ChainId chain) {
  const auto nodes = state.find<NodesRow>(chain);
  if (!nodes) return refuse(Verdict::unknown_chain);
  const auto accounting = state.find<KeyRow>(nodes->accounting);
  if (!accounting) return refuse(Verdict::unknown_key);
  TRY(check_standing(*accounting));
  proof::BlockSigners out{
      .accounting = accounting->public_key, .consensus = {}, .quorum = nodes->quorum};
  for (const KeyHash& each : nodes->consensus) {
    const auto key = state.find<KeyRow>(each);
    if (key && key->status == KeyStatus::active) out.consensus.push_back(key->public_key);
  }
  return out;
}

}  // namespace intaglio::ledger
