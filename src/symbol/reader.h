// Symbols in pictures, by a library that did not draw them.
//
// For clients: `intaglio code scan` reads what a camera or screen shows. A server has no reason to
// take pictures from strangers, since a scan ends in text, and should not: within the limits a
// picture made to be hard can keep zbar 0.23 busy for half a minute (symbol_bench, BM_ReadClutter),
// and a symbol full of ECI headers makes it lose 2 MB.
#pragma once

#include <string>
#include <vector>

#include "symbol/picture.h"

namespace intaglio::symbol {

// The texts of all QR symbols in the picture, in no particular order, exactly as they were encoded:
// nothing trimmed, no character set guessed. Only where the symbol itself names a character set
// (ECI) are its bytes put into UTF-8. So the text is any bytes, until its decoder has checked it.
// Light on dark is read too. One text for each symbol: a text shown twice stands twice.
// A symbol that is part of a series (structured append) is passed over.
//
// no_symbol when nothing can be read; for a PNG also what decode_png() refuses. Any thread.
Result<std::vector<std::string>> read_symbols(ByteView png, const PictureLimits& limits = {});
Result<std::vector<std::string>> read_symbols(const Picture& picture);

}  // namespace intaglio::symbol
