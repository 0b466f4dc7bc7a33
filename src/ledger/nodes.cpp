#include "ledger/nodes.h"

#include <algorithm>

#include "base/format.h"
#include "proof/comet_header.h"

namespace intaglio::ledger {
namespace {

Result<void> check_validators(std::span<const Validator> validators) {
  if (validators.empty()) return refuse(Verdict::missing_field, "validators");
  if (validators.size() > kMaxValidators) return refuse(Verdict::too_large, "validators");
  std::uint64_t power = 0;
  for (std::size_t i = 0; i < validators.size(); ++i) {
    const Validator& each = validators[i];
    const auto at = [i](std::string_view name) { return format("validators[{}]{}", i, name); };
    if (i > 0 && each.node <= validators[i - 1].node) return refuse(Verdict::bad_value, at(""));
    const auto before = validators.first(i);
    if (std::ranges::find(before, each.key, &Validator::key) != before.end()) {
      return refuse(Verdict::bad_value, at(".key"));
    }
    if (each.power == 0) return refuse(Verdict::bad_value, at(".power"));
    if (each.power > proof::kMaxCometPower - power) return refuse(Verdict::too_large, at(".power"));
    power += each.power;
  }
  return {};
}

}  // namespace

Result<void> check_nodes(const NodesRow& nodes) {
  const std::size_t count = nodes.consensus.size();
  if (nodes.by_comet()) {
    if (count > 0) return refuse(Verdict::bad_value, "consensus");
    if (nodes.quorum > 0) return refuse(Verdict::bad_value, "quorum");
    return check_validators(*nodes.validators);
  }
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
  if (nodes->by_comet()) return refuse(Verdict::not_signer);
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
