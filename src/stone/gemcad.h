// Designs as faceters exchange them: GemCad's text format .asc. Pure functions; any thread.
#pragma once

#include "stone/design.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxGemcadFile = 256 * 1024;
inline constexpr std::uint32_t kMaxGear = 720;

// What a file says besides its planes.
struct GemcadDesign {
  std::vector<std::string> title;  // its H lines, as bytes that are UTF-8
  std::uint32_t gear = 0;
  double refractive_index = 0;  // 0 when it says none
  std::vector<FacetPlane> planes;
};

// Each facet is cut at an angle to the girdle's plane, a distance from the centre, and an index of
// the gear: negative angles and -0 with a distance are the pavilion's, 0 the table, 90 the
// girdle's. Refuses with the line: `bad_encoding` for what is no such file, `bad_value` for a
// number outside of its range, `too_large` beyond kMaxFacets, kMaxGear or kMaxGemcadFile.
Result<GemcadDesign> read_gemcad(std::string_view file);

// The stone of such a file. Its shape for prices is what the caller says, e.g. "round".
Result<Design> design_from_gemcad(std::string_view file, std::string shape);

}  // namespace intaglio::stone
