#include "stone/verified_family.h"

#include <algorithm>
#include <array>
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

// Half a lens of half width 1 and half length a: two arcs of a circle, or where those have no such
// normal, its tip.
double lens_reach(double a, double azimuth) {
  const double radius = (a * a + 1) / 2;
  const double sine = std::abs(std::sin(azimuth));
  const bool is_arc = radius * sine >= radius - 1;
  return is_arc ? radius - (radius - 1) * sine : a * std::abs(std::cos(azimuth));
}

// A tip of that length is cut off a little before its end.
double blunt(double reach, double tip, double azimuth) {
  const double cosine = std::abs(std::cos(azimuth));
  return cosine > 1e-9 ? std::min(reach, 0.97 * tip / cosine) : reach;
}

// A brilliant on an outline of half width 1.
struct Outlined {
  std::string_view family;
  double ratio;  // of a trillion how flat its sides are
  double table;
  double crown;  // heights
  double pavilion;
  double girdle;  // half of it

  double reach(double azimuth) const {
    const double x = ratio * std::abs(std::cos(azimuth));
    const double y = std::abs(std::sin(azimuth));
    if (family == "oval") return std::sqrt(x * x + y * y);
    if (family == "cushion") {
      return std::pow(std::pow(x, kOutline) + std::pow(y, kOutline), 1 / kOutline);
    }
    if (family == "marquise") return blunt(lens_reach(ratio, azimuth), ratio, azimuth);
    if (family == "pear") {
      const double tip = 2 * ratio - 1;
      const double cosine = std::cos(azimuth);
      const double round = cosine > 0 ? blunt(lens_reach(tip, azimuth), tip, azimuth) : 1;
      return round - (ratio - 1) * cosine;
    }
    // A trillion: the way from the middle of the nearest side, at 60, 180 and 300 degrees.
    double side = std::fmod(azimuth - kPi / 3 + 4 * kPi, 2 * kPi / 3);
    side = std::min(side, 2 * kPi / 3 - side);
    return std::min(ratio - (ratio - 1) * std::cos(side), 1.55 * std::cos(kPi / 3 - side));
  }

  // Where the mains are, ascending from 0.
  std::vector<double> mains() const {
    if (family == "marquise") {
      const double turn = 0.55 * std::acos((ratio * ratio - 1) / (ratio * ratio + 1));
      return {0, kPi / 2 - turn, kPi / 2 + turn, kPi, 3 * kPi / 2 - turn, 3 * kPi / 2 + turn};
    }
    const int count = family == "trillion" ? 6 : 8;
    std::vector<double> out;
    for (int i = 0; i < count; ++i) out.push_back(2 * kPi * i / count);
    return out;
  }
};

Outlined outlined_from(std::string_view family, const std::vector<double>& v) {
  return {family, v[0], v[1] / 100, v[2] / 50, v[3] / 50, v[4] / 100};
}

// Eighths of the way from each main to the next: 0 is the main, 2 and 6 are halves, 4 a star, and
// the odd ones are the girdle's sides.
std::vector<double> eighths(const Outlined& o) {
  std::vector<double> mains = o.mains();
  mains.push_back(2 * kPi);
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < mains.size(); ++i) {
    for (int k = 0; k < 8; ++k) out.push_back(mains[i] + k * (mains[i + 1] - mains[i]) / 8);
  }
  return out;
}

Planes outlined_planes(const Outlined& o) {
  const double top = o.girdle + o.crown;
  Planes out = {{{0, 0, 1}, top}};
  const auto azimuths = eighths(o);
  for (std::size_t k = 0; k < azimuths.size(); ++k) {
    const double azimuth = azimuths[k];
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

FacetPlane upright(double azimuth, double distance) {
  return {{std::cos(azimuth), std::sin(azimuth), 0}, distance};
}

// Of a rectangle of half length a and half width 1 without its corners: the eight sides' distances
// at each 45 degrees.
double side_of_rectangle(int side, double a, double corner) {
  if (side % 2 == 1) return (a + 1 - corner) / std::numbers::sqrt2;
  return side % 4 == 0 ? a : 1;
}

// Ratio, table, crown, pavilion, girdle.
Planes radiant_planes(const std::vector<double>& v) {
  const Outlined o = outlined_from("radiant", v);
  Planes out = {{{0, 0, 1}, o.girdle + o.crown}};
  for (int k = 0; k < 8; ++k) {
    const double azimuth = k * kPi / 4;
    const double reach = side_of_rectangle(k, o.ratio, 0.3);
    out.push_back(upright(azimuth, reach));
    for (const double steeper : {1.0, 1.35}) {
      out.push_back(
          rising(azimuth, reach, steeper * o.crown / (reach * (1 - o.table)), o.girdle, true));
    }
    const double slope = o.pavilion / reach;
    out.push_back(rising(azimuth, reach, 1.25 * slope, o.girdle, false));
    out.push_back(rising(azimuth - 0.12, 1.02 * reach, slope, o.girdle, false));
    out.push_back(rising(azimuth + 0.12, 1.02 * reach, slope, o.girdle, false));
  }
  return out;
}

// Table, crown, pavilion, girdle.
Planes princess_planes(const std::vector<double>& v) {
  const double slope = v[1] / 50 / (1 - v[0] / 100);
  const double crown = v[1] / 50;
  const double pavilion = v[2] / 50;
  const double girdle = v[3] / 100;
  Planes out = {{{0, 0, 1}, girdle + crown}};
  for (int k = 0; k < 4; ++k) {
    const double azimuth = k * kPi / 2;
    out.push_back(upright(azimuth, 1));
    out.push_back(upright(azimuth + kPi / 4, 0.985 * std::numbers::sqrt2));
    out.push_back(rising(azimuth, 1, 1.6 * slope, girdle, true));
    out.push_back(rising(azimuth, 1, 0.65 * slope, girdle + 0.35 * crown, true));
    out.push_back(rising(azimuth, 1, 1.7 * pavilion, girdle, false));
    // A chevron is as deep as the culet there, half as deep at 0.55 towards the side, and ends in
    // the corner at (1, 1).
    const double along = 0.5 / 0.55;
    for (const double beside : {along - 1, 1 - along}) {
      const Vec3 n{along * std::cos(azimuth) - beside * std::sin(azimuth),
                   along * std::sin(azimuth) + beside * std::cos(azimuth), 0};
      out.push_back({pavilion * n - Vec3{0, 0, 1}, girdle + pavilion});
    }
  }
  return out;
}

// Ratio, corner, crown, pavilion angle, girdle.
Planes step_planes(const std::vector<double>& v) {
  constexpr std::array<double, 3> kCrown = {45, 38, 30};
  constexpr std::array<double, 3> kMore = {12, 6, 0};
  const double step = v[2] / 150;
  const double girdle = v[4] / 100;
  Planes out = {{{0, 0, 1}, girdle + 3 * step}};
  for (int k = 0; k < 8; ++k) {
    const double azimuth = k * kPi / 4;
    const double reach = side_of_rectangle(k, v[0], v[1] / 50);
    out.push_back(upright(azimuth, reach));
    double above = 0;
    double below = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double up = slope_of(kCrown[i]);
      const double down = slope_of(v[3] + kMore[i]);
      const auto number = static_cast<double>(i);
      out.push_back(rising(azimuth, reach - above, up, girdle + number * step, true));
      out.push_back(rising(azimuth, reach - below, down, girdle + number / 4, false));
      above += step / up;
      below += 0.25 / down;
    }
  }
  return out;
}

// Seven rings of twelve facets that touch an ellipsoid, above the middle one a long one.
Planes briolette_planes(const std::vector<double>& v) {
  Planes out;
  for (int ring = 0; ring < 7; ++ring) {
    const double rise = 2.5 * (ring - 3) / 7;
    const double along = ring > 3 ? 2 * v[0] - 1 : 1;
    for (int k = 0; k < 12; ++k) {
      const double azimuth = (2 * k + ring % 2) * kPi / 12;
      const double level = along * std::cos(rise);
      out.push_back(
          {{level * std::cos(azimuth), level * std::sin(azimuth), std::sin(rise)}, along});
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

// The families whose ranges are proven, and which of their proportions may be left open: for each
// facet its height over a point of the girdle's plane is then monotonous or concave in each.
struct Proven {
  std::string_view family;
  Planes (*planes)(const std::vector<double>& values);
  std::uint32_t free;  // bits
};

template <const char* kFamily>
Planes outlined(const std::vector<double>& v) {
  return outlined_planes(outlined_from(kFamily, v));
}
constexpr char kOval[] = "oval";
constexpr char kCushion[] = "cushion";
constexpr char kPear[] = "pear";
constexpr char kMarquise[] = "marquise";
constexpr char kTrillion[] = "trillion";

constexpr Proven kProven[] = {
    {"round",
     [](const std::vector<double>& v) {
       const Round round = round_from(v);
       return round_planes(round, 0, round.table);
     },
     0b1111},
    {kOval, outlined<kOval>, 0b11111},
    {kCushion, outlined<kCushion>, 0b11111},
    {kPear, outlined<kPear>, 0b11110},
    {kMarquise, outlined<kMarquise>, 0b11110},
    {kTrillion, outlined<kTrillion>, 0b11111},
    {"radiant", radiant_planes, 0b11111},
    {"princess", princess_planes, 0b1111},
    {"emerald", step_planes, 0b10111},
    {"asscher", step_planes, 0b10111},
    {"briolette", briolette_planes, 0b1},
};

const Proven* proven_family(const std::string& family) {
  const auto* at = std::ranges::find(kProven, family, &Proven::family);
  return at == std::end(kProven) ? nullptr : at;
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
  double most = 0;
  for (std::size_t which = 0; which < 4; ++which) {
    const Outlined high = outlined_from(range.family, corner_of(range, which << 2 | 16 | 2 | 1));
    const Outlined low = outlined_from(range.family, corner_of(range, which << 2 | 16 | 1));
    const auto azimuths = eighths(high);
    double beyond = 0;
    double widest = 0;
    for (std::size_t k = 0; k < azimuths.size(); k += 2) {
      // A point within both sides beside it reaches no further than where they meet.
      const double before = k > 0 ? azimuths[k - 1] : azimuths.back() - 2 * kPi;
      const double after = azimuths[k + 1];
      const double met = (std::sin(after - azimuths[k]) * high.reach(before) +
                          std::sin(azimuths[k] - before) * high.reach(after)) /
                         (std::sin(after - before) * high.reach(azimuths[k]));
      beyond = std::max(beyond, met - 1);
      widest = std::max({widest, high.reach(azimuths[k]), high.reach(after)});
    }
    const double lower = 1.2 * high.crown * beyond * (1 / (1 - high.table) - 1 / (1 - low.table));
    most = std::max(most, volume_of(outlined_planes(high)) + lower * 4 * widest * widest);
  }
  return most;
}

// Bodies that grow with all of their proportions but the pavilion, and fall with a step cut's
// corner; with the pavilion the volume is convex. No facet of a crown lies beyond the girdle's side
// that it rises from.
double most_plain_volume(const DesignRange& range, const Proven& family) {
  const bool is_step = range.family == "emerald" || range.family == "asscher";
  const std::size_t pavilion = range.family == "princess" ? 4 : range.family == "radiant" ? 8 : 0;
  const std::size_t high = 31 & ~pavilion & (is_step ? ~std::size_t{2} : 31);
  double most = 0;
  for (const std::size_t which : {high, high | pavilion}) {
    most = std::max(most, volume_of(family.planes(corner_of(range, which))));
  }
  return most;
}

double most_volume(const DesignRange& range, const Proven& family) {
  if (range.family == "round") return most_round_volume(range);
  const bool is_outlined = range.proportions.size() == 5 && range.proportions[1].name == "table";
  return is_outlined && range.family != "radiant" ? most_outlined_volume(range)
                                                  : most_plain_volume(range, family);
}

}  // namespace

Result<CheckedCore> check_core(const DesignRange& range, std::span<const Vec3> corners) {
  const Proven* const family = proven_family(range.family);
  if (family == nullptr || !check_range(range)) return refuted("a range of proportions");
  std::size_t free = 0;
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    if (range.proportions[i].low < range.proportions[i].high) free |= std::size_t{1} << i;
  }
  if ((free & ~family->free) != 0) return refuted("a range of proportions");
  Planes planes;
  for (std::size_t which = 0; which < std::size_t{1} << range.proportions.size(); ++which) {
    if ((which & ~free) != 0) continue;  // one corner for each that differs
    const Planes more = family->planes(corner_of(range, which));
    planes.insert(planes.end(), more.begin(), more.end());
  }
  const double scale = scale_within(planes, corners);
  if (!(scale > 0.01)) return refuted("a core that is in no member");
  return CheckedCore{most_volume(range, *family) * (1 + kVolumeError) / (scale * scale * scale)};
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
