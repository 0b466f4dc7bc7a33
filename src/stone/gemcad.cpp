#include "stone/gemcad.h"

#include <numbers>

#include "base/format.h"
#include "stone/families.h"
#include "stone/lines.h"

namespace intaglio::stone {
namespace {

// Titles are in the code page of Windows; letters outside ASCII become "?".
std::string ascii(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  std::string out(first == std::string_view::npos ? "" : text.substr(first, 200));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view file) : lines_(file) {}

  Result<GemcadDesign> read() {
    const auto first = lines_.next();
    if (!first || !first->starts_with("GemCad")) {
      return refuse(Verdict::bad_encoding, "the file does not begin with GemCad");
    }
    while (const auto line = lines_.next()) TRY(read_line(*line));
    if (out_.planes.empty()) return refuse(Verdict::bad_encoding, "a file without facets");
    return std::move(out_);
  }

 private:
  // Which kind of line it is, by its first letter; a number may follow it at once ("g96 0.0").
  Result<void> read_line(std::string_view line) {
    Words words(line);
    const auto first = words.next();
    if (first.empty()) return {};
    const bool glued = first.size() > 1 && std::string_view("gyIa").contains(first[0]) &&
                       std::string_view("0123456789.-+").contains(first[1]);
    if (first.size() == 1 || glued) {
      // The letter taken away, the rest is numbers.
      const auto rest = line.substr(static_cast<std::size_t>(first.data() - line.data()) + 1);
      switch (first[0]) {
        case 'g': return read_gear(Words(rest));
        case 'y': return {};
        case 'I': return read_index(Words(rest));
        case 'H': out_.title.push_back(ascii(words.rest())); return {};
        case 'F': return {};
        case 'a': return read_tier(Words(rest));
        case 'G':
          if (out_.gear != 0) return {};
          break;
        default: break;
      }
    }
    // The second line is the gear also without its letter; later, a tier goes on.
    if (out_.gear == 0 && lines_.number() == 2) return read_gear(Words(line));
    if (in_tier_) return read_indices(Words(line));
    return lines_.refuse_here(Verdict::bad_encoding, first);
  }

  Result<void> read_gear(Words words) {
    const auto teeth = number_from(words.next());
    const auto offset = number_from(words.next());
    if (!teeth || *teeth != std::round(*teeth) || std::abs(*teeth) < 1 ||
        std::abs(*teeth) > kMaxGear) {
      return lines_.refuse_here(teeth ? Verdict::bad_value : Verdict::bad_encoding, "gear");
    }
    out_.gear = static_cast<std::uint32_t>(std::abs(*teeth));
    is_mirrored_ = *teeth < 0;
    offset_ = offset.value_or(0);
    return {};
  }

  Result<void> read_index(Words words) {
    out_.refractive_index = number_from(words.next()).value_or(0);
    return {};
  }

  Result<void> read_tier(Words words) {
    const auto angle = number_from(words.next());
    const auto distance = number_from(words.next());
    if (!angle || !distance) return lines_.refuse_here(Verdict::bad_encoding, "angle, distance");
    if (std::abs(*angle) > 90 || std::abs(*distance) > 1e6) {
      return lines_.refuse_here(Verdict::bad_value, "angle, distance");
    }
    if (out_.gear == 0) return lines_.refuse_here(Verdict::bad_encoding, "a facet before the gear");
    in_tier_ = true;
    angle_ = *angle;
    distance_ = *distance;
    return read_indices(words);
  }

  // Indices, each perhaps followed by "n NAME"; "G" and what follows is for people.
  Result<void> read_indices(Words words) {
    for (auto word = words.next(); !word.empty(); word = words.next()) {
      if (word == "n") {
        (void)words.next();
        continue;
      }
      if (word == "G") break;
      const auto index = number_from(word);
      if (!index || std::abs(*index) > kMaxGear) {
        return lines_.refuse_here(index ? Verdict::bad_value : Verdict::bad_encoding, word);
      }
      if (out_.planes.size() == kMaxFacets) return lines_.refuse_here(Verdict::too_large, "facets");
      out_.planes.push_back(plane(*index));
    }
    return {};
  }

  FacetPlane plane(double index) const {
    const double turn = 2 * std::numbers::pi * (std::abs(index) - offset_) / out_.gear;
    const double azimuth = is_mirrored_ ? -turn : turn;
    const double tilt = std::abs(angle_) * std::numbers::pi / 180;
    // The pavilion is below; so is a flat facet whose angle or distance has a minus, -0 as well.
    const bool below = std::signbit(angle_) || (angle_ == 0 && std::signbit(distance_));
    const bool upright = std::abs(angle_) == 90;
    const double z = upright ? 0 : below ? -std::cos(tilt) : std::cos(tilt);
    return {{std::sin(tilt) * std::cos(azimuth), std::sin(tilt) * std::sin(azimuth), z},
            std::abs(distance_)};
  }

  Lines lines_;
  GemcadDesign out_;
  bool is_mirrored_ = false;
  double offset_ = 0;
  bool in_tier_ = false;
  double angle_ = 0;
  double distance_ = 0;
};

}  // namespace

Result<GemcadDesign> read_gemcad(std::string_view file) {
  if (file.size() > kMaxGemcadFile) return refuse(Verdict::too_large, "the file");
  return Reader(file).read();
}

Result<Design> design_from_gemcad(std::string_view file, std::string shape) {
  ASSIGN(const auto read, read_gemcad(file));
  std::string name = read.title.empty() ? "GemCad design" : read.title.front();
  if (is_family_name(name)) name.insert(0, "GemCad ");
  return design_from_planes(std::move(name), std::move(shape), read.planes);
}

}  // namespace intaglio::stone
