#include "stone/pose.h"

#include <algorithm>

namespace intaglio::stone {
namespace {

using Quaternion = std::array<double, 4>;

Quaternion quaternion_of(const Matrix& m) {
  // The largest part first, from which the others follow without loss.
  const std::array<double, 4> squares = {1 + m.x.x + m.y.y + m.z.z, 1 + m.x.x - m.y.y - m.z.z,
                                         1 - m.x.x + m.y.y - m.z.z, 1 - m.x.x - m.y.y + m.z.z};
  const auto largest = std::ranges::max_element(squares) - squares.begin();
  const double wx = m.z.y - m.y.z;
  const double wy = m.x.z - m.z.x;
  const double wz = m.y.x - m.x.y;
  const double xy = m.y.x + m.x.y;
  const double xz = m.x.z + m.z.x;
  const double yz = m.z.y + m.y.z;
  Quaternion q;
  switch (largest) {
    case 0: q = {squares[0], wx, wy, wz}; break;
    case 1: q = {wx, squares[1], xy, xz}; break;
    case 2: q = {wy, xy, squares[2], yz}; break;
    default: q = {wz, xz, yz, squares[3]}; break;
  }
  const double size = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  const double by = q[0] < 0 ? -size : size;
  for (double& part : q) part /= by;
  return q;
}

Matrix matrix_of(const Quaternion& raw) {
  const double size =
      std::sqrt(raw[0] * raw[0] + raw[1] * raw[1] + raw[2] * raw[2] + raw[3] * raw[3]);
  const double w = raw[0] / size;
  const double x = raw[1] / size;
  const double y = raw[2] / size;
  const double z = raw[3] / size;
  return {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
          {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
          {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
}

double micro_carats(double volume, std::uint64_t size, SpecificGravity gravity) {
  const double millimetres = static_cast<double>(size) * 1e-9;
  const double cubic = millimetres * millimetres * millimetres * volume;
  return cubic * gravity.value() * 5;  // mm^3 * g/cm^3 / 200 ct, in millionths
}

}  // namespace

FixedPose fixed(const Pose& pose) {
  FixedPose out;
  const Quaternion q = quaternion_of(pose.turn);
  for (std::size_t i = 0; i < 4; ++i) {
    out.quaternion[i] = static_cast<std::int32_t>(std::lround(q[i] * (1 << 30)));
  }
  out.place = {static_cast<std::int32_t>(std::lround(pose.place.x)),
               static_cast<std::int32_t>(std::lround(pose.place.y)),
               static_cast<std::int32_t>(std::lround(pose.place.z))};
  return out;
}

Pose pose_of(const FixedPose& fixed) {
  const auto& q = fixed.quaternion;
  return {matrix_of({static_cast<double>(q[0]), static_cast<double>(q[1]),
                     static_cast<double>(q[2]), static_cast<double>(q[3])}),
          {static_cast<double>(fixed.place[0]), static_cast<double>(fixed.place[1]),
           static_cast<double>(fixed.place[2])}};
}

MicroCarats weight_below(double volume, std::uint64_t size, SpecificGravity gravity) {
  return MicroCarats(static_cast<std::uint64_t>(micro_carats(volume, size, gravity)));
}

MicroCarats weight_above(double volume, std::uint64_t size, SpecificGravity gravity) {
  return MicroCarats(
      static_cast<std::uint64_t>(std::ceil(micro_carats(volume, size, gravity) * (1 + 1e-12))));
}

}  // namespace intaglio::stone
