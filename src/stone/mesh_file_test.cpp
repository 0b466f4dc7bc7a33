#include "stone/mesh_file.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

TriangleSoup read(std::string_view text) { return must(read_mesh(as_bytes(text))); }
Verdict verdict(std::string_view text) { return verdict_of(read_mesh(as_bytes(text))); }
std::string where(std::string_view text) { return read_mesh(as_bytes(text)).error().where; }

constexpr std::string_view kTextStl =
    "solid a\r\n facet normal 0 0 1\r\n  outer loop\r\n   vertex 0 0 0\r\n   vertex 1 0 0\r\n"
    "   vertex +0 1e0 0.0\r\n  endloop\r\n endfacet\r\nendsolid a\r\n";

TEST(MeshFile, BinaryStlIsReadBackAsItWasWritten) {
  const Solid s = solid(geodesic(2));
  const Bytes file = to_stl(s.corners, s.triangles);
  EXPECT_EQ(file.size(), 84 + 50 * s.triangles.size());
  const Solid again = solid(must(read_mesh(file)));
  // Coordinates of a millimetre are floats of a twentieth of a nanometre.
  EXPECT_EQ(again.corners, s.corners);
  EXPECT_TRUE(volume_six(again.corners, again.triangles) == volume_six(s.corners, s.triangles));
}

TEST(MeshFile, BinaryStlThatBeginsLikeTextIsBinary) {
  const Solid s = solid(octahedron(5));
  Bytes file = to_stl(s.corners, s.triangles);
  std::memcpy(file.data(), "solid x", 7);
  EXPECT_EQ(must(read_mesh(file)).triangles.size(), 8U);
  file.pop_back();
  EXPECT_EQ(verdict_of(read_mesh(file)), Verdict::truncated);
  EXPECT_EQ(read_mesh(file).error().where, "8 triangles of an STL file in 483 bytes");
  file.insert(file.end(), 2, 0);
  EXPECT_EQ(verdict_of(read_mesh(file)), Verdict::trailing_bytes);
}

TEST(MeshFile, BinaryStlWithANumberThatIsNoneIsRefusedWithItsPlace) {
  const Solid s = solid(octahedron(5));
  Bytes file = to_stl(s.corners, s.triangles);
  const std::uint8_t nan[4] = {0, 0, 0xc0, 0x7f};
  std::memcpy(file.data() + 84 + 50 * 3 + 12 + 12, nan, 4);
  const auto refused = read_mesh(file);
  EXPECT_EQ(verdict_of(refused), Verdict::bad_value);
  EXPECT_EQ(refused.error().where, "triangle 3, corner 1 is not a number");
}

TEST(MeshFile, TextStl) {
  const auto soup = read(kTextStl);
  EXPECT_EQ(soup.corners, (std::vector<Vec3>{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}));
  EXPECT_EQ(soup.triangles, (std::vector<Triangle>{{0, 1, 2}}));
  EXPECT_EQ(where("solid\nfacet\nouter loop\nvertex 1 2\n"), "line 4: three numbers");
  EXPECT_EQ(where("solid\nfacet\nouter loop\nvertex 1 2 nan\n"), "line 4: nan");
  EXPECT_EQ(where("solid\nfacet\nouter loop\nvertex 1 2 3\nendloop\n"), "line 5: three vertices");
  EXPECT_EQ(verdict("solid\nfacet\nouter loop\nvertex 1 2 3\n"), Verdict::truncated);
  EXPECT_EQ(verdict("solid\nvertex 1 2 3\n"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("solid\nhollow\n"), Verdict::bad_encoding);
}

TEST(MeshFile, ObjWithPolygonsTexturesAndCornersFromTheEnd) {
  const auto soup = read(
      "# a square\nv 0 0 0\nv 1 0 0 1.0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\nf 1/1/1 2//1 3/2 4\nf -4 -3 "
      "-2\n");
  EXPECT_EQ(soup.triangles, (std::vector<Triangle>{{0, 1, 2}, {0, 2, 3}, {0, 1, 2}}));
  EXPECT_EQ(where("v 0 0 0\nf 1 2 3\n"), "line 2: 2");
  EXPECT_EQ(where("v 0 0 0\nf 0 1 1\n"), "line 2: 0");
  EXPECT_EQ(verdict("v 0 0 x\n"), Verdict::bad_value);
  EXPECT_EQ(verdict("v 0 0 0\nf 1 1\n"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("hello"), Verdict::bad_encoding);
  EXPECT_EQ(verdict(""), Verdict::bad_encoding);
}

constexpr std::string_view kPlyHeader =
    "element vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    "property uchar red\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n";

TEST(MeshFile, PlyAsTextAndInBinary) {
  const auto text = read("ply\nformat ascii 1.0\ncomment x\n" + std::string(kPlyHeader) +
                         "0 0 0 255\n1 0 0 255\n0 1 0 255\n3 0 1 2\n");
  std::string binary = "ply\nformat binary_little_endian 1.0\n" + std::string(kPlyHeader);
  for (const float x : {0.F, 1.F, 0.F}) {
    const float y = x == 0 && binary.size() > 250 ? 1.F : 0.F;
    const float z = 0;
    for (const float* part : {&x, &y, &z}) {
      binary.append(reinterpret_cast<const char*>(part), sizeof(float));
    }
    binary.push_back('\xff');
  }
  const std::int32_t corners[3] = {0, 1, 2};
  binary.push_back('\x03');
  binary.append(reinterpret_cast<const char*>(corners), sizeof corners);
  const auto same = read(binary);
  EXPECT_EQ(text.triangles, (std::vector<Triangle>{{0, 1, 2}}));
  EXPECT_EQ(same.triangles, text.triangles);
  EXPECT_EQ(text.corners, (std::vector<Vec3>{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}));
  EXPECT_EQ(same.corners[1], text.corners[1]);
  binary.pop_back();
  EXPECT_EQ(verdict(binary), Verdict::truncated);
}

TEST(MeshFile, PlyThatIsWrongIsRefused) {
  const std::string header = "ply\nformat ascii 1.0\n" + std::string(kPlyHeader);
  EXPECT_EQ(verdict(header + "0 0 0 1\n1 0 0 1\n0 1 0 1\n3 0 1 3\n"), Verdict::bad_value);
  EXPECT_EQ(verdict(header + "0 0 0 1\n1 0 0 1\n0 inf 0 1\n3 0 1 2\n"), Verdict::bad_value);
  EXPECT_EQ(verdict(header + "0 0 0 1\n"), Verdict::truncated);
  EXPECT_EQ(verdict("ply\nformat binary_big_endian 1.0\n"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("ply\nformat ascii 1.0\nelement vertex 99999999999\n"), Verdict::too_large);
  EXPECT_EQ(verdict("ply\nelement vertex 0\nend_header\n"), Verdict::bad_encoding);
  EXPECT_EQ(verdict("ply\nformat ascii 1.0\n"), Verdict::truncated);
}

// Bodies of others' making, which stand in for scans: see the README of the vectors.
TEST(MeshFile, ForeignMeshes) {
  const char* folder = std::getenv("INTAGLIO_VECTORS");
  const std::string path =
      std::string(folder == nullptr ? "../shared/vectors" : folder) + "/gems/meshes/";
  struct Expected {
    const char* name;
    std::size_t corners;  // that a triangle names
    std::size_t triangles;
    double volume;  // in the file's unit; 0 where the mesh is open
  };
  for (const Expected& e : {Expected{"eros_1708.obj", 856, 1708, 2491.6158},
                            Expected{"eros_7790.obj", 3897, 7790, 2525.9946},
                            Expected{"ryugu_test.obj", 2968, 5932, 0.37688131},
                            Expected{"fractal_v2572_f5000.obj", 2572, 5000, 0}}) {
    std::ifstream file(path + e.name, std::ios::binary);
    if (!file) GTEST_SKIP() << "NOT TESTED: there is no " << path << e.name;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto soup = read(text);
    EXPECT_EQ(soup.triangles.size(), e.triangles);
    const auto body = solid_from(soup, Unit{e.volume == 0 ? 1e6 : 5e6});
    if (e.volume == 0) {
      EXPECT_EQ(verdict_of(body), Verdict::mesh_open);
      continue;
    }
    ASSERT_TRUE(body) << to_string(body.error());
    EXPECT_EQ(body->corners.size(), e.corners);
    EXPECT_EQ(body->turned, 0U);
    const double volume =
        static_cast<double>(volume_six(body->corners, body->triangles)) / 6 / 125e18;
    EXPECT_NEAR(volume, e.volume, 1e-6 * e.volume);
  }
}

}  // namespace
}  // namespace intaglio::stone
