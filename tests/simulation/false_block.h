// What an accounting node that lies shows a consensus node: a block with one thing about it false,
// or another block of the same height, which is right in itself.
#pragma once

#include "chain/application.h"
#include "chain/messages.h"
#include "simulation/dice.h"

namespace intaglio::simulation {

class World;

struct FalseBlock {
  chain::Message message;
  ledger::BlockHeader header;
};

// Of a block that the chain's accounting node proposes, or nothing where it has nothing that could
// be falsified like this. No honest node ever signs or takes it.
std::optional<FalseBlock> falsify(World& world, Dice& dice, const chain::Application& application,
                                  const chain::Proposal& proposal);

// Another block in its place, which nodes that have signed nothing yet would sign.
std::optional<FalseBlock> make_twin(Dice& dice, const chain::Application& application,
                                    const chain::Proposal& proposal);

}  // namespace intaglio::simulation
