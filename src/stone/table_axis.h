// A limit on the way that tables may look, as bounds and stones need it: an angle from a line
// through the rough. Pure; any thread.
#pragma once

#include "stone/cells.h"
#include "stone/rough.h"

namespace intaglio::stone {

class TableAxis {
 public:
  explicit TableAxis(const AxisLimit& limit);

  // Whether none of the cell's rotations is allowed, whatever rounding may have done.
  bool excludes(const CellView& view) const;
  // The rotation, or the nearest one that is allowed: by a ten millionth of a radian more than it
  // must be, so that it is when it is written down in whole numbers.
  Matrix nearest(const Matrix& turn) const;

  // For small turns w of a stone, as vectors in the rough: row * w <= reach keeps it within a side
  // of the limit.
  struct Side {
    Vec3 row;
    double reach;
  };
  std::vector<Side> sides(const Matrix& turn) const;

 private:
  struct Seen {
    double angle;  // from the line, up to a right one
    Vec3 towards;  // unit: turning about it brings the table nearer to the line
  };
  Seen seen(const Vec3& table) const;

  Vec3 line_;
  double from_;  // radians
  double to_;
};

}  // namespace intaglio::stone
