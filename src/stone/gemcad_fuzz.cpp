#include "base/check.h"
#include "stone/gemcad.h"

using namespace intaglio;

// What is read becomes a stone round the centre, or a refusal; a stone has as many corners and
// facets as Euler wants.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(ByteView(data, size));
  const auto read = stone::read_gemcad(text);
  if (!read) return 0;
  CHECK(!read->planes.empty() && read->planes.size() <= stone::kMaxFacets);
  if (read->planes.size() > 120) return 0;  // slow, and the same
  const auto design = stone::design_from_planes("", "", read->planes);
  if (!design) return 0;
  CHECK(design->corners.size() * 2 == design->faces.size() + 4);
  CHECK(stone::unit_volume(*design) > 0);
  return 0;
}
