// Which pairs of numbers are points of P-256 (FIPS 186-4, D.1.2.3). For this module alone.
#pragma once

#include <cstdint>
#include <span>

namespace intaglio::crypto {

inline constexpr std::size_t kCoordinate = 32;  // bytes, big-endian
using Coordinate = std::span<const std::uint8_t, kCoordinate>;

// Both are below the field's prime p, and y^2 = x^3 - 3x + b (mod p). The curve's
// order is prime, so nothing more needs to be asked of a public key. Not in constant time: points
// are no secrets. Any thread.
bool is_p256_point(Coordinate x, Coordinate y);

}  // namespace intaglio::crypto
