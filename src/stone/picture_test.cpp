// Pictures, looked at by the reader of pictures: where there is paper, rough and stone.
#include "stone/picture.h"

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/solids_for_test.h"
#include "symbol/picture.h"

namespace intaglio::stone {
namespace {

symbol::Picture drawn(const Scene& scene) { return must(symbol::decode_png(draw_sheet(scene))); }

int at(const symbol::Picture& picture, std::size_t x, std::size_t y) {
  return picture.pixels[y * picture.width + x];
}

constexpr std::size_t kMiddle = kPanelWidth / 2;

// A stone in the middle of a crystal, which lies somehow.
Scene sample_scene(const Matrix& turn, std::uint64_t size) {
  const Design design = must(design_from_text("asscher"));
  FixedPose pose = fixed({turn, {}});
  pose.size = size;
  const std::array stones = {PlacedStone{"stone", design.corners, pose}};
  return must(make_scene(solid(moved(octahedron(5), turn, {})), stones));
}

// A square of a colour at a height, two across, seen on the table.
Surface square(double height, double grey, double opacity) {
  const auto point = [&](double x, double y) { return SurfacePoint{{x, y, height}, {0, 0, 1}}; };
  return {"square",
          {grey, grey, grey},
          opacity,
          {point(-1, -1), point(1, -1), point(1, 1), point(-1, 1)},
          {{0, 1, 2}, {0, 2, 3}},
          {}};
}

TEST(StonePicture, ShowsPaperRoughAndStoneInThreeViews) {
  const auto picture = drawn(sample_scene({}, 1'500'000'000));
  EXPECT_EQ(picture.width, 3 * kPanelWidth);
  EXPECT_EQ(picture.height, kPanelHeight);
  for (std::size_t panel = 0; panel < 3; ++panel) {
    const std::size_t left = panel * kPanelWidth;
    EXPECT_EQ(at(picture, left + 3, 3), 255) << panel;
    EXPECT_EQ(at(picture, left + kPanelWidth - 3, 3), 255) << panel;
    // Half way from the middle to the tip, beside a crease, there is rough alone.
    const int rough = at(picture, left + kMiddle + 20, kMiddle - 130);
    EXPECT_GT(rough, 150) << panel;
    EXPECT_LT(rough, 250) << panel;
    EXPECT_LT(at(picture, left + kMiddle + 3, kMiddle + 3), rough) << panel;
  }
}

TEST(StonePicture, IsTheSameFileAgain) {
  const Scene scene = sample_scene({}, 2'000'000'000);
  EXPECT_EQ(draw_sheet(scene), draw_sheet(scene));
}

// Whatever way the scanner held it: the views are those of the stone.
TEST(StonePicture, DoesNotDependOnHowTheScanLay) {
  Chance chance(4);
  const auto one = drawn(sample_scene({}, 2'000'000'000));
  const auto other = drawn(sample_scene(chance.turn(), 2'000'000'000));
  ASSERT_EQ(one.pixels.size(), other.pixels.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < one.pixels.size(); ++i) {
    if (std::abs(one.pixels[i] - other.pixels[i]) > 8) ++different;
  }
  EXPECT_LT(different, one.pixels.size() / 200);
}

TEST(StonePicture, WhatIsNearerHidesWhateverTheSequence) {
  Scene scene;
  scene.surfaces = {square(0, 0.1, 1), square(1, 0.6, 1)};
  const auto light = drawn(scene);
  std::swap(scene.surfaces[0], scene.surfaces[1]);
  EXPECT_EQ(drawn(scene).pixels, light.pixels);
  scene.surfaces = {square(1, 0.1, 1), square(0, 0.6, 1)};
  const auto dark = drawn(scene);
  EXPECT_LT(at(dark, kMiddle, kMiddle) + 50, at(light, kMiddle, kMiddle));
}

TEST(StonePicture, WhatIsClearTintsWhatIsBehindItAlone) {
  Scene scene;
  scene.surfaces = {square(0, 0.5, 1)};
  const int bare = at(drawn(scene), kMiddle, kMiddle);
  scene.surfaces = {square(0, 0.5, 1), square(1, 0.1, 0.3)};
  const int tinted = at(drawn(scene), kMiddle, kMiddle);
  EXPECT_LT(tinted, bare);
  EXPECT_GT(tinted, bare / 2);
  scene.surfaces = {square(1, 0.5, 1), square(0, 0.1, 0.3)};
  EXPECT_EQ(at(drawn(scene), kMiddle, kMiddle), bare);
}

TEST(StonePicture, DrawsEdgesOfTheWidthOfALine) {
  Scene scene;
  scene.surfaces = {square(0, 1, 1)};
  const auto bare = drawn(scene);
  scene.surfaces[0].edges = {{0, 2}};
  const auto lined = drawn(scene);
  std::size_t dark = 0;
  for (std::size_t x = 0; x < kPanelWidth; ++x) {
    if (at(lined, x, kMiddle) < at(bare, x, kMiddle) - 20) ++dark;
  }
  EXPECT_GE(dark, 1U);
  EXPECT_LE(dark, 4U);
}

// From a nanometre to half a metre.
TEST(StonePicture, HasAScaleForEverySize) {
  for (const double size : {2e-5, 240.0}) {
    const Scene scene = must(make_scene(solid(octahedron(size)), {}));
    EXPECT_EQ(drawn(scene).width, 3 * kPanelWidth);
  }
}

}  // namespace
}  // namespace intaglio::stone
