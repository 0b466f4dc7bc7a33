// Draws surfaces and lines into samples of colour: what a display's hardware does elsewhere. Every
// sample is a function of the scene and the view, computed in one sequence. Not thread-safe.
#pragma once

#include "stone/scene.h"
#include "symbol/picture.h"

namespace intaglio::stone {

// How a scene is looked at, from so far away that nothing seems smaller behind.
struct View {
  Matrix turn;       // rows: to the right, upwards, towards the eye
  Vec3 centre;       // is seen at `x`, `y`
  double scale = 1;  // samples for a nanometre
  double x = 0;      // samples from the left
  double y = 0;      // samples from the top
};

// A colour in layers: how much of it there is, 0 to 1.
struct Ink {
  Colour colour;
  double opacity = 1;
};

class Raster {
 public:
  Raster(std::size_t width, std::size_t height, const Colour& paper);

  // What is translucent lets through what is behind it: of each such surface the wall that is
  // furthest and the one that is nearest, with the stones in between.
  void draw(const Scene& scene, const View& view, double line_width);

  // A line with round ends on top of everything; from and to in samples.
  void draw_stroke(const std::array<double, 2>& from, const std::array<double, 2>& to, double width,
                   const Ink& ink);

  // Each pixel the mean of `side` times `side` samples.
  symbol::ColourPicture reduced(std::size_t side) const;

 private:
  struct Sample {
    float red;
    float green;
    float blue;
  };
  // What is nearest or furthest of a surface at each sample.
  struct Fragment {
    float depth;  // towards the eye
    Sample colour;
    float opacity;
  };
  struct Projected {
    double x;
    double y;
    double z;
    Vec3 normal;
  };
  using Layer = std::vector<Fragment>;
  enum class Facing : std::uint8_t { eye, away };

  template <typename Each>
  void for_samples(const std::array<Projected, 3>& corners, const Each& each) const;
  std::vector<Projected> projected(const Surface& surface, const View& view) const;
  void fill(Layer& layer, const Surface& surface, const std::vector<Projected>& points,
            Facing facing) const;
  // The samples of a surface's edges that lie in front of a layer, or of all others.
  std::vector<bool> edge_samples(const Surface& surface, const std::vector<Projected>& points,
                                 double width, const Layer& layer, bool in_front) const;
  std::vector<bool> outline_samples(const Layer& layer, double width) const;
  void blend(std::size_t sample, const Ink& ink);
  void blend(const std::vector<bool>& samples, const Ink& ink);
  void blend(const Layer& layer, const Layer& hidden_by, double share);

  std::size_t width_;
  std::size_t height_;
  std::vector<Sample> samples_;
};

}  // namespace intaglio::stone
