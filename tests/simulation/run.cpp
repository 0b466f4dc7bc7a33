#include "simulation/run.h"

#include <csignal>
#include <cstring>

#include <unistd.h>

#include "base/format.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

char last_words[128];

// Only what a signal handler may do.
void say_seed(int signal) {
  [[maybe_unused]] const auto said = ::write(STDERR_FILENO, last_words, std::strlen(last_words));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

template <typename Use>
void run_and_use(const Plan& plan, bool prints_log, const Use& use) {
  const std::string words = format("in seed {}: {}\n", plan.seed, how_to_repeat(plan.seed));
  std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
  const auto before_abort = std::signal(SIGABRT, say_seed);
  const auto before_fault = std::signal(SIGSEGV, say_seed);
  {
    World world(plan);
    if (prints_log) world.audit().print_log();
    world.run();
    use(world);
  }
  std::signal(SIGABRT, before_abort);
  std::signal(SIGSEGV, before_fault);
}

Report report_of(World& world) {
  Audit& audit = world.audit();
  return {audit.wrong(), audit.log_hash(), audit.hash_of_blocks(), audit.figures()};
}

KeptChain keep(const chain::Application& chain) {
  KeptChain out{chain.chain(), {}};
  for (Height height(1); height <= chain.tip().height; height = height.next()) {
    out.blocks.push_back({chain.stored_header(height), chain.store().block(height).value()});
  }
  return out;
}

}  // namespace

Report run(const Plan& plan, bool prints_log) {
  Report out;
  run_and_use(plan, prints_log, [&](World& world) { out = report_of(world); });
  return out;
}

Kept run_and_keep(const Plan& plan) {
  Kept out;
  run_and_use(plan, false, [&](World& world) {
    out = {report_of(world), world.genesis(), {}};
    for (std::uint16_t i = 0; i < world.chain_count(); ++i) {
      if (const auto* chain = world.chain(ChainId(i))) out.chains.push_back(keep(*chain));
    }
  });
  return out;
}

std::string how_to_repeat(std::uint64_t seed) {
  return format("./dev simulate --from {} --seeds 1 --log", seed);
}

}  // namespace intaglio::simulation
