#include "tx/decision.h"

#include "base/format.h"

namespace intaglio::tx {

Result<void> check_decider(const Block& block, const Origin& origin, std::string_view operation) {
  if (origin.role != ledger::Role::authority) {
    return refuse(Verdict::not_capable, std::string(operation));
  }
  if (block.chain != kMainChain) return refuse(Verdict::main_chain_only, std::string(operation));
  return {};
}

Result<void> check_chains(const ledger::View& state, std::span<const ChainId> chains) {
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (chains[i] == kMainChain || !state.find<ledger::NodesRow>(chains[i])) {
      return refuse(Verdict::unknown_chain, format("chains[{}]", i));
    }
  }
  return {};
}

std::vector<ChainId> chains_of(const ledger::View& state, const ledger::KeyRow& key) {
  return key.chains ? *key.chains : ledger::sub_chains(state);
}

}  // namespace intaglio::tx
