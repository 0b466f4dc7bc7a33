// For tests and benchmarks: a photograph of a symbol as a plain camera might take it. Turned,
// blurred, unevenly lit and noisy; the same Shot gives the same picture.
#pragma once

#include <cmath>
#include <numbers>
#include <random>

#include "symbol/picture.h"
#include "symbol/symbol.h"

namespace intaglio::symbol {

struct Shot {
  double pixels_per_module = 4;
  double degrees = 0;       // the symbol turned against the picture
  double blur = 0.6;        // standard deviation in pixels
  double noise = 8;         // standard deviation in luminances
  double light_fall = 0.3;  // how much darker the right edge is than the left, as a share
  std::uint64_t seed = 0;
};

// Evenly spread in [0, 1), the same on every machine.
inline double uniform(std::mt19937_64& chance) {
  return static_cast<double>(chance() >> 11) * 0x1p-53;
}

// A shot at some angle within 20 degrees either way.
inline Shot tilted_shot(double pixels_per_module, std::uint64_t seed) {
  std::mt19937_64 chance(seed);
  Shot shot;
  shot.pixels_per_module = pixels_per_module;
  shot.degrees = 40 * uniform(chance) - 20;
  shot.seed = chance();
  return shot;
}

// One channel of floating point luminance while a photograph is made.
struct Exposure {
  std::size_t side;
  std::vector<double> light;
  double& at(std::size_t x, std::size_t y) { return light[y * side + x]; }
};

// The symbol with its quiet zone, sampled 4 times 4 points a pixel.
inline Exposure expose(const Symbol& symbol, const Shot& shot) {
  constexpr int kSamples = 4;
  constexpr double kInk = 40;
  constexpr double kPaper = 215;
  const double modules = static_cast<double>(symbol.size());
  const double framed = (modules + 8) * shot.pixels_per_module;
  const double angle = shot.degrees * std::numbers::pi / 180;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const double extent = framed * (std::abs(c) + std::abs(s));
  Exposure out{static_cast<std::size_t>(std::ceil(extent)), {}};
  out.light.resize(out.side * out.side);
  const double centre = static_cast<double>(out.side) / 2;
  const auto ink = [&](double px, double py) {
    const double x = (c * px + s * py) / shot.pixels_per_module + modules / 2;
    const double y = (c * py - s * px) / shot.pixels_per_module + modules / 2;
    return x >= 0 && y >= 0 && x < modules && y < modules &&
           symbol.dark(static_cast<std::size_t>(x), static_cast<std::size_t>(y));
  };
  for (std::size_t y = 0; y < out.side; ++y) {
    for (std::size_t x = 0; x < out.side; ++x) {
      int dark = 0;
      for (int i = 0; i < kSamples * kSamples; ++i) {
        const int row = i / kSamples;
        const double dx = (i % kSamples + 0.5) / kSamples;
        const double dy = (row + 0.5) / kSamples;
        dark += ink(static_cast<double>(x) + dx - centre, static_cast<double>(y) + dy - centre);
      }
      out.at(x, y) = kPaper - (kPaper - kInk) * dark / (kSamples * kSamples);
    }
  }
  return out;
}

// A Gaussian blur along rows and the picture turned over its diagonal: twice makes a whole one.
inline Exposure blur_rows_and_transpose(Exposure& in, double deviation) {
  const int radius = static_cast<int>(std::ceil(3 * deviation));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-i * i / (2 * deviation * deviation)));
    sum += weights.back();
  }
  Exposure out{in.side, std::vector<double>(in.light.size())};
  const int last = static_cast<int>(in.side) - 1;
  for (int y = 0; y <= last; ++y) {
    for (int x = 0; x <= last; ++x) {
      double light = 0;
      for (int i = -radius; i <= radius; ++i) {
        const int from = std::clamp(x + i, 0, last);
        const int weight = i + radius;
        light += weights[static_cast<std::size_t>(weight)] *
                 in.at(static_cast<std::size_t>(from), static_cast<std::size_t>(y));
      }
      out.at(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) = light / sum;
    }
  }
  return out;
}

inline double gaussian(std::mt19937_64& chance) {
  const double radius = std::sqrt(-2 * std::log(1 - uniform(chance)));
  return radius * std::cos(2 * std::numbers::pi * uniform(chance));
}

inline Picture photograph(const Symbol& symbol, const Shot& shot) {
  Exposure exposure = expose(symbol, shot);
  if (shot.blur > 0) {
    exposure = blur_rows_and_transpose(exposure, shot.blur);
    exposure = blur_rows_and_transpose(exposure, shot.blur);
  }
  std::mt19937_64 chance(shot.seed);
  Picture out{exposure.side, exposure.side, Bytes(exposure.light.size())};
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const double across = static_cast<double>(i % out.width) / static_cast<double>(out.width);
    const double light =
        exposure.light[i] * (1 - shot.light_fall * across) + shot.noise * gaussian(chance);
    out.pixels[i] = static_cast<std::uint8_t>(std::clamp(light, 0.0, 255.0));
  }
  return out;
}

}  // namespace intaglio::symbol
