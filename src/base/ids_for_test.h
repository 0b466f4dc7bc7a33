// For tests: ids that are easy to tell apart.
#pragma once

#include <algorithm>

#include "base/ids.h"

namespace intaglio {

// An id all of whose bytes are the same.
template <typename Id>
Id filled(std::uint8_t byte) {
  Id id;
  std::ranges::fill(id.writable(), byte);
  return id;
}

}  // namespace intaglio
