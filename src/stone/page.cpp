#include "stone/page.h"

#include <algorithm>

#include "base/check.h"
#include "codec/base64url.h"

namespace intaglio::stone {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// U+202A to U+202E and U+2066 to U+2069, and the marks U+200E and U+200F: E2 80 or E2 81, and one
// byte more.
bool turns_writing(std::string_view text) {
  if (!text.starts_with("\xE2\x80") && !text.starts_with("\xE2\x81")) return false;
  if (text.size() < 3) return false;
  const auto last = static_cast<unsigned char>(text[2]);
  if (text[1] == '\x80') return last == 0x8E || last == 0x8F || (last >= 0xAA && last <= 0xAE);
  return last >= 0xA6 && last <= 0xA9;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (turns_writing(text.substr(i))) {
      out += kReplacement;
      i += 2;
      continue;
    }
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += kReplacement;
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string data_uri(std::string_view media_type, ByteView content) {
  return "data:" + std::string(media_type) + ";base64," + codec::to_base64(content);
}

std::string filled(std::string_view page, PageParts parts) {
  std::string out;
  while (true) {
    const std::size_t begin = page.find("{{");
    out += page.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const std::size_t end = page.find("}}", begin);
    CHECK(end != std::string_view::npos);
    const auto name = page.substr(begin + 2, end - begin - 2);
    const auto part = std::ranges::find(parts, name, [](const auto& each) { return each.first; });
    CHECK(part != parts.end());
    out += part->second;
    page = page.substr(end + 2);
  }
}

}  // namespace intaglio::stone
