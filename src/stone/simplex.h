// A small linear programme by the dual simplex method: few unknowns, many rows. For this module.
//
//   greatest x[N - 1]  with  a_j * x <= b_j  for every row j, and x[i] <= box[i]
//
// The boxes are where it begins and should be out of reach; the row of the last one is tight there.
// A little of the other unknowns is wanted as well (kTilt), so that where several points are as
// good it does not go round between them for ever: weights differ from the true ones by as much.
// Pure; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace intaglio::stone {

template <std::size_t N>
using SquareMatrix = std::array<std::array<double, N>, N>;

// False when it is singular, as far as can be seen.
template <std::size_t N>
bool invert(SquareMatrix<N> m, SquareMatrix<N>& out) {
  out = {};
  for (std::size_t i = 0; i < N; ++i) out[i][i] = 1;
  for (std::size_t column = 0; column < N; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < N; ++row) {
      if (std::abs(m[row][column]) > std::abs(m[pivot][column])) pivot = row;
    }
    if (std::abs(m[pivot][column]) < 1e-13) return false;
    std::swap(m[pivot], m[column]);
    std::swap(out[pivot], out[column]);
    const double scale = 1 / m[column][column];
    for (std::size_t k = 0; k < N; ++k) {
      m[column][k] *= scale;
      out[column][k] *= scale;
    }
    for (std::size_t row = 0; row < N; ++row) {
      const double factor = m[row][column];
      if (row == column || factor == 0) continue;
      for (std::size_t k = 0; k < N; ++k) {
        m[row][k] -= factor * m[column][k];
        out[row][k] -= factor * out[column][k];
      }
    }
  }
  return true;
}

// Rows that meet in one point would let the steps go round for ever: each is let out by a part,
// from 0 to 1, of something small that depends on its number alone.
inline double let_out(std::uint32_t row) {
  std::uint32_t x = row * 0x9E3779B9U + 0x7F4A7C15U;
  x ^= x >> 15;
  x *= 0x2C1B3C6DU;
  x ^= x >> 12;
  return static_cast<double>(x >> 8) * 0x1p-24;
}

template <std::size_t N>
class DualSimplex {
 public:
  using Row = std::array<double, N>;

  DualSimplex(std::size_t count, const Row& boxes, double tolerance)
      : count_(count), boxes_(boxes), tolerance_(tolerance), packed_((N + 1) * count) {
    for (std::size_t i = 0; i < N; ++i) basis_[i] = count_ + i;
  }

  void set(std::size_t row, const Row& a, double b) {
    for (std::size_t i = 0; i < N; ++i) packed_[i * count_ + row] = a[i];
    packed_[N * count_ + row] = b;
  }

  // Begins with these rows, if they can decide the last unknown.
  void begin_with(const std::array<std::size_t, N>& rows) {
    const auto before = basis_;
    basis_ = rows;
    bool decides = look();
    for (std::size_t k = 0; k < N; ++k) decides = decides && raw_weight(k) >= 0;
    if (!decides) basis_ = before;
  }

  // False when it does not come to an end in so many steps.
  bool solve(int most_steps) {
    for (int step = 0; step < most_steps; ++step) {
      if (!look()) return false;
      const std::size_t entering = most_violated();
      if (entering == count_) return true;
      if (!exchange(entering)) return false;
    }
    return false;
  }

  const Row& at() const { return at_; }
  // The rows that decide (from `count` on they are boxes) and how much each does.
  const std::array<std::size_t, N>& basis() const { return basis_; }
  double weight(std::size_t k) const { return std::max(0.0, raw_weight(k)); }

 private:
  static constexpr double kPivot = 1e-11;
  static constexpr double kTilt = 1e-9;

  double raw_weight(std::size_t k) const {
    double sum = inverse_[N - 1][k];
    for (std::size_t i = 0; i + 1 < N; ++i) {
      sum += kTilt * (1 + 0.37 * static_cast<double>(i)) * inverse_[i][k];
    }
    return sum;
  }

  Row row(std::size_t i) const {
    Row out{};
    if (i >= count_) {
      out[i - count_] = 1;
      return out;
    }
    for (std::size_t k = 0; k < N; ++k) out[k] = packed_[k * count_ + i];
    return out;
  }

  // The point where the rows of the basis meet.
  bool look() {
    SquareMatrix<N> m;
    for (std::size_t k = 0; k < N; ++k) m[k] = row(basis_[k]);
    if (!invert<N>(m, inverse_)) return false;
    for (std::size_t i = 0; i < N; ++i) {
      at_[i] = 0;
      for (std::size_t k = 0; k < N; ++k) {
        const std::size_t j = basis_[k];
        at_[i] += inverse_[i][k] * (j < count_ ? packed_[N * count_ + j] : boxes_[j - count_]);
      }
    }
    return true;
  }

  std::size_t most_violated() const {
    const double* const data = packed_.data();
    double worst = tolerance_;
    std::size_t found = count_;
    for (std::size_t i = 0; i < count_; ++i) {
      double over = -data[N * count_ + i];
      for (std::size_t k = 0; k < N; ++k) over += data[k * count_ + i] * at_[k];
      if (over > worst) {
        worst = over;
        found = i;
      }
    }
    return found;
  }

  bool exchange(std::size_t entering) {
    const Row a = row(entering);
    double best = std::numeric_limits<double>::infinity();
    double best_share = 0;
    std::size_t leaving = N;
    for (std::size_t k = 0; k < N; ++k) {
      double share = 0;
      for (std::size_t i = 0; i < N; ++i) share += a[i] * inverse_[i][k];
      if (share < kPivot) continue;
      const double ratio = weight(k) / share;
      if (ratio < best || (ratio == best && share > best_share)) {
        best = ratio;
        best_share = share;
        leaving = k;
      }
    }
    if (leaving == N) return false;
    basis_[leaving] = entering;
    return true;
  }

  std::size_t count_;
  Row boxes_;
  double tolerance_;
  std::vector<double> packed_;
  std::array<std::size_t, N> basis_{};
  SquareMatrix<N> inverse_{};
  Row at_{};
};

}  // namespace intaglio::stone
