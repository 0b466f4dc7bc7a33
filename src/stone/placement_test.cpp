#include "stone/placement.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

struct Programme {
  Rows rows;
  std::vector<std::uint16_t> chosen;
  std::vector<double> h;
};

// Planes about a ball of radius 1 and a body that reaches from 0.3 to 1 in every direction.
Programme random_programme(Chance& chance, std::size_t count) {
  Programme out;
  for (std::size_t i = 0; i < count; ++i) {
    out.rows.add(chance.direction(), chance.uniform(1, 1.3));
    out.chosen.push_back(static_cast<std::uint16_t>(i));
    out.h.push_back(chance.uniform(0.3, 1));
  }
  out.rows.radius = 6;
  return out;
}

double bound_of(const Programme& p, const Multipliers& m) {
  std::array<double, 4> h{};
  for (std::size_t k = 0; k < 4; ++k) h[k] = p.h[m.rows[k]];
  return size_bound(p.rows, m, h);
}

// Feasible and at its own bound: both proofs that it is the largest.
TEST(Placement, ThePlaceIsFeasibleAndTheMultipliersProveThatNoneIsLarger) {
  Chance chance(1);
  for (int i = 0; i < 3000; ++i) {
    const Programme p = random_programme(chance, 30 + chance.next() % 300);
    const auto placed = place_largest(p.rows, p.chosen, p.h, nullptr);
    ASSERT_TRUE(placed);
    for (std::size_t row = 0; row < p.rows.size(); ++row) {
      EXPECT_LE(dot(p.rows.direction(row), placed->place) + placed->size * p.h[row],
                p.rows.reach[row] + 1e-7);
    }
    EXPECT_NEAR(bound_of(p, placed->multipliers), placed->size, 1e-6);
  }
}

TEST(Placement, AWarmStartComesToTheSameSize) {
  Chance chance(2);
  for (int i = 0; i < 1000; ++i) {
    Programme p = random_programme(chance, 100);
    const auto first = place_largest(p.rows, p.chosen, p.h, nullptr);
    ASSERT_TRUE(first);
    for (double& h : p.h) h *= chance.uniform(0.98, 1.02);
    const auto cold = place_largest(p.rows, p.chosen, p.h, nullptr);
    const auto warm = place_largest(p.rows, p.chosen, p.h, &first->multipliers);
    ASSERT_TRUE(cold && warm);
    EXPECT_NEAR(cold->size, warm->size, 1e-7);
  }
}

// Whatever the multipliers are, the bound holds for what fits.
TEST(Placement, AnyMultipliersGiveABoundThatHolds) {
  Chance chance(3);
  for (int i = 0; i < 3000; ++i) {
    const Programme p = random_programme(chance, 40);
    const auto placed = place_largest(p.rows, p.chosen, p.h, nullptr);
    ASSERT_TRUE(placed);
    Multipliers any = placed->multipliers;
    for (std::size_t k = 0; k < 4; ++k) {
      if (chance.next() % 3 == 0) any.rows[k] = static_cast<std::uint32_t>(chance.next() % 40);
      any.weights[k] *= chance.uniform(0, 2);
    }
    EXPECT_GE(bound_of(p, any), placed->size - 1e-6);
  }
}

TEST(Placement, ManyPlanesThroughOnePointDoNotGoRoundForEver) {
  // A cube's planes, each fifty times, with the cube's own support.
  Programme p;
  for (int i = 0; i < 50; ++i) {
    for (const Vec3& n : {Vec3{1, 0, 0}, Vec3{-1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, -1, 0},
                          Vec3{0, 0, 1}, Vec3{0, 0, -1}}) {
      p.rows.add(n, 1);
      p.chosen.push_back(static_cast<std::uint16_t>(p.h.size()));
      p.h.push_back(1);
    }
  }
  p.rows.radius = 2;
  const auto placed = place_largest(p.rows, p.chosen, p.h, nullptr);
  ASSERT_TRUE(placed);
  EXPECT_NEAR(placed->size, 1, 1e-6);
  EXPECT_NEAR(bound_of(p, placed->multipliers), 1, 1e-6);
}

TEST(Placement, WithoutRowsThatCountThereIsNoBound) {
  Programme p;
  p.rows.add({1, 0, 0}, 1);
  p.rows.radius = 1;
  EXPECT_EQ(size_bound(p.rows, {}, {}), std::numeric_limits<double>::infinity());
  EXPECT_FALSE(place_largest(p.rows, {}, {}, nullptr));
}

}  // namespace
}  // namespace intaglio::stone
