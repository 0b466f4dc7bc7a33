#include "stone/verified_family.h"

#include <algorithm>
#include <numbers>

namespace intaglio::stone {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kEighth = kPi / 8;
constexpr double kWide = 100;          // half the side of a facet that nothing cuts
constexpr double kStep = 0.0025;       // of a table's width: how finely its range is looked through
constexpr double kRounding = 1e-9;     // of sums and polygons, relative
constexpr double kVolumeError = 1e-6;  // relative
constexpr double kOutline = 1.5;       // the exponent of the cushion's

std::unexpected<Refusal> refuted(const std::string& what) {
  return refuse(Verdict::plan_refuted, what);
}

double parts(std::uint32_t thousandths) { return thousandths / 1000.0; }
double slope_of(double degrees) { return std::tan(degrees * kPi / 180); }

// normal * x <= offset, the normal of any length.
using Planes = std::vector<FacetPlane>;

// A facet that rises from z by `slope` for each step inwards from the line at `distance`, seen from
// above or, mirrored, from below.
FacetPlane rising(double azimuth, double distance, double slope, double z, bool is_above) {
  return {{slope * std::cos(azimuth), slope * std::sin(azimuth), is_above ? 1.0 : -1.0},
          z + slope * distance};
}

// A round brilliant whose girdle has radius 1; tables and so on by that.
struct Round {
  double table;
  double crown;  // slopes
  double pavilion;
  double girdle;  // half of it
  double star;
  double lower;  // radius of the tip of the lower halves

  double star_tip() const {
    const double inner = table * std::cos(kEighth);
    return inner + star * (1 - inner);
  }
};

// How much steeper than the mains the halves are whose tip is at that radius.
double half_slope(double tip) { return (1 - tip * std::cos(kEighth)) / (1 - tip); }

// The halves beside a middle between mains: through girdle points at the middle and the main.
void add_halves(Planes& out, double middle, double slope, double z, bool is_above) {
  const double beside = (1 - std::cos(kEighth)) / std::sin(kEighth);
  for (const double side : {-beside, beside}) {
    const Vec3 n{slope * (std::cos(middle) - side * std::sin(middle)),
                 slope * (std::sin(middle) + side * std::cos(middle)), is_above ? 1.0 : -1.0};
    out.push_back({n, z + slope});
  }
}

// All facets; `star_rise` is how much higher the stars lie, and `half_table` the table by which the
// halves lie.
Planes round_planes(const Round& r, double star_rise, double half_table) {
  const double c8 = std::cos(kEighth);
  const double top = r.girdle + r.crown * (1 - r.table);
  const double inner = r.table * c8;
  const double tip = r.star_tip();
  // From the table's edge down to the tip of the star.
  const double fall = ((1 - r.table) - (1 - tip * c8)) / (tip - inner);
  Round other = r;
  other.table = half_table;
  Planes out = {{{0, 0, 1}, top}};
  for (int k = 0; k < 8; ++k) {
    const double main = k * kPi / 4;
    const double middle = main + kEighth;
    out.push_back(rising(main, 1, r.crown, r.girdle, true));
    out.push_back(rising(main, 1, r.pavilion, r.girdle, false));
    out.push_back(rising(middle, inner, r.crown * fall, top + r.crown * star_rise, true));
    add_halves(out, middle, r.crown * half_slope(other.star_tip()), r.girdle, true);
    add_halves(out, middle, r.pavilion * half_slope(r.lower), r.girdle, false);
  }
  for (int i = 0; i < 32; ++i) {
    const double azimuth = (i + 0.5) * kPi / 16;
    out.push_back({{std::cos(azimuth), std::sin(azimuth), 0}, std::cos(kPi / 32)});
  }
  return out;
}

Round round_from(const std::vector<double>& v) {
  return {v[0] / 100, slope_of(v[1]), slope_of(v[2]), v[3] / 100, v[4] / 100, 1 - v[5] / 100};
}

// A brilliant on an outline of half width 1.
struct Outlined {
  bool is_oval;
  double ratio;
  double table;
  double crown;  // heights
  double pavilion;
  double girdle;  // half of it

  double reach(double azimuth) const {
    const double x = ratio * std::abs(std::cos(azimuth));
    const double y = std::abs(std::sin(azimuth));
    if (is_oval) return std::sqrt(x * x + y * y);
    return std::pow(std::pow(x, kOutline) + std::pow(y, kOutline), 1 / kOutline);
  }
};

Outlined outlined_from(bool is_oval, const std::vector<double>& v) {
  return {is_oval, v[0], v[1] / 100, v[2] / 50, v[3] / 50, v[4] / 100};
}

Planes outlined_planes(const Outlined& o) {
  const double top = o.girdle + o.crown;
  Planes out = {{{0, 0, 1}, top}};
  // Sixty-fourths of the round: mains at every eighth, and so on.
  for (int k = 0; k < 64; ++k) {
    const double azimuth = k * kPi / 32;
    const double reach = o.reach(azimuth);
    const double mains = o.crown / (reach * (1 - o.table));
    if (k % 2 == 1) {
      out.push_back({{std::cos(azimuth), std::sin(azimuth), 0}, reach});
    } else if (k % 8 == 4) {
      out.push_back(rising(azimuth, o.table * reach, 0.6 * mains, top, true));
    } else {
      const bool is_main = k % 8 == 0;
      out.push_back(rising(azimuth, reach, (is_main ? 1 : 1.2) * mains, o.girdle, true));
      out.push_back(
          rising(azimuth, reach, (is_main ? 1 : 1.04) * o.pavilion / reach, o.girdle, false));
    }
  }
  return out;
}

// Of length 1, each once.
Planes distinct(const Planes& planes) {
  Planes out;
  for (const FacetPlane& plane : planes) {
    const double size = length(plane.normal);
    const FacetPlane one{(1 / size) * plane.normal, plane.offset / size};
    const auto same = [&](const FacetPlane& other) {
      return length(one.normal - other.normal) < 1e-12 &&
             std::abs(one.offset - other.offset) < 1e-12;
    };
    if (std::ranges::none_of(out, same)) out.push_back(one);
  }
  return out;
}

// What a plane leaves of a facet.
void cut(std::vector<Vec3>& facet, const FacetPlane& plane) {
  std::vector<Vec3> left;
  for (std::size_t k = 0; k < facet.size(); ++k) {
    const Vec3& a = facet[k];
    const Vec3& b = facet[(k + 1) % facet.size()];
    const double at_a = dot(plane.normal, a) - plane.offset;
    const double at_b = dot(plane.normal, b) - plane.offset;
    if (at_a <= 0) left.push_back(a);
    if (at_a * at_b < 0) left.push_back(a + (at_a / (at_a - at_b)) * (b - a));
  }
  facet = std::move(left);
}

// Of the body that the planes close, the origin inside: pyramids over its facets.
double volume_of(const Planes& any) {
  const Planes planes = distinct(any);
  double volume = 0;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const Vec3& n = planes[i].normal;
    const Vec3 other = std::abs(n.z) < 0.8 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
    const Vec3 u = kWide * unit(cross(n, other));
    const Vec3 v = cross(n, u);
    const Vec3 middle = planes[i].offset * n;
    std::vector<Vec3> facet = {middle - u - v, middle + u - v, middle + u + v, middle - u + v};
    for (std::size_t j = 0; j < planes.size() && !facet.empty(); ++j) {
      if (j != i) cut(facet, planes[j]);
    }
    for (std::size_t k = 2; k < facet.size(); ++k) {
      volume += std::abs(dot(facet[0], cross(facet[k - 1], facet[k]))) / 6;
    }
  }
  return volume;
}

// The proportions of a range, all low or, by the bits of `which`, some high.
std::vector<double> corner_of(const DesignRange& range, std::size_t which) {
  std::vector<double> out;
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    const FreeProportion& p = range.proportions[i];
    out.push_back(parts(which >> i & 1 ? p.high : p.low));
  }
  return out;
}

Planes planes_of(const DesignRange& range, const std::vector<double>& values) {
  if (range.family == "round") {
    const Round round = round_from(values);
    return round_planes(round, 0, round.table);
  }
  return outlined_planes(outlined_from(range.family == "oval", values));
}

// The largest scale at which the corners, moved along z, are within the planes.
double scale_within(const Planes& planes, std::span<const Vec3> corners) {
  std::vector<double> reaches;
  for (const FacetPlane& plane : planes) {
    double reach = 0;
    for (const Vec3& corner : corners) reach = std::max(reach, dot(plane.normal, corner));
    reaches.push_back(reach);
  }
  const auto at = [&](double z) {
    double scale = 1e300;
    for (std::size_t i = 0; i < planes.size(); ++i) {
      if (reaches[i] <= 0) continue;
      scale = std::min(scale, (planes[i].offset - planes[i].normal.z * z) / reaches[i]);
    }
    return scale;
  };
  // It rises up to one height and falls from there; any height will do.
  double low = -2;
  double high = 2;
  for (int i = 0; i < 100; ++i) {
    const double a = low + (high - low) / 3;
    const double b = high - (high - low) / 3;
    if (at(a) < at(b)) {
      low = a;
    } else {
      high = b;
    }
  }
  return at((low + high) / 2) * (1 - kRounding);
}

// No member has more volume. With the table fixed the volume is the integral of the larger of 0 and
// a sum of girdle, crown and pavilion, each times something: it is greatest in a corner of those,
// and grows with the girdle. Step by step through the tables: the table lies no higher than the
// lower one's, the halves no higher than the upper one's but at the girdle's scallops, the stars no
// higher than the lower one's by what they can rise.
double most_round_volume(const DesignRange& range) {
  const auto& table = range.proportions[0];
  const double width = (parts(table.high) - parts(table.low)) / 100;
  const int steps = 1 + static_cast<int>(width / kStep);
  double most = 0;
  for (std::size_t which = 0; which < 4; ++which) {
    Round r = round_from(corner_of(range, which << 1 | 8));
    for (int i = 0; i < steps; ++i) {
      const double from = parts(table.low) / 100 + width * i / steps;
      const double to = parts(table.low) / 100 + width * (i + 1) / steps;
      r.table = to;
      const double high = half_slope(r.star_tip());
      r.table = from;
      const double low = half_slope(r.star_tip());
      const double rise = std::pow(std::sin(kEighth), 2) * (1 / r.star - 1) * (to - from);
      const double volume = volume_of(round_planes(r, rise, to));
      // The scallops are no deeper than 0.02 times the slope.
      most = std::max(most, volume + 0.02 * r.crown * (high - low) * kPi);
    }
  }
  return most;
}

// As above; and the volume grows with the ratio. A wider table makes all facets steeper, and only
// beyond the outline, where the girdle's sides meet, lower.
double most_outlined_volume(const DesignRange& range) {
  const bool is_oval = range.family == "oval";
  double most = 0;
  for (std::size_t which = 0; which < 4; ++which) {
    const Outlined high = outlined_from(is_oval, corner_of(range, which << 2 | 16 | 2 | 1));
    const Outlined low = outlined_from(is_oval, corner_of(range, which << 2 | 16 | 1));
    double beyond = 0;
    double widest = 0;
    for (int k = 0; k < 64; k += 2) {
      const double azimuth = k * kPi / 32;
      const double met = (high.reach(azimuth - kPi / 32) + high.reach(azimuth + kPi / 32)) /
                         (2 * std::cos(kPi / 32) * high.reach(azimuth));
      beyond = std::max(beyond, met - 1);
      widest = std::max(widest, high.reach(azimuth));
    }
    const double lower = 1.2 * high.crown * beyond * (1 / (1 - high.table) - 1 / (1 - low.table));
    most = std::max(most, volume_of(outlined_planes(high)) + lower * 4 * widest * widest);
  }
  return most;
}

bool has_proof(const std::string& family) {
  return family == "round" || family == "oval" || family == "cushion";
}

}  // namespace

Result<CheckedCore> check_core(const DesignRange& range, std::span<const Vec3> corners) {
  if (!has_proof(range.family) || !check_range(range)) {
    return refuted("a range of proportions");
  }
  std::size_t free = 0;
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    if (range.proportions[i].low < range.proportions[i].high) free |= std::size_t{1} << i;
  }
  Planes planes;
  for (std::size_t which = 0; which < std::size_t{1} << range.proportions.size(); ++which) {
    if ((which & ~free) != 0) continue;  // one corner for each that differs
    const Planes more = planes_of(range, corner_of(range, which));
    planes.insert(planes.end(), more.begin(), more.end());
  }
  const double scale = scale_within(planes, corners);
  if (!(scale > 0.01)) return refuted("a core that is in no member");
  const double most =
      range.family == "round" ? most_round_volume(range) : most_outlined_volume(range);
  return CheckedCore{most * (1 + kVolumeError) / (scale * scale * scale)};
}

Result<void> check_cover(const DesignRange& whole, const std::vector<DesignRange>& parts_of) {
  TRY(check_range(whole));
  using Interval = std::pair<std::int64_t, std::int64_t>;
  std::vector<std::vector<Interval>> boxes;
  Wide covered = 0;
  for (const DesignRange& part : parts_of) {
    if (part.family != whole.family || !check_range(part)) return refuted("a range of proportions");
    Wide size = 1;
    auto& box = boxes.emplace_back();
    for (std::size_t i = 0; i < whole.proportions.size(); ++i) {
      const FreeProportion& all = whole.proportions[i];
      const FreeProportion& own = part.proportions[i];
      const Interval within{std::max(all.low, own.low), std::min(all.high, own.high)};
      const bool is_fixed = all.low == all.high;
      if (within.first > within.second) size = 0;
      if (!is_fixed) size *= within.second - within.first;
      if (!is_fixed) box.push_back(within);
    }
    covered += size;
    if (size == 0) boxes.pop_back();
  }
  // Boxes that have no inside in common cover as much as they are large.
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      bool is_apart = boxes[i].empty();
      for (std::size_t k = 0; k < boxes[i].size(); ++k) {
        is_apart = is_apart || std::max(boxes[i][k].first, boxes[j][k].first) >=
                                   std::min(boxes[i][k].second, boxes[j][k].second);
      }
      if (!is_apart) return refuted("ranges that overlap");
    }
  }
  Wide wanted = 1;
  bool is_one = true;
  for (const FreeProportion& all : whole.proportions) {
    if (all.low == all.high) continue;
    wanted *= static_cast<Wide>(all.high) - all.low;
    is_one = false;
  }
  if (is_one ? covered < 1 : covered != wanted) return refuted("proportions that were not tried");
  return {};
}

}  // namespace intaglio::stone
