// What all operations have in common that decide something for every chain.
#pragma once

#include "ledger/streams.h"
#include "tx/transactor.h"

namespace intaglio::tx {

// The authority alone decides, and on the main chain alone: not_capable at the operation's name,
// main_chain_only.
Result<void> check_decider(const Block& block, const Origin& origin, std::string_view operation);

// Each must be a sub-chain of this ledger: unknown_chain at "chains[i]".
Result<void> check_chains(const ledger::View& state, std::span<const ChainId> chains);

// The sub-chains that know a key, by its row on the main chain.
std::vector<ChainId> chains_of(const ledger::View& state, const ledger::KeyRow& key);

// Takes the decision over here and tells those chains.
template <ledger::Decision T>
void decide(ledger::Stage& stage, const Block& block, std::span<const ChainId> chains,
            const T& decision) {
  ledger::take_over(stage, decision);
  ledger::announce(stage, block.height, chains, decision);
}

}  // namespace intaglio::tx
