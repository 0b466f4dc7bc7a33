#include "symbol/render.h"

#include "base/format.h"
#include "symbol/picture.h"

namespace intaglio::symbol {
namespace {

// Entries 16 and 231 of the 256-colour table are black and white in every theme; 0 to 15 are not.
constexpr std::string_view kBlackOnWhite = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kBlackOnBlack = "\x1b[38;5;16;48;5;16m";
constexpr std::string_view kReset = "\x1b[0m\n";

// A symbol with `border` light modules around it, counted from the border's corner. What lies
// further out is light too.
class Framed {
 public:
  Framed(const Symbol& symbol, std::size_t border) : symbol_(symbol), border_(border) {}
  std::size_t size() const { return symbol_.size() + 2 * border_; }
  bool dark(std::size_t x, std::size_t y) const {
    const auto inside = [&](std::size_t i) { return i >= border_ && i < border_ + symbol_.size(); };
    return inside(x) && inside(y) && symbol_.dark(x - border_, y - border_);
  }

 private:
  const Symbol& symbol_;
  std::size_t border_;
};

std::string_view half_block(bool upper, bool lower) {
  if (upper) return lower ? "\u2588" : "\u2580";
  return lower ? "\u2584" : " ";
}

std::string half_block_lines(const Framed& framed) {
  std::string out;
  for (std::size_t y = 0; y < framed.size(); y += 2) {
    out += kBlackOnWhite;
    for (std::size_t x = 0; x < framed.size(); ++x) {
      out += half_block(framed.dark(x, y), framed.dark(x, y + 1));
    }
    out += kReset;
  }
  return out;
}

// A dark module is # in black on black: a full cell of the terminal, whatever its font.
std::string ascii_lines(const Framed& framed) {
  std::string out;
  for (std::size_t y = 0; y < framed.size(); ++y) {
    bool dark = false;
    out += kBlackOnWhite;
    for (std::size_t x = 0; x < framed.size(); ++x) {
      if (framed.dark(x, y) != dark) {
        dark = !dark;
        out += dark ? kBlackOnBlack : kBlackOnWhite;
      }
      out += dark ? "##" : "  ";
    }
    out += kReset;
  }
  return out;
}

}  // namespace

TerminalSize terminal_size(const Symbol& symbol, TerminalStyle style) {
  const std::size_t size = symbol.size() + 2 * kTerminalQuietZone;
  if (style == TerminalStyle::ascii) return {2 * size, size};
  return {size, (size + 1) / 2};
}

std::string to_terminal(const Symbol& symbol, TerminalStyle style) {
  const Framed framed(symbol, kTerminalQuietZone);
  return style == TerminalStyle::ascii ? ascii_lines(framed) : half_block_lines(framed);
}

Result<Bytes> to_png(const Symbol& symbol, std::size_t pixels_per_module) {
  if (pixels_per_module < 1 || pixels_per_module > kMaxPixelsPerModule) {
    return refuse(Verdict::bad_value, format("{} pixels a module", pixels_per_module));
  }
  const Framed framed(symbol, kQuietZone);
  const std::size_t side = framed.size() * pixels_per_module;
  Picture picture{side, side, Bytes(side * side)};
  auto row = picture.pixels.begin();
  for (std::size_t y = 0; y < framed.size(); ++y) {
    const auto first = row;
    for (std::size_t x = 0; x < framed.size(); ++x) {
      const std::uint8_t luminance = framed.dark(x, y) ? 0 : 255;
      row = std::fill_n(row, pixels_per_module, luminance);
    }
    for (std::size_t i = 1; i < pixels_per_module; ++i) row = std::copy_n(first, side, row);
  }
  return encode_black_and_white_png(std::move(picture));
}

std::string to_svg(const Symbol& symbol) {
  const Framed framed(symbol, kQuietZone);
  std::string out = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" viewBox=\"0 0 {0} {0}\" "
      "shape-rendering=\"crispEdges\"><rect width=\"{0}\" height=\"{0}\" fill=\"#fff\"/>"
      "<path fill=\"#000\" d=\"",
      framed.size());
  for (std::size_t y = 0; y < framed.size(); ++y) {
    for (std::size_t x = 0; x < framed.size(); ++x) {
      if (!framed.dark(x, y)) continue;
      const std::size_t start = x;
      while (framed.dark(x, y)) ++x;  // the right border is light
      out += format("M{0} {1}h{2}v1h-{2}z", start, y, x - start);
    }
  }
  return out + "\"/></svg>\n";
}

}  // namespace intaglio::symbol
