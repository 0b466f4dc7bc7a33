#include "stone/picture.h"

#include <algorithm>
#include <numbers>

#include "base/check.h"
#include "base/format.h"
#include "stone/raster.h"

namespace intaglio::stone {
namespace {

constexpr std::size_t kSamples = 3;  // of a pixel, each way
constexpr double kLine = 1.25;       // pixels
constexpr double kMargin = 16;       // pixels about a drawing
constexpr Colour kPaper{1, 1, 1};
constexpr Ink kCaption{{0.22, 0.25, 0.30}, 1};

struct Panel {
  std::string_view caption;
  Matrix turn;  // of the upright scene
};

std::array<Panel, 3> panels() {
  const double round = -28 * std::numbers::pi / 180;
  const double above = 30 * std::numbers::pi / 180;
  const Vec3 right{std::cos(round), std::sin(round), 0};
  const Vec3 eye{std::sin(round) * std::cos(above), -std::cos(round) * std::cos(above),
                 std::sin(above)};
  return {{{"TABLE", {}},
           {"SIDE", {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}}},
           {"OBLIQUE", {right, cross(eye, right), eye}}}};
}

// A character as strokes on a field of 4 by 6: pairs of x and y, a space where the pen is lifted.
// There are those that our captions have.
std::string_view strokes_of(char character) {
  switch (character) {
    case '0':
    case 'O': return "103041453616050110";
    case '1': return "152620";
    case '2': return "05163645440040";
    case '5': return "460603334241301001";
    case 'A': return "002640 1232";
    case 'B': return "000636454433 033342413000";
    case 'D': return "00062644422000";
    case 'E': return "40000646 0333";
    case 'I': return "2026";
    case 'L': return "060040";
    case 'Q': return "103041453616050110 2240";
    case 'S': return "011030414233130405163645";
    case 'T': return "0646 2620";
    case 'U': return "060110304146";
    case 'm': return "0004 03142320 23344340";
    case '.': return "2021";
    case ' ': return "";
    default: CHECK(false); return "";
  }
}

// Lines on a raster, in pixels.
class Pen {
 public:
  explicit Pen(Raster& raster) : raster_(raster) {}

  void line(double ax, double ay, double bx, double by) {
    raster_.draw_stroke({kSamples * ax, kSamples * ay}, {kSamples * bx, kSamples * by},
                        1.7 * kSamples, kCaption);
  }
  // In the middle about `x`, upwards from `y`.
  void text(std::string_view text, double x, double y) {
    x -= (static_cast<double>(text.size()) * kAdvance - 2) * kUnit / 2;
    for (const char character : text) {
      const std::string_view strokes = strokes_of(character);
      for (std::size_t i = 0; i + 3 < strokes.size(); i += strokes[i + 2] == ' ' ? 3 : 2) {
        if (strokes[i + 2] == ' ') continue;
        line(x + kUnit * (strokes[i] - '0'), y - kUnit * (strokes[i + 1] - '0'),
             x + kUnit * (strokes[i + 2] - '0'), y - kUnit * (strokes[i + 3] - '0'));
      }
      x += kAdvance * kUnit;
    }
  }

 private:
  static constexpr double kUnit = 2.3;
  static constexpr double kAdvance = 6.5;
  Raster& raster_;
};

Box box_of(const Scene& scene, const Matrix& turn) {
  Box out;
  for (const Surface& surface : scene.surfaces) {
    for (const SurfacePoint& point : surface.points) out.take(turn * point.place);
  }
  return out;
}

// In millimetres, without zeros at the end.
std::string millimetres_text(double nanometres) {
  std::string text = format("{:.6f}", nanometres / 1e6);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " mm";
}

// A bar of 1, 2 or 5 times a power of ten, in nanometres, that is no longer than that.
double bar_below(double longest) {
  double power = 1;
  while (power * 10 <= longest) power *= 10;
  for (const double times : {5.0, 2.0}) {
    if (times * power <= longest) return times * power;
  }
  return power;
}

}  // namespace

Bytes draw_sheet(const Scene& scene) {
  const auto views = panels();
  double widest = 1;
  for (const Panel& panel : views) {
    const Vec3 size = box_of(scene, panel.turn * scene.upright).size();
    widest = std::max({widest, size.x, size.y});
  }
  const double scale = (kPanelWidth - 2 * kMargin) / widest;  // pixels for a nanometre
  symbol::ColourPicture sheet{views.size() * kPanelWidth, kPanelHeight, {}};
  sheet.pixels.resize(3 * sheet.width * sheet.height);
  for (std::size_t i = 0; i < views.size(); ++i) {
    Raster raster(kSamples * kPanelWidth, kSamples * kPanelHeight, kPaper);
    const Matrix turn = views[i].turn * scene.upright;
    const Box box = box_of(scene, turn);
    const Vec3 centre = transposed_times(turn, 0.5 * (box.low + box.high));
    constexpr double kMiddle = kSamples * kPanelWidth / 2.0;
    raster.draw(scene, {turn, centre, kSamples * scale, kMiddle, kMiddle}, kSamples * kLine);
    Pen pen(raster);
    pen.text(views[i].caption, kPanelWidth / 2.0, kPanelHeight - 18);
    if (i == 0) {
      const double bar = bar_below(0.2 * widest);
      const double end = kMargin + bar * scale;
      const double y = kPanelHeight - 18;
      pen.line(kMargin, y, end, y);
      pen.line(kMargin, y - 4, kMargin, y + 4);
      pen.line(end, y - 4, end, y + 4);
      pen.text(millimetres_text(bar), (kMargin + end) / 2, y - 10);
    }
    const symbol::ColourPicture one = raster.reduced(kSamples);
    for (std::size_t y = 0; y < one.height; ++y) {
      std::copy_n(one.pixels.begin() + static_cast<std::ptrdiff_t>(3 * y * one.width),
                  3 * one.width,
                  sheet.pixels.begin() +
                      static_cast<std::ptrdiff_t>(3 * (y * sheet.width + i * one.width)));
    }
  }
  return symbol::encode_colour_png(sheet);
}

}  // namespace intaglio::stone
