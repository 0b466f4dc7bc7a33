#include "stone/scene.h"

#include <algorithm>
#include <map>
#include <numbers>
#include <optional>
#include <tuple>

#include "base/format.h"
#include "crypto/sha256.h"
#include "stone/hull.h"
#include "stone/sample_rough.h"

namespace intaglio::stone {
namespace {

constexpr Colour kRoughColour{0.72, 0.60, 0.42};
constexpr double kRoughOpacity = 0.18;
constexpr Colour kStoneColour{0.79, 0.90, 1.00};
constexpr double kStoneWithInclusions = 0.6;  // what it holds is seen
constexpr Colour kInclusionColour{0.72, 0.16, 0.12};
constexpr Colour kSawColour{0.30, 0.36, 0.44};
constexpr double kSawOpacity = 0.35;
constexpr double kSmallestDrawn = 0.01;  // of the rough's diagonal
constexpr double kThinnestCut = 0.002;   // of the same

// Where a surface turns by more it has a crease: a scan bends everywhere a little, a facet nowhere
// but by what the grid of its corners does.
constexpr double kRoughCrease = 25 * std::numbers::pi / 180;
constexpr double kFacetCrease = 0.2 * std::numbers::pi / 180;
// A rough of more triangles is a scan: its creases come and go with its noise.
constexpr std::size_t kMostCreasedTriangles = 2'000;

// Corners and triangles as they are drawn.
struct Mesh {
  std::vector<Vec3> corners;
  std::vector<Triangle> triangles;
};

Mesh mesh_of(const std::vector<Point>& corners, const std::vector<Triangle>& triangles) {
  Mesh out;
  for (const Point& corner : corners) out.corners.push_back(to_vec(corner));
  out.triangles = triangles;
  return out;
}

// A grid over a body, of `parts` cells on its longest side.
class CellGrid {
 public:
  CellGrid(const std::vector<Point>& corners, std::size_t parts) : parts_(parts) {
    const Box box = box_of(corners);
    low_ = box.low;
    const Vec3 size = box.size();
    width_ = (std::max({size.x, size.y, size.z}) + 1) / static_cast<double>(parts);
  }
  double width() const { return width_; }
  std::size_t cells() const { return parts_ * parts_ * parts_; }
  std::size_t cell_of(const Point& p) const {
    const Vec3 at = (1 / width_) * (to_vec(p) - low_);
    return (static_cast<std::size_t>(at.z) * parts_ + static_cast<std::size_t>(at.y)) * parts_ +
           static_cast<std::size_t>(at.x);
  }

 private:
  std::size_t parts_;
  Vec3 low_;
  double width_ = 0;
};

// All corners in a cell as one; triangles that became lines or doubles are gone. Nothing when more
// than `most` are left.
std::optional<Mesh> gathered(const Solid& rough, const CellGrid& grid, std::size_t most) {
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> names(grid.cells(), kNone);
  std::vector<std::uint32_t> name_of(rough.corners.size());
  std::vector<double> counts;
  Mesh out;
  for (std::size_t i = 0; i < rough.corners.size(); ++i) {
    std::uint32_t& name = names[grid.cell_of(rough.corners[i])];
    if (name == kNone) {
      name = static_cast<std::uint32_t>(counts.size());
      counts.push_back(0);
      out.corners.push_back({});
    }
    name_of[i] = name;
    counts[name] += 1;
    out.corners[name] = out.corners[name] + to_vec(rough.corners[i]);
  }
  for (std::size_t i = 0; i < counts.size(); ++i) out.corners[i] = (1 / counts[i]) * out.corners[i];
  for (const Triangle& t : rough.triangles) {
    const Triangle named{name_of[t[0]], name_of[t[1]], name_of[t[2]]};
    if (named[0] == named[1] || named[1] == named[2] || named[2] == named[0]) continue;
    out.triangles.push_back(named);
    std::ranges::rotate(out.triangles.back(), std::ranges::min_element(out.triangles.back()));
  }
  std::ranges::sort(out.triangles);
  const auto [end, last] = std::ranges::unique(out.triangles);
  out.triangles.erase(end, last);
  if (out.triangles.size() > most) return std::nullopt;
  return out;
}

// Coarser and coarser, until few enough are left: two cells a side can have 112 triangles.
std::pair<Mesh, double> simplified(const Solid& rough, std::size_t most) {
  for (std::size_t parts = 160;; parts = parts * 4 / 5) {
    const CellGrid grid(rough.corners, parts);
    if (auto mesh = gathered(rough, grid, most)) return {*std::move(mesh), grid.width()};
  }
}

// Which triangles meet at each corner, in their sequence.
class Around {
 public:
  explicit Around(const Mesh& mesh) : begin_(mesh.corners.size() + 1) {
    for (const Triangle& t : mesh.triangles) {
      for (const std::uint32_t corner : t) ++begin_[corner + 1];
    }
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    triangles_.resize(begin_.back());
    std::vector<std::uint32_t> at(begin_.begin(), begin_.end() - 1);
    for (std::uint32_t i = 0; i < mesh.triangles.size(); ++i) {
      for (const std::uint32_t corner : mesh.triangles[i]) triangles_[at[corner]++] = i;
    }
  }
  std::span<const std::uint32_t> operator[](std::uint32_t corner) const {
    return std::span(triangles_).subspan(begin_[corner], begin_[corner + 1] - begin_[corner]);
  }

 private:
  std::vector<std::uint32_t> begin_;
  std::vector<std::uint32_t> triangles_;
};

// Makes a surface from a mesh: normals that are one where it bends by less than a crease.
class SurfaceMaker {
 public:
  SurfaceMaker(const Mesh& mesh, double crease)
      : mesh_(mesh), around_(mesh), least_cosine_(std::cos(crease)) {
    for (const Triangle& t : mesh.triangles) {
      const Vec3& a = mesh.corners[t[0]];
      areas_.push_back(cross(mesh.corners[t[1]] - a, mesh.corners[t[2]] - a));
      const double size = length(areas_.back());
      units_.push_back(size > 0 ? (1 / size) * areas_.back() : Vec3{});
    }
  }

  void into(Surface& surface) {
    for (std::uint32_t i = 0; i < mesh_.triangles.size(); ++i) {
      Triangle named{};
      for (std::size_t k = 0; k < 3; ++k) named[k] = point(surface, i, mesh_.triangles[i][k]);
      surface.triangles.push_back(named);
    }
    for (std::uint32_t i = 0; i < mesh_.triangles.size(); ++i) add_edges(surface, i);
  }

 private:
  bool is_bent(std::uint32_t a, std::uint32_t b) const {
    return dot(units_[a], units_[b]) < least_cosine_;
  }

  std::uint32_t point(Surface& surface, std::uint32_t triangle, std::uint32_t corner) {
    Vec3 sum;
    for (const std::uint32_t other : around_[corner]) {
      if (!is_bent(triangle, other)) sum = sum + areas_[other];
    }
    // A triangle that is a line belongs to no side: any normal will do, nothing of it is seen.
    const Vec3 normal = length(sum) > 0 ? unit(sum) : Vec3{0, 0, 1};
    const auto next = static_cast<std::uint32_t>(surface.points.size());
    const auto [at, is_new] = points_.try_emplace({corner, normal.x, normal.y, normal.z}, next);
    if (is_new) surface.points.push_back({mesh_.corners[corner], normal});
    return at->second;
  }

  // Those that the triangle and one of a higher number bend at.
  void add_edges(Surface& surface, std::uint32_t triangle) const {
    const Triangle& t = mesh_.triangles[triangle];
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t from = t[k];
      const std::uint32_t to = t[(k + 1) % 3];
      for (const std::uint32_t other : around_[from]) {
        if (other <= triangle || !is_bent(triangle, other)) continue;
        if (std::ranges::find(mesh_.triangles[other], to) == mesh_.triangles[other].end()) continue;
        const Triangle& named = surface.triangles[triangle];
        surface.edges.push_back({named[k], named[(k + 1) % 3]});
      }
    }
  }

  const Mesh& mesh_;
  Around around_;
  double least_cosine_;
  std::vector<Vec3> areas_;
  std::vector<Vec3> units_;
  std::map<std::tuple<std::uint32_t, double, double, double>, std::uint32_t> points_;
};

Mesh drawn(const Inclusion& inclusion, double least) {
  const Box box = box_of(inclusion.corners);
  if (length(box.size()) >= least) return mesh_of(inclusion.corners, inclusion.triangles);
  const TriangleSoup ball = geodesic(1);
  Mesh out{ball.corners, ball.triangles};
  for (Vec3& corner : out.corners) corner = 0.5 * (box.low + box.high) + 0.5 * least * corner;
  return out;
}

// What a plane leaves of a polygon.
void clip(std::vector<Vec3>& polygon, const Vec3& normal, double offset) {
  std::vector<Vec3> left;
  for (std::size_t k = 0; k < polygon.size(); ++k) {
    const Vec3& a = polygon[k];
    const Vec3& b = polygon[(k + 1) % polygon.size()];
    const double at_a = dot(normal, a) - offset;
    const double at_b = dot(normal, b) - offset;
    if (at_a <= 0) left.push_back(a);
    if ((at_a < 0 && at_b > 0) || (at_a > 0 && at_b < 0)) {
      left.push_back(a + (at_a / (at_a - at_b)) * (b - a));
    }
  }
  polygon = std::move(left);
}

// A cut as a body, as wide as the rough's hull is there; nothing where it is not in it.
std::optional<Mesh> drawn(const SawCut& cut, std::span<const HullPlane> hull, double diagonal) {
  const Vec3 normal = unit(to_vec(cut.face.direction));
  const Vec3 other = std::abs(normal.z) < 0.9 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 u = diagonal * unit(cross(normal, other));
  const Vec3 v = cross(normal, u);
  const Vec3 middle = static_cast<double>(cut.face.offset) * normal;
  std::vector<Vec3> polygon = {middle - u - v, middle + u - v, middle + u + v, middle - u + v};
  for (const HullPlane& plane : hull) clip(polygon, plane.direction, plane.reach);
  for (const Layer& layer : cut.within) {
    clip(polygon, unit(to_vec(layer.direction)), layer.offset);
  }
  const double thickness = std::max<double>(cut.kerf, kThinnestCut * diagonal);
  std::vector<Point> corners;
  for (const Vec3& p : polygon) {
    for (const Vec3& q : {p, p + thickness * normal}) {
      if (length(q) > kMaxCoordinate) return std::nullopt;
      corners.push_back({static_cast<std::int32_t>(std::lround(q.x)),
                         static_cast<std::int32_t>(std::lround(q.y)),
                         static_cast<std::int32_t>(std::lround(q.z))});
    }
  }
  std::ranges::sort(corners);
  const auto [end, last] = std::ranges::unique(corners);
  corners.erase(end, last);
  const auto faces = convex_hull(corners);
  if (!faces) return std::nullopt;
  return mesh_of(corners, *faces);
}

// That the corners of a stone there are numbers, and points.
Result<void> check_placed(const PlacedStone& stone) {
  const auto far = [](std::int32_t v) { return v <= -kMaxCoordinate || v >= kMaxCoordinate; };
  const auto is_far = [&](const Point& p) { return far(p.x) || far(p.y) || far(p.z); };
  if (stone.pose.quaternion == std::array<std::int32_t, 4>{} || stone.pose.size > kMaxSize ||
      std::ranges::any_of(stone.pose.place, far) || std::ranges::any_of(stone.corners, is_far)) {
    return refuse(Verdict::plan_refuted, "the stone's pose");
  }
  return {};
}

Result<void> add_cuts(const Solid& rough, std::span<const SawCut> cuts, Scene& scene) {
  ASSIGN(const auto hull, convex_hull(rough.corners));
  const auto planes = hull_planes(rough.corners, hull);
  const double diagonal = length(box_of(rough.corners).size());
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const auto mesh = drawn(cuts[i], planes, diagonal);
    if (!mesh) continue;
    Surface surface{format("saw {}", i + 1), kSawColour, kSawOpacity, {}, {}, {}};
    SurfaceMaker(*mesh, kRoughCrease).into(surface);
    scene.surfaces.push_back(std::move(surface));
  }
  return {};
}

}  // namespace

Result<Scene> make_scene(const Solid& rough, std::span<const PlacedStone> stones,
                         std::span<const Inclusion> inclusions, std::span<const SawCut> cuts) {
  Scene scene;
  for (const PlacedStone& stone : stones) {
    ASSIGN(const auto faces, convex_hull(stone.corners));
    const double opacity = inclusions.empty() ? 1 : kStoneWithInclusions;
    Surface surface{stone.name, kStoneColour, opacity, {}, {}, {}};
    const Mesh mesh = mesh_of(placed_corners(stone.corners, stone.pose), faces);
    SurfaceMaker(mesh, kFacetCrease).into(surface);
    scene.surfaces.push_back(std::move(surface));
  }
  const double least = length(box_of(rough.corners).size()) * kSmallestDrawn;
  for (const Inclusion& inclusion : inclusions) {
    Surface surface{inclusion.name, kInclusionColour, 1, {}, {}, {}};
    const Mesh mesh = drawn(inclusion, least);
    SurfaceMaker(mesh, kRoughCrease).into(surface);
    scene.surfaces.push_back(std::move(surface));
  }
  if (!cuts.empty()) {
    TRY(add_cuts(rough, cuts, scene));
  }
  if (!stones.empty()) scene.upright = transposed(pose_of(stones.front().pose).turn);
  Surface surface{"rough", kRoughColour, kRoughOpacity, {}, {}, {}};
  Mesh mesh;
  if (rough.triangles.size() <= kMaxDrawnTriangles) {
    mesh = mesh_of(rough.corners, rough.triangles);
  } else {
    double width = 0;
    std::tie(mesh, width) = simplified(rough, kMaxDrawnTriangles);
    scene.simplified = format(
        "The rough is drawn with {} of its {} triangles: corners within a cell of {:.3f} mm are "
        "drawn as one.",
        mesh.triangles.size(), rough.triangles.size(), width / 1e6);
  }
  SurfaceMaker(mesh, kRoughCrease).into(surface);
  if (surface.triangles.size() > kMostCreasedTriangles) surface.edges.clear();
  scene.surfaces.push_back(std::move(surface));
  return scene;
}

Result<std::vector<PlacedStone>> stones_of(const Plan& plan, ByteView proof, const Solid& rough) {
  if (rough_hash(rough) != plan.rough) return refuse(Verdict::other_inputs, "rough");
  if (crypto::sha256(proof) != plan.proof) return refuse(Verdict::other_inputs, "proof");
  ASSIGN(const auto opened, decode_proof(proof));
  std::vector<PlacedStone> out;
  if (!plan.stone) return out;
  const std::uint32_t design = plan.stone->design;
  if (design >= plan.designs.size() || design >= opened.designs.size()) {
    return refuse(Verdict::plan_refuted, "stone.design");
  }
  const auto& corners = opened.designs[design].corners;
  if (design_hash(corners) != plan.designs[design].hash) {
    return refuse(Verdict::other_inputs, format("designs[{}]", design));
  }
  out.push_back({plan.designs[design].name, corners, plan.stone->pose});
  TRY(check_placed(out.back()));
  return out;
}

}  // namespace intaglio::stone
