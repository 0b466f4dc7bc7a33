#include "stone/descriptor.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

Descriptor descriptor(const TriangleSoup& soup) { return must(descriptor_of(solid(soup))); }

// The most that any of the powers differ by, in 10^-9.
std::uint64_t apart(const Descriptor& a, const Descriptor& b) {
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < kDegrees; ++i) {
    most = std::max(most, std::max(a.power[i], b.power[i]) - std::min(a.power[i], b.power[i]));
  }
  return most;
}

TriangleSoup stretched(TriangleSoup soup, const Vec3& by) {
  for (Vec3& p : soup.corners) p = {by.x * p.x, by.y * p.y, by.z * p.z};
  return soup;
}

// Every triangle as four, their corners on the grid.
TriangleSoup quartered(const TriangleSoup& soup) {
  TriangleSoup out;
  for (const Triangle& t : soup.triangles) {
    const Vec3 a = soup.corners[t[0]];
    const Vec3 b = soup.corners[t[1]];
    const Vec3 c = soup.corners[t[2]];
    const auto first = static_cast<std::uint32_t>(out.corners.size());
    out.corners.insert(out.corners.end(), {a, b, c, 0.5 * (a + b), 0.5 * (b + c), 0.5 * (c + a)});
    for (const Triangle& part : {Triangle{0, 3, 5}, {3, 1, 4}, {5, 4, 2}, {3, 4, 5}}) {
      out.triangles.push_back({first + part[0], first + part[1], first + part[2]});
    }
  }
  return out;
}

// By the integral of x^4 + y^4 + z^4 - 3 (x^2 y^2 + ...) over the cube of side 1, -1/40, times the
// root of 7/12, which makes that harmonic's mean square over the sphere 1/9.
TEST(Descriptor, OfACubeIsWhatTheIntegralIs) {
  const Descriptor d = descriptor(cube(3));
  EXPECT_EQ(d.volume, 216'000'000'000U);
  EXPECT_NEAR(static_cast<double>(d.power[4 - kFirstDegree]), 1e9 * std::sqrt(7.0 / 12) / 40, 1);
  for (const std::size_t degree : {2U, 3U, 5U, 7U, 9U}) {
    EXPECT_LE(d.power[degree - kFirstDegree], 1U) << degree;
  }
}

TEST(Descriptor, TrianglesDoNotMatter) {
  const TriangleSoup whole = stretched(octahedron(4), {1, 1.25, 0.75});
  const Descriptor once = descriptor(whole);
  const Descriptor often = descriptor(quartered(quartered(quartered(whole))));
  EXPECT_EQ(often.volume, once.volume);
  EXPECT_LE(apart(often, once), 1U);
}

// To what rounding corners to a nanometre changes: a ten-millionth.
RC_GTEST_PROP(Descriptor, PoseDoesNotMatter, ()) {
  Chance chance(*rc::gen::arbitrary<std::uint64_t>());
  const TriangleSoup soup = scan_like(1, 0.1, chance.next());
  const Descriptor here = descriptor(soup);
  const Descriptor there =
      descriptor(moved(soup, chance.turn(), chance.uniform(0, 90) * chance.direction()));
  RC_ASSERT(apart(here, there) <= 400U);
  RC_ASSERT(distance_between(here, there) < 0.5);
}

// What only registration can tell.
TEST(Descriptor, AMirrorImageHasTheSame) {
  const TriangleSoup soup = scan_like(2, 0.1, 3);
  const Descriptor one = descriptor(soup);
  const Descriptor other = descriptor(stretched(soup, {-1, 1, 1}));
  EXPECT_EQ(one.volume, other.volume);
  EXPECT_LE(apart(one, other), 1U);
}

TEST(Descriptor, SizeIsInTheVolumeAlone) {
  const TriangleSoup soup = scan_like(2, 0.1, 3);
  const Descriptor one = descriptor(soup);
  const Descriptor twice = descriptor(stretched(soup, {2, 2, 2}));
  EXPECT_LE(apart(one, twice), 100U);
  EXPECT_NEAR(static_cast<double>(twice.volume) / static_cast<double>(one.volume), 8, 1e-5);
  EXPECT_GT(distance_between(one, twice), 1000);
  EXPECT_EQ(distance_between(one, one), 0);
  EXPECT_EQ(distance_between(one, twice), distance_between(twice, one));
}

TEST(Descriptor, WhatIsTooThinOrTooSmallIsRefused) {
  EXPECT_EQ(verdict_of(descriptor_of(solid(stretched(cube(1), {0.01, 0.01, 2})))),
            Verdict::bad_value);
  EXPECT_EQ(verdict_of(descriptor_of(solid(cube(0.0003)))), Verdict::bad_value);
  EXPECT_EQ(verdict_of(descriptor_of(solid(stretched(cube(1), {0.1, 0.1, 2})))), Verdict::accepted);
}

// Forty crystals, each scanned once and found again among all by other scans.
TEST(Descriptor, AStoneIsFoundAgainAmongForty) {
  Chance chance(11);
  std::vector<SampleCrystal> crystals;
  std::vector<Descriptor> known;
  const auto scan = [&](const SampleCrystal& crystal, double noise) {
    return descriptor(repeated_scan(crystal, {.levels = 4, .noise = noise}, chance));
  };
  for (int i = 0; i < 40; ++i) {
    crystals.emplace_back(0.03, chance);
    known.push_back(scan(crystals.back(), 0.002));
  }
  for (const double noise : {0.0005, 0.002}) {
    double same = 0;
    double other = 1e300;
    for (std::size_t i = 0; i < crystals.size(); ++i) {
      const Descriptor again = scan(crystals[i], noise);
      for (std::size_t k = 0; k < known.size(); ++k) {
        const double distance = distance_between(again, known[k]);
        if (i == k) same = std::max(same, distance);
        if (i != k) other = std::min(other, distance);
      }
    }
    // Not only is the nearest the right one: a limit parts all pairs.
    EXPECT_LT(2 * same, other) << noise;
  }
}

}  // namespace
}  // namespace intaglio::stone
