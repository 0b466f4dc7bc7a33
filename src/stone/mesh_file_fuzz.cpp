#include "base/check.h"
#include "stone/mesh_file.h"

using namespace intaglio;

// What is read is finite and names corners that exist; what becomes a solid is closed and is the
// same solid again through a file of ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto soup = stone::read_mesh(ByteView(data, size));
  if (!soup) return 0;
  for (const stone::Triangle& t : soup->triangles) {
    for (const std::uint32_t corner : t) CHECK(corner < soup->corners.size());
  }
  const auto solid = stone::solid_from(*soup, stone::kMillimetre);
  if (!solid) return 0;
  CHECK(stone::volume_six(solid->corners, solid->triangles) > 0);
  const auto again = stone::read_mesh(stone::to_stl(solid->corners, solid->triangles));
  CHECK(again && again->triangles.size() == solid->triangles.size());
  return 0;
}
