// The picture reader: PNG bytes to texts.
#include "base/check.h"
#include "symbol/reader.h"
#include "symbol/render.h"

namespace intaglio::symbol {
namespace {

constexpr PictureLimits kLimits = {.bytes = 64 * 1024, .pixels = 256 * 256};

// CRC-32 as PNG has it.
std::uint32_t crc32(ByteView bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}

// The same chunks with right CRCs: no random change would get past them.
Bytes repaired(ByteView file) {
  Bytes out = to_bytes(file);
  for (std::size_t at = 8; at + 12 <= out.size();) {
    const std::size_t length = std::size_t{out[at]} << 24 | std::size_t{out[at + 1]} << 16 |
                               std::size_t{out[at + 2]} << 8 | std::size_t{out[at + 3]};
    if (length > out.size() - at - 12) break;
    const std::uint32_t crc = crc32(ByteView(out).subspan(at + 4, length + 4));
    for (std::size_t i = 0; i < 4; ++i) {
      out[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    }
    at += length + 12;
  }
  return out;
}

void expect_texts_survive(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const auto symbol = draw(text);
    if (!symbol) continue;  // empty, or not UTF-8, or more than one symbol at level M holds
    const auto again = read_symbols(*to_png(*symbol, 4));
    CHECK(again && *again == std::vector{text});
  }
}

void try_picture(ByteView file) {
  const auto picture = decode_png(file, kLimits);
  if (!picture) return;
  CHECK(!picture->pixels.empty() && picture->pixels.size() <= kLimits.pixels);
  CHECK(picture->pixels.size() == picture->width * picture->height);

  // What is written as PNG is read again pixel for pixel.
  const auto again = decode_png(encode_black_and_white_png(*picture), kLimits);
  CHECK(again && again->width == picture->width && again->height == picture->height);
  for (std::size_t i = 0; i < picture->pixels.size(); ++i) {
    CHECK(again->pixels[i] == (picture->pixels[i] < 128 ? 0 : 255));
  }
  if (const auto texts = read_symbols(*picture)) expect_texts_survive(*texts);
}

}  // namespace
}  // namespace intaglio::symbol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio::symbol;
  if (size > kLimits.bytes) return 0;
  try_picture({data, size});
  try_picture(repaired({data, size}));
  return 0;
}
