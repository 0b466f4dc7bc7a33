// Points and directions of stones: whole numbers where something is decided, floating point where
// something is searched for. Pure functions; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <span>

namespace intaglio::stone {

struct Vec3 {
  double x = 0;
  double y = 0;
  double z = 0;
  bool operator==(const Vec3&) const = default;
};

constexpr Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec3 operator-(const Vec3& a) { return {-a.x, -a.y, -a.z}; }
constexpr Vec3 operator*(double k, const Vec3& a) { return {k * a.x, k * a.y, k * a.z}; }
constexpr double dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(const Vec3& a) { return std::sqrt(dot(a, a)); }
inline Vec3 unit(const Vec3& a) { return (1 / length(a)) * a; }

// The least box along the axes that holds what it took; before that, one inside out.
struct Box {
  Vec3 low{1e300, 1e300, 1e300};
  Vec3 high{-1e300, -1e300, -1e300};

  void take(const Vec3& p) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
  }
  Vec3 size() const { return high - low; }
};

// A corner of a solid on a grid: nanometres for a rough, kDesignUnit for a facet design. Every
// coordinate is within kMaxCoordinate of zero, which keeps what follows exact.
struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t z = 0;
  auto operator<=>(const Point&) const = default;
};
inline constexpr std::int32_t kMaxCoordinate = 1 << 28;

constexpr Vec3 to_vec(const Point& p) {
  return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}

inline Box box_of(std::span<const Point> corners) {
  Box out;
  for (const Point& corner : corners) out.take(to_vec(corner));
  return out;
}

// The cross product of two differences of points: below 2^60.
struct Direction {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t z = 0;
  auto operator<=>(const Direction&) const = default;
};

inline Vec3 to_vec(const Direction& d) {
  return {static_cast<double>(d.x), static_cast<double>(d.y), static_cast<double>(d.z)};
}

// The product of a Direction and a point: below 2^90.
using Wide = __int128;

constexpr Wide dot(const Direction& d, const Point& p) {
  return static_cast<Wide>(d.x) * p.x + static_cast<Wide>(d.y) * p.y + static_cast<Wide>(d.z) * p.z;
}

// (b - a) x (c - a): outwards when a, b, c go round counter-clockwise as seen from outside.
constexpr Direction normal_of(const Point& a, const Point& b, const Point& c) {
  const std::int64_t ux = std::int64_t{b.x} - a.x;
  const std::int64_t uy = std::int64_t{b.y} - a.y;
  const std::int64_t uz = std::int64_t{b.z} - a.z;
  const std::int64_t vx = std::int64_t{c.x} - a.x;
  const std::int64_t vy = std::int64_t{c.y} - a.y;
  const std::int64_t vz = std::int64_t{c.z} - a.z;
  return {uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx};
}

// Three corners of a mesh, by their place in its list, counter-clockwise from outside.
using Triangle = std::array<std::uint32_t, 3>;

// A rotation; its rows.
struct Matrix {
  Vec3 x{1, 0, 0};
  Vec3 y{0, 1, 0};
  Vec3 z{0, 0, 1};
};

constexpr Vec3 operator*(const Matrix& m, const Vec3& v) {
  return {dot(m.x, v), dot(m.y, v), dot(m.z, v)};
}
// The inverse of a rotation, applied.
constexpr Vec3 transposed_times(const Matrix& m, const Vec3& v) {
  return v.x * m.x + v.y * m.y + v.z * m.z;
}
constexpr Matrix transposed(const Matrix& m) {
  return {{m.x.x, m.y.x, m.z.x}, {m.x.y, m.y.y, m.z.y}, {m.x.z, m.y.z, m.z.z}};
}
constexpr Matrix operator*(const Matrix& a, const Matrix& b) {
  const Matrix t = transposed(b);
  return {t * a.x, t * a.y, t * a.z};
}

// The rotation about a vector by its length in radians.
inline Matrix rotation(const Vec3& v) {
  const double angle = length(v);
  if (angle == 0) return {};
  const Vec3 n = (1 / angle) * v;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const double k = 1 - c;
  return {{c + k * n.x * n.x, k * n.x * n.y - s * n.z, k * n.x * n.z + s * n.y},
          {k * n.x * n.y + s * n.z, c + k * n.y * n.y, k * n.y * n.z - s * n.x},
          {k * n.x * n.z - s * n.y, k * n.y * n.z + s * n.x, c + k * n.z * n.z}};
}

}  // namespace intaglio::stone
