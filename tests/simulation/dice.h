// Chance that follows from a seed alone, the same on every machine and with every compiler.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace intaglio::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d) {}

  // SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t roll() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 to bound - 1; the bias of so small bounds does not matter here.
  std::uint64_t below(std::uint64_t bound) {
    CHECK(bound > 0);
    return roll() % bound;
  }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

  template <typename Container>
  auto& pick(Container& from) {
    return from[below(from.size())];
  }
  void fill(std::span<std::uint8_t> out) {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(roll());
  }
  // Another one, which rolls by itself from here.
  Dice fork() { return Dice(roll()); }

 private:
  std::uint64_t state_;
};

}  // namespace intaglio::simulation
