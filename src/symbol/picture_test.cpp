#include "symbol/picture.h"

#include <gtest/gtest.h>
#include <png.h>

#include "base/result_for_test.h"
#include "symbol/reader.h"
#include "symbol/render.h"
#include "symbol/sample_text.h"

namespace intaglio::symbol {
namespace {

Bytes sample_png() { return *to_png(*draw("picture"), 4); }

// Writes `samples` (as `format` of libpng's simplified interface) with the library itself.
Bytes written_by_library(png_uint_32 format, std::size_t side, const void* samples,
                         const void* palette = nullptr, unsigned palette_entries = 0) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(side);
  image.format = format;
  image.colormap_entries = palette_entries;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes out(size);
  EXPECT_NE(png_image_write_to_memory(&image, out.data(), &size, 0, samples, 0, palette), 0);
  out.resize(size);
  return out;
}

Bytes interlaced_by_library(const Picture& picture) {
  Bytes out;
  png_struct* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_info* info = png_create_info_struct(png);
  const auto write = [](png_struct* to, png_byte* data, std::size_t size) {
    append(*static_cast<Bytes*>(png_get_io_ptr(to)), {data, size});
  };
  png_set_write_fn(png, &out, write, nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8, PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_ADAM7, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<png_byte*> rows;
  Bytes pixels = picture.pixels;
  for (std::size_t y = 0; y < picture.height; ++y) rows.push_back(&pixels[y * picture.width]);
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

// The picture with each pixel as a list of samples: `dark` for black, `light` for white.
template <typename Sample>
std::vector<Sample> samples(const Picture& picture, const std::vector<Sample>& dark,
                            const std::vector<Sample>& light) {
  std::vector<Sample> out;
  for (const std::uint8_t pixel : picture.pixels) {
    const auto& all = pixel == 0 ? dark : light;
    out.insert(out.end(), all.begin(), all.end());
  }
  return out;
}

TEST(PictureFromPng, IsTheSameWhateverThePixelFormat) {
  const Picture picture = *decode_png(sample_png());
  const std::size_t side = picture.width;
  const auto shown = [&](const Bytes& png) {
    const auto decoded = decode_png(png);
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_EQ(decoded->width, side);
    EXPECT_EQ(decoded->height, side);
    EXPECT_TRUE(equal(decoded->pixels, picture.pixels));
  };
  using Small = std::vector<std::uint8_t>;
  using Wide = std::vector<std::uint16_t>;
  const auto small = [&](png_uint_32 format, const Small& dark, const Small& light) {
    shown(written_by_library(format, side, samples(picture, dark, light).data()));
  };
  small(PNG_FORMAT_GRAY, {0}, {255});
  small(PNG_FORMAT_GA, {0, 255}, {255, 255});
  small(PNG_FORMAT_RGB, {0, 0, 0}, {255, 255, 255});
  small(PNG_FORMAT_RGBA, {0, 0, 0, 255}, {255, 255, 255, 255});
  const auto wide = [&](png_uint_32 format, const Wide& dark, const Wide& light) {
    shown(written_by_library(format, side, samples(picture, dark, light).data()));
  };
  wide(PNG_FORMAT_LINEAR_Y, {0}, {0xffff});
  wide(PNG_FORMAT_LINEAR_RGB_ALPHA, {0, 0, 0, 0xffff}, {0xffff, 0xffff, 0xffff, 0xffff});
  const Bytes palette = {1, 2, 3, 255, 255, 255, 0, 0, 0};
  shown(written_by_library(PNG_FORMAT_RGB_COLORMAP, side,
                           samples<std::uint8_t>(picture, {2}, {1}).data(), palette.data(), 3));
  shown(interlaced_by_library(picture));
}

TEST(PictureFromPng, ShowsTransparentPartsAsPaper) {
  const Picture picture = *decode_png(sample_png());
  const Bytes clear =
      written_by_library(PNG_FORMAT_RGBA, picture.width,
                         samples<std::uint8_t>(picture, {0, 0, 0, 255}, {0, 0, 0, 0}).data());
  const auto decoded = decode_png(clear);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(equal(decoded->pixels, picture.pixels));
}

TEST(PictureFromPng, TurnsColoursIntoLuminance) {
  const Bytes pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128};
  const auto picture = decode_png(written_by_library(PNG_FORMAT_RGB, 2, pixels.data()));
  ASSERT_TRUE(picture);
  EXPECT_GT(picture->pixels[1], picture->pixels[0]);  // green is lighter than red
  EXPECT_GT(picture->pixels[0], picture->pixels[2]);  // and red than blue
  EXPECT_NEAR(picture->pixels[3], 128, 1);
}

TEST(PictureFromPng, RefusesAFileThatEndsEarlyWhereverItEnds) {
  const Bytes png = sample_png();
  ASSERT_TRUE(decode_png(png));
  for (std::size_t size = 0; size < png.size(); ++size) {
    EXPECT_EQ(verdict_of(decode_png(ByteView(png).first(size))), Verdict::truncated) << size;
  }
}

TEST(PictureFromPng, RefusesAFlippedBitOrShowsTheSamePicture) {
  const Bytes png = sample_png();
  const Picture picture = *decode_png(png);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < png.size() * 8; ++bit) {
    Bytes altered = png;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto decoded = decode_png(altered);
    if (decoded) {
      EXPECT_TRUE(equal(decoded->pixels, picture.pixels)) << bit;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, png.size() * 4);  // the rest are bits of chunks that make no pixels
}

// Where a chunk of this type starts.
std::size_t chunk_offset(const Bytes& png, std::string_view type) {
  return as_text(png).find(type) - 4;
}

TEST(PictureFromPng, RefusesAWrongCrc) {
  for (const std::string_view type : {"IHDR", "PLTE", "IDAT"}) {
    Bytes png = sample_png();
    const std::size_t at = chunk_offset(png, type);
    const std::size_t length = std::size_t{png[at + 2]} << 8 | png[at + 3];
    png[at + 8 + length] ^= 1;
    const auto refused = decode_png(png);
    ASSERT_EQ(verdict_of(refused), Verdict::bad_encoding) << type;
    EXPECT_NE(refused.error().where.find("CRC"), std::string::npos) << refused.error().where;
  }
}

TEST(PictureFromPng, RefusesMorePixelsThanTheLimitBeforeUnpacking) {
  Bytes png = sample_png();
  const std::size_t width = chunk_offset(png, "IHDR") + 8;
  for (std::size_t i = 0; i < 8; ++i) png[width + i] = i % 4 == 0 ? 0x7f : 0xff;
  const auto refused = decode_png(png);
  ASSERT_EQ(verdict_of(refused), Verdict::too_large);
  EXPECT_EQ(refused.error().where, "a picture of 2147483647 x 2147483647 pixels, limit 4194304");

  const Picture picture = *decode_png(sample_png());
  const std::size_t pixels = picture.pixels.size();
  EXPECT_TRUE(decode_png(sample_png(), {.pixels = pixels}));
  EXPECT_EQ(verdict_of(decode_png(sample_png(), {.pixels = pixels - 1})), Verdict::too_large);
  EXPECT_EQ(verdict_of(decode_png(sample_png(), {.pixels = 0})), Verdict::too_large);
}

TEST(PictureFromPng, RefusesAFileOfMoreBytesThanTheLimit) {
  const Bytes png = sample_png();
  EXPECT_TRUE(decode_png(png, {.bytes = png.size()}));
  EXPECT_EQ(verdict_of(decode_png(png, {.bytes = png.size() - 1})), Verdict::too_large);
}

Bytes with_chunk_after_header(std::string_view type, std::size_t size) {
  Bytes png = sample_png();
  Bytes chunk = {0, 0, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  append(chunk, as_bytes(type));
  chunk.resize(chunk.size() + size + 4, 0x5a);  // no sense in it, and no CRC
  png.insert(png.begin() + 33, chunk.begin(), chunk.end());
  return png;
}

// So compressed text and colour profiles cannot unfold.
TEST(PictureFromPng, DoesNotLookIntoChunksThatMakeNoPixels) {
  for (const std::string_view type : {"zTXt", "iTXt", "iCCP", "eXIf", "xyzw"}) {
    EXPECT_TRUE(decode_png(with_chunk_after_header(type, 1000))) << type;
  }
  EXPECT_EQ(verdict_of(decode_png(with_chunk_after_header("XYZW", 1000))), Verdict::bad_encoding);
}

TEST(PictureFromPng, RefusesWhatIsNoPng) {
  EXPECT_EQ(verdict_of(decode_png({})), Verdict::truncated);
  EXPECT_EQ(verdict_of(decode_png(as_bytes("GIF89a and so on"))), Verdict::bad_encoding);
  Bytes headless = sample_png();
  headless.erase(headless.begin() + 8, headless.begin() + 33);
  EXPECT_EQ(verdict_of(decode_png(headless)), Verdict::bad_encoding);
  Bytes empty = sample_png();
  std::fill_n(empty.begin() + 16, 4, std::uint8_t{0});  // no columns
  EXPECT_EQ(verdict_of(decode_png(empty)), Verdict::bad_encoding);
}

TEST(PictureToPng, KeepsColours) {
  const ColourPicture picture{3, 1, {255, 255, 255, 255, 0, 0, 0, 0, 255}};
  const Bytes png = encode_colour_png(picture);
  const Picture grey = must(decode_png(png));
  EXPECT_EQ(grey.width, 3U);
  EXPECT_EQ(grey.height, 1U);
  EXPECT_EQ(grey.pixels[0], 255);
  EXPECT_GT(grey.pixels[1], grey.pixels[2]);  // red is lighter than blue
  EXPECT_GT(grey.pixels[2], 0);
  EXPECT_EQ(encode_colour_png(picture), png);
}

}  // namespace
}  // namespace intaglio::symbol
