// UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace intaglio::codec {

// Where `text` stops being UTF-8: the first byte of the first broken sequence. Nothing when all of
// it is UTF-8.
std::optional<std::size_t> utf8_error(std::string_view text);

// The number of code points in `text`, which must be UTF-8.
std::size_t utf8_length(std::string_view text);

// The bytes that the first `count` code points of `text` take; nothing when there are fewer. `text`
// must be UTF-8.
std::optional<std::size_t> utf8_prefix(std::string_view text, std::size_t count);

// Appends one code point, which must be below 0x110000 and no surrogate.
void append_utf8(std::string& to, char32_t code_point);

}  // namespace intaglio::codec
