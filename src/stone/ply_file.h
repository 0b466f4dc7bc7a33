// PLY, as scanners write it. mesh_file.h is what to call.
#pragma once

#include "base/bytes.h"
#include "stone/mesh.h"

namespace intaglio::stone {

// Of the elements `vertex` (x, y, z) and `face` (vertex_indices); all else is read over.
Result<TriangleSoup> read_ply(ByteView file);

}  // namespace intaglio::stone
