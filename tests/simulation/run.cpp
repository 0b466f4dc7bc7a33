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

}  // namespace

std::string how_to_repeat(std::uint64_t seed) {
  return format("./dev simulate --from {} --seeds 1 --log", seed);
}

Report run(const Plan& plan, bool prints_log) {
  const std::string words = format("in seed {}: {}\n", plan.seed, how_to_repeat(plan.seed));
  std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
  const auto before_abort = std::signal(SIGABRT, say_seed);
  const auto before_fault = std::signal(SIGSEGV, say_seed);
  Report out;
  {
    World world(plan);
    if (prints_log) world.audit().print_log();
    world.run();
    out = {world.audit().wrong(), world.audit().log_hash(), world.audit().figures()};
  }
  std::signal(SIGABRT, before_abort);
  std::signal(SIGSEGV, before_fault);
  return out;
}

}  // namespace intaglio::simulation
