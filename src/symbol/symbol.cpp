#include "symbol/symbol.h"

#include <cerrno>
#include <memory>

#include <qrencode.h>

#include "base/check.h"
#include "base/format.h"
#include "codec/utf8.h"

namespace intaglio::symbol {
namespace {

constexpr unsigned kEciUtf8 = 26;

struct FreeInput {
  void operator()(QRinput* input) const { QRinput_free(input); }
};
struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

constexpr std::size_t side(int version) { return 17 + 4 * static_cast<std::size_t>(version); }

QRecLevel library_level(ErrorCorrection level) {
  switch (level) {
    case ErrorCorrection::low: return QR_ECLEVEL_L;
    case ErrorCorrection::medium: return QR_ECLEVEL_M;
    case ErrorCorrection::quartile: return QR_ECLEVEL_Q;
    case ErrorCorrection::high: return QR_ECLEVEL_H;
  }
  CHECK(false);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Symbol::Symbol(int version, ErrorCorrection level, Bytes modules)
    : version_(version), level_(level), size_(side(version)), modules_(std::move(modules)) {
  CHECK(version >= 1 && version <= kMaxVersion);
  CHECK(modules_.size() == size_ * size_);
}

bool Symbol::dark(std::size_t x, std::size_t y) const {
  CHECK(x < size_ && y < size_);
  return modules_[y * size_ + x] != 0;
}

Result<Symbol> draw(std::string_view text, const DrawOptions& options) {
  if (text.empty()) return refuse(Verdict::bad_value, "text");
  if (options.max_version < 1 || options.max_version > kMaxVersion) {
    return refuse(Verdict::bad_value, format("max_version {}", options.max_version));
  }
  const auto too_large = [&] {
    return refuse(Verdict::too_large, format("text of {} bytes for a symbol of version {}",
                                             text.size(), options.max_version));
  };
  // The largest symbol holds 2953 bytes; the library takes an int.
  constexpr std::size_t kMostBytes = 2953;
  if (text.size() > kMostBytes) return too_large();
  if (const auto error = codec::utf8_error(text)) {
    return refuse(Verdict::bad_encoding, format("text, byte {}", *error));
  }

  const std::unique_ptr<QRinput, FreeInput> input(
      QRinput_new2(0, library_level(options.level)));  // version 0: the smallest that fits
  CHECK(input != nullptr);
  if (!is_ascii(text)) CHECK(QRinput_appendECIheader(input.get(), kEciUtf8) == 0);
  CHECK(QRinput_append(input.get(), QR_MODE_8, static_cast<int>(text.size()),
                       as_bytes(text).data()) == 0);
  const std::unique_ptr<QRcode, FreeCode> code(QRcode_encodeInput(input.get()));
  if (code == nullptr) {
    CHECK(errno == ERANGE);
    return too_large();
  }
  if (code->version > options.max_version) return too_large();

  Bytes modules(side(code->version) * side(code->version));
  CHECK(static_cast<std::size_t>(code->width) == side(code->version));
  for (std::size_t i = 0; i < modules.size(); ++i) modules[i] = code->data[i] & 1;
  return Symbol(code->version, options.level, std::move(modules));
}

}  // namespace intaglio::symbol
