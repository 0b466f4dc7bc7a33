#include "stone/table_axis.h"

#include <algorithm>
#include <numbers>

namespace intaglio::stone {
namespace {

constexpr double kRounded = 1e-8;  // radians that a cell must be off by to be excluded
constexpr double kInside = 1e-7;   // that stones keep from the limit

double radians(std::uint32_t thousandths) { return thousandths * std::numbers::pi / 180'000; }

Vec3 table_of(const Matrix& turn) { return {turn.x.z, turn.y.z, turn.z.z}; }

}  // namespace

TableAxis::TableAxis(const AxisLimit& limit)
    : line_(unit(to_vec(limit.direction))), from_(radians(limit.from)), to_(radians(limit.to)) {}

TableAxis::Seen TableAxis::seen(const Vec3& table) const {
  const Vec3 line = dot(table, line_) < 0 ? -line_ : line_;
  const Vec3 towards = cross(table, line);
  const double sine = length(towards);
  const double angle = std::atan2(sine, dot(table, line));
  if (sine > 1e-12) return {angle, (1 / sine) * towards};
  const Vec3 other = std::abs(table.z) < 0.9 ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  return {angle, unit(cross(table, other))};
}

bool TableAxis::excludes(const CellView& view) const {
  const double angle = seen(table_of(view.frame)).angle;
  return angle + view.tilt < from_ - kRounded || angle - view.tilt > to_ + kRounded;
}

Matrix TableAxis::nearest(const Matrix& turn) const {
  const Seen at = seen(table_of(turn));
  // Tables are alike either way along the line, so that a right angle is no limit.
  const double most = to_ < std::numbers::pi / 2 ? to_ - kInside : std::numbers::pi / 2;
  const double least = from_ > 0 ? from_ + kInside : 0;
  const double wanted = std::clamp(at.angle, least, most);
  if (wanted == at.angle) return turn;
  return rotation((at.angle - wanted) * at.towards) * turn;
}

std::vector<TableAxis::Side> TableAxis::sides(const Matrix& turn) const {
  const Seen at = seen(table_of(turn));
  std::vector<Side> out;
  if (to_ < std::numbers::pi / 2) out.push_back({-at.towards, to_ - kInside - at.angle});
  if (from_ > 0) out.push_back({at.towards, at.angle - from_ - kInside});
  return out;
}

}  // namespace intaglio::stone
