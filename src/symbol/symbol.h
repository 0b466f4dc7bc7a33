// A QR symbol (ISO/IEC 18004): text as a square of dark and light modules. render.h shows it to
// people and cameras, reader.h gets the text back.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::symbol {

// How much of a symbol may be unreadable: about 7, 15, 25 and 30 percent of its code words.
enum class ErrorCorrection : std::uint8_t { low, medium, quartile, high };

inline constexpr int kMaxVersion = 40;

// The modules themselves, without the light border. A value; any thread.
class Symbol {
 public:
  // `modules`: row by row from the top left, 1 for dark, 0 for light, as many as the version asks.
  Symbol(int version, ErrorCorrection level, Bytes modules);

  int version() const { return version_; }  // 1 to 40
  ErrorCorrection level() const { return level_; }

  // Modules a side: 17 + 4 * version.
  std::size_t size() const { return size_; }

  // Column `x`, row `y`, both counted from the top left and less than size().
  bool dark(std::size_t x, std::size_t y) const;

 private:
  int version_;
  ErrorCorrection level_;
  std::size_t size_;
  Bytes modules_;
};

struct DrawOptions {
  ErrorCorrection level = ErrorCorrection::medium;
  int max_version = kMaxVersion;  // a display that shows so many modules and no more lowers it
};

// The smallest symbol that holds `text`, byte for byte as it is: in byte mode, whatever the
// characters, and as one symbol (EMVCo MPM 1.1 allows neither alphanumeric mode nor structured
// append). Text with a character outside ASCII is preceded by ECI 26, which says that it is UTF-8.
//
// Refuses empty text or a max_version outside 1 to 40 (bad_value), text that is not UTF-8
// (bad_encoding), and text that does not fit into max_version (too_large). Any thread.
Result<Symbol> draw(std::string_view text, const DrawOptions& options = {});

}  // namespace intaglio::symbol
