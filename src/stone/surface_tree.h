// A mesh by where its triangles are: which of them come near a box, and where its surface is
// nearest to a point. Pure; any thread.
#pragma once

#include <span>

#include "stone/mesh.h"

namespace intaglio::stone {

// A closed mesh where it lies, in nanometres; the triangles outlive it.
struct PlacedMesh {
  std::vector<Vec3> corners;
  std::span<const Triangle> triangles;
};

// How far a point is from a box, squared; 0 in it.
inline double square_to(const Box& box, const Vec3& p) {
  const Vec3 off{std::max({box.low.x - p.x, 0.0, p.x - box.high.x}),
                 std::max({box.low.y - p.y, 0.0, p.y - box.high.y}),
                 std::max({box.low.z - p.z, 0.0, p.z - box.high.z})};
  return dot(off, off);
}

// The box of each triangle.
std::vector<Box> boxes_of(std::span<const Vec3> corners, std::span<const Triangle> triangles);
std::vector<Box> boxes_of(std::span<const Point> corners, std::span<const Triangle> triangles);

// Boxes in a tree, each node the box of its two parts.
class BoxTree {
 public:
  explicit BoxTree(const std::vector<Box>& boxes);

  // Calls take(number) for each box that has a point in common with `box`, always in the same
  // sequence.
  template <typename Take>
  void for_each_touching(const Box& box, const Take& take) const {
    std::array<std::uint32_t, kDeepest> open{0};
    std::size_t count = nodes_.empty() ? 0 : 1;
    while (count > 0) {
      const Node& node = nodes_[open[--count]];
      if (!touch(node.box, box)) continue;
      if (node.count > 0) {
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
          if (touch(boxes_[i], box)) take(numbers_[i]);
        }
      } else {
        open[count++] = node.first;
        open[count++] = node.first + 1;
      }
    }
  }

  // Calls take(number, most) for boxes of which bound(box, most) is less than `most`, which take
  // returns anew, and goes where it is least first. A bound is no more than that of any box within;
  // from `most` on it may be anything. Always in the same sequence.
  template <typename Bound, typename Take>
  void for_each_less(const Bound& bound, double most, const Take& take) const {
    struct Open {
      std::uint32_t node;
      double bound;
    };
    std::array<Open, kDeepest> open{};
    std::size_t count = 0;
    if (!nodes_.empty()) open[count++] = {0, bound(nodes_[0].box, most)};
    while (count > 0) {
      const Open here = open[--count];
      if (here.bound >= most) continue;
      const Node& node = nodes_[here.node];
      if (node.count > 0) {
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
          if (bound(boxes_[i], most) < most) most = take(numbers_[i], most);
        }
        continue;
      }
      Open near{node.first, bound(nodes_[node.first].box, most)};
      Open far{node.first + 1, bound(nodes_[node.first + 1].box, most)};
      if (far.bound < near.bound) std::swap(near, far);
      open[count++] = far;
      open[count++] = near;
    }
  }

  // The same for boxes that are nearer to a point than `most`, a squared distance.
  template <typename Take>
  void for_each_nearer(const Vec3& point, double most, const Take& take) const {
    for_each_less([&](const Box& box, double) { return square_to(box, point); }, most, take);
  }

 private:
  static constexpr std::size_t kDeepest = 64;  // parts are halves: far more than 2^32 boxes

  struct Node {
    Box box;
    std::uint32_t first = 0;  // the first of two nodes, or of `count` numbers
    std::uint32_t count = 0;
  };

  static bool touch(const Box& a, const Box& b) {
    return a.low.x <= b.high.x && b.low.x <= a.high.x && a.low.y <= b.high.y &&
           b.low.y <= a.high.y && a.low.z <= b.high.z && b.low.z <= a.high.z;
  }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> numbers_;
  std::vector<Box> boxes_;  // in the sequence of the numbers
};

class SurfaceTree {
 public:
  explicit SurfaceTree(PlacedMesh mesh);

  struct Nearest {
    Vec3 point;          // of the surface
    Vec3 normal;         // of the triangle that it is in, outwards, of length 1
    double outside = 0;  // how far off it is: above 0 outside of the body, below 0 inside
    // How far the body that was scanned may stand out there unseen, between its corners: by the way
    // to the nearest corner of the triangle and by how much the mesh is bent round the triangle,
    // with half of that way at most. It is 0 in a corner and in a plane.
    double unseen = 0;
  };
  // The side is right everywhere, on edges and corners too: by the mean of the normals that meet
  // there, weighted by the angles.
  Nearest nearest(const Vec3& point) const;

  const PlacedMesh& mesh() const { return mesh_; }

 private:
  PlacedMesh mesh_;
  BoxTree tree_;
  std::vector<Vec3> normals_;                      // of triangles
  std::vector<std::array<Vec3, 3>> edge_normals_;  // from corner k to k + 1
  std::vector<Vec3> corner_normals_;
  std::vector<double> bends_;  // unseen height for the way to a corner
};

// Points spread over a mesh evenly by area, the same for the same mesh.
std::vector<Vec3> spread_points(const PlacedMesh& mesh, std::size_t count);

}  // namespace intaglio::stone
