#include "symbol/render.h"

#include <optional>
#include <regex>

#include <gtest/gtest.h>

#include "symbol/reader.h"
#include "symbol/sample_text.h"

namespace intaglio::symbol {
namespace {

Symbol payment_symbol() { return *draw(kPaymentCode); }

std::size_t dark_modules(const Symbol& symbol) {
  std::size_t count = 0;
  for (std::size_t y = 0; y < symbol.size(); ++y) {
    for (std::size_t x = 0; x < symbol.size(); ++x) count += symbol.dark(x, y);
  }
  return count;
}

TEST(Svg, IsOneWellFormedDocument) {
  const std::string svg = to_svg(payment_symbol());
  static const std::regex kDocument(R"(<svg( [a-zA-Z-]+="[^"<>&]*")+>)"
                                    R"(<rect width="81" height="81" fill="#fff"/>)"
                                    R"(<path fill="#000" d="[^"<>&]*"/></svg>\n)");
  const auto path = svg.find(" d=\"") + 4;
  std::string frame = svg;
  frame.erase(path, svg.find('"', path) - path);  // std::regex recurses once a character
  EXPECT_TRUE(std::regex_match(frame, kDocument)) << frame;
  EXPECT_NE(frame.find(R"(viewBox="0 0 81 81")"), std::string::npos);
  EXPECT_EQ(svg.find_first_not_of("Mhvz0123456789- ", path), svg.find('"', path));
}

TEST(Svg, PathCoversExactlyTheDarkModules) {
  const Symbol symbol = payment_symbol();
  const std::string svg = to_svg(symbol);
  std::vector<int> covered(81 * 81);
  static const std::regex kRun(R"(M(\d+) (\d+)h(\d+)v1h-(\d+)z)");
  std::size_t area = 0;
  for (std::sregex_iterator run(svg.begin(), svg.end(), kRun), end; run != end; ++run) {
    EXPECT_EQ((*run)[3], (*run)[4]);
    const std::size_t length = std::stoul((*run)[3]);
    area += length;
    for (std::size_t i = 0; i < length; ++i) {
      ++covered.at(std::stoul((*run)[2]) * 81 + std::stoul((*run)[1]) + i);
    }
  }
  EXPECT_EQ(area, dark_modules(symbol));
  for (std::size_t y = 0; y < symbol.size(); ++y) {
    for (std::size_t x = 0; x < symbol.size(); ++x) {
      EXPECT_EQ(covered[(y + kQuietZone) * 81 + x + kQuietZone], symbol.dark(x, y) ? 1 : 0);
    }
  }
}

TEST(Svg, MergesRunsOfDarkModules) {
  const std::string svg = to_svg(*draw("x"));
  // The top row of the left finder pattern: 7 dark modules in one rectangle, and not 7.
  EXPECT_NE(svg.find("\"M4 4h7v1h-7z"), std::string::npos) << svg;
}

TEST(Png, IsAPaletteOfTwoColoursAtOneBitAPixel) {
  const auto png = to_png(payment_symbol(), 5);
  ASSERT_TRUE(png);
  const Bytes header = {'I',      'H',       'D',      'R',       0, 0,
                        405 >> 8, 405 & 255,  // (73 + 8) * 5 = 405
                        0,        0,         405 >> 8, 405 & 255, 1, 3};
  EXPECT_TRUE(equal(ByteView(*png).subspan(12, header.size()), header));
  EXPECT_LT(png->size(), 4000u);
}

TEST(Png, ShowsEachModuleAsASquareInsideAQuietZone) {
  const Symbol symbol = *draw("x");
  const auto png = to_png(symbol, 3);
  ASSERT_TRUE(png);
  const auto picture = decode_png(*png);
  ASSERT_TRUE(picture);
  const std::size_t side = (symbol.size() + 2 * kQuietZone) * 3;
  ASSERT_EQ(picture->width, side);
  ASSERT_EQ(picture->height, side);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      const std::size_t column = x / 3 - kQuietZone;  // wraps to a large number on the left
      const std::size_t row = y / 3 - kQuietZone;
      const bool dark = column < symbol.size() && row < symbol.size() && symbol.dark(column, row);
      EXPECT_EQ(picture->pixels[y * side + x], dark ? 0 : 255);
    }
  }
}

TEST(Png, TakesOneToThirtyTwoPixelsAModule) {
  const Symbol symbol = *draw("x");
  EXPECT_TRUE(to_png(symbol, 1));
  EXPECT_TRUE(to_png(symbol, kMaxPixelsPerModule));
  for (const std::size_t wrong : {std::size_t{0}, kMaxPixelsPerModule + 1, SIZE_MAX}) {
    const auto refused = to_png(symbol, wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().verdict, Verdict::bad_value);
  }
}

// --- A terminal of our own: cells of 4 times 8 pixels, the escapes that we use, a picture. ---

struct Colours {
  std::uint8_t text;
  std::uint8_t background;
};

class SimulatedTerminal {
 public:
  SimulatedTerminal(TerminalSize size, Colours theme)
      : columns_(size.columns + 2 * kMargin), theme_(theme), now_(theme) {
    const std::size_t rows = size.rows + 2 * kMargin;
    screen_ = {columns_ * 4, rows * 8, Bytes(columns_ * 4 * rows * 8, theme.background)};
  }

  void show(std::string_view text) {
    while (!text.empty()) {
      if (text.starts_with("\x1b[")) {
        const auto end = text.find('m');
        ASSERT_NE(end, text.npos);
        escape(text.substr(2, end - 2));
        text.remove_prefix(end + 1);
      } else if (text.starts_with('\n')) {
        EXPECT_EQ(now_.background, theme_.background) << "a line ends in its own colours";
        column_ = kMargin;
        ++row_;
        text.remove_prefix(1);
      } else {
        text.remove_prefix(cell(text));
        ++column_;
      }
    }
  }

  const Picture& screen() const { return screen_; }

 private:
  static constexpr std::size_t kMargin = 3;

  void escape(std::string_view codes) {
    if (codes == "0") {
      now_ = theme_;
    } else if (codes == "38;5;16;48;5;231") {
      now_ = {0, 255};
    } else if (codes == "38;5;16;48;5;16") {
      now_ = {0, 0};
    } else {
      ADD_FAILURE() << "unknown escape " << codes;
    }
  }

  // Paints one character and returns its bytes.
  std::size_t cell(std::string_view text) {
    const auto is = [&](std::string_view character) { return text.starts_with(character); };
    if (is("\u2588")) return paint(0, 8, 0, 4), 3;
    if (is("\u2580")) return paint(0, 4, 0, 4), 3;
    if (is("\u2584")) return paint(4, 8, 0, 4), 3;
    if (is("#")) return paint(2, 6, 1, 3), 1;  // a letter leaves its cell's rim free
    EXPECT_TRUE(is(" ")) << text.substr(0, 4);
    return paint(0, 0, 0, 0), 1;
  }

  void paint(std::size_t top, std::size_t bottom, std::size_t left, std::size_t right) {
    ASSERT_LT(column_, columns_ - kMargin) << "wider than terminal_size() says";
    for (std::size_t y = 0; y < 8; ++y) {
      for (std::size_t x = 0; x < 4; ++x) {
        const bool ink = y >= top && y < bottom && x >= left && x < right;
        screen_.pixels.at((row_ * 8 + y) * screen_.width + column_ * 4 + x) =
            ink ? now_.text : now_.background;
      }
    }
  }

  std::size_t columns_;
  std::size_t column_ = kMargin;
  std::size_t row_ = kMargin;
  Colours theme_;
  Colours now_;
  Picture screen_;
};

void expect_scans(TerminalStyle style, Colours theme) {
  const Symbol symbol = payment_symbol();
  SimulatedTerminal terminal(terminal_size(symbol, style), theme);
  terminal.show(to_terminal(symbol, style));
  const auto texts = read_symbols(terminal.screen());
  ASSERT_TRUE(texts);
  EXPECT_EQ(texts->front(), kPaymentCode);
}

TEST(Terminal, SymbolScansOnADarkTerminal) {
  expect_scans(TerminalStyle::half_blocks, {200, 0});
  expect_scans(TerminalStyle::ascii, {200, 0});
}

TEST(Terminal, SymbolScansOnALightTerminal) {
  expect_scans(TerminalStyle::half_blocks, {0, 255});
  expect_scans(TerminalStyle::ascii, {0, 255});
}

TEST(Terminal, PaymentCodeFitsInto80Columns) {
  const Symbol symbol = payment_symbol();
  EXPECT_EQ(terminal_size(symbol, TerminalStyle::half_blocks), (TerminalSize{79, 40}));
  EXPECT_EQ(terminal_size(symbol, TerminalStyle::ascii), (TerminalSize{158, 79}));
}

TEST(Terminal, AsciiStyleIsTheSymbolEvenWithoutItsEscapes) {
  const Symbol symbol = payment_symbol();
  const std::string shown = to_terminal(symbol, TerminalStyle::ascii);
  EXPECT_TRUE(std::ranges::all_of(shown, [](char c) { return c > 0; }));
  const std::string plain = std::regex_replace(shown, std::regex("\x1b\\[[0-9;]*m"), "");
  const std::size_t line = 2 * (symbol.size() + 2 * kTerminalQuietZone) + 1;
  ASSERT_EQ(plain.size(), line * (symbol.size() + 2 * kTerminalQuietZone));
  for (std::size_t y = 0; y < symbol.size(); ++y) {
    for (std::size_t x = 0; x < symbol.size(); ++x) {
      const std::size_t at = (y + kTerminalQuietZone) * line + 2 * (x + kTerminalQuietZone);
      EXPECT_EQ(plain.substr(at, 2), symbol.dark(x, y) ? "##" : "  ");
    }
  }
}

}  // namespace
}  // namespace intaglio::symbol
