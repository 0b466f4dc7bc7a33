#include "stone/mesh.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::stone {
namespace {

constexpr double kLargest = kMaxCoordinate - 1;

// An edge of a triangle, its lower corner first; `forward` when the triangle goes that way.
struct Edge {
  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t triangle;
  bool forward;
  bool same_place(const Edge& other) const { return low == other.low && high == other.high; }
  auto operator<=>(const Edge&) const = default;
};

std::vector<Edge> edges_of(const std::vector<Triangle>& triangles) {
  std::vector<Edge> edges;
  edges.reserve(triangles.size() * 3);
  for (std::uint32_t t = 0; t < triangles.size(); ++t) {
    for (int k = 0; k < 3; ++k) {
      const std::uint32_t a = triangles[t][static_cast<std::size_t>(k)];
      const std::uint32_t b = triangles[t][static_cast<std::size_t>((k + 1) % 3)];
      edges.push_back({std::min(a, b), std::max(a, b), t, a < b});
    }
  }
  std::ranges::sort(edges);
  return edges;
}

struct Grid {
  Vec3 origin;  // nanometres, whole numbers
};

Result<Grid> grid_of(const TriangleSoup& soup, Unit unit) {
  if (soup.triangles.size() > kMaxTriangles) {
    return refuse(Verdict::too_large,
                  format("{} triangles, at most {}", soup.triangles.size(), kMaxTriangles));
  }
  if (soup.triangles.empty()) return refuse(Verdict::mesh_empty, "no triangle");
  for (std::size_t i = 0; i < soup.corners.size(); ++i) {
    const Vec3& c = soup.corners[i];
    if (!std::isfinite(c.x) || !std::isfinite(c.y) || !std::isfinite(c.z)) {
      return refuse(Verdict::bad_value, format("corner {} is not a number", i));
    }
  }
  // Some formats list corners that no triangle has: they are no part of the body.
  Box box;
  for (std::size_t i = 0; i < soup.triangles.size(); ++i) {
    for (const std::uint32_t corner : soup.triangles[i]) {
      if (corner >= soup.corners.size()) {
        return refuse(Verdict::bad_value, format("triangle {} names corner {}", i, corner));
      }
      box.take(soup.corners[corner]);
    }
  }
  const Vec3 size = unit.nanometres * box.size();
  const Vec3 middle = unit.nanometres * (0.5 * box.low + 0.5 * box.high);
  const double widest = std::max({size.x, size.y, size.z});
  const double furthest = std::max({std::abs(middle.x), std::abs(middle.y), std::abs(middle.z)});
  if (!(widest < 2 * kLargest) || !(furthest < 1e15)) {
    return refuse(Verdict::too_large, format("{:.6g} mm wide, {:.6g} mm from zero; is the unit "
                                             "right?",
                                             widest / 1e6, furthest / 1e6));
  }
  return Grid{{std::round(middle.x), std::round(middle.y), std::round(middle.z)}};
}

// Corners at one nanometre become one, in ascending order of place: the same solid from any file.
void weld(const TriangleSoup& soup, Unit unit, const Grid& grid, Solid& out) {
  std::vector<Point> places;
  places.reserve(soup.corners.size());
  for (const Vec3& corner : soup.corners) {
    const Vec3 p = unit.nanometres * corner - grid.origin;
    places.push_back({static_cast<std::int32_t>(std::lround(p.x)),
                      static_cast<std::int32_t>(std::lround(p.y)),
                      static_cast<std::int32_t>(std::lround(p.z))});
  }
  std::vector<std::uint32_t> by_place(places.size());
  for (std::uint32_t i = 0; i < by_place.size(); ++i) by_place[i] = i;
  std::ranges::sort(by_place, [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(places[a], a) < std::tie(places[b], b);
  });
  std::vector<bool> used(places.size());
  for (const Triangle& t : soup.triangles) {
    for (const std::uint32_t corner : t) used[corner] = true;
  }
  std::vector<std::uint32_t> number(places.size());
  for (const std::uint32_t i : by_place) {
    if (!used[i]) continue;
    if (out.corners.empty() || out.corners.back() != places[i]) {
      out.corners.push_back(places[i]);
    } else {
      ++out.welded;
    }
    number[i] = static_cast<std::uint32_t>(out.corners.size() - 1);
  }
  for (const Triangle& t : soup.triangles) {
    const Triangle named{number[t[0]], number[t[1]], number[t[2]]};
    if (named[0] == named[1] || named[1] == named[2] || named[2] == named[0]) {
      ++out.dropped;
    } else {
      out.triangles.push_back(named);
    }
  }
}

// The same three corners twice, whichever way round, is one triangle.
void drop_doubles(Solid& solid) {
  const auto sorted = [](Triangle t) {
    std::ranges::sort(t);
    return t;
  };
  std::vector<std::pair<Triangle, std::uint32_t>> keys;
  for (std::uint32_t i = 0; i < solid.triangles.size(); ++i) {
    keys.emplace_back(sorted(solid.triangles[i]), i);
  }
  std::ranges::sort(keys);
  std::vector<bool> keep(solid.triangles.size(), true);
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (keys[i].first == keys[i - 1].first) keep[keys[i].second] = false;
  }
  std::vector<Triangle> kept;
  for (std::size_t i = 0; i < solid.triangles.size(); ++i) {
    if (keep[i]) kept.push_back(solid.triangles[i]);
  }
  solid.dropped += solid.triangles.size() - kept.size();
  solid.triangles = std::move(kept);
}

// Corners that no triangle is left of are not part of the solid.
void drop_unused_corners(Solid& solid) {
  std::vector<std::uint32_t> number(solid.corners.size());
  for (const Triangle& t : solid.triangles) {
    for (const std::uint32_t corner : t) number[corner] = 1;
  }
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < number.size(); ++i) {
    if (number[i] == 0) continue;
    solid.corners[kept] = solid.corners[i];
    number[i] = kept++;
  }
  solid.corners.resize(kept);
  for (Triangle& t : solid.triangles) {
    for (std::uint32_t& corner : t) corner = number[corner];
  }
}

// The origin is the middle of the box of what is left, whatever was dropped and wherever the file's
// own origin is: so that the same body has the same corners.
void centre(Solid& solid) {
  std::array<std::int32_t, 3> low{INT32_MAX, INT32_MAX, INT32_MAX};
  std::array<std::int32_t, 3> high{INT32_MIN, INT32_MIN, INT32_MIN};
  const auto parts = [](Point& p) { return std::array{&p.x, &p.y, &p.z}; };
  for (Point& p : solid.corners) {
    for (std::size_t k = 0; k < 3; ++k) {
      low[k] = std::min(low[k], *parts(p)[k]);
      high[k] = std::max(high[k], *parts(p)[k]);
    }
  }
  std::array<std::int32_t, 3> by{};
  for (std::size_t k = 0; k < 3; ++k) {
    by[k] = (low[k] + high[k]) >> 1;  // rounded down, for a sum below 0 as well
    solid.origin[k] += by[k];
  }
  for (Point& p : solid.corners) {
    for (std::size_t k = 0; k < 3; ++k) *parts(p)[k] -= by[k];
  }
}

Vec3 absolute(const Solid& solid, std::uint32_t corner) {
  return to_vec(solid.corners[corner]) + origin_of(solid);
}

// Every edge has two triangles, or the refusal says where and how many have not.
Result<void> check_edges(const Solid& solid, const std::vector<Edge>& edges) {
  std::size_t open = 0;
  std::size_t crowded = 0;
  std::optional<Edge> first_open;
  std::optional<Edge> first_crowded;
  for (std::size_t i = 0; i < edges.size();) {
    std::size_t end = i + 1;
    while (end < edges.size() && edges[end].same_place(edges[i])) ++end;
    if (end - i == 1 && open++ == 0) first_open = edges[i];
    if (end - i > 2 && crowded++ == 0) first_crowded = edges[i];
    i = end;
  }
  const auto where = [&](const Edge& edge, std::size_t count) {
    return format("{} edges; the first from {} to {}", count, place_text(absolute(solid, edge.low)),
                  place_text(absolute(solid, edge.high)));
  };
  if (first_open) return refuse(Verdict::mesh_open, where(*first_open, open));
  if (first_crowded) return refuse(Verdict::mesh_not_manifold, where(*first_crowded, crowded));
  return {};
}

// Turns triangles so that both sides of each edge run against each other. Edges are in pairs.
Result<void> turn(Solid& solid, const std::vector<Edge>& edges) {
  const std::size_t count = solid.triangles.size();
  // The three pairs that each triangle is part of.
  std::vector<std::array<std::uint32_t, 3>> pairs(count);
  std::vector<std::uint8_t> filled(count);
  for (std::uint32_t i = 0; i < edges.size(); ++i) {
    const std::uint32_t t = edges[i].triangle;
    pairs[t][filled[t]++] = i / 2;
  }
  std::vector<std::uint8_t> state(count);  // 0 not seen, 1 as it is, 2 turned
  std::vector<std::uint32_t> open{0};
  state[0] = 1;
  std::size_t seen = 0;
  while (!open.empty()) {
    const std::uint32_t t = open.back();
    open.pop_back();
    ++seen;
    for (const std::uint32_t pair : pairs[t]) {
      const Edge& a = edges[2 * pair];
      const Edge& b = edges[2 * pair + 1];
      const std::uint32_t other = a.triangle == t ? b.triangle : a.triangle;
      const bool same_way = a.forward == b.forward;
      const auto wanted = static_cast<std::uint8_t>(same_way ? 3 - state[t] : state[t]);
      if (state[other] == 0) {
        state[other] = wanted;
        open.push_back(other);
      } else if (state[other] != wanted) {
        return refuse(Verdict::mesh_not_manifold,
                      "a surface with one side; near " + place_text(absolute(solid, a.low)));
      }
    }
  }
  if (seen < count) {
    const auto apart = static_cast<std::size_t>(std::ranges::find(state, 0) - state.begin());
    return refuse(Verdict::mesh_in_pieces,
                  format("{} of {} triangles hang together; another piece is at {}", seen, count,
                         place_text(absolute(solid, solid.triangles[apart][0]))));
  }
  for (std::size_t t = 0; t < count; ++t) {
    if (state[t] != 2) continue;
    std::swap(solid.triangles[t][1], solid.triangles[t][2]);
    ++solid.turned;
  }
  return {};
}

// The triangles round each corner are one fan: a solid that touches itself in a corner is refused.
Result<void> check_fans(const Solid& solid) {
  // In the fan of corner c each triangle leads from its next corner to the one before.
  std::vector<std::uint32_t> degree(solid.corners.size() + 1);
  for (const Triangle& t : solid.triangles) {
    for (const std::uint32_t c : t) ++degree[c + 1];
  }
  for (std::size_t i = 1; i < degree.size(); ++i) degree[i] += degree[i - 1];
  std::vector<std::pair<std::uint32_t, std::uint32_t>> steps(degree.back());
  std::vector<std::uint32_t> at(degree.begin(), degree.end() - 1);
  for (const Triangle& t : solid.triangles) {
    for (std::size_t k = 0; k < 3; ++k) steps[at[t[k]]++] = {t[(k + 1) % 3], t[(k + 2) % 3]};
  }
  for (std::uint32_t c = 0; c < solid.corners.size(); ++c) {
    const auto begin = steps.begin() + degree[c];
    const auto end = steps.begin() + degree[c + 1];
    std::sort(begin, end);
    std::size_t length = 1;
    for (auto step = begin; step->second != begin->first;) {
      step = std::lower_bound(begin, end, std::pair(step->second, 0U));
      CHECK(step != end);
      ++length;
    }
    if (length != static_cast<std::size_t>(end - begin)) {
      return refuse(Verdict::mesh_not_manifold,
                    "it touches itself at " + place_text(absolute(solid, c)));
    }
  }
  return {};
}

}  // namespace

Result<Unit> unit_from_text(std::string_view text) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"mm", 1e6}, {"um", 1e3}, {"cm", 1e7}, {"m", 1e9}, {"in", 25.4e6}};
  for (const auto& [name, nanometres] : kUnits) {
    if (name == text) return Unit{nanometres};
  }
  return refuse(Verdict::bad_value, "unit " + std::string(text.substr(0, 20)));
}

std::string place_text(const Vec3& nanometres) {
  return format("({:.6f}, {:.6f}, {:.6f}) mm", nanometres.x / 1e6, nanometres.y / 1e6,
                nanometres.z / 1e6);
}

Wide volume_six(const std::vector<Point>& corners, const std::vector<Triangle>& triangles) {
  Wide sum = 0;
  for (const Triangle& t : triangles) {
    // The determinant of the three corners; (0, 0, 0) is the fourth corner of each tetrahedron.
    const Point& a = corners[t[0]];
    const Point& b = corners[t[1]];
    const Point& c = corners[t[2]];
    const Direction n{std::int64_t{b.y} * c.z - std::int64_t{b.z} * c.y,
                      std::int64_t{b.z} * c.x - std::int64_t{b.x} * c.z,
                      std::int64_t{b.x} * c.y - std::int64_t{b.y} * c.x};
    sum += dot(n, a);
  }
  return sum;
}

Vec3 centroid_of(const Solid& solid) {
  Vec3 sum;
  double volume = 0;
  for (const Triangle& t : solid.triangles) {
    const Point& a = solid.corners[t[0]];
    const Point& b = solid.corners[t[1]];
    const Point& c = solid.corners[t[2]];
    const double part = static_cast<double>(dot(normal_of({}, b, c), a));
    sum = sum + part * (to_vec(a) + to_vec(b) + to_vec(c));
    volume += part;
  }
  return (1 / (4 * volume)) * sum;
}

MicroCarats weight_of(Wide volume_six, SpecificGravity gravity) {
  CHECK(volume_six >= 0);
  // carat = mm^3 * (g / cm^3) / 200; a sixth of 1e-18 mm^3, a thousandth of g / cm^3, 1e-6 ct.
  return MicroCarats(
      static_cast<std::uint64_t>(volume_six * gravity.value() / Wide{1'200'000'000'000'000'000}));
}

Result<Solid> solid_from(const TriangleSoup& soup, Unit unit) {
  ASSIGN(const auto grid, grid_of(soup, unit));
  Solid solid;
  solid.origin = {static_cast<std::int64_t>(grid.origin.x),
                  static_cast<std::int64_t>(grid.origin.y),
                  static_cast<std::int64_t>(grid.origin.z)};
  weld(soup, unit, grid, solid);
  drop_doubles(solid);
  drop_unused_corners(solid);
  if (solid.triangles.empty()) return refuse(Verdict::mesh_empty, "every triangle is a line");
  centre(solid);
  const auto edges = edges_of(solid.triangles);
  TRY(check_edges(solid, edges));
  TRY(turn(solid, edges));
  TRY(check_fans(solid));
  const Wide volume = volume_six(solid.corners, solid.triangles);
  if (volume == 0) return refuse(Verdict::mesh_empty, "the volume is 0");
  if (volume < 0) {
    for (Triangle& t : solid.triangles) std::swap(t[1], t[2]);
    solid.turned = solid.triangles.size() - solid.turned;
  }
  return solid;
}

Result<SpecificGravity> gravity_of(std::string_view material) {
  static constexpr std::pair<std::string_view, std::uint32_t> kMaterials[] = {
      {"diamond", 3520},    {"ruby", 4000},    {"sapphire", 4000}, {"corundum", 4000},
      {"spinel", 3600},     {"topaz", 3550},   {"garnet", 3800},   {"peridot", 3350},
      {"tourmaline", 3060}, {"emerald", 2710}, {"beryl", 2720},    {"quartz", 2650},
      {"zircon", 4700},     {"opal", 2100}};
  for (const auto& [name, thousandths] : kMaterials) {
    if (name == material) return SpecificGravity(thousandths);
  }
  return refuse(Verdict::bad_value, "material " + std::string(material.substr(0, 20)));
}

}  // namespace intaglio::stone
