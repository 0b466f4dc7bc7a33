#include "stone/surface_tree.h"

#include <algorithm>
#include <numeric>

namespace intaglio::stone {
namespace {

constexpr std::uint32_t kLeaf = 4;  // boxes
constexpr double kMostUnseen = 0.5;

Vec3 middle_of(const Box& box) { return 0.5 * (box.low + box.high); }

double along(const Vec3& v, int axis) { return axis == 0 ? v.x : axis == 1 ? v.y : v.z; }

int longest_axis(const Box& box) {
  const Vec3 size = box.size();
  if (size.x >= size.y && size.x >= size.z) return 0;
  return size.y >= size.z ? 1 : 2;
}

// A triangle's side k, its lower corner first.
struct Side {
  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t triangle;
  std::uint32_t k;
  bool same_place(const Side& other) const { return low == other.low && high == other.high; }
  auto operator<=>(const Side&) const = default;
};

// A point of a triangle, and what it is in: the inside (0), an edge (1 + k) or a corner (4 + k).
struct OnTriangle {
  Vec3 point;
  int feature = 0;
};

OnTriangle nearest_on(const std::array<Vec3, 3>& t, const Vec3& p) {
  const Vec3 ab = t[1] - t[0];
  const Vec3 ac = t[2] - t[0];
  const double ab_p = dot(ab, p - t[0]);
  const double ac_p = dot(ac, p - t[0]);
  if (ab_p <= 0 && ac_p <= 0) return {t[0], 4};
  const double ab_pb = dot(ab, p - t[1]);
  const double ac_pb = dot(ac, p - t[1]);
  if (ab_pb >= 0 && ac_pb <= ab_pb) return {t[1], 5};
  const double ab_pc = dot(ab, p - t[2]);
  const double ac_pc = dot(ac, p - t[2]);
  if (ac_pc >= 0 && ab_pc <= ac_pc) return {t[2], 6};
  const double at_c = ab_p * ac_pb - ab_pb * ac_p;
  if (at_c <= 0 && ab_p >= 0 && ab_pb <= 0) return {t[0] + (ab_p / (ab_p - ab_pb)) * ab, 1};
  const double at_b = ab_pc * ac_p - ab_p * ac_pc;
  if (at_b <= 0 && ac_p >= 0 && ac_pc <= 0) return {t[0] + (ac_p / (ac_p - ac_pc)) * ac, 3};
  const double at_a = ab_pb * ac_pc - ab_pc * ac_pb;
  const double from_b = ac_pb - ab_pb;
  const double from_c = ab_pc - ac_pc;
  if (at_a <= 0 && from_b >= 0 && from_c >= 0) {
    return {t[1] + (from_b / (from_b + from_c)) * (t[2] - t[1]), 2};
  }
  const double sum = at_a + at_b + at_c;
  if (!(sum > 0)) return {t[0], 4};  // it is a line
  return {t[0] + (at_b / sum) * ab + (at_c / sum) * ac, 0};
}

double angle_between(const Vec3& a, const Vec3& b) {
  return std::atan2(length(cross(a, b)), dot(a, b));
}

}  // namespace

std::vector<Box> boxes_of(std::span<const Vec3> corners, std::span<const Triangle> triangles) {
  std::vector<Box> out(triangles.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const std::uint32_t corner : triangles[i]) out[i].take(corners[corner]);
  }
  return out;
}

std::vector<Box> boxes_of(std::span<const Point> corners, std::span<const Triangle> triangles) {
  std::vector<Vec3> places;
  places.reserve(corners.size());
  for (const Point& corner : corners) places.push_back(to_vec(corner));
  return boxes_of(places, triangles);
}

BoxTree::BoxTree(const std::vector<Box>& boxes) : numbers_(boxes.size()) {
  std::iota(numbers_.begin(), numbers_.end(), 0U);
  if (boxes.empty()) return;
  struct Part {
    std::uint32_t node;
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::vector<Part> open{{0, 0, static_cast<std::uint32_t>(boxes.size())}};
  nodes_.emplace_back();
  while (!open.empty()) {
    const Part part = open.back();
    open.pop_back();
    Box box;
    Box middles;
    for (std::uint32_t i = part.begin; i < part.end; ++i) {
      const Box& one = boxes[numbers_[i]];
      box.take(one.low);
      box.take(one.high);
      middles.take(middle_of(one));
    }
    nodes_[part.node].box = box;
    if (part.end - part.begin <= kLeaf) {
      nodes_[part.node].first = part.begin;
      nodes_[part.node].count = part.end - part.begin;
      continue;
    }
    const int axis = longest_axis(middles);
    const std::uint32_t half = part.begin + (part.end - part.begin) / 2;
    const auto key = [&](std::uint32_t number) {
      return std::pair(along(middle_of(boxes[number]), axis), number);
    };
    std::nth_element(numbers_.begin() + part.begin, numbers_.begin() + half,
                     numbers_.begin() + part.end,
                     [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    const auto first = static_cast<std::uint32_t>(nodes_.size());
    nodes_[part.node].first = first;
    nodes_.resize(nodes_.size() + 2);
    open.push_back({first, part.begin, half});
    open.push_back({first + 1, half, part.end});
  }
  for (const std::uint32_t number : numbers_) boxes_.push_back(boxes[number]);
}

SurfaceTree::SurfaceTree(PlacedMesh mesh)
    : mesh_(std::move(mesh)),
      tree_(boxes_of(mesh_.corners, mesh_.triangles)),
      edge_normals_(mesh_.triangles.size()),
      corner_normals_(mesh_.corners.size()) {
  std::vector<Side> sides;
  for (const Triangle& t : mesh_.triangles) {
    std::array<Vec3, 3> p;
    for (std::size_t k = 0; k < 3; ++k) p[k] = mesh_.corners[t[k]];
    Vec3 normal = cross(p[1] - p[0], p[2] - p[0]);
    // A triangle that is a line has no side.
    if (length(normal) > 0) normal = unit(normal);
    const auto number = static_cast<std::uint32_t>(normals_.size());
    normals_.push_back(normal);
    for (std::uint32_t k = 0; k < 3; ++k) {
      const std::uint32_t next = t[(k + 1) % 3];
      const double angle = angle_between(p[(k + 1) % 3] - p[k], p[(k + 2) % 3] - p[k]);
      corner_normals_[t[k]] = corner_normals_[t[k]] + angle * normal;
      sides.push_back({std::min(t[k], next), std::max(t[k], next), number, k});
    }
  }
  for (std::size_t i = 0; i < normals_.size(); ++i) {
    double most = 0;
    for (const std::uint32_t corner : mesh_.triangles[i]) {
      most = std::max(most, angle_between(corner_normals_[corner], normals_[i]));
    }
    // A ridge of bend 4a that triangles cut short stands out by the way to a corner times tan 2a,
    // where the normals at its corners are turned by a.
    bends_.push_back(most < 0.25 ? std::min(kMostUnseen, 2 * std::tan(most)) : kMostUnseen);
  }
  std::ranges::sort(sides);
  for (std::size_t begin = 0; begin < sides.size();) {
    std::size_t end = begin;
    Vec3 sum;
    for (; end < sides.size() && sides[end].same_place(sides[begin]); ++end) {
      sum = sum + normals_[sides[end].triangle];
    }
    for (; begin < end; ++begin) edge_normals_[sides[begin].triangle][sides[begin].k] = sum;
  }
}

SurfaceTree::Nearest SurfaceTree::nearest(const Vec3& point) const {
  std::uint32_t triangle = 0;
  OnTriangle on;
  tree_.for_each_nearer(point, 1e300, [&](std::uint32_t number, double most) {
    const Triangle& t = mesh_.triangles[number];
    const auto here =
        nearest_on({mesh_.corners[t[0]], mesh_.corners[t[1]], mesh_.corners[t[2]]}, point);
    const Vec3 off = point - here.point;
    const double square = dot(off, off);
    if (square >= most) return most;
    triangle = number;
    on = here;
    return square;
  });
  const Triangle& t = mesh_.triangles[triangle];
  const auto feature = static_cast<std::size_t>(on.feature);
  const Vec3 side = feature == 0  ? normals_[triangle]
                    : feature < 4 ? edge_normals_[triangle][feature - 1]
                                  : corner_normals_[t[feature - 4]];
  const Vec3 off = point - on.point;
  Nearest out{on.point, normals_[triangle], length(off), 0};
  if (dot(side, off) < 0) out.outside = -out.outside;
  double to_corner = 1e300;
  for (const std::uint32_t corner : t) {
    to_corner = std::min(to_corner, length(mesh_.corners[corner] - on.point));
  }
  out.unseen = bends_[triangle] * to_corner;
  return out;
}

std::vector<Vec3> spread_points(const PlacedMesh& mesh, std::size_t count) {
  std::vector<double> up_to;
  double area = 0;
  for (const Triangle& t : mesh.triangles) {
    const Vec3& a = mesh.corners[t[0]];
    area += length(cross(mesh.corners[t[1]] - a, mesh.corners[t[2]] - a));
    up_to.push_back(area);
  }
  std::vector<Vec3> out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double wanted = (static_cast<double>(i) + 0.5) / static_cast<double>(count) * area;
    while (up_to[at] < wanted && at + 1 < up_to.size()) ++at;
    // A sequence that fills the square evenly, folded into the triangle.
    double u = std::fmod(0.5 + 0.7548776662466927 * static_cast<double>(i), 1.0);
    double v = std::fmod(0.5 + 0.5698402909980532 * static_cast<double>(i), 1.0);
    if (u + v > 1) {
      u = 1 - u;
      v = 1 - v;
    }
    const Triangle& t = mesh.triangles[at];
    const Vec3& a = mesh.corners[t[0]];
    out.push_back(a + u * (mesh.corners[t[1]] - a) + v * (mesh.corners[t[2]] - a));
  }
  return out;
}

}  // namespace intaglio::stone
