#include "stone/mesh_file.h"

#include <bit>
#include <cstring>

#include "base/format.h"
#include "stone/lines.h"
#include "stone/ply_file.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kStlHeader = 84;
constexpr std::size_t kStlTriangle = 50;

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

// Text files begin with "solid", and so do many binary ones: the size decides.
bool is_binary_stl(ByteView file) {
  return file.size() >= kStlHeader &&
         file.size() == kStlHeader + std::uint64_t{u32_at(file, 80)} * kStlTriangle;
}

Result<TriangleSoup> read_binary_stl(ByteView file) {
  const std::uint32_t count = u32_at(file, 80);
  if (count > kMaxTriangles) return refuse(Verdict::too_large, format("{} triangles", count));
  TriangleSoup soup;
  soup.corners.reserve(std::size_t{count} * 3);
  soup.triangles.reserve(count);
  for (std::uint32_t t = 0; t < count; ++t) {
    const std::size_t at = kStlHeader + t * kStlTriangle + 12;  // after the normal
    for (std::size_t k = 0; k < 3; ++k) {
      const auto number = [&](std::size_t axis) {
        return double{std::bit_cast<float>(u32_at(file, at + 12 * k + 4 * axis))};
      };
      const Vec3 corner{number(0), number(1), number(2)};
      if (!std::isfinite(corner.x) || !std::isfinite(corner.y) || !std::isfinite(corner.z)) {
        return refuse(Verdict::bad_value, format("triangle {}, corner {} is not a number", t, k));
      }
      soup.corners.push_back(corner);
    }
    soup.triangles.push_back({3 * t, 3 * t + 1, 3 * t + 2});
  }
  return soup;
}

Result<Vec3> vector_from(Words& words, const Lines& lines) {
  Vec3 out;
  for (double* part : {&out.x, &out.y, &out.z}) {
    const auto word = words.next();
    const auto number = number_from(word);
    if (!number) {
      return lines.refuse_here(word.empty() ? Verdict::truncated : Verdict::bad_value,
                               word.empty() ? "three numbers" : word);
    }
    *part = *number;
  }
  return out;
}

// solid NAME / facet normal x y z / outer loop / vertex x y z (three) / endloop / endfacet /
// endsolid
Result<TriangleSoup> read_text_stl(std::string_view text) {
  TriangleSoup soup;
  Lines lines(text);
  std::size_t in_loop = 0;  // vertices so far, plus one while a loop is open
  while (const auto line = lines.next()) {
    Words words(*line);
    const auto word = words.next();
    if (word == "outer") {
      if (in_loop != 0) return lines.refuse_here(Verdict::bad_encoding, "a loop in a loop");
      in_loop = 1;
    } else if (word == "vertex") {
      if (in_loop == 0 || in_loop > 3) {
        return lines.refuse_here(Verdict::bad_encoding, "a facet has three vertices");
      }
      ASSIGN(const auto corner, vector_from(words, lines));
      soup.corners.push_back(corner);
      ++in_loop;
    } else if (word == "endloop") {
      if (in_loop != 4) return lines.refuse_here(Verdict::bad_encoding, "three vertices");
      if (soup.triangles.size() == kMaxTriangles) return lines.refuse_here(Verdict::too_large, "");
      const auto end = static_cast<std::uint32_t>(soup.corners.size());
      soup.triangles.push_back({end - 3, end - 2, end - 1});
      in_loop = 0;
    } else if (!word.empty() && word != "solid" && word != "facet" && word != "endfacet" &&
               word != "endsolid") {
      return lines.refuse_here(Verdict::bad_encoding, word);
    }
  }
  if (in_loop != 0) return lines.refuse_here(Verdict::truncated, "a facet");
  if (soup.triangles.empty()) return refuse(Verdict::bad_encoding, "an STL file without facets");
  return soup;
}

// "7", "7/1", "7//3": the corner alone is looked at; from 1, or from the end when negative.
Result<std::uint32_t> obj_corner(std::string_view word, std::size_t corners, const Lines& lines) {
  word = word.substr(0, word.find('/'));
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  const auto count = static_cast<std::int64_t>(corners);
  if (index < 0 && index >= -count) index += count + 1;
  if (!whole || index < 1 || index > count) return lines.refuse_here(Verdict::bad_value, word);
  return static_cast<std::uint32_t>(index - 1);
}

Result<TriangleSoup> read_obj(std::string_view text) {
  TriangleSoup soup;
  Lines lines(text);
  std::vector<std::uint32_t> polygon;
  while (const auto line = lines.next()) {
    Words words(*line);
    const auto word = words.next();
    if (word == "v") {
      ASSIGN(const auto corner, vector_from(words, lines));
      soup.corners.push_back(corner);
    } else if (word == "f") {
      polygon.clear();
      for (auto name = words.next(); !name.empty() && name != "\\"; name = words.next()) {
        ASSIGN(const auto corner, obj_corner(name, soup.corners.size(), lines));
        polygon.push_back(corner);
      }
      if (polygon.size() < 3) return lines.refuse_here(Verdict::bad_encoding, "a face");
      for (std::size_t i = 2; i < polygon.size(); ++i) {
        if (soup.triangles.size() == kMaxTriangles) {
          return lines.refuse_here(Verdict::too_large, "triangles");
        }
        soup.triangles.push_back({polygon[0], polygon[i - 1], polygon[i]});
      }
    }
  }
  if (soup.triangles.empty()) return refuse(Verdict::bad_encoding, "not STL, PLY or OBJ");
  return soup;
}

}  // namespace

Result<TriangleSoup> read_mesh(ByteView file) {
  if (file.size() > kMaxMeshFile) return refuse(Verdict::too_large, "the file");
  if (is_binary_stl(file)) return read_binary_stl(file);
  const std::string_view text = as_text(file);
  if (text.starts_with("ply\n") || text.starts_with("ply\r\n")) return read_ply(file);
  // No text has such bytes: a binary STL that is cut off, or has something behind it.
  if (file.size() >= kStlHeader && text.substr(0, kStlHeader).contains('\0')) {
    const std::uint64_t count = u32_at(file, 80);
    return refuse(file.size() < kStlHeader + count * kStlTriangle ? Verdict::truncated
                                                                  : Verdict::trailing_bytes,
                  format("{} triangles of an STL file in {} bytes", count, file.size()));
  }
  if (text.starts_with("solid")) return read_text_stl(text);
  return read_obj(text);
}

Bytes to_stl(const std::vector<Point>& corners, const std::vector<Triangle>& triangles,
             const Vec3& origin) {
  Bytes out(80);
  std::memcpy(out.data(), "millimetres", 11);
  const auto put = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  const auto put_vec = [&](const Vec3& v) {
    for (const double part : {v.x, v.y, v.z}) {
      put(std::bit_cast<std::uint32_t>(static_cast<float>(part)));
    }
  };
  put(static_cast<std::uint32_t>(triangles.size()));
  for (const Triangle& t : triangles) {
    const Direction n = normal_of(corners[t[0]], corners[t[1]], corners[t[2]]);
    put_vec(n == Direction{} ? Vec3{} : unit(to_vec(n)));
    for (const std::uint32_t corner : t) put_vec(1e-6 * (to_vec(corners[corner]) + origin));
    out.insert(out.end(), 2, 0);
  }
  return out;
}

}  // namespace intaglio::stone
