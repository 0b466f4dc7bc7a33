#include "base/check.h"
#include "stone/hull.h"
#include "stone/rough.h"
#include "stone/sample_rough.h"

using namespace intaglio;

// What is read are bodies of which a part is in the rough, and obstacles that are theirs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stone::Solid rough = *stone::solid_from(stone::geodesic(2), stone::kMillimetre);
  const auto mesh_of = [](const std::string&) -> Result<stone::TriangleSoup> {
    return stone::geodesic(0);
  };
  const auto read = stone::inclusions_from_text(as_text(ByteView(data, size)), stone::kMillimetre,
                                                rough, mesh_of);
  if (!read) return 0;
  CHECK(read->size() <= stone::kMaxInclusions);
  for (const auto& inclusion : *read) {
    CHECK(stone::volume_six(inclusion.corners, inclusion.triangles) > 0);
    CHECK(std::ranges::is_sorted(inclusion.corners));
  }
  (void)stone::obstacles_of(*read, 10'000, {.spacing = 50'000});
  (void)stone::clarity_levels(*read, "VS1", stone::common_clarities());
  (void)stone::inclusions_hash(*read);
  return 0;
}
