#include "symbol/picture.h"

#include <optional>

#include <png.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::symbol {
namespace {

// Only libpng's simplified interface is used: it returns errors, where the other one leaves by
// longjmp past C++ frames.

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kChunkFrame = 12;  // length, type and CRC
constexpr std::size_t kHeaderSize = 13;  // of IHDR's data

// Frees what libpng holds when a function is left early.
struct Image {
  png_image png{};
  Image() { png.version = PNG_IMAGE_VERSION; }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() { png_image_free(&png); }
  bool failed() const { return PNG_IMAGE_FAILED(png); }
};

std::size_t big_endian_32(ByteView bytes) {
  return std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 | std::size_t{bytes[2]} << 8 |
         std::size_t{bytes[3]};
}

struct Chunk {
  std::string_view type;
  ByteView whole;  // with length, type and CRC
  ByteView data() const { return whole.subspan(8, whole.size() - kChunkFrame); }
};

Result<Chunk> chunk_at(ByteView file, std::size_t offset) {
  const ByteView rest = file.subspan(offset);
  if (rest.size() < kChunkFrame || big_endian_32(rest) > rest.size() - kChunkFrame) {
    return refuse(Verdict::truncated, format("PNG chunk at byte {}", offset));
  }
  return Chunk{as_text(rest.subspan(4, 4)), rest.first(big_endian_32(rest) + kChunkFrame)};
}

Result<void> check_size(const Chunk& header, std::size_t max_pixels) {
  if (header.type != "IHDR" || header.data().size() != kHeaderSize) {
    return refuse(Verdict::bad_encoding, "PNG header");
  }
  const std::size_t width = big_endian_32(header.data());
  const std::size_t height = big_endian_32(header.data().subspan(4));
  if (width != 0 && height > max_pixels / width) {
    return refuse(Verdict::too_large,
                  format("a picture of {} x {} pixels, limit {}", width, height, max_pixels));
  }
  return {};
}

enum class ChunkUse { keep, skip, unknown };

ChunkUse use_of(std::string_view type) {
  for (const std::string_view kept : {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}) {
    if (type == kept) return ChunkUse::keep;
  }
  const bool ancillary = (static_cast<unsigned char>(type[0]) & 0x20) != 0;
  return ancillary ? ChunkUse::skip : ChunkUse::unknown;
}

// The file with only those chunks that make pixels. libpng would unpack compressed text and colour
// profiles too, up to 8 MB a chunk.
Result<Bytes> pixel_chunks(ByteView file, std::size_t max_pixels) {
  if (file.size() < kSignature.size()) return refuse(Verdict::truncated, "PNG signature");
  if (!equal(file.first(kSignature.size()), kSignature)) {
    return refuse(Verdict::bad_encoding, "not a PNG picture");
  }
  Bytes out(kSignature.begin(), kSignature.end());
  std::size_t offset = kSignature.size();
  ASSIGN(Chunk chunk, chunk_at(file, offset));
  TRY(check_size(chunk, max_pixels));
  while (true) {
    const ChunkUse use = use_of(chunk.type);
    if (use == ChunkUse::unknown) {
      return refuse(Verdict::bad_encoding, format("unknown PNG chunk at byte {}", offset));
    }
    if (use == ChunkUse::keep) append(out, chunk.whole);
    if (chunk.type == "IEND") return out;
    offset += chunk.whole.size();
    ASSIGN(chunk, chunk_at(file, offset));
  }
}

std::unexpected<Refusal> refused_by_library(const Image& image) {
  return refuse(Verdict::bad_encoding, format("PNG: {}", image.png.message));
}

}  // namespace

Result<Picture> decode_png(ByteView file, const PictureLimits& limits) {
  if (file.size() > limits.bytes) {
    return refuse(Verdict::too_large,
                  format("a picture of {} bytes, limit {}", file.size(), limits.bytes));
  }
  ASSIGN(const Bytes chunks, pixel_chunks(file, limits.pixels));
  Image image;
  png_image_begin_read_from_memory(&image.png, chunks.data(), chunks.size());
  if (image.failed()) return refused_by_library(image);
  // Without a colour profile (we skipped it) 16-bit samples are as good as surely sRGB.
  image.png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.png.format = PNG_FORMAT_GRAY;
  Picture picture{image.png.width, image.png.height, {}};
  CHECK(picture.width <= limits.pixels / picture.height);
  picture.pixels.resize(picture.width * picture.height);
  const png_color white = {255, 255, 255};
  png_image_finish_read(&image.png, &white, picture.pixels.data(), 0, nullptr);
  if (image.failed()) return refused_by_library(image);
  return picture;
}

Bytes encode_black_and_white_png(Picture picture) {
  CHECK(!picture.pixels.empty() && picture.pixels.size() <= std::size_t{1} << 30);
  CHECK(picture.pixels.size() == picture.width * picture.height);
  for (std::uint8_t& pixel : picture.pixels) pixel = pixel < 128 ? 1 : 0;  // now a palette index
  constexpr std::array<std::uint8_t, 6> kPalette = {255, 255, 255, 0, 0, 0};

  Image image;
  image.png.width = static_cast<png_uint_32>(picture.width);
  image.png.height = static_cast<png_uint_32>(picture.height);
  image.png.format = PNG_FORMAT_RGB_COLORMAP;
  image.png.colormap_entries = 2;  // two entries make libpng write one bit a pixel
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image.png);
  Bytes out(size);
  png_image_write_to_memory(&image.png, out.data(), &size, 0, picture.pixels.data(), 0,
                            kPalette.data());
  CHECK(!image.failed());
  out.resize(size);
  return out;
}

Bytes encode_colour_png(const ColourPicture& picture) {
  CHECK(!picture.pixels.empty() && picture.pixels.size() <= 3 * (std::size_t{1} << 28));
  CHECK(picture.pixels.size() == 3 * picture.width * picture.height);
  Image image;
  image.png.width = static_cast<png_uint_32>(picture.width);
  image.png.height = static_cast<png_uint_32>(picture.height);
  image.png.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image.png);
  Bytes out(size);
  png_image_write_to_memory(&image.png, out.data(), &size, 0, picture.pixels.data(), 0, nullptr);
  CHECK(!image.failed());
  out.resize(size);
  return out;
}

}  // namespace intaglio::symbol
