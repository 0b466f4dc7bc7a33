#include "stone/polished.h"

#include <algorithm>
#include <tuple>

#include "stone/overlap.h"
#include "stone/simplex.h"
#include "stone/verified_fit.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kSpread = 4000;       // points of the scan besides its corners
constexpr std::size_t kMostContacts = 400;  // that one step looks at
constexpr int kMostRounds = 40;
constexpr std::size_t kInnerCorners = 150;  // of the simpler stone that is looked for everywhere

// A place where the scan comes near to the rough's surface: by how much it is beyond it.
struct Contact {
  Vec3 normal;
  Vec3 lever;
  double beyond;
};

// How far a scan stands out of a rough, and where.
struct Standing {
  double beyond = -1e300;  // below 0: how far it keeps clear
  Vec3 at;                 // in the scan's coordinates
};

class Laying {
 public:
  Laying(const ScannedBody& rough, const ScannedBody& scan)
      : rough_(rough), scan_(scan), points_(scan.surface().mesh().corners) {
    const auto spread = spread_points(scan.surface().mesh(), kSpread);
    points_.insert(points_.end(), spread.begin(), spread.end());
    for (const Vec3& p : points_) {
      radius_ = std::max(radius_, length(p - scan.centroid()));
      box_.take(p);
    }
  }

  // Points of the scan that are beyond the rough's surface, and corners of the rough that are in
  // the scan: a dent may reach into it between its points.
  Standing standing(const Pose& pose, std::vector<Contact>* contacts = nullptr) const {
    Standing out;
    const Vec3 centre = pose.turn * scan_.centroid() + pose.place;
    const auto take = [&](double beyond, const Vec3& at, const Vec3& normal, const Vec3& there) {
      if (beyond > out.beyond) out = {beyond, at};
      if (contacts != nullptr) contacts->push_back({normal, there - centre, beyond});
    };
    for (const Vec3& point : points_) {
      const Vec3 there = pose.turn * point + pose.place;
      const auto nearest = rough_.surface().nearest(there);
      take(nearest.outside, point, nearest.normal, there);
    }
    for (const Vec3& corner : rough_.surface().mesh().corners) {
      const Vec3 point = transposed_times(pose.turn, corner - pose.place);
      if (point.x < box_.low.x || point.x > box_.high.x || point.y < box_.low.y ||
          point.y > box_.high.y || point.z < box_.low.z || point.z > box_.high.z) {
        continue;
      }
      const auto nearest = scan_.surface().nearest(point);
      if (nearest.outside > 0) continue;
      take(-nearest.outside, nearest.point, pose.turn * nearest.normal,
           pose.turn * nearest.point + pose.place);
    }
    return out;
  }

  // Moves and turns it by one linear programme after another until it does not stand out, or does
  // so no less.
  Pose least(Pose pose) const {
    std::vector<Contact> contacts;
    Standing here = standing(pose, &contacts);
    double most = std::max(here.beyond, 0.0);  // that a step moves any point
    for (int round = 0; round < kMostRounds && here.beyond > 0 && most > 1; ++round) {
      const auto step = best_step(contacts, most);
      if (!step) break;
      const Vec3 centre = pose.turn * scan_.centroid() + pose.place;
      const Matrix turn = rotation(step->turn);
      const Pose moved =
          pose_of(fixed({turn * pose.turn, turn * (pose.place - centre) + centre + step->move}));
      std::vector<Contact> there;
      const Standing next = standing(moved, &there);
      if (next.beyond >= here.beyond) {
        most /= 3;
        continue;
      }
      pose = moved;
      here = next;
      contacts = std::move(there);
    }
    return pose;
  }

 private:
  struct Step {
    Vec3 turn;
    Vec3 move;
  };

  std::optional<Step> best_step(std::vector<Contact>& contacts, double most) const {
    std::ranges::sort(contacts, {}, [](const Contact& c) {
      return std::tuple(-c.beyond, c.normal.x, c.normal.y, c.normal.z, c.lever.x, c.lever.y,
                        c.lever.z);
    });
    if (contacts.size() > kMostContacts) contacts.resize(kMostContacts);
    // Move (3), turn times radius (3), and how much the deepest is drawn in.
    const double far = 100 * radius_;
    DualSimplex<7> programme(contacts.size() + 6, {most, most, most, most, most, most, far},
                             1e-10 * radius_);
    for (std::size_t i = 0; i < contacts.size(); ++i) {
      const Contact& c = contacts[i];
      const Vec3 turning = (1 / radius_) * cross(c.lever, c.normal);
      programme.set(i, {c.normal.x, c.normal.y, c.normal.z, turning.x, turning.y, turning.z, 1},
                    -c.beyond + 1e-9 * radius_ * let_out(static_cast<std::uint32_t>(i)));
    }
    for (std::size_t k = 0; k < 6; ++k) {
      std::array<double, 7> low{};
      low[k] = -1;
      programme.set(contacts.size() + k, low, most);
    }
    constexpr int kMostSteps = 400;
    if (!programme.solve(kMostSteps)) return std::nullopt;
    const auto& x = programme.at();
    return Step{(1 / radius_) * Vec3{x[3], x[4], x[5]}, {x[0], x[1], x[2]}};
  }

  const ScannedBody& rough_;
  const ScannedBody& scan_;
  std::vector<Vec3> points_;
  Box box_;
  double radius_ = 0;
};

// The planned stone as a body in the rough's coordinates.
Result<Solid> solid_of(const PlacedStone& stone, const Solid& rough) {
  Solid out;
  out.corners = placed_corners(stone.corners, stone.pose);
  ASSIGN(out.triangles, convex_hull(out.corners));
  out.origin = rough.origin;
  return out;
}

// Whether the planned stone keeps clear of the rough by as much as any corner of the scan stands
// out of it. What is within that of a convex body at its corners is so everywhere.
bool holds_within(const DesignProof& proof, const FixedPose& planned_pose,
                  const ScannedBody& planned, const Solid& rough, const Solid& scan,
                  const Pose& pose) {
  const auto design = check_design(proof);
  if (!design) return false;
  double most = 0;
  for (const Vec3& corner : placed_mesh(scan, pose).corners) {
    most = std::max(most, planned.surface().nearest(corner).outside);
  }
  constexpr double kRounded = 2;  // the planned stone's corners are known to a nanometre
  if (most + kRounded > kMaxAllowance) return false;
  const auto allowance = static_cast<std::uint32_t>(std::ceil(most + kRounded));
  return check_inside(rough, {}, {}, *design, planned_pose, allowance).has_value();
}

// A simpler stone inside of the scan: where that does not fit, neither does the scan.
struct InnerStone {
  Design design;
  Vec3 middle;      // the design's origin, in the scan's coordinates
  double size = 0;  // nanometres
};

Result<InnerStone> inner_stone(const ScannedBody& scan) {
  std::vector<Point> chosen;
  for (std::size_t i = 0; i < kInnerCorners; ++i) {
    const double z = 1 - (2 * static_cast<double>(i) + 1) / kInnerCorners;
    const double azimuth = 2.399963229728653 * static_cast<double>(i);  // the golden angle
    const double across = std::sqrt(1 - z * z);
    const Vec3 p = scan.furthest({across * std::cos(azimuth), across * std::sin(azimuth), z}) +
                   scan.centroid();
    chosen.push_back({static_cast<std::int32_t>(std::lround(p.x)),
                      static_cast<std::int32_t>(std::lround(p.y)),
                      static_cast<std::int32_t>(std::lround(p.z))});
  }
  std::ranges::sort(chosen);
  chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
  Solid solid;
  solid.corners = chosen;
  ASSIGN(solid.triangles, convex_hull(chosen));
  InnerStone out;
  for (const Point& p : chosen) {
    out.middle = out.middle + (1 / static_cast<double>(chosen.size())) * to_vec(p);
  }
  for (const Point& p : chosen) out.size = std::max(out.size, length(to_vec(p) - out.middle));
  ASSIGN(out.design, design_from_solid("inside of a scan", "polished", solid));
  return out;
}

// What a search in all of the rough for that stone gave.
struct Sought {
  double size_bound = 0;  // in parts of its own size
  bool is_excluded = false;
  std::optional<Pose> pose;  // of the scan, where the simpler stone lies in the rough
};

Result<Sought> seek(const Solid& rough, const ScannedBody& scan, SpecificGravity gravity,
                    const PolishedTerms& terms) {
  ASSIGN(const auto inner, inner_stone(scan));
  ASSIGN(const auto body, rough_from(rough, 0));
  const Shape shape(inner.design);
  // Less than its tolerance all round is no less than this in size.
  const double least = 1 - terms.tolerance / (shape.inner_radius() * inner.size);
  if (!(least > 0)) return Sought{1, false, {}};
  const auto picometres = [&](double part) {
    return static_cast<std::uint64_t>(1000 * inner.size * part);
  };
  const Amount excluded(weight_below(shape.volume(), picometres(least), gravity).value());
  const Amount enough(weight_above(shape.volume(), picometres(1), gravity).value());
  const auto go_on = [&](const Progress& at) { return at.bound >= excluded && at.value < enough; };
  ASSIGN(const auto found, search(body, {{inner.design}}, gravity, terms.limits, go_on));
  Sought out;
  out.size_bound = static_cast<double>(found.bounds[0].size) / (1000 * inner.size);
  out.is_excluded = out.size_bound < least;
  if (!found.best || out.is_excluded) return out;
  const Pose pose = pose_of(found.best->pose);
  out.pose = Pose{pose.turn, pose.place - pose.turn * inner.middle};
  return out;
}

// Fills in what there is to say of the scan at a pose.
void lay(PolishedMatch& out, const ScannedBody& rough, const ScannedBody& scan,
         const Laying& laying, const Pose& pose, SpecificGravity gravity) {
  out.pose = fixed(pose);
  const Pose written = pose_of(out.pose);
  const Standing standing = laying.standing(written);
  out.protrusion = static_cast<std::uint32_t>(std::ceil(std::max(standing.beyond, 0.0)));
  out.clearance = static_cast<std::uint32_t>(std::max(-standing.beyond, 0.0));
  const auto& origin = scan.solid().origin;
  out.protrudes_at = {std::llround(standing.at.x) + origin[0],
                      std::llround(standing.at.y) + origin[1],
                      std::llround(standing.at.z) + origin[2]};
  const double common = common_volume(rough.surface().mesh(), placed_mesh(scan.solid(), written));
  const double outside = std::max(0.0, scan.volume() - common);
  out.outside = weight_of(static_cast<Wide>(6 * outside), gravity);
}

}  // namespace

Result<PolishedMatch> match_polished(const Plan& plan, ByteView proof, const Solid& rough,
                                     const Solid& scan, const PolishedTerms& terms) {
  ASSIGN(const auto stones, stones_of(plan, proof, rough));
  if (stones.empty()) return refuse(Verdict::bad_value, "a plan without a stone");
  ASSIGN(const auto planned_solid, solid_of(stones.front(), rough));
  if (terms.tolerance == 0) return refuse(Verdict::bad_value, "tolerance");
  if (terms.tolerance > kMaxAllowance) return refuse(Verdict::too_large, "tolerance");
  ASSIGN(const auto planned, ScannedBody::from(planned_solid));
  ASSIGN(const auto rough_body, ScannedBody::from(rough));
  ASSIGN(const auto scan_body, ScannedBody::from(scan));
  const auto poses = register_scans(planned, scan_body);
  PolishedMatch out;
  out.planned = compare_at(planned, scan_body, poses, terms.tolerance);
  const Laying laying(rough_body, scan_body);
  // A brilliant lies as well in its planned place turned by an eighth; in its rough it need not.
  std::optional<Pose> best;
  double least = 1e300;
  for (const Registered& one : poses) {
    if (least <= 0 || one.apart > poses.front().apart + terms.tolerance) break;
    const Pose pose = best ? register_from(planned, scan_body, one.pose).pose : one.pose;
    const double beyond = laying.standing(pose).beyond;
    if (beyond >= least) continue;
    least = beyond;
    best = pose;
  }
  lay(out, rough_body, scan_body, laying, laying.least(*best), plan.gravity);
  const Vec3 middle = planned.centroid();
  // Where it was planned: there the planned stone's middle is in it.
  const auto is_there = [&](const FixedPose& at) {
    const Pose pose = pose_of(at);
    return scan_body.surface().nearest(transposed_times(pose.turn, middle - pose.place)).outside <=
           0;
  };
  if (out.protrusion <= terms.tolerance) {
    out.answer = MatchAnswer::matched;
    out.reason = !is_there(out.pose)                          ? PolishedReason::elsewhere
                 : out.planned.answer == MatchAnswer::matched ? PolishedReason::as_planned
                                                              : PolishedReason::not_as_planned;
    ASSIGN(const auto opened, decode_proof(proof));
    out.is_proven_inside = holds_within(opened.designs[plan.stone->design], stones.front().pose,
                                        planned, rough, scan, pose_of(out.pose));
    return out;
  }
  ASSIGN(const auto sought, seek(rough, scan_body, plan.gravity, terms));
  out.size_bound = static_cast<std::uint32_t>(std::min(std::ceil(1e6 * sought.size_bound), 4e9));
  if (sought.is_excluded) {
    out.answer = MatchAnswer::not_matched;
    out.reason = PolishedReason::nowhere;
  } else if (sought.pose) {
    PolishedMatch there = out;
    lay(there, rough_body, scan_body, laying, laying.least(*sought.pose), plan.gravity);
    if (there.protrusion < out.protrusion) out = there;
    if (out.protrusion <= terms.tolerance) {
      out.answer = MatchAnswer::matched;
      out.reason = is_there(out.pose) ? PolishedReason::not_as_planned : PolishedReason::elsewhere;
    }
  }
  return out;
}

}  // namespace intaglio::stone
