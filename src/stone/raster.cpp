#include "stone/raster.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace intaglio::stone {
namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

// Lights, and the direction in which a facet must look to be a mirror of the first.
const Vec3 kKeyLight = unit({-0.50, 0.62, 0.60});
const Vec3 kFillLight = unit({0.80, -0.05, 0.45});
const Vec3 kGlint = unit(kKeyLight + Vec3{0, 0, 1});

constexpr Ink kFrontEdge{{0.09, 0.15, 0.22}, 0.85};
constexpr Ink kHiddenEdge{{0.09, 0.15, 0.22}, 0.17};
constexpr Ink kRoughEdge{{0.36, 0.28, 0.17}, 0.60};
constexpr Ink kRoughHiddenEdge{{0.36, 0.28, 0.17}, 0.22};
constexpr Ink kRoughOutline{{0.36, 0.28, 0.17}, 0.75};
constexpr double kBackWall = 0.55;  // of the opacity of the wall in front

double lit(const Vec3& normal, double ambient, double key, double fill) {
  return ambient + key * std::max(0.0, dot(normal, kKeyLight)) +
         fill * std::max(0.0, dot(normal, kFillLight));
}

double glint(const Vec3& normal) {
  const double c = std::max(0.0, dot(normal, kGlint));
  const double square = c * c;
  const double fourth = square * square;
  return fourth * fourth * fourth * fourth;  // to the 16th
}

double within(double part) { return std::clamp(part, 0.0, 1.0); }

// What an eye gets of a surface with that normal. Glass is darker where it is looked along.
Ink shaded(const Surface& surface, const Vec3& normal) {
  const bool is_clear = surface.opacity < 1;
  const double light = is_clear ? lit(normal, 0.66, 0.38, 0.10) : lit(normal, 0.50, 0.50, 0.26);
  const double shine = glint(normal) * (is_clear ? 0.30 : 0.28);
  const Colour& c = surface.colour;
  Ink out{{within(c.red * light + shine), within(c.green * light + shine),
           within(c.blue * light + shine)},
          1};
  if (is_clear) {
    const double rim = 1 - std::abs(normal.z);
    out.opacity = within(surface.opacity * (0.85 + 1.5 * rim * rim));
  }
  return out;
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

// The samples whose middles, at halves, lie between; of a line of `size`.
Range samples_within(std::pair<double, double> ends, std::size_t size) {
  const auto at = [&](double edge) {
    return static_cast<std::size_t>(std::clamp(edge, 0.0, static_cast<double>(size)));
  };
  return {at(std::ceil(ends.first - 0.5)), at(std::floor(ends.second + 0.5))};
}

// Twice the area of a triangle of the screen: above 0 when it goes round clockwise, y being down.
double turn_of(double ax, double ay, double bx, double by, double cx, double cy) {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

}  // namespace

Raster::Raster(std::size_t width, std::size_t height, const Colour& paper)
    : width_(width),
      height_(height),
      samples_(width * height, {static_cast<float>(paper.red), static_cast<float>(paper.green),
                                static_cast<float>(paper.blue)}) {}

template <typename Each>
void Raster::for_samples(const std::array<Projected, 3>& corners, const Each& each) const {
  const Projected& a = corners[0];
  const Projected& b = corners[1];
  const Projected& c = corners[2];
  const double area = turn_of(a.x, a.y, b.x, b.y, c.x, c.y);
  if (area == 0) return;
  const Range columns = samples_within(std::minmax({a.x, b.x, c.x}), width_);
  const Range rows = samples_within(std::minmax({a.y, b.y, c.y}), height_);
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t column = columns.begin; column < columns.end; ++column) {
      const double x = static_cast<double>(column) + 0.5;
      const double y = static_cast<double>(row) + 0.5;
      const double u = turn_of(b.x, b.y, c.x, c.y, x, y) / area;
      const double v = turn_of(c.x, c.y, a.x, a.y, x, y) / area;
      const double w = 1 - u - v;
      if (u >= 0 && v >= 0 && w >= 0) each(row * width_ + column, u, v, w);
    }
  }
}

std::vector<Raster::Projected> Raster::projected(const Surface& surface, const View& view) const {
  std::vector<Projected> out;
  out.reserve(surface.points.size());
  for (const SurfacePoint& point : surface.points) {
    const Vec3 p = view.scale * (view.turn * (point.place - view.centre));
    out.push_back({view.x + p.x, view.y - p.y, p.z, view.turn * point.normal});
  }
  return out;
}

void Raster::fill(Layer& layer, const Surface& surface, const std::vector<Projected>& points,
                  Facing facing) const {
  for (const Triangle& t : surface.triangles) {
    const std::array<Projected, 3> corners = {points[t[0]], points[t[1]], points[t[2]]};
    const Projected& a = corners[0];
    const Projected& b = corners[1];
    const Projected& c = corners[2];
    const bool is_away = turn_of(a.x, a.y, b.x, b.y, c.x, c.y) > 0;
    if (is_away != (facing == Facing::away)) continue;
    for_samples(corners, [&](std::size_t at, double u, double v, double w) {
      const auto depth = static_cast<float>(u * a.z + v * b.z + w * c.z);
      Fragment& fragment = layer[at];
      const bool is_better = is_away ? depth < fragment.depth : depth > fragment.depth;
      if (fragment.depth != kNothing && !is_better) return;
      const Vec3 sum = u * a.normal + v * b.normal + w * c.normal;
      const double size = length(sum);
      const Vec3 normal = size > 0 ? (1 / size) * sum : Vec3{0, 0, 1};
      const Ink ink = shaded(surface, is_away ? -normal : normal);
      fragment = {depth,
                  {static_cast<float>(ink.colour.red), static_cast<float>(ink.colour.green),
                   static_cast<float>(ink.colour.blue)},
                  static_cast<float>(ink.opacity)};
    });
  }
}

std::vector<bool> Raster::edge_samples(const Surface& surface, const std::vector<Projected>& points,
                                       double width, const Layer& layer, bool in_front) const {
  std::vector<bool> out(samples_.size());
  for (const auto& edge : surface.edges) {
    const Projected& from = points[edge[0]];
    const Projected& to = points[edge[1]];
    const double size = std::hypot(to.x - from.x, to.y - from.y);
    if (size == 0) continue;
    // Half a width to either side, and as far beyond the ends, so that corners are closed.
    const double along_x = (to.x - from.x) / size * width / 2;
    const double along_y = (to.y - from.y) / size * width / 2;
    const auto corner = [&](const Projected& end, double along, double across) {
      return Projected{end.x + along * along_x - across * along_y,
                       end.y + along * along_y + across * along_x,
                       end.z,
                       {}};
    };
    const std::array<Projected, 4> quad = {corner(from, -1, -1), corner(to, 1, -1),
                                           corner(to, 1, 1), corner(from, -1, 1)};
    for (const auto& part :
         {std::array{quad[0], quad[1], quad[2]}, std::array{quad[0], quad[2], quad[3]}}) {
      for_samples(part, [&](std::size_t at, double u, double v, double w) {
        const double depth = u * part[0].z + v * part[1].z + w * part[2].z;
        // An edge is as near as the surface beside it, but for the slope over its width.
        const bool is_front = depth + width >= static_cast<double>(layer[at].depth);
        if (is_front == in_front) out[at] = true;
      });
    }
  }
  return out;
}

std::vector<bool> Raster::outline_samples(const Layer& layer, double width) const {
  std::vector<bool> out(samples_.size());
  const auto step = static_cast<std::ptrdiff_t>(std::lround(width));
  const auto is_bare = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    const auto column = static_cast<std::size_t>(x);  // beyond the width when x is below 0
    const auto row = static_cast<std::size_t>(y);
    return column >= width_ || row >= height_ || layer[row * width_ + column].depth == kNothing;
  };
  const auto diagonal = static_cast<std::ptrdiff_t>(std::lround(width * 0.7));
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const auto x = static_cast<std::ptrdiff_t>(i % width_);
    const auto y = static_cast<std::ptrdiff_t>(i / width_);
    if (is_bare(x, y)) continue;
    out[i] = is_bare(x - step, y) || is_bare(x + step, y) || is_bare(x, y - step) ||
             is_bare(x, y + step) || is_bare(x - diagonal, y - diagonal) ||
             is_bare(x + diagonal, y - diagonal) || is_bare(x - diagonal, y + diagonal) ||
             is_bare(x + diagonal, y + diagonal);
  }
  return out;
}

void Raster::blend(std::size_t sample, const Ink& ink) {
  Sample& s = samples_[sample];
  const auto mixed = [&](float below, double above) {
    return static_cast<float>(static_cast<double>(below) * (1 - ink.opacity) + above * ink.opacity);
  };
  s = {mixed(s.red, ink.colour.red), mixed(s.green, ink.colour.green),
       mixed(s.blue, ink.colour.blue)};
}

void Raster::blend(const std::vector<bool>& samples, const Ink& ink) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i]) blend(i, ink);
  }
}

void Raster::blend(const Layer& layer, const Layer& hidden_by, double share) {
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const Fragment& f = layer[i];
    if (f.depth == kNothing || f.depth < hidden_by[i].depth) continue;
    blend(i,
          {{f.colour.red, f.colour.green, f.colour.blue}, share * static_cast<double>(f.opacity)});
  }
}

void Raster::draw(const Scene& scene, const View& view, double line_width) {
  const Layer bare(samples_.size(), Fragment{kNothing, {}, 0});
  struct Clear {
    const Surface* surface;
    std::vector<Projected> points;
    Layer front;
  };
  std::vector<Clear> clear;
  for (const Surface& surface : scene.surfaces) {
    if (surface.opacity >= 1) continue;
    Clear one{&surface, projected(surface, view), bare};
    Layer back = bare;
    fill(back, surface, one.points, Facing::away);
    fill(one.front, surface, one.points, Facing::eye);
    blend(back, bare, kBackWall);
    blend(edge_samples(surface, one.points, line_width, one.front, false), kRoughHiddenEdge);
    clear.push_back(std::move(one));
  }
  Layer solid = bare;
  for (const Surface& surface : scene.surfaces) {
    if (surface.opacity >= 1) fill(solid, surface, projected(surface, view), Facing::eye);
  }
  blend(solid, bare, 1);
  for (const Surface& surface : scene.surfaces) {
    if (surface.opacity < 1) continue;
    const auto points = projected(surface, view);
    blend(edge_samples(surface, points, line_width, solid, false), kHiddenEdge);
    blend(edge_samples(surface, points, line_width, solid, true), kFrontEdge);
  }
  for (const Clear& one : clear) {
    blend(one.front, solid, 1);
    blend(edge_samples(*one.surface, one.points, line_width, one.front, true), kRoughEdge);
    blend(outline_samples(one.front, line_width), kRoughOutline);
  }
}

void Raster::draw_stroke(const std::array<double, 2>& from, const std::array<double, 2>& to,
                         double width, const Ink& ink) {
  const double dx = to[0] - from[0];
  const double dy = to[1] - from[1];
  const double square = dx * dx + dy * dy;
  const double half = width / 2;
  const auto [left, right] = std::minmax(from[0], to[0]);
  const auto [top, bottom] = std::minmax(from[1], to[1]);
  const Range columns = samples_within({left - half, right + half}, width_);
  const Range rows = samples_within({top - half, bottom + half}, height_);
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t column = columns.begin; column < columns.end; ++column) {
      const double x = static_cast<double>(column) + 0.5 - from[0];
      const double y = static_cast<double>(row) + 0.5 - from[1];
      const double along = square == 0 ? 0 : std::clamp((x * dx + y * dy) / square, 0.0, 1.0);
      if (std::hypot(x - along * dx, y - along * dy) <= half) blend(row * width_ + column, ink);
    }
  }
}

symbol::ColourPicture Raster::reduced(std::size_t side) const {
  CHECK(width_ % side == 0 && height_ % side == 0);
  symbol::ColourPicture out{width_ / side, height_ / side, {}};
  out.pixels.reserve(3 * out.width * out.height);
  const double share = 255.0 / static_cast<double>(side * side);
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      Vec3 sum;
      for (std::size_t k = 0; k < side * side; ++k) {
        const Sample& s = samples_[(y * side + k / side) * width_ + x * side + k % side];
        sum = sum + Vec3{s.red, s.green, s.blue};
      }
      for (const double part : {sum.x, sum.y, sum.z}) {
        out.pixels.push_back(static_cast<std::uint8_t>(std::lround(share * part)));
      }
    }
  }
  return out;
}

}  // namespace intaglio::stone
