// Pictures from PNG and to it (ISO/IEC 15948). Every function may be called from any thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::symbol {

// `width` times `height` luminances, row by row from the top left: 0 is black, 255 white.
struct Picture {
  std::size_t width = 0;
  std::size_t height = 0;
  Bytes pixels;
};

struct PictureLimits {
  std::size_t bytes = 8 * 1024 * 1024;   // of the file
  std::size_t pixels = 4 * 1024 * 1024;  // width times height
};

// Any PNG (grey, palette, colour, with alpha, 1 to 16 bits, interlaced), its colours as luminance,
// its transparent parts as if over white paper. Ancillary chunks are skipped unread, so memory
// stays near one byte a pixel and the file: a few kilobytes cannot unfold into gigabytes.
//
// Refuses more bytes or pixels than the limits before anything is unpacked (too_large), a file that
// ends early (truncated), and whatever else is not PNG, a wrong CRC among it (bad_encoding).
Result<Picture> decode_png(ByteView file, const PictureLimits& limits = {});

// A PNG of one bit a pixel and two colours: pixels below 128 black, others white. The picture is
// ours: it must not be empty, and has at most 2^30 pixels.
Bytes encode_black_and_white_png(Picture picture);

// `width` times `height` pixels of red, green and blue (sRGB), row by row from the top left.
struct ColourPicture {
  std::size_t width = 0;
  std::size_t height = 0;
  Bytes pixels;
};

// A PNG of 8 bits a colour. As above: ours, not empty, at most 2^28 pixels.
Bytes encode_colour_png(const ColourPicture& picture);

}  // namespace intaglio::symbol
