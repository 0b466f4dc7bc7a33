#include "stone/bounding.h"

#include <algorithm>
#include <numbers>

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

// A rotation and a place of a cell, often at its end.
Pose pose_in(const Cell& cell, std::uint32_t symmetry, Chance& chance) {
  const auto part = [&] {
    return chance.next() % 3 == 0 ? static_cast<double>(chance.next() % 2) : chance.uniform(0, 1);
  };
  const Vec3 x = unit(part() * cell.corners[0] + part() * cell.corners[1] +
                      part() * cell.corners[2] + 1e-9 * cell.corners[chance.next() % 3]);
  const double spin = 2 * std::numbers::pi / symmetry * (cell.spin + cell.width * part());
  Vec3 place;
  double sum = 1e-9;
  if (cell.place) {
    place = sum * (*cell.place)[0];
    for (const Vec3& corner : *cell.place) {
      const double share = part();
      place = place + share * corner;
      sum += share;
    }
    place = (1 / sum) * place;
  }
  return {frame_of(cell.root, x) * rotation({0, 0, spin}), place};
}

// In a lump with inclusions: whatever cell, no stone in it is larger than its bound.
TEST(Bounding, NoStoneOfACellIsLargerThanItsBound) {
  Chance chance(7);
  double tightest = 0;
  for (const char* text : {"round", "pear", "emerald", "trillion", "briolette"}) {
    const Design design = must(design_from_text(text));
    const Shape shape(design);
    std::vector<Vec3> points;
    for (int i = 0; i < 5; ++i) points.push_back(chance.uniform(0, 3) * chance.direction());
    TriangleSoup lump = geodesic(1);
    for (Vec3& corner : lump.corners) corner = chance.uniform(4, 5) * corner;
    const Rough body = rough_with_points(lump, 1, points, 20'000);
    Reaches reaches(body);
    reaches.add_spread_facets(400);
    const auto obstacles = obstacles_of(body.inclusions, body.allowance, {.corners = 6});
    const Room room(body, {0, 1, 2, 3, 4});
    std::vector<std::uint16_t> all;
    for (std::size_t i = 0; i < obstacles.size(); ++i) {
      all.push_back(static_cast<std::uint16_t>(i));
    }
    const Confines confines(reaches.rows(), obstacles, all, nullptr);
    for (int i = 0; i < 150; ++i) {
      Cell cell = root_cell(static_cast<std::uint32_t>(chance.next() % kRoots));
      for (auto depth = chance.next() % 7; depth-- > 0;) {
        cell = chance.next() % 3 == 0 ? divide_spin(cell)[chance.next() % 2]
                                      : divide_direction(cell)[chance.next() % 4];
      }
      cell = divide_box(cell, box_of(body.solid.corners))[chance.next() % 6];
      for (auto depth = chance.next() % 16; depth-- > 0;) {
        cell = divide_edge(cell, static_cast<std::uint32_t>(chance.next() % 6))[chance.next() % 2];
      }
      const auto bounded = bound_cell(confines, shape, cell, 1e9, {}, nullptr, 0);
      for (int k = 0; k < 20; ++k) {
        const Pose pose = pose_in(cell, shape.symmetry(), chance);
        const double size = largest_size(room, shape, pose);
        ASSERT_LE(size, bounded.own * (1 + 1e-9)) << text << ' ' << i;
        if (bounded.own > 0) tightest = std::max(tightest, size / bounded.own);
      }
    }
  }
  EXPECT_GT(tightest, 0.97);
}

}  // namespace
}  // namespace intaglio::stone
