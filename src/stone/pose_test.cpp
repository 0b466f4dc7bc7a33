// Poses in whole numbers: the same rotation as before, whatever it is.
#include "stone/pose.h"

#include <gtest/gtest.h>

#include "stone/sample_rough.h"

namespace intaglio::stone {
namespace {

double furthest(const Matrix& a, const Matrix& b) {
  return std::max({length(a.x - b.x), length(a.y - b.y), length(a.z - b.z)});
}

TEST(Pose, IsTheSameRotationInWholeNumbers) {
  Chance chance(7);
  for (int i = 0; i < 2000; ++i) {
    const Pose pose{chance.turn() * chance.turn() * chance.turn(), {1.2, -3.7, 1e6}};
    const FixedPose said = fixed(pose);
    EXPECT_GE(said.quaternion[0], 0);
    EXPECT_LT(furthest(pose_of(said).turn, pose.turn), 1e-8) << i;
    EXPECT_EQ(said.place, (std::array<std::int32_t, 3>{1, -4, 1'000'000}));
  }
}

// Where each of the four parts is the largest, and the first is below nothing before its sign is
// turned.
TEST(Pose, IsTheSameRotationAfterHalfATurn) {
  for (const Vec3& axis : {Vec3{1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, 0, 1}, Vec3{0.1, 0.2, -0.9}}) {
    for (const double angle : {3.1, 3.2, -3.1, -3.2}) {
      const Matrix turn = rotation(angle / length(axis) * axis);
      EXPECT_LT(furthest(pose_of(fixed({turn, {}})).turn, turn), 1e-8);
    }
  }
}

}  // namespace
}  // namespace intaglio::stone
