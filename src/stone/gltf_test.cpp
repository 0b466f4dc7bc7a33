// Binary glTF, read back by the rules of its specification.
#include "stone/gltf.h"

#include <bit>
#include <cstring>

#include <gtest/gtest.h>

#include "codec/json.h"
#include "stone/families.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

using codec::Json;

std::uint32_t word(ByteView bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;) out = out << 8 | bytes[at + i];
  return out;
}

// Our reader takes no fractions: numbers that are not whole become texts.
std::string with_fractions_as_texts(std::string_view json) {
  std::string out;
  bool is_text = false;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) is_text = !is_text;
    const auto end = json.find_first_not_of("+-.0123456789eE", i);
    if (is_text || end == i || std::string_view("-0123456789").find(c) == std::string_view::npos) {
      out += c;
      ++i;
      continue;
    }
    const auto number = json.substr(i, end - i);
    const bool is_whole = number.find_first_of(".eE") == std::string_view::npos;
    out += is_whole ? std::string(number) : '"' + std::string(number) + '"';
    i = end;
  }
  return out;
}

double number(const Json& json) {
  if (const auto* whole = json.integer()) return static_cast<double>(*whole);
  return std::stod(*json.text());
}

// A file as somebody reads it who knows the specification and not us.
class Model {
 public:
  explicit Model(Bytes file) : file_(std::move(file)) {
    EXPECT_EQ(as_text(ByteView(file_).first(4)), "glTF");
    EXPECT_EQ(word(file_, 4), 2U);
    EXPECT_EQ(word(file_, 8), file_.size());
    const std::size_t size = word(file_, 12);
    EXPECT_EQ(size % 4, 0U);
    EXPECT_EQ(word(file_, 16), 0x4E4F534AU);
    json_ = must(codec::parse_json(
        with_fractions_as_texts(as_text(ByteView(file_).subspan(20, size))), {.bytes = 1 << 20}));
    EXPECT_EQ(word(file_, 24 + size), 0x004E4942U);
    data_ = ByteView(file_).subspan(28 + size);
    EXPECT_EQ(data_.size(), word(file_, 20 + size));
    EXPECT_EQ(data_.size(), must(list("buffers")[0].uint_at("byteLength")));
  }

  const Json::Array& list(std::string_view name) const { return *json_.find(name)->items(); }
  const Json& json() const { return json_; }

  // The words of an accessor, whose view they fill.
  std::vector<std::uint32_t> words(std::uint64_t accessor, std::string_view type) const {
    const Json& a = list("accessors")[accessor];
    EXPECT_EQ(must(a.text_at("type")), type);
    const Json& view = list("bufferViews")[must(a.uint_at("bufferView"))];
    const std::size_t begin = must(view.uint_at("byteOffset"));
    const std::size_t size = must(view.uint_at("byteLength"));
    EXPECT_EQ(begin % 4, 0U);
    EXPECT_LE(begin + size, data_.size());
    EXPECT_EQ(size, must(a.uint_at("count")) * (type == "VEC3" ? 12 : 4));
    std::vector<std::uint32_t> out;
    for (std::size_t at = begin; at < begin + size; at += 4) out.push_back(word(data_, at));
    return out;
  }
  std::vector<Vec3> vectors(std::uint64_t accessor) const {
    EXPECT_EQ(must(list("accessors")[accessor].uint_at("componentType")), 5126U);
    std::vector<Vec3> out;
    const auto raw = words(accessor, "VEC3");
    const auto at = [&](std::size_t i) { return double{std::bit_cast<float>(raw[i])}; };
    for (std::size_t i = 0; i < raw.size(); i += 3) out.push_back({at(i), at(i + 1), at(i + 2)});
    return out;
  }

 private:
  Bytes file_;
  Json json_;
  ByteView data_;
};

Scene sample_scene(std::string name = "a stone") {
  const Design design = must(design_from_text("round"));
  Chance chance(2);
  FixedPose pose = fixed({chance.turn(), {1e5, -2e5, 3e5}});
  pose.size = 3'000'000'000;
  const std::array stones = {PlacedStone{std::move(name), design.corners, pose}};
  return must(make_scene(solid(scan_like(3, 0.02, 1)), stones));
}

TEST(Gltf, HasEverySurfaceWithItsPlacesAndBounds) {
  const Scene scene = sample_scene();
  const Model model(to_glb(scene));
  EXPECT_EQ(must(model.json().find("asset")->text_at("version")), "2.0");
  ASSERT_EQ(model.list("meshes").size(), scene.surfaces.size());
  for (std::size_t i = 0; i < scene.surfaces.size(); ++i) {
    const Surface& surface = scene.surfaces[i];
    const Json& mesh = model.list("meshes")[i];
    EXPECT_EQ(must(mesh.text_at("name")), surface.name);
    EXPECT_EQ(must(model.list("nodes")[i + 1].uint_at("mesh")), i);
    const Json& faces = (*mesh.find("primitives")->items())[0];
    const auto accessor = must(faces.find("attributes")->uint_at("POSITION"));
    const auto places = model.vectors(accessor);
    ASSERT_EQ(places.size(), surface.points.size());
    Vec3 low = places[0];
    Vec3 high = places[0];
    for (std::size_t k = 0; k < places.size(); ++k) {
      const Vec3& p = places[k];
      EXPECT_LT(length(p - 1e-9 * surface.points[k].place), 1e-9);  // metres
      low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
    }
    const auto said = [&](const char* name) {
      const auto& items = *model.list("accessors")[accessor].find(name)->items();
      const auto part = [&](std::size_t k) { return double{static_cast<float>(number(items[k]))}; };
      return Vec3{part(0), part(1), part(2)};
    };
    EXPECT_EQ(said("min"), low);
    EXPECT_EQ(said("max"), high);
  }
}

TEST(Gltf, FacetsAreFlatAndLookOutwards) {
  const Model model(to_glb(sample_scene()));
  const auto& primitives = *model.list("meshes")[0].find("primitives")->items();
  ASSERT_EQ(primitives.size(), 2U);
  const Json& faces = primitives[0];
  const auto places = model.vectors(must(faces.find("attributes")->uint_at("POSITION")));
  const auto normals = model.vectors(must(faces.find("attributes")->uint_at("NORMAL")));
  ASSERT_EQ(normals.size(), places.size());
  const auto indices = model.words(must(faces.uint_at("indices")), "SCALAR");
  ASSERT_EQ(indices.size() % 3, 0U);
  EXPECT_GT(indices.size(), 150U);
  for (std::size_t i = 0; i < indices.size(); i += 3) {
    for (std::size_t k = 0; k < 3; ++k) ASSERT_LT(indices[i + k], places.size());
    const Vec3& a = places[indices[i]];
    const Vec3 n = unit(cross(places[indices[i + 1]] - a, places[indices[i + 2]] - a));
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(length(normals[indices[i + k]]), 1, 1e-6);
      EXPECT_GT(dot(normals[indices[i + k]], n), 0.9999);
    }
  }
  // Its edges, as lines over the same places.
  EXPECT_EQ(must(primitives[1].uint_at("mode")), 1U);
  const auto ends = model.words(must(primitives[1].uint_at("indices")), "SCALAR");
  EXPECT_EQ(ends.size() % 2, 0U);
  EXPECT_GT(ends.size(), 200U);
  for (const std::uint32_t end : ends) EXPECT_LT(end, places.size());
}

TEST(Gltf, TheRoughAloneIsTranslucent) {
  const Model model(to_glb(sample_scene()));
  const auto& materials = model.list("materials");
  ASSERT_EQ(materials.size(), 3U);  // edges, stone, rough
  EXPECT_EQ(materials[1].find("alphaMode"), nullptr);
  EXPECT_EQ(must(materials[2].text_at("alphaMode")), "BLEND");
  const auto alpha = [&](std::size_t i) {
    return number(
        (*materials[i].find("pbrMetallicRoughness")->find("baseColorFactor")->items())[3]);
  };
  EXPECT_EQ(alpha(1), 1);
  EXPECT_LT(alpha(2), 0.5);
}

// Turned by the node above all, the table looks along +y.
TEST(Gltf, TheTableIsUp) {
  const Scene scene = sample_scene();
  const Model model(to_glb(scene));
  const auto& q = *model.list("nodes")[0].find("rotation")->items();
  const Vec3 r{number(q[0]), number(q[1]), number(q[2])};
  const double w = number(q[3]);
  const Vec3 axis = transposed(scene.upright) * Vec3{0, 0, 1};
  const Vec3 t = 2 * cross(r, axis);
  EXPECT_LT(length(axis + w * t + cross(r, t) - Vec3{0, 1, 0}), 1e-6);
}

TEST(Gltf, IsTheSameFileAgainWhateverNamesThereAre) {
  const Bytes file = to_glb(sample_scene());
  EXPECT_EQ(to_glb(sample_scene()), file);
  const std::string name = "\"},{\\\n\x01\xff";
  const Model model(to_glb(sample_scene(name)));
  EXPECT_EQ(model.list("meshes").size(), 2U);
  EXPECT_EQ(must(model.list("meshes")[0].text_at("name")), "\"},{\\\n\x01\xEF\xBF\xBD");
}

TEST(Gltf, SaysWhatWasLeftOut) {
  Scene scene = sample_scene();
  EXPECT_EQ(Model(to_glb(scene)).list("scenes")[0].find("extras"), nullptr);
  scene.simplified = "less";
  const Model model(to_glb(scene));
  EXPECT_EQ(must(model.list("scenes")[0].find("extras")->text_at("note")), "less");
}

}  // namespace
}  // namespace intaglio::stone
