// Bugs put in on purpose: what a block came to, altered before it is written. The store and the
// header agree with it, so that only the audit can tell.
#pragma once

#include "chain/application.h"
#include "chain/mempool.h"

namespace intaglio::simulation {

class World;

void spoil_block(World& world, const chain::Application& application, const chain::Batch& batch,
                 chain::Finalized& block);

}  // namespace intaglio::simulation
