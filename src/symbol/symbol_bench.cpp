// Milliseconds to draw, render and read a symbol, each beside the library alone; and how many of 40
// photographs are read at a given size of a module.
#include <benchmark/benchmark.h>
#include <png.h>
#include <qrencode.h>
#include <zbar.h>

#include "symbol/reader.h"
#include "symbol/render.h"
#include "symbol/sample_text.h"
#include "symbol/simulated_camera.h"

namespace intaglio::symbol {
namespace {

constexpr std::size_t kPixelsPerModule = 4;

// Bytes of text to versions at level M: 100 to 6, 352 (a signed payment code) to 14, 2331 to 40.
void text_sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(100)->Arg(352)->Arg(2331)->Unit(benchmark::kMillisecond);
}

std::string text_of(const benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  return size == kPaymentCode.size() ? std::string(kPaymentCode) : printable_text(size);
}

void draw_symbol(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(draw(text));
  state.counters["version"] = draw(text)->version();
}
BENCHMARK(draw_symbol)->Apply(text_sizes);

void draw_library_alone(benchmark::State& state) {
  const std::string text = text_of(state);
  for (auto _ : state) {
    QRcode* code = QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M);
    benchmark::DoNotOptimize(code);
    QRcode_free(code);
  }
}
BENCHMARK(draw_library_alone)->Apply(text_sizes);

void write_png(benchmark::State& state) {
  const Symbol symbol = *draw(text_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(to_png(symbol, kPixelsPerModule));
  state.counters["bytes"] = static_cast<double>(to_png(symbol, kPixelsPerModule)->size());
}
BENCHMARK(write_png)->Apply(text_sizes);

// libpng alone, from a picture that is laid out already.
void write_png_library_alone(benchmark::State& state) {
  const Picture picture = *decode_png(*to_png(*draw(text_of(state)), kPixelsPerModule));
  Bytes indices = picture.pixels;
  for (auto& index : indices) index = index == 0 ? 1 : 0;
  constexpr std::array<std::uint8_t, 6> kPalette = {255, 255, 255, 0, 0, 0};
  Bytes out(picture.pixels.size() + 1024);
  for (auto _ : state) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = static_cast<png_uint_32>(picture.width);
    image.format = PNG_FORMAT_RGB_COLORMAP;
    image.colormap_entries = 2;
    png_alloc_size_t size = out.size();
    png_image_write_to_memory(&image, out.data(), &size, 0, indices.data(), 0, kPalette.data());
  }
}
BENCHMARK(write_png_library_alone)->Apply(text_sizes);

void write_svg(benchmark::State& state) {
  const Symbol symbol = *draw(text_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(to_svg(symbol));
  state.counters["bytes"] = static_cast<double>(to_svg(symbol).size());
}
BENCHMARK(write_svg)->Apply(text_sizes);

void write_terminal(benchmark::State& state) {
  const Symbol symbol = *draw(text_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(to_terminal(symbol));
}
BENCHMARK(write_terminal)->Apply(text_sizes);

void read_png(benchmark::State& state) {
  const Bytes png = *to_png(*draw(text_of(state)), kPixelsPerModule);
  for (auto _ : state) benchmark::DoNotOptimize(decode_png(png));
}
BENCHMARK(read_png)->Apply(text_sizes);

// From PNG bytes to text.
void read_symbol(benchmark::State& state) {
  const Bytes png = *to_png(*draw(text_of(state)), kPixelsPerModule);
  for (auto _ : state) benchmark::DoNotOptimize(read_symbols(png));
}
BENCHMARK(read_symbol)->Apply(text_sizes);

// zbar alone: a scanner that is kept, a picture in grey.
void read_library_alone(benchmark::State& state) {
  const Picture picture = *decode_png(*to_png(*draw(text_of(state)), kPixelsPerModule));
  auto* scanner = zbar::zbar_image_scanner_create();
  zbar::zbar_image_scanner_set_config(scanner, zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
  zbar::zbar_image_scanner_set_config(scanner, zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
  auto* image = zbar::zbar_image_create();
  zbar::zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
  const auto side = static_cast<unsigned>(picture.width);
  zbar::zbar_image_set_size(image, side, side);
  zbar::zbar_image_set_data(image, picture.pixels.data(), picture.pixels.size(), nullptr);
  for (auto _ : state) benchmark::DoNotOptimize(zbar::zbar_scan_image(scanner, image));
  zbar::zbar_image_destroy(image);
  zbar::zbar_image_scanner_destroy(scanner);
}
BENCHMARK(read_library_alone)->Apply(text_sizes);

// The worst we know a picture of a million pixels to do to a reader: it is full of finder patterns,
// of so many pixels a module, that begin so many modules after each other. The time grows with the
// square of their number, so at one pixel a module with the square of the picture's pixels.
void read_clutter(benchmark::State& state) {
  constexpr std::size_t kSide = 1024;
  const auto module = static_cast<std::size_t>(state.range(0));
  const auto period = static_cast<std::size_t>(state.range(1));
  Picture picture{kSide, kSide, Bytes(kSide * kSide, 255)};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const std::size_t x = i % kSide / module % period;
    const std::size_t y = i / kSide / module % period;
    const bool light_ring = std::max({x, y, 6 - x, 6 - y}) == 5;
    const bool shared_edge = period == 6 && (x == 0 || y == 0);
    if (x <= 6 && y <= 6 && (!light_ring || shared_edge)) picture.pixels[i] = 0;
  }
  for (auto _ : state) benchmark::DoNotOptimize(read_symbols(picture));
}
BENCHMARK(read_clutter)
    ->ArgNames({"module", "period"})
    ->Args({1, 6})
    ->Args({1, 9})
    ->Args({4, 9})
    ->Unit(benchmark::kMillisecond);

// Tenths of a pixel a module, bytes of text, level (0 L, 1 M, 2 Q). `read` is the share of 40
// shots.
void decode_rate(benchmark::State& state) {
  const double pixels = static_cast<double>(state.range(1)) / 10;
  const Symbol symbol =
      *draw(text_of(state), {.level = static_cast<ErrorCorrection>(state.range(2))});
  constexpr int kShots = 40;
  std::vector<Picture> shots;
  for (std::uint64_t seed = 0; seed < kShots; ++seed) {
    shots.push_back(photograph(symbol, tilted_shot(pixels, seed)));
  }
  int read = 0;
  for (auto _ : state) {
    read = 0;
    for (const Picture& shot : shots) read += read_symbols(shot).has_value();
  }
  state.counters["read"] = static_cast<double>(read) / kShots;
  state.counters["version"] = symbol.version();
}
BENCHMARK(decode_rate)
    ->ArgNames({"text", "tenths", "level"})
    ->ArgsProduct({{100, 352}, {20, 25, 30, 40}, {0, 1, 2}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace intaglio::symbol
