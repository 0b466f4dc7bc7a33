// For benchmarks: how much of their full work to do. INTAGLIO_BENCH_SCALE=0.01 shows in seconds
// that a program works; its figures then mean nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace intaglio {

inline double bench_scale() {
  const char* text = std::getenv("INTAGLIO_BENCH_SCALE");
  const double scale = text == nullptr ? 1 : std::strtod(text, nullptr);
  return scale > 0 && scale < 1 ? scale : 1;
}

// That part of `full`, and no less than `least`.
inline std::size_t scaled(std::size_t full, std::size_t least = 1) {
  return std::max(least, static_cast<std::size_t>(static_cast<double>(full) * bench_scale()));
}

}  // namespace intaglio
