#include "stone/design_range.h"

#include <algorithm>
#include <numbers>
#include <tuple>

#include "base/format.h"

namespace intaglio::stone {
namespace {

double parts(std::uint32_t thousandths) { return thousandths / 1000.0; }

}  // namespace

Result<DesignRange> design_range_from_text(std::string_view text) {
  ASSIGN(const auto bounds, bounds_from_text(text));
  DesignRange out{std::string(bounds.family->name), {}};
  for (std::size_t i = 0; i < bounds.proportions.size(); ++i) {
    const auto [low, high] = bounds.proportions[i];
    out.proportions.push_back({std::string(bounds.family->ranges[i].name),
                               static_cast<std::uint32_t>(std::lround(low * 1000)),
                               static_cast<std::uint32_t>(std::lround(high * 1000))});
  }
  TRY(check_range(out));
  return out;
}

Result<void> check_range(const DesignRange& range) {
  const auto family = std::ranges::find(families(), range.family, &Family::name);
  if (family == families().end() || family->ranges.size() != range.proportions.size()) {
    return refuse(Verdict::bad_value, "no design family " + range.family.substr(0, 40));
  }
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    const FreeProportion& p = range.proportions[i];
    const ProportionRange& all = family->ranges[i];
    const bool may_vary = std::ranges::find(family->free, p.name) != family->free.end();
    if (p.low < p.high && !may_vary) {
      std::string free;
      for (const std::string_view name : family->free) free += ' ' + std::string(name);
      return refuse(Verdict::bad_value, range.family + ": " + p.name.substr(0, 40) +
                                            " may be no range, as nothing is proven of that; but" +
                                            free);
    }
    if (p.name != all.name || p.low > p.high || parts(p.low) < all.low - 1e-9 ||
        parts(p.high) > all.high + 1e-9) {
      return refuse(Verdict::bad_value,
                    range.family + ": " + p.name.substr(0, 40) + " may not be left in that range");
    }
  }
  return {};
}

std::string range_text(const DesignRange& range) {
  std::string out = range.family;
  for (const FreeProportion& p : range.proportions) {
    out += ' ' + p.name + '=' + number_text(parts(p.low));
    if (p.low < p.high) out += ".." + number_text(parts(p.high));
  }
  return out;
}

Result<Design> member_of(const DesignRange& range, const std::vector<std::uint32_t>& values) {
  TRY(check_range(range));
  if (values.size() != range.proportions.size()) return refuse(Verdict::bad_value, range.family);
  std::vector<double> proportions;
  for (const std::uint32_t value : values) proportions.push_back(parts(value));
  return design_of(range.family, proportions);
}

Result<Design> core_of(const DesignRange& range) {
  TRY(check_range(range));
  std::vector<std::size_t> free;
  std::vector<double> values;
  for (std::size_t i = 0; i < range.proportions.size(); ++i) {
    values.push_back(parts(range.proportions[i].low));
    if (range.proportions[i].low < range.proportions[i].high) free.push_back(i);
  }
  ASSIGN(auto planes, planes_of(range.family, values));
  ASSIGN(const auto corners, corners_between(planes));
  for (std::size_t which = 1; which < std::size_t{1} << free.size(); ++which) {
    for (std::size_t k = 0; k < free.size(); ++k) {
      const FreeProportion& p = range.proportions[free[k]];
      values[free[k]] = parts(which >> k & 1 ? p.high : p.low);
    }
    ASSIGN(const auto others, planes_of(range.family, values));
    for (const FacetPlane& plane : others) {
      // Others leave the first member whole.
      const auto cuts = [&](const Vec3& p) {
        return dot(plane.normal, p) > plane.offset + 1e-12 * length(plane.normal);
      };
      if (std::ranges::any_of(corners, cuts)) planes.push_back(plane);
    }
  }
  // Of corners that are nearly one the same is taken all round: its symmetry makes bounds cheaper.
  ASSIGN(auto in_common, corners_between(planes));
  const auto key = [](const Vec3& p) {
    return std::tuple(std::lround(p.z * 1e9), std::lround(std::hypot(p.x, p.y) * 1e9), p.x, p.y);
  };
  std::ranges::sort(in_common, std::ranges::greater{}, key);
  return design_from_corners(range_text(range), range.family, in_common);
}

std::vector<std::string> possible_grades(const DesignRange& range) {
  if (range.family != "round") return {""};
  const auto between = [&](std::size_t i) {
    return Between{parts(range.proportions[i].low), parts(range.proportions[i].high)};
  };
  RoundMeasures measures{between(0), between(1), between(2), {}};
  const auto depth = [](double table, double crown, double pavilion, double girdle) {
    const auto slope = [](double degrees) { return std::tan(degrees * std::numbers::pi / 180); };
    return 50 * (slope(crown) * (1 - table / 100) + slope(pavilion)) + girdle;
  };
  measures.depth = {depth(between(0).high, between(1).low, between(2).low, between(3).low),
                    depth(between(0).low, between(1).high, between(2).high, between(3).high)};
  return possible_round_grades(measures);
}

}  // namespace intaglio::stone
