// Text formatting for the whole program: fmt, since GCC 12 has no <format>.
#pragma once

#include <fmt/core.h>

namespace intaglio {
using fmt::format;
}
