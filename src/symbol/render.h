// A symbol made visible: as text for a terminal, as PNG, as SVG. All are dark on light with a light
// border, as readers expect. Every function may be called from any thread.
#pragma once

#include <string>

#include "symbol/symbol.h"

namespace intaglio::symbol {

// Light modules around a symbol that ISO/IEC 18004 asks for: the quiet zone of PNG and SVG.
inline constexpr std::size_t kQuietZone = 4;

// In a terminal 3, so that a signed payment code (version 14) takes 79 columns and not 81. The
// decoders we know ask for no more than that; reader_test.cpp reads it on a dark terminal.
inline constexpr std::size_t kTerminalQuietZone = 3;

enum class TerminalStyle : std::uint8_t {
  half_blocks,  // UTF-8; a character is one module wide and two high
  ascii,        // no byte above 0x7f; two characters make one module: # for dark, space for light
};

// Characters a line and lines. The symbol is readable only when the terminal has as many columns.
struct TerminalSize {
  std::size_t columns;
  std::size_t rows;
  bool operator==(const TerminalSize&) const = default;
};
TerminalSize terminal_size(const Symbol& symbol, TerminalStyle style);

// Lines, each ended by a line feed. Both styles set black and white themselves (the two entries of
// the 256-colour table that no theme changes) and reset them before the end of each line, so the
// symbol is dark on light on any background. With the escapes taken out, the text is still the
// symbol.
std::string to_terminal(const Symbol& symbol, TerminalStyle style = TerminalStyle::half_blocks);

inline constexpr std::size_t kMaxPixelsPerModule = 32;

// A PNG of two palette colours at one bit a pixel, (size + 2 * kQuietZone) * pixels_per_module a
// side. bad_value unless pixels_per_module is 1 to kMaxPixelsPerModule.
Result<Bytes> to_png(const Symbol& symbol, std::size_t pixels_per_module);

// A whole SVG 1.1 document of a white square and one path, one unit a module, quiet zone included:
// a rectangle for each horizontal run of dark modules. It scales to any size without blur.
std::string to_svg(const Symbol& symbol);

}  // namespace intaglio::symbol
