// One seed, from beginning to end.
#pragma once

#include "simulation/audit.h"
#include "simulation/plan.h"

namespace intaglio::simulation {

struct Report {
  std::string wrong;  // empty: all is as it must be
  std::uint64_t log_hash = 0;
  Figures figures;
};

// A law that breaks, or a CHECK, ends the process; then the seed is the last thing that it says.
Report run(const Plan& plan, bool prints_log = false);

// The command that runs it again.
std::string how_to_repeat(std::uint64_t seed);

}  // namespace intaglio::simulation
