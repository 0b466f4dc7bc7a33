// Pages that need nothing but themselves: one HTML file that can be kept, handed on, printed. They
// may load nothing, and say so to the browser. Pure functions; any thread.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace intaglio::stone {

// A text as HTML that shows it: no part of it is markup, whether between tags or in an attribute.
// Control characters, and those that turn the direction of writing, are shown as U+FFFD.
std::string html_text(std::string_view text);

// Content as an address: "data:image/png;base64,...".
std::string data_uri(std::string_view media_type, ByteView content);

// A page with each "{{name}}" replaced by HTML, which is taken as it is. The pages are ours: each
// name stands in the list.
using PageParts = std::span<const std::pair<std::string_view, std::string>>;
std::string filled(std::string_view page, PageParts parts);

// viewer.html: {{title}} {{facts}} {{more}} {{note}} {{picture}} (an address) {{model}} (a .glb as
// base64).
std::string_view viewer_page();

// report.html: {{title}} {{banner}} {{picture}} {{stone}} {{bound}} {{words}} {{inputs}} {{verify}}
// {{note}} {{shown}} {{heading}} {{shows}} {{lacks}} {{file}}
std::string_view report_page();

}  // namespace intaglio::stone
