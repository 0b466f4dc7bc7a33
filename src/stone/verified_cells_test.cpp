#include "stone/verified_cells.h"

#include <numbers>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "stone/cells.h"
#include "stone/families.h"
#include "stone/sample_rough.h"

namespace intaglio::stone {
namespace {

// Either end often, as that is where bounds are reached.
double part(Chance& chance) {
  return chance.next() % 3 == 0 ? static_cast<double>(chance.next() % 2) : chance.uniform(0, 1);
}

// A cell of some depth, and it as the verifier has it.
Cell some_cell(Chance& chance) {
  Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
  for (auto depth = chance.next() % 8; depth-- > 0;) {
    cell = chance.next() % 3 == 0 ? divide_spin(cell)[chance.next() % 2]
                                  : divide_direction(cell)[chance.next() % 4];
  }
  return cell;
}

CheckedCell checked(const Cell& cell) {
  return {cell.root, cell.corners, cell.spin, cell.spin + cell.width};
}

// By the search's own frames.
Matrix rotation_in(const Cell& cell, std::uint32_t symmetry, Chance& chance) {
  const Vec3 x = unit(part(chance) * cell.corners[0] + part(chance) * cell.corners[1] +
                      part(chance) * cell.corners[2] + 1e-9 * cell.corners[chance.next() % 3]);
  const double period = 2 * std::numbers::pi / symmetry;
  return frame_of(cell.root, x) *
         rotation({0, 0, period * (cell.spin + cell.width * part(chance))});
}

struct Tried {
  Design design;
  CheckedDesign checked;
};
Tried tried(const char* text) {
  Design design = must(design_from_text(text));
  CheckedDesign looked_at = must(check_design({design.corners, design.symmetry, {}}));
  return {std::move(design), std::move(looked_at)};
}

constexpr const char* kDesigns[] = {"round",   "princess", "pear",
                                    "emerald", "trillion", "briolette"};

TEST(VerifiedCells, NoRotationKeepsALargerStoneOffAPoint) {
  Chance chance(1);
  double tightest = 0;
  for (const char* text : kDesigns) {
    const auto [design, looked_at] = tried(text);
    for (int i = 0; i < 300; ++i) {
      const Cell cell = some_cell(chance);
      const Vec3 point = chance.uniform(0.01, 3) * chance.direction();
      const double said = possible_gauge(looked_at, design.symmetry, checked(cell), point);
      for (int k = 0; k < 20; ++k) {
        const Vec3 p = transposed_times(rotation_in(cell, design.symmetry, chance), point);
        double gauge = -1e300;
        for (const Vec3& facet : looked_at.facets) gauge = std::max(gauge, dot(facet, p));
        ASSERT_LE(gauge, said) << text << ' ' << i;
        tightest = std::max(tightest, gauge / said);
      }
    }
  }
  EXPECT_GT(tightest, 0.9999);
}

TEST(VerifiedCells, NoRotationReachesLessThanIsCertain) {
  Chance chance(2);
  double tightest = 0;
  for (const char* text : kDesigns) {
    const auto [design, looked_at] = tried(text);
    for (int i = 0; i < 300; ++i) {
      const Cell cell = some_cell(chance);
      const Vec3 direction = chance.direction();
      const double said = certain_support(looked_at, design.symmetry, checked(cell), direction);
      for (int k = 0; k < 20; ++k) {
        const Vec3 d = transposed_times(rotation_in(cell, design.symmetry, chance), direction);
        double reach = -1e300;
        for (const Vec3& corner : looked_at.corners) reach = std::max(reach, dot(corner, d));
        ASSERT_GE(reach, said) << text << ' ' << i;
        tightest = std::max(tightest, said / reach);
      }
    }
  }
  EXPECT_GT(tightest, 0.9999);
}

}  // namespace
}  // namespace intaglio::stone
