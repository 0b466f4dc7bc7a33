#include "stone/families.h"

#include <algorithm>
#include <functional>
#include <numbers>
#include <optional>

#include "base/check.h"
#include "base/format.h"
#include "stone/lines.h"

namespace intaglio::stone {
namespace {

constexpr double kPi = std::numbers::pi;

double tan_degrees(double degrees) { return std::tan(degrees * kPi / 180); }

Vec3 at_azimuth(double azimuth, double radius, double z) {
  return {radius * std::cos(azimuth), radius * std::sin(azimuth), z};
}

// The plane through three points, the origin inside.
FacetPlane through(const Vec3& a, const Vec3& b, const Vec3& c) {
  const Vec3 n = unit(cross(b - a, c - a));
  const double offset = dot(n, a);
  return offset < 0 ? FacetPlane{-n, -offset} : FacetPlane{n, offset};
}

// A side of an outline as seen from above: the line where cos * x + sin * y is `distance`.
struct Tangent {
  double azimuth;
  double distance;
};

// Through that line at height z, falling outwards by `slope`; downwards when `up` is false.
FacetPlane slanted(const Tangent& side, double z, double slope, bool up) {
  const Vec3 n = at_azimuth(side.azimuth, slope, up ? 1 : -1);
  return {n, slope * side.distance + (up ? z : -z)};
}

FacetPlane upright(const Tangent& side) { return {at_azimuth(side.azimuth, 1, 0), side.distance}; }

using Values = std::vector<double>;  // in the order of the family's ranges

// Table, crown, pavilion, girdle, star, lower; the girdle's radius is 1.
std::vector<FacetPlane> round_planes(const Values& v) {
  const double table = v[0] / 100;
  const double girdle = v[3] / 100;  // half of it at either side: of the diameter, so of 2
  const double crown = tan_degrees(v[1]);
  const double pavilion = tan_degrees(v[2]);
  const double eighth = kPi / 8;
  const double height = girdle + crown * (1 - table);
  const double inner = table * std::cos(eighth);
  const double star = inner + v[4] / 100 * (1 - inner);
  const double star_z = girdle + crown * (1 - star * std::cos(eighth));
  const double lower = 1 - v[5] / 100;
  const double lower_z = -girdle - pavilion * (1 - lower * std::cos(eighth));
  std::vector<FacetPlane> planes = {{{0, 0, 1}, height}};
  for (int k = 0; k < 8; ++k) {
    const double main = k * kPi / 4;
    const double mid = main + eighth;
    const double next = main + kPi / 4;
    planes.push_back(slanted({main, 1}, girdle, crown, true));
    planes.push_back(slanted({main, 1}, -girdle, pavilion, false));
    const Vec3 star_tip = at_azimuth(mid, star, star_z);
    const Vec3 lower_tip = at_azimuth(mid, lower, lower_z);
    planes.push_back(
        through(star_tip, at_azimuth(main, table, height), at_azimuth(next, table, height)));
    for (const double end : {main, next}) {
      planes.push_back(through(star_tip, at_azimuth(end, 1, girdle), at_azimuth(mid, 1, girdle)));
      planes.push_back(
          through(lower_tip, at_azimuth(end, 1, -girdle), at_azimuth(mid, 1, -girdle)));
    }
  }
  for (int i = 0; i < 32; ++i) {
    planes.push_back(upright({(i + 0.5) * kPi / 16, std::cos(kPi / 32)}));
  }
  return planes;
}

// An outline by its support: how far it reaches in a direction. Its width is 2 along y.
using Outline = std::function<double(double azimuth)>;

// A brilliant on any outline: mains where crown and pavilion meet table and culet, halves that are
// steeper between them, stars that are flatter. `heights` are of the half width.
struct Heights {
  double table;  // of the outline's size
  double crown;
  double pavilion;
  double girdle;
};

std::vector<FacetPlane> brilliant_planes(const Outline& outline, const std::vector<double>& mains,
                                         const Heights& h) {
  const double top = h.girdle + h.crown;
  std::vector<FacetPlane> planes = {{{0, 0, 1}, top}};
  const auto add = [&](double azimuth, double crown, double pavilion) {
    const Tangent side{azimuth, outline(azimuth)};
    const double run = side.distance * (1 - h.table);
    planes.push_back(slanted(side, h.girdle, crown * h.crown / run, true));
    planes.push_back(slanted(side, -h.girdle, pavilion * h.pavilion / side.distance, false));
  };
  for (std::size_t i = 0; i < mains.size(); ++i) {
    const double here = mains[i];
    const double next = i + 1 < mains.size() ? mains[i + 1] : mains[0] + 2 * kPi;
    add(here, 1, 1);
    const double gap = next - here;
    add(here + gap / 4, 1.2, 1.04);
    add(here + 3 * gap / 4, 1.2, 1.04);
    const double middle = here + gap / 2;
    const Tangent side{middle, outline(middle)};
    const Tangent table{middle, h.table * side.distance};
    planes.push_back(slanted(table, top, 0.6 * h.crown / (side.distance * (1 - h.table)), true));
    for (int k = 0; k < 4; ++k) {
      const double azimuth = here + (k + 0.5) * gap / 4;
      planes.push_back(upright({azimuth, outline(azimuth)}));
    }
  }
  return planes;
}

std::vector<double> evenly(int count, double first) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(first + 2 * kPi * i / count);
  return out;
}

// ratio, table, crown, pavilion, girdle: lengths by the half width, table in per cent.
Heights heights(const Values& v) { return {v[1] / 100, v[2] / 50, v[3] / 50, v[4] / 100}; }

std::vector<FacetPlane> oval_planes(const Values& v) {
  const double a = v[0];
  const Outline outline = [a](double t) { return std::hypot(a * std::cos(t), std::sin(t)); };
  return brilliant_planes(outline, evenly(8, 0), heights(v));
}

// A superellipse of exponent 3.
std::vector<FacetPlane> cushion_planes(const Values& v) {
  const double a = v[0];
  const Outline outline = [a](double t) {
    return std::pow(std::pow(a * std::abs(std::cos(t)), 1.5) + std::pow(std::abs(std::sin(t)), 1.5),
                    1 / 1.5);
  };
  return brilliant_planes(outline, evenly(8, 0), heights(v));
}

// Two arcs of a circle whose middle lies below or above: a lens of half length a, half width 1.
double lens_reach(double a, double azimuth) {
  const double radius = (a * a + 1) / 2;
  const double s = std::abs(std::sin(azimuth));
  const double c = std::abs(std::cos(azimuth));
  // The arc where its normals reach, beyond them its tip.
  const double tip_sine = (radius - 1) / radius;
  return s >= tip_sine ? radius - (radius - 1) * s : a * c;
}

std::vector<FacetPlane> marquise_planes(const Values& v) {
  const double a = v[0];
  const Outline outline = [a](double t) { return lens_reach(a, t); };
  // The tips are blunt: a main facet across each, a little inside.
  const Outline blunt = [&](double t) {
    return std::min(outline(t), 0.97 * a / std::max(1e-9, std::abs(std::cos(t))));
  };
  // From the girdle's middle to where its normals end, at the tip.
  const double turn = std::acos((a * a - 1) / (a * a + 1));
  const std::vector<double> mains = {0,   kPi / 2 - 0.55 * turn,     kPi / 2 + 0.55 * turn,
                                     kPi, 3 * kPi / 2 - 0.55 * turn, 3 * kPi / 2 + 0.55 * turn};
  return brilliant_planes(blunt, mains, heights(v));
}

// A half circle at one end, and arcs that run together to the tip at the other.
std::vector<FacetPlane> pear_planes(const Values& v) {
  const double tip = 2 * v[0] - 1;     // from the circle's middle; the whole length is 2 * ratio
  const double shift = (tip - 1) / 2;  // so that the middle is in the middle
  const Outline outline = [=](double t) {
    const double c = std::cos(t);
    double reach = 1;
    if (c > 0) {
      // A quarter of a lens of half length `tip`.
      reach = lens_reach(tip, t);
      reach = std::min(reach, 0.97 * tip / std::max(c, 1e-9));
    }
    return reach - shift * c;
  };
  return brilliant_planes(outline, evenly(8, 0), heights(v));
}

// Three arcs, each about the opposite corner but flatter.
std::vector<FacetPlane> trillion_planes(const Values& v) {
  const double bend = v[0];  // the arcs' radius by the distance of a side
  const Outline outline = [bend](double t) {
    double nearest = std::fmod(t - kPi / 3, 2 * kPi / 3);
    if (nearest < 0) nearest += 2 * kPi / 3;
    nearest = std::min(nearest, 2 * kPi / 3 - nearest);
    const double arc = bend - (bend - 1) * std::cos(nearest);
    const double corner = 1.55 * std::cos(kPi / 3 - nearest);
    return std::min(arc, corner);
  };
  return brilliant_planes(outline, evenly(6, 0), heights(v));
}

// A rectangle of half length a and half width 1 with its corners cut at 45 degrees.
std::vector<Tangent> cut_rectangle(double a, double corner) {
  std::vector<Tangent> out = {{0, a}, {kPi / 2, 1}, {kPi, a}, {3 * kPi / 2, 1}};
  const double across = (a + 1 - corner) / std::numbers::sqrt2;
  for (int k = 0; k < 4; ++k) out.push_back({(k + 0.5) * kPi / 2, across});
  return out;
}

// ratio, corner, crown, pavilion angle, girdle: three steps above and three below.
std::vector<FacetPlane> step_planes(const Values& v) {
  const double girdle = v[4] / 100;
  const double crown = v[2] / 50;
  const auto sides = cut_rectangle(v[0], v[1] / 50);
  std::vector<FacetPlane> planes = {{{0, 0, 1}, girdle + crown}};
  for (const Tangent& side : sides) {
    planes.push_back(upright(side));
    double z = girdle;
    double inset = 0;
    for (const double degrees : {45.0, 38.0, 30.0}) {
      const double slope = tan_degrees(degrees);
      planes.push_back(slanted({side.azimuth, side.distance - inset}, z, slope, true));
      z += crown / 3;
      inset += crown / 3 / slope;
    }
    z = -girdle;
    inset = 0;
    for (const double more : {12.0, 6.0, 0.0}) {
      const double slope = tan_degrees(v[3] + more);
      planes.push_back(slanted({side.azimuth, side.distance - inset}, z, slope, false));
      z -= 0.25;
      inset += 0.25 / slope;
    }
  }
  return planes;
}

// ratio, table, crown, pavilion, girdle: a cut rectangle with chevrons below.
std::vector<FacetPlane> radiant_planes(const Values& v) {
  const Heights h = heights(v);
  const auto sides = cut_rectangle(v[0], 0.3);
  std::vector<FacetPlane> planes = {{{0, 0, 1}, h.girdle + h.crown}};
  for (const Tangent& side : sides) {
    planes.push_back(upright(side));
    const double run = side.distance * (1 - h.table);
    planes.push_back(slanted(side, h.girdle, h.crown / run, true));
    planes.push_back(slanted(side, h.girdle, 1.35 * h.crown / run, true));
    planes.push_back(slanted(side, -h.girdle, 1.25 * h.pavilion / side.distance, false));
    for (const double turn : {-0.12, 0.12}) {
      planes.push_back(slanted({side.azimuth + turn, side.distance * 1.02}, -h.girdle,
                               h.pavilion / side.distance, false));
    }
  }
  return planes;
}

// table, crown, pavilion, girdle: a square with a steep rim, chevrons below that meet in the culet.
std::vector<FacetPlane> princess_planes(const Values& v) {
  const double table = v[0] / 100;
  const double crown = v[1] / 50;
  const double pavilion = v[2] / 50;
  const double girdle = v[3] / 100;
  std::vector<FacetPlane> planes = {{{0, 0, 1}, girdle + crown}};
  const Vec3 culet{0, 0, -girdle - pavilion};
  for (int k = 0; k < 4; ++k) {
    const double azimuth = k * kPi / 2;
    const Tangent side{azimuth, 1};
    planes.push_back(upright(side));
    planes.push_back(upright({azimuth + kPi / 4, 0.985 * std::numbers::sqrt2}));
    planes.push_back(slanted(side, girdle, 1.6 * crown / (1 - table), true));
    planes.push_back(slanted(side, girdle + 0.35 * crown, 0.65 * crown / (1 - table), true));
    planes.push_back(slanted(side, -girdle, 1.7 * pavilion, false));
    for (const double turn : {-1.0, 1.0}) {
      const Vec3 corner = at_azimuth(azimuth + turn * kPi / 4, std::numbers::sqrt2, -girdle);
      const Vec3 middle = at_azimuth(azimuth, 0.55, -girdle - pavilion / 2);
      planes.push_back(through(corner, culet, middle));
    }
  }
  return planes;
}

// ratio: a drop without a table, rings of facets about a long profile.
std::vector<FacetPlane> briolette_planes(const Values& v) {
  const double a = v[0];
  std::vector<FacetPlane> planes;
  constexpr int kRings = 7;
  for (int ring = 0; ring < kRings; ++ring) {
    const double slope = -1.25 + 2.5 * (ring + 0.5) / kRings;  // the normals' angle over the girdle
    // A long half ellipse above, a round one below.
    const double along = slope > 0 ? 2 * a - 1 : 1;
    for (int k = 0; k < 12; ++k) {
      const double azimuth = (k + 0.5 * (ring % 2)) * kPi / 6;
      const Vec3 n = at_azimuth(azimuth, std::cos(slope) * along, std::sin(slope));
      planes.push_back({n, std::hypot(std::cos(slope) * along, std::sin(slope) * along)});
    }
  }
  return planes;
}

struct Maker {
  Family family;
  std::vector<FacetPlane> (*planes)(const Values&);
};

const std::vector<Maker>& makers() {
  static const std::vector<Maker> all = [] {
    const ProportionRange table{"table", 45, 58, 75};
    const ProportionRange crown{"crown", 8, 14, 22};         // per cent of the width
    const ProportionRange pavilion{"pavilion", 36, 43, 55};  // the same
    const ProportionRange girdle{"girdle", 1, 3, 8};
    const auto outlined = [&](double low, double usual, double high) {
      return std::vector{ProportionRange{"ratio", low, usual, high}, table, crown, pavilion,
                         girdle};
    };
    const auto stepped = [&](double low, double usual, double high, double corner) {
      return std::vector{ProportionRange{"ratio", low, usual, high},
                         ProportionRange{"corner", 5, corner, 30}, crown,
                         ProportionRange{"pavilion", 35, 40, 48}, girdle};
    };
    const std::vector<std::string_view> heights_alone = {"table", "crown", "pavilion", "girdle"};
    const std::vector<std::string_view> all_of_them = {"ratio", "table", "crown", "pavilion",
                                                       "girdle"};
    const std::vector<std::string_view> of_steps = {"ratio", "corner", "crown", "girdle"};
    return std::vector<Maker>{
        {{"round",
          true,
          "round brilliant: 57 facets and 32 on the girdle",
          {{"table", 50, 57, 70},
           {"crown", 25, 34.5, 40},
           {"pavilion", 38, 40.8, 44},
           {"girdle", 1, 3, 8},
           {"star", 40, 50, 65},
           {"lower", 65, 77, 90}},
          heights_alone},
         round_planes},
        {{"princess",
          false,
          "a square with chevrons below",
          {{"table", 60, 70, 80}, {"crown", 6, 10, 16}, {"pavilion", 50, 58, 68}, girdle},
          heights_alone},
         princess_planes},
        {{"emerald", false, "a rectangle in steps with cut corners", stepped(1.2, 1.4, 2, 12),
          of_steps},
         step_planes},
        {{"asscher", false, "a square in steps with wide cut corners", stepped(1, 1, 1.06, 22),
          of_steps},
         step_planes},
        {{"oval", false, "a brilliant on an ellipse", outlined(1.2, 1.4, 1.8), all_of_them},
         oval_planes},
        {{"cushion", false, "a brilliant on a rounded square", outlined(1, 1.05, 1.4), all_of_them},
         cushion_planes},
        {{"pear", false, "a brilliant on a drop", outlined(1.3, 1.5, 1.8), heights_alone},
         pear_planes},
        {{"marquise", false, "a brilliant on a lens", outlined(1.6, 1.9, 2.3), heights_alone},
         marquise_planes},
        {{"radiant", false, "a rectangle with cut corners and chevrons below",
          outlined(1, 1.15, 1.6), all_of_them},
         radiant_planes},
        {{"trillion",
          false,
          "a brilliant on a rounded triangle",
          {{"bend", 2.5, 4, 8}, table, crown, pavilion, girdle},
          {"bend", "table", "crown", "pavilion", "girdle"}},
         trillion_planes},
        {{"briolette",
          false,
          "a drop of facets without a table",
          {{"ratio", 1.2, 1.6, 2.2}},
          {"ratio"}},
         briolette_planes}};
  }();
  return all;
}

const Maker* maker_of(std::string_view name) {
  const auto found =
      std::ranges::find(makers(), name, [](const Maker& m) { return m.family.name; });
  return found == makers().end() ? nullptr : &*found;
}

}  // namespace

bool is_family_name(std::string_view name) { return maker_of(Words(name).next()) != nullptr; }

std::string number_text(double value) {
  std::string text = format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::span<const Family> families() {
  static const std::vector<Family> all = [] {
    std::vector<Family> out;
    for (const Maker& maker : makers()) out.push_back(maker.family);
    return out;
  }();
  return all;
}

namespace {

// What a grade asks of a round brilliant: each in its range.
struct GradeRanges {
  std::string_view grade;
  double table[2];
  double crown[2];
  double pavilion[2];
  double depth[2];
};
constexpr GradeRanges kGrades[] = {{"excellent", {52, 62}, {31.5, 36.5}, {40.6, 41.8}, {57.5, 63}},
                                   {"very good", {50, 66}, {26.5, 38.5}, {39.8, 42.4}, {56, 64.5}},
                                   {"good", {47, 69}, {22, 40}, {38.8, 43}, {53, 66.5}}};

}  // namespace

std::string_view estimated_round_grade(double table, double crown, double pavilion, double depth) {
  const auto within = [](double value, const double(&range)[2]) {
    return value >= range[0] - 1e-9 && value <= range[1] + 1e-9;
  };
  for (const GradeRanges& g : kGrades) {
    if (within(table, g.table) && within(crown, g.crown) && within(pavilion, g.pavilion) &&
        within(depth, g.depth)) {
      return g.grade;
    }
  }
  return "fair";
}

std::vector<std::string> possible_round_grades(const RoundMeasures& measures) {
  const auto meets = [](const Between& own, const double(&asked)[2]) {
    return own.high >= asked[0] - 1e-3 && own.low <= asked[1] + 1e-3;
  };
  std::vector<std::string> out;
  for (const GradeRanges& g : kGrades) {
    if (meets(measures.table, g.table) && meets(measures.crown, g.crown) &&
        meets(measures.pavilion, g.pavilion) && meets(measures.depth, g.depth)) {
      out.emplace_back(g.grade);
    }
  }
  out.emplace_back("fair");
  return out;
}

namespace {

// Takes "name=low..high" or "name=value" apart.
struct NamedRange {
  std::string_view name;
  std::optional<double> low;
  std::optional<double> high;
};

NamedRange named_range(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return {word, {}, {}};
  const auto text = word.substr(equals + 1);
  const auto dots = text.find("..");
  const auto low = number_from(text.substr(0, dots));
  return {word.substr(0, equals), low,
          dots == std::string_view::npos ? low : number_from(text.substr(dots + 2))};
}

Result<Design> made(const Maker& maker, Values values) {
  for (double& value : values) value = static_cast<double>(std::lround(value * 1000)) / 1000;
  const auto& ranges = maker.family.ranges;
  const std::string name(maker.family.name);
  std::string full = name;
  std::vector<Proportion> proportions;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    full += ' ' + std::string(ranges[i].name) + '=' + number_text(values[i]);
    proportions.push_back(
        {std::string(ranges[i].name), static_cast<std::uint32_t>(std::lround(values[i] * 1000))});
  }
  auto design = design_from_planes(full, name, maker.planes(values));
  if (!design) return refuse_within(full, design.error());
  design->proportions = std::move(proportions);
  if (name == "round") {
    double girdle = 0;
    for (const Point& p : design->corners) {
      girdle = std::max(girdle, std::hypot(p.x, p.y) / kDesignUnit);
    }
    design->cut_grade = estimated_round_grade(values[0], values[1], values[2],
                                              50 * size_of(*design).depth / girdle);
  }
  return design;
}

}  // namespace

Result<FamilyBounds> bounds_from_text(std::string_view text) {
  Words words(text);
  const auto name = words.next();
  const Maker* maker = maker_of(name);
  if (maker == nullptr) {
    return refuse(Verdict::bad_value, "no design family " + std::string(name.substr(0, 40)));
  }
  FamilyBounds out{&maker->family, {}};
  const auto& ranges = maker->family.ranges;
  for (const ProportionRange& range : ranges) out.proportions.push_back({range.usual, range.usual});
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    const NamedRange named = named_range(word);
    const auto range = std::ranges::find(ranges, named.name, &ProportionRange::name);
    if (range == ranges.end() || !named.low || !named.high || *named.low < range->low ||
        *named.low > *named.high || *named.high > range->high) {
      return refuse(Verdict::bad_value, std::string(name) + ": " + std::string(word.substr(0, 40)));
    }
    out.proportions[static_cast<std::size_t>(range - ranges.begin())] = {*named.low, *named.high};
  }
  return out;
}

Result<Design> design_from_text(std::string_view text) {
  ASSIGN(const auto bounds, bounds_from_text(text));
  Values values;
  for (const Between& each : bounds.proportions) {
    if (each.low != each.high) return refuse(Verdict::bad_value, "a range: " + std::string(text));
    values.push_back(each.low);
  }
  return design_of(bounds.family->name, values);
}

Result<Design> design_of(std::string_view family, const std::vector<double>& proportions) {
  const Maker* maker = maker_of(family);
  if (maker == nullptr || proportions.size() != maker->family.ranges.size()) {
    return refuse(Verdict::bad_value, "no design family " + std::string(family.substr(0, 40)));
  }
  return made(*maker, proportions);
}

Result<std::vector<FacetPlane>> planes_of(std::string_view family,
                                          const std::vector<double>& proportions) {
  const Maker* maker = maker_of(family);
  if (maker == nullptr || proportions.size() != maker->family.ranges.size()) {
    return refuse(Verdict::bad_value, "no design family " + std::string(family.substr(0, 40)));
  }
  return maker->planes(proportions);
}

std::vector<std::string> library_texts(std::string_view family) {
  if (family == "round") {
    std::vector<std::string> out = {"round"};
    for (const int table : {53, 57, 60}) {
      for (const char* crown : {"33", "34.5", "36"}) {
        if (table == 57 && std::string_view(crown) == "34.5") continue;
        out.push_back(format("round table={} crown={}", table, crown));
      }
    }
    return out;
  }
  return {std::string(family)};
}

}  // namespace intaglio::stone
