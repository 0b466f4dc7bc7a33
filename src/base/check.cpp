#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include "base/format.h"

namespace intaglio {

void fatal(std::string_view message) {
  std::fprintf(stderr, "fatal: %.*s\n", static_cast<int>(message.size()), message.data());
  std::abort();
}

void check_failed(const char* condition, const char* file, int line) {
  fatal(format("{}:{}: this must hold, and does not: {}", file, line, condition));
}

}  // namespace intaglio
