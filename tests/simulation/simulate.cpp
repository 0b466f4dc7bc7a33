// simulate [--from SEED] [--seeds N] [--log]: runs that many seeds and says what happened in them.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/format.h"
#include "simulation/run.h"

namespace intaglio::simulation {
namespace {

struct Wish {
  std::uint64_t from = 1;
  std::uint64_t seeds = 1000;
  bool log = false;
};

Wish read_wish(int count, char** words) {
  Wish wish;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const bool has_value = i + 1 < count;
    if (word == "--log") {
      wish.log = true;
    } else if (word == "--from" && has_value) {
      wish.from = std::strtoull(words[++i], nullptr, 10);
    } else if (word == "--seeds" && has_value) {
      wish.seeds = std::strtoull(words[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: simulate [--from SEED] [--seeds N] [--log]\n");
      std::exit(2);
    }
  }
  return wish;
}

int perform(const Wish& wish) {
  Figures sums;
  std::uint64_t wrong = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = wish.from; seed < wish.from + wish.seeds; ++seed) {
    const Report report = run(make_plan(seed), wish.log);
    for (const auto& [name, count] : report.figures) sums[name] += count;
    if (!report.wrong.empty()) {
      ++wrong;
      std::printf("seed %llu: %s\n  %s\n", static_cast<unsigned long long>(seed),
                  report.wrong.c_str(), how_to_repeat(seed).c_str());
      std::fflush(stdout);
    }
    const std::uint64_t done = seed - wish.from + 1;
    if (done % 500 == 0) {
      std::fprintf(stderr, "%llu seeds, %llu wrong\n", static_cast<unsigned long long>(done),
                   static_cast<unsigned long long>(wrong));
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  for (const auto& [name, count] : sums) {
    std::printf("%12llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  }
  std::printf("%llu seeds, %llu wrong, %.3f s a seed\n",
              static_cast<unsigned long long>(wish.seeds), static_cast<unsigned long long>(wrong),
              took.count() / static_cast<double>(wish.seeds));
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace intaglio::simulation

int main(int count, char** words) {
  return intaglio::simulation::perform(intaglio::simulation::read_wish(count, words));
}
