#include "stone/match.h"

#include <algorithm>

#include "stone/overlap.h"

namespace intaglio::stone {
namespace {

// Less than this part of a body left says nothing about the rest of its surface.
constexpr double kLeastLeft = 0.8;
// What two hulls are compared to: the widest is known to a thousandth.
constexpr double kSlack = 1.002;

std::uint32_t whole(double value) {
  return static_cast<std::uint32_t>(std::clamp(std::ceil(value), 0.0, 4e9));
}

// How far points of one body lie outside of another.
struct Outside {
  double most = 0;
  double clearly = 0;       // the most, less what triangles may have missed
  double mean_clearly = 0;  // of that, over points spread evenly
};

// `pose` lays `points` on the body of `surface`.
Outside outside_of(const SurfaceTree& surface, const PlacedMesh& mesh, const Pose& pose) {
  Outside out;
  const auto look = [&](const Vec3& point) {
    const auto nearest = surface.nearest(pose.turn * point + pose.place);
    out.most = std::max(out.most, nearest.outside);
    out.clearly = std::max(out.clearly, nearest.outside - nearest.unseen);
    return std::max(0.0, nearest.outside - nearest.unseen);
  };
  for (const Vec3& corner : mesh.corners) (void)look(corner);
  constexpr std::size_t kSpread = 4000;
  for (const Vec3& point : spread_points(mesh, kSpread)) out.mean_clearly += look(point) / kSpread;
  return out;
}

double mismatch_of(double first, double second, double common) {
  return 2 * (first + second - 2 * common) / (first + second);
}

// What both numbers and limits say.
class Decision {
 public:
  Decision(const ScannedBody& first, const ScannedBody& second, std::uint32_t tolerance)
      : first_(first),
        second_(second),
        area_(0.5 * (first.hull_area() + second.hull_area())),
        tolerance_(tolerance) {}

  double area() const { return area_; }
  double mismatch_limit() const {
    return 2 * tolerance_ * area_ / (first_.volume() + second_.volume());
  }

  void decide(MatchResult& out, const Outside& of_first, const Outside& of_second) const {
    const double peak = kPeakTolerance * tolerance_;
    const double apart = out.first_alone + out.second_alone;
    const double clearly = of_first.mean_clearly + of_second.mean_clearly;
    if (apart <= tolerance_ && of_first.most <= peak && of_second.most <= peak) {
      const bool is_wide = out.mismatch_limit > kMostMismatch;
      out.answer = is_wide ? MatchAnswer::not_comparable : MatchAnswer::matched;
      out.reason = is_wide ? MatchReason::tolerance_too_wide : MatchReason::same_body;
    } else if (clearly <= tolerance_ && of_first.clearly <= peak && of_second.clearly <= peak) {
      out.reason = MatchReason::too_coarse;
    } else if (out.second_alone <= tolerance_ && of_second.clearly <= peak) {
      out.reason = MatchReason::second_within_first;
    } else if (out.first_alone <= tolerance_ && of_first.clearly <= peak) {
      out.reason = MatchReason::first_within_second;
    } else if (may_be_within(first_, second_) || may_be_within(second_, first_)) {
      out.reason = MatchReason::too_much_taken_off;
    } else {
      out.answer = MatchAnswer::not_matched;
      out.reason = MatchReason::other_body;
    }
  }

 private:
  // So much smaller that its surface need not be that of the other anywhere, and by no measure of
  // its hull too large to lie in the other's.
  static bool may_be_within(const ScannedBody& small, const ScannedBody& large) {
    return small.volume() < kLeastLeft * large.volume() &&
           small.hull_volume() < kSlack * large.hull_volume() &&
           small.hull_area() < kSlack * large.hull_area() &&
           small.widest() < kSlack * large.widest();
  }

  const ScannedBody& first_;
  const ScannedBody& second_;
  double area_;
  double tolerance_;
};

}  // namespace

PlacedMesh placed_mesh(const Solid& solid, const Pose& pose) {
  PlacedMesh out{{}, solid.triangles};
  out.corners.reserve(solid.corners.size());
  for (const Point& p : solid.corners) out.corners.push_back(pose.turn * to_vec(p) + pose.place);
  return out;
}

Pose inverse_of(const Pose& pose) {
  const Matrix turn = transposed(pose.turn);
  return {turn, -(turn * pose.place)};
}

MatchResult compare_at(const ScannedBody& first, const ScannedBody& second,
                       const std::vector<Registered>& poses, std::uint32_t tolerance) {
  MatchResult out;
  out.pose = fixed(poses.front().pose);
  // From here on by the pose as it is written down.
  const Pose pose = pose_of(out.pose);
  PlacedMesh moved = placed_mesh(second.solid(), pose);
  const double common = common_volume(first.surface().mesh(), moved);
  moved.triangles = second.hull();
  const double hull_common = common_volume({first.surface().mesh().corners, first.hull()}, moved);
  const Decision decision(first, second, tolerance);
  out.mismatch = whole(1e6 * mismatch_of(first.volume(), second.volume(), common));
  out.hull_mismatch =
      whole(1e6 * mismatch_of(first.hull_volume(), second.hull_volume(), hull_common));
  out.mismatch_limit = whole(1e6 * decision.mismatch_limit());
  out.first_alone = whole((first.volume() - common) / decision.area());
  out.second_alone = whole((second.volume() - common) / decision.area());
  const Outside of_second = outside_of(first.surface(), second.surface().mesh(), pose);
  const Outside of_first = outside_of(second.surface(), first.surface().mesh(), inverse_of(pose));
  out.first_out = whole(of_first.most);
  out.second_out = whole(of_second.most);
  out.first_clearly_out = whole(of_first.clearly);
  out.second_clearly_out = whole(of_second.clearly);
  decision.decide(out, of_first, of_second);
  if (out.answer != MatchAnswer::matched) return out;
  for (std::size_t i = 1; i < poses.size(); ++i) out.alike += poses[i].apart <= tolerance ? 1 : 0;
  return out;
}

Result<ComparedScan> ComparedScan::from(const Solid& solid) {
  ASSIGN(const auto descriptor, descriptor_of(solid));
  ASSIGN(auto body, ScannedBody::from(solid));
  return ComparedScan{descriptor, std::move(body)};
}

Result<MatchResult> match_scans(const ComparedScan& first, const ComparedScan& second,
                                std::uint32_t tolerance) {
  if (tolerance == 0) return refuse(Verdict::bad_value, "tolerance");
  if (tolerance > kMaxAllowance) return refuse(Verdict::too_large, "tolerance");
  MatchResult out =
      compare_at(first.body, second.body, register_scans(first.body, second.body), tolerance);
  out.descriptors_apart = distance_between(first.descriptor, second.descriptor);
  return out;
}

Result<MatchResult> match_scans(const Solid& first, const Solid& second, std::uint32_t tolerance) {
  ASSIGN(const auto a, ComparedScan::from(first));
  ASSIGN(const auto b, ComparedScan::from(second));
  return match_scans(a, b, tolerance);
}

}  // namespace intaglio::stone
