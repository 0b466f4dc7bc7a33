#include "stone/descriptor.h"

#include <numeric>

#include "base/check.h"

namespace intaglio::stone {
namespace {

// Gauss's rule of six points on [0, 1], which is exact to degree 11. In a triangle that is
// collapsed from a square it integrates degree 10: one more for the square's narrowing.
constexpr std::array<double, 6> kNodes = {
    0.5 * (1 - 0.932469514203152027812301554493994609), 0.5 * (1 - 0.661209386466264513661399595),
    0.5 * (1 - 0.238619186083196908630501721680711935), 0.5 * (1 + 0.238619186083196908630501722),
    0.5 * (1 + 0.661209386466264513661399595019905347), 0.5 * (1 + 0.932469514203152027812301555)};
constexpr std::array<double, 6> kWeights = {
    0.5 * 0.171324492379170345040296142172732894, 0.5 * 0.360761573048138607569833513837716112,
    0.5 * 0.467913934572691047389870343989550995, 0.5 * 0.467913934572691047389870343989550995,
    0.5 * 0.360761573048138607569833513837716112, 0.5 * 0.171324492379170345040296142172732894};

// Four points of a triangle at once.
constexpr std::size_t kLanes = 4;
using Lanes = std::array<double, kLanes>;

struct RulePoint {
  double b;  // parts of the triangle's second and third corner
  double c;
  double weight;  // of the mean
};

constexpr std::array<RulePoint, 36> kRule = [] {
  std::array<RulePoint, 36> out{};
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) {
      const double u = kNodes[i];
      const double v = kNodes[j];
      out[6 * i + j] = {u * (1 - v), u * v, 2 * u * kWeights[i] * kWeights[j]};
    }
  }
  return out;
}();

// Where the pair of a degree and an order not above it stands in a list.
constexpr std::size_t place_of(std::size_t degree, std::size_t order) {
  return degree * (degree + 1) / 2 + order;
}
constexpr std::size_t kPairs = place_of(kLastDegree, kLastDegree) + 1;

// The sums of weights times regular solid harmonics,
//   R_0^0 = 1,  R_l^l = -(x + iy) R_(l-1)^(l-1) / 2l,
//   R_l^m = ((2l - 1) z R_(l-1)^m - r^2 R_(l-2)^m) / (l^2 - m^2).
class HarmonicSums {
 public:
  // Of each lane's place with its weight. By value: what nothing else points to goes by fours.
  void add(Lanes x, Lanes y, Lanes z, Lanes weight) {
    Lanes square;
    for (std::size_t k = 0; k < kLanes; ++k) square[k] = x[k] * x[k] + y[k] * y[k] + z[k] * z[k];
    Lanes top_real = weight;
    Lanes top_imaginary{};
    for (std::size_t m = 0; m <= kLastDegree; ++m) {
      if (m > 0) {
        const double by = -1.0 / static_cast<double>(2 * m);
        for (std::size_t k = 0; k < kLanes; ++k) {
          const double real = top_real[k];
          top_real[k] = by * (x[k] * real - y[k] * top_imaginary[k]);
          top_imaginary[k] = by * (x[k] * top_imaginary[k] + y[k] * real);
        }
      }
      add_column(m, z, square, top_real, real_);
      if (m > 0) add_column(m, z, square, top_imaginary, imaginary_);
    }
  }

  double real(std::size_t place) const { return sum_of(real_[place]); }
  double imaginary(std::size_t place) const { return sum_of(imaginary_[place]); }

 private:
  using Sums = std::array<Lanes, kPairs>;

  // Degrees m to 10 of order m.
  static void add_column(std::size_t m, Lanes z, Lanes square, Lanes top, Sums& sums) {
    Lanes before{};
    Lanes last = top;
    for (std::size_t k = 0; k < kLanes; ++k) sums[place_of(m, m)][k] += last[k];
    for (std::size_t l = m + 1; l <= kLastDegree; ++l) {
      const double by = 1.0 / static_cast<double>(l * l - m * m);
      const double first = by * static_cast<double>(2 * l - 1);
      Lanes& sum = sums[place_of(l, m)];
      for (std::size_t k = 0; k < kLanes; ++k) {
        const double next = first * z[k] * last[k] - by * square[k] * before[k];
        before[k] = last[k];
        last[k] = next;
        sum[k] += next;
      }
    }
  }

  static double sum_of(const Lanes& lanes) {
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
  }

  Sums real_{};
  Sums imaginary_{};
};

double factorial(std::size_t n) {
  double out = 1;
  for (std::size_t i = 2; i <= n; ++i) out *= static_cast<double>(i);
  return out;
}

// About the centroid: six times the volume of each triangle's tetrahedron, in parts of the body's.
void add_triangle(const std::array<Vec3, 3>& t, HarmonicSums& sums) {
  const double part = dot(t[0], cross(t[1], t[2])) / 6;
  const Vec3 ab = t[1] - t[0];
  const Vec3 ac = t[2] - t[0];
  for (std::size_t first = 0; first < kRule.size(); first += kLanes) {
    Lanes x;
    Lanes y;
    Lanes z;
    Lanes weight;
    for (std::size_t k = 0; k < kLanes; ++k) {
      const RulePoint& at = kRule[first + k];
      x[k] = t[0].x + at.b * ab.x + at.c * ac.x;
      y[k] = t[0].y + at.b * ab.y + at.c * ac.y;
      z[k] = t[0].z + at.b * ab.z + at.c * ac.z;
      weight[k] = part * at.weight;
    }
    sums.add(x, y, z, weight);
  }
}

// From repeated scans: see distance_between. The volume first, as its logarithm.
constexpr double kVolumeSigma = 8.7e-4;
constexpr std::array<double, kDegrees> kPowerSigmas = {7.7e-6, 3.9e-6, 2.9e-6, 1.3e-6, 1.0e-6,
                                                       7.2e-7, 6.0e-7, 2.9e-7, 2.2e-7};

}  // namespace

Result<Descriptor> descriptor_of(const Solid& solid) {
  const double volume = static_cast<double>(volume_six(solid.corners, solid.triangles)) / 6;
  const Vec3 centroid = centroid_of(solid);
  const double scale = 1 / std::cbrt(volume);
  std::vector<Vec3> corners;
  corners.reserve(solid.corners.size());
  for (const Point& p : solid.corners) corners.push_back(scale * (to_vec(p) - centroid));
  HarmonicSums sums;
  for (const Triangle& t : solid.triangles) {
    add_triangle({corners[t[0]], corners[t[1]], corners[t[2]]}, sums);
  }
  Descriptor out;
  out.volume = static_cast<std::uint64_t>(std::llround(volume * 1e-9));
  if (out.volume == 0) return refuse(Verdict::bad_value, "too small a body");
  for (std::size_t l = kFirstDegree; l <= kLastDegree; ++l) {
    // The integral over a cone from the centroid is that over its base times 3 V / (l + 3).
    const double by = 3 / static_cast<double>(l + 3);
    double power = 0;
    for (std::size_t m = 0; m <= l; ++m) {
      const double real = by * sums.real(place_of(l, m));
      const double imaginary = by * sums.imaginary(place_of(l, m));
      power += (m == 0 ? 1 : 2) * factorial(l - m) * factorial(l + m) *
               (real * real + imaginary * imaginary);
    }
    const double whole = std::round(std::sqrt(power) * 1e9);
    if (!(whole < 9e18)) return refuse(Verdict::bad_value, "too thin a body");
    out.power[l - kFirstDegree] = static_cast<std::uint64_t>(whole);
  }
  return out;
}

double distance_between(const Descriptor& a, const Descriptor& b) {
  const double volume =
      std::log(static_cast<double>(a.volume) / static_cast<double>(b.volume)) / kVolumeSigma;
  double sum = volume * volume;
  for (std::size_t i = 0; i < kDegrees; ++i) {
    const double apart = 1e-9 *
                         (static_cast<double>(a.power[i]) - static_cast<double>(b.power[i])) /
                         kPowerSigmas[i];
    sum += apart * apart;
  }
  return std::sqrt(sum);
}

}  // namespace intaglio::stone
