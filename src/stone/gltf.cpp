#include "stone/gltf.h"

#include <algorithm>
#include <bit>

#include "base/format.h"
#include "codec/json.h"

namespace intaglio::stone {
namespace {

// Numbers of the glTF 2.0 specification.
constexpr std::uint32_t kMagic = 0x46546C67;      // "glTF"
constexpr std::uint32_t kJsonChunk = 0x4E4F534A;  // "JSON"
constexpr std::uint32_t kDataChunk = 0x004E4942;  // "BIN"
constexpr int kFloats = 5126;
constexpr int kUnsigned32 = 5125;
constexpr int kVertexBuffer = 34962;
constexpr int kIndexBuffer = 34963;
constexpr int kLines = 1;

constexpr double kMetre = 1e-9;  // of a nanometre
constexpr std::string_view kEdgeMaterial =
    R"({"name":"edges","pbrMetallicRoughness":{"baseColorFactor":[0.03,0.05,0.08,1],)"
    R"("metallicFactor":0,"roughnessFactor":1},"extensions":{"KHR_materials_unlit":{}}})";

void put(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::string quoted(std::string_view text) { return codec::Json(text).dump(); }

// With as many digits as bring back the very number.
std::string number(float value) { return format("{}", value); }

// glTF's colours are proportional to light.
double linear(double part) {
  return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

// The document and the one buffer, as they grow.
class Model {
 public:
  void add(const Surface& surface, std::size_t place) {
    const std::size_t points = add_places(surface);
    const std::size_t normals = add_normals(surface);
    std::vector<std::uint32_t> corners;
    for (const Triangle& t : surface.triangles) corners.insert(corners.end(), t.begin(), t.end());
    std::string primitives =
        format(R"({{"attributes":{{"POSITION":{},"NORMAL":{}}},"indices":{},"material":{}}})",
               points, normals, add_indices(corners), place + 1);
    if (!surface.edges.empty()) {
      std::vector<std::uint32_t> ends;
      for (const auto& edge : surface.edges) ends.insert(ends.end(), edge.begin(), edge.end());
      primitives +=
          format(R"(,{{"attributes":{{"POSITION":{}}},"indices":{},"material":0,"mode":{}}})",
                 points, add_indices(ends), kLines);
    }
    const std::string name = quoted(surface.name);
    meshes_.push_back(format(R"({{"name":{},"primitives":[{}]}})", name, primitives));
    nodes_.push_back(format(R"({{"name":{},"mesh":{}}})", name, place));
    materials_.push_back(material(surface));
  }

  Bytes finished(const Scene& scene) const {
    std::string text = document(scene);
    text.resize((text.size() + 3) / 4 * 4, ' ');
    Bytes out;
    put(out, kMagic);
    put(out, 2);
    put(out, static_cast<std::uint32_t>(12 + 8 + text.size() + 8 + data_.size()));
    put(out, static_cast<std::uint32_t>(text.size()));
    put(out, kJsonChunk);
    append(out, as_bytes(text));
    put(out, static_cast<std::uint32_t>(data_.size()));
    put(out, kDataChunk);
    append(out, data_);
    return out;
  }

 private:
  static std::string material(const Surface& surface) {
    const Colour& c = surface.colour;
    const bool is_clear = surface.opacity < 1;
    return format(
        R"({{"name":{},"pbrMetallicRoughness":{{"baseColorFactor":[{:.4f},{:.4f},{:.4f},{:.4f}],)"
        R"("metallicFactor":0,"roughnessFactor":{}}}{}}})",
        quoted(surface.name), linear(c.red), linear(c.green), linear(c.blue), surface.opacity,
        is_clear ? "0.5" : "0.1", is_clear ? R"(,"alphaMode":"BLEND","doubleSided":true)" : "");
  }

  std::size_t add_places(const Surface& surface) {
    constexpr float kFar = std::numeric_limits<float>::infinity();
    std::array<float, 3> low = {kFar, kFar, kFar};
    std::array<float, 3> high = {-kFar, -kFar, -kFar};
    const std::size_t begin = data_.size();
    for (const SurfacePoint& point : surface.points) {
      const Vec3 p = kMetre * point.place;
      const std::array<float, 3> at = {static_cast<float>(p.x), static_cast<float>(p.y),
                                       static_cast<float>(p.z)};
      for (std::size_t k = 0; k < 3; ++k) {
        low[k] = std::min(low[k], at[k]);
        high[k] = std::max(high[k], at[k]);
        put(data_, std::bit_cast<std::uint32_t>(at[k]));
      }
    }
    const std::string range =
        format(R"(,"min":[{},{},{}],"max":[{},{},{}])", number(low[0]), number(low[1]),
               number(low[2]), number(high[0]), number(high[1]), number(high[2]));
    return add_accessor(begin, surface.points.size(), kFloats, "VEC3", kVertexBuffer, range);
  }

  std::size_t add_normals(const Surface& surface) {
    const std::size_t begin = data_.size();
    for (const SurfacePoint& point : surface.points) {
      for (const double part : {point.normal.x, point.normal.y, point.normal.z}) {
        put(data_, std::bit_cast<std::uint32_t>(static_cast<float>(part)));
      }
    }
    return add_accessor(begin, surface.points.size(), kFloats, "VEC3", kVertexBuffer, "");
  }

  std::size_t add_indices(const std::vector<std::uint32_t>& indices) {
    const std::size_t begin = data_.size();
    for (const std::uint32_t index : indices) put(data_, index);
    return add_accessor(begin, indices.size(), kUnsigned32, "SCALAR", kIndexBuffer, "");
  }

  // An accessor with a view of its own over what was put since `begin`; its place in the list.
  std::size_t add_accessor(std::size_t begin, std::size_t count, int component,
                           std::string_view type, int target, std::string_view more) {
    const std::size_t place = accessors_.size();
    views_.push_back(format(R"({{"buffer":0,"byteOffset":{},"byteLength":{},"target":{}}})", begin,
                            data_.size() - begin, target));
    accessors_.push_back(
        format(R"({{"bufferView":{},"componentType":{},"count":{},"type":"{}"{}}})", place,
               component, count, type, more));
    return place;
  }

  std::string document(const Scene& scene) const {
    // From z up, as designs have it, to y up.
    const Matrix up{{1, 0, 0}, {0, 0, 1}, {0, -1, 0}};
    const auto q = fixed({up * scene.upright, {}}).quaternion;
    double size = 0;
    for (const std::int32_t part : q) size += static_cast<double>(part) * part;
    size = std::sqrt(size);
    std::string children;
    for (std::size_t i = 0; i < nodes_.size(); ++i) children += format("{}{}", i ? "," : "", i + 1);
    const std::string root =
        format(R"({{"name":"plan","rotation":[{:.9f},{:.9f},{:.9f},{:.9f}],"children":[{}]}})",
               q[1] / size, q[2] / size, q[3] / size, q[0] / size, children);
    const std::string extras = scene.simplified.empty()
                                   ? ""
                                   : format(R"(,"extras":{{"note":{}}})", quoted(scene.simplified));
    return format(
        R"({{"asset":{{"version":"2.0","generator":"intaglio"}},)"
        R"("extensionsUsed":["KHR_materials_unlit"],"scene":0,"scenes":[{{"nodes":[0]{}}}],)"
        R"("nodes":[{},{}],"meshes":[{}],"materials":[{},{}],"accessors":[{}],)"
        R"("bufferViews":[{}],"buffers":[{{"byteLength":{}}}]}})",
        extras, root, joined(nodes_), joined(meshes_), kEdgeMaterial, joined(materials_),
        joined(accessors_), joined(views_), data_.size());
  }

  Bytes data_;
  std::vector<std::string> nodes_;
  std::vector<std::string> meshes_;
  std::vector<std::string> materials_;
  std::vector<std::string> accessors_;
  std::vector<std::string> views_;
};

}  // namespace

Bytes to_glb(const Scene& scene) {
  Model model;
  for (std::size_t i = 0; i < scene.surfaces.size(); ++i) model.add(scene.surfaces[i], i);
  return model.finished(scene);
}

}  // namespace intaglio::stone
