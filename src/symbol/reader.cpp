#include "symbol/reader.h"

#include <memory>

#include <zbar.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::symbol {
namespace {

struct DestroyScanner {
  void operator()(zbar::zbar_image_scanner_t* scanner) const {
    zbar::zbar_image_scanner_destroy(scanner);
  }
};
struct DestroyImage {
  void operator()(zbar::zbar_image_t* image) const { zbar::zbar_image_destroy(image); }
};
using Scanner = std::unique_ptr<zbar::zbar_image_scanner_t, DestroyScanner>;
using Image = std::unique_ptr<zbar::zbar_image_t, DestroyImage>;

// QR alone: the other symbologies are not ours, and each is one more parser of foreign bytes.
Scanner make_scanner() {
  Scanner scanner(zbar::zbar_image_scanner_create());
  CHECK(scanner != nullptr);
  const auto set = [&](zbar::zbar_symbol_type_t symbology, zbar::zbar_config_t config, int value) {
    CHECK(zbar::zbar_image_scanner_set_config(scanner.get(), symbology, config, value) == 0);
  };
  set(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
  set(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
  set(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_BINARY, 1);  // or it guesses among four character sets
  set(zbar::ZBAR_NONE, zbar::ZBAR_CFG_TEST_INVERTED, 1);
  return scanner;
}

// Borrows the pixels: `picture` must outlive the image.
Image make_image(const Picture& picture) {
  Image image(zbar::zbar_image_create());
  CHECK(image != nullptr);
  zbar::zbar_image_set_format(image.get(), zbar_fourcc('Y', '8', '0', '0'));
  zbar::zbar_image_set_size(image.get(), static_cast<unsigned>(picture.width),
                            static_cast<unsigned>(picture.height));
  zbar::zbar_image_set_data(image.get(), picture.pixels.data(), picture.pixels.size(), nullptr);
  return image;
}

}  // namespace

Result<std::vector<std::string>> read_symbols(const Picture& picture) {
  CHECK(picture.pixels.size() == picture.width * picture.height);
  const Scanner scanner = make_scanner();
  const Image image = make_image(picture);
  std::vector<std::string> texts;
  if (zbar::zbar_scan_image(scanner.get(), image.get()) > 0) {
    const auto* symbol = zbar::zbar_image_first_symbol(image.get());
    for (; symbol != nullptr; symbol = zbar::zbar_symbol_next(symbol)) {
      if (zbar::zbar_symbol_get_type(symbol) != zbar::ZBAR_QRCODE) continue;
      if (zbar::zbar_symbol_get_components(symbol) != nullptr) continue;
      texts.emplace_back(zbar::zbar_symbol_get_data(symbol),
                         zbar::zbar_symbol_get_data_length(symbol));
    }
  }
  if (texts.empty()) {
    return refuse(Verdict::no_symbol,
                  format("a picture of {} x {} pixels", picture.width, picture.height));
  }
  return texts;
}

Result<std::vector<std::string>> read_symbols(ByteView png, const PictureLimits& limits) {
  ASSIGN(const Picture picture, decode_png(png, limits));
  return read_symbols(picture);
}

}  // namespace intaglio::symbol
