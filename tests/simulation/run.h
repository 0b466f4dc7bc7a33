// One seed, from beginning to end.
#pragma once

#include "simulation/audit.h"
#include "simulation/plan.h"

namespace intaglio::simulation {

struct Report {
  std::string wrong;  // empty: all is as it must be
  std::uint64_t log_hash = 0;
  Digest blocks;  // of the headers of all final blocks
  Figures figures;
};

// A law that breaks, or a CHECK, ends the process; then the seed is the last thing that it says.
Report run(const Plan& plan, bool prints_log = false);

// The final blocks of one chain, as its accounting node stores them.
struct KeptBlock {
  chain::StoredHeader header;
  Bytes transactions;
};
struct KeptChain {
  ChainId chain;
  std::vector<KeptBlock> blocks;  // from the first after the genesis
};
struct Kept {
  Report report;
  ledger::Genesis genesis;
  std::vector<KeptChain> chains;
};
Kept run_and_keep(const Plan& plan);

// The command that runs it again.
std::string how_to_repeat(std::uint64_t seed);

}  // namespace intaglio::simulation
