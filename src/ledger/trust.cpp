#include "ledger/trust.h"

#include <algorithm>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::ledger {

std::string comet_chain_id(const LedgerId& ledger, ChainId chain) {
  return format("intaglio-{}-{}", codec::to_hex(ledger.view().first(8)), chain.value());
}

proof::CometValidatorSet comet_validators(const NodesRow& nodes) {
  std::vector<proof::CometValidator> out;
  for (const Validator& each : nodes.validators.value()) out.push_back({each.key, each.power});
  std::ranges::sort(out, [](const auto& one, const auto& other) {
    if (one.power != other.power) return one.power > other.power;
    return proof::comet_address(one.key) < proof::comet_address(other.key);
  });
  auto set = proof::CometValidatorSet::of(std::move(out));
  CHECK(set.has_value());  // check_nodes
  return *std::move(set);
}

TrustRow first_trust(const NodesRow& nodes) {
  TrustRow out;
  out.next_validators = comet_validators(nodes).hash();
  return out;
}

}  // namespace intaglio::ledger
