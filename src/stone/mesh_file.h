// Files of scanners and of the programs that mend their meshes: STL (binary and text), PLY (text
// and binary, little-endian) and OBJ, told apart by their content. Pure functions; any thread.
#pragma once

#include "base/bytes.h"
#include "stone/mesh.h"

namespace intaglio::stone {

inline constexpr std::size_t kMaxMeshFile = 512 * 1024 * 1024;

// Polygons of more than three corners become fans of triangles. Refuses with the line or byte:
// `bad_encoding` for what is none of the formats, `truncated`, `trailing_bytes` behind a binary
// STL, `bad_value` for a number that is none or a corner that does not exist, `too_large` beyond
// kMaxTriangles or kMaxMeshFile.
Result<TriangleSoup> read_mesh(ByteView file);

// A body as a binary STL in millimetres, moved by `origin` nanometres; coordinates are rounded to
// 32-bit floats.
Bytes to_stl(const std::vector<Point>& corners, const std::vector<Triangle>& triangles,
             const Vec3& origin = {});

}  // namespace intaglio::stone
