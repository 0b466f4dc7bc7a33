#include "stone/ply_file.h"

#include <bit>

#include "base/format.h"
#include "stone/lines.h"

namespace intaglio::stone {
namespace {

enum class Number : std::uint8_t { i8, u8, i16, u16, i32, u32, f32, f64 };

std::optional<Number> number_type(std::string_view name) {
  static constexpr std::pair<std::string_view, Number> kNames[] = {
      {"char", Number::i8},    {"int8", Number::i8},     {"uchar", Number::u8},
      {"uint8", Number::u8},   {"short", Number::i16},   {"int16", Number::i16},
      {"ushort", Number::u16}, {"uint16", Number::u16},  {"int", Number::i32},
      {"int32", Number::i32},  {"uint", Number::u32},    {"uint32", Number::u32},
      {"float", Number::f32},  {"float32", Number::f32}, {"double", Number::f64},
      {"float64", Number::f64}};
  for (const auto& [known, type] : kNames) {
    if (known == name) return type;
  }
  return std::nullopt;
}

struct Property {
  std::string name;
  Number type;
  std::optional<Number> count;  // of a list
};

struct Element {
  std::string name;
  std::uint64_t count;
  std::vector<Property> properties;
};

struct Header {
  bool binary = false;
  std::vector<Element> elements;
};

constexpr std::uint64_t kMaxElements = std::uint64_t{3} * kMaxTriangles;

Result<void> read_property(Words& words, Header& header, const Lines& lines) {
  if (header.elements.empty()) return lines.refuse_here(Verdict::bad_encoding, "property");
  auto first = words.next();
  std::optional<Number> count;
  if (first == "list") {
    count = number_type(words.next());
    if (!count || *count == Number::f32 || *count == Number::f64) {
      return lines.refuse_here(Verdict::bad_encoding, "a list's count");
    }
    first = words.next();
  }
  const auto type = number_type(first);
  const auto name = words.next();
  auto& properties = header.elements.back().properties;
  if (!type || name.empty() || properties.size() == 64) {
    return lines.refuse_here(Verdict::bad_encoding, "property");
  }
  properties.push_back({std::string(name), *type, count});
  return {};
}

Result<Header> read_header(Lines& lines) {
  Header header;
  (void)lines.next();  // "ply"
  bool has_format = false;
  while (const auto line = lines.next()) {
    Words words(*line);
    const auto word = words.next();
    if (word == "format") {
      const auto form = words.next();
      if (form != "ascii" && form != "binary_little_endian") {
        return lines.refuse_here(Verdict::bad_encoding, form);
      }
      header.binary = form != "ascii";
      has_format = true;
    } else if (word == "element") {
      const auto name = words.next();
      const auto count = number_from(words.next());
      if (!count || *count < 0 || header.elements.size() == 16) {
        return lines.refuse_here(Verdict::bad_encoding, "element");
      }
      if (*count > static_cast<double>(kMaxElements)) {
        return lines.refuse_here(Verdict::too_large, name);
      }
      header.elements.push_back({std::string(name), static_cast<std::uint64_t>(*count), {}});
    } else if (word == "property") {
      TRY(read_property(words, header, lines));
    } else if (word == "end_header") {
      if (!has_format) return lines.refuse_here(Verdict::bad_encoding, "no format");
      return header;
    } else if (word != "comment" && word != "obj_info") {
      return lines.refuse_here(Verdict::bad_encoding, word);
    }
  }
  return lines.refuse_here(Verdict::truncated, "the header");
}

// The numbers of the body one after another, in either form.
class Body {
 public:
  Body(std::string_view rest, bool binary) : bytes_(as_bytes(rest)), binary_(binary), text_(rest) {}

  Result<double> next(Number type) { return binary_ ? next_binary(type) : next_text(); }
  // No more than this many numbers are left, whatever their types.
  std::size_t left() const { return binary_ ? bytes_.size() - at_ : text_.size(); }

 private:
  template <typename T>
  Result<double> take() {
    if (bytes_.size() - at_ < sizeof(T)) {
      return refuse(Verdict::truncated, format("byte {} of the body", at_));
    }
    std::array<std::uint8_t, sizeof(T)> raw;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), sizeof(T), raw.begin());
    at_ += sizeof(T);
    const double value = static_cast<double>(std::bit_cast<T>(raw));  // little-endian as we are
    if (!std::isfinite(value)) {
      return refuse(Verdict::bad_value, format("byte {} of the body is not a number", at_));
    }
    return value;
  }

  Result<double> next_binary(Number type) {
    static_assert(std::endian::native == std::endian::little);
    switch (type) {
      case Number::i8: return take<std::int8_t>();
      case Number::u8: return take<std::uint8_t>();
      case Number::i16: return take<std::int16_t>();
      case Number::u16: return take<std::uint16_t>();
      case Number::i32: return take<std::int32_t>();
      case Number::u32: return take<std::uint32_t>();
      case Number::f32: return take<float>();
      case Number::f64: return take<double>();
    }
    return refuse(Verdict::bad_encoding);
  }

  Result<double> next_text() {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto begin = text_.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return refuse(Verdict::truncated, "the body");
    auto end = text_.find_first_of(kBlank, begin);
    if (end == std::string_view::npos) end = text_.size();
    const auto word = text_.substr(begin, end - begin);
    const auto value = number_from(word);
    if (!value) return refuse(Verdict::bad_value, std::string(word.substr(0, 40)));
    text_ = text_.substr(end);
    return *value;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  bool binary_;
  std::string_view text_;
};

// Reads one element's items; `take(property, values)` gets each property's numbers.
template <typename Take>
Result<void> read_items(const Element& element, Body& body, const Take& take) {
  std::vector<double> values;
  for (std::uint64_t i = 0; i < element.count; ++i) {
    for (const Property& property : element.properties) {
      values.clear();
      std::uint64_t count = 1;
      if (property.count) {
        ASSIGN(const auto length, body.next(*property.count));
        if (length < 0 || length > static_cast<double>(body.left())) {
          return refuse(Verdict::truncated, format("{} {}", element.name, i));
        }
        count = static_cast<std::uint64_t>(length);
      }
      for (std::uint64_t k = 0; k < count; ++k) {
        auto value = body.next(property.type);
        if (!value) return refuse_within(format("{} {}", element.name, i), value.error());
        values.push_back(*value);
      }
      TRY(take(i, property, values));
    }
    if (element.properties.empty()) break;  // nothing stands in the file for it
  }
  return {};
}

Result<void> take_face(const std::vector<double>& corners, TriangleSoup& soup) {
  for (const double corner : corners) {
    if (corner < 0 || corner >= static_cast<double>(soup.corners.size())) {
      return refuse(Verdict::bad_value, format("face names corner {}", corner));
    }
  }
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(corners[i]); };
  for (std::size_t i = 2; i < corners.size(); ++i) {
    if (soup.triangles.size() == kMaxTriangles) return refuse(Verdict::too_large, "triangles");
    soup.triangles.push_back({at(0), at(i - 1), at(i)});
  }
  return {};
}

}  // namespace

Result<TriangleSoup> read_ply(ByteView file) {
  Lines lines(as_text(file));
  ASSIGN(const auto header, read_header(lines));
  Body body(lines.rest(), header.binary);
  TriangleSoup soup;
  for (const Element& element : header.elements) {
    TRY(read_items(
        element, body,
        [&](std::uint64_t i, const Property& property,
            const std::vector<double>& values) -> Result<void> {
          if (element.name == "vertex" && !property.count) {
            if (soup.corners.size() <= i) soup.corners.resize(i + 1);
            if (property.name == "x") soup.corners[i].x = values[0];
            if (property.name == "y") soup.corners[i].y = values[0];
            if (property.name == "z") soup.corners[i].z = values[0];
          } else if (element.name == "face" && property.count &&
                     (property.name == "vertex_indices" || property.name == "vertex_index")) {
            return take_face(values, soup);
          }
          return {};
        }));
  }
  if (soup.triangles.empty()) return refuse(Verdict::bad_encoding, "a PLY file without faces");
  return soup;
}

}  // namespace intaglio::stone
