// What it costs to try one passphrase on a key file, by scrypt (RFC 7914 section 2). Each file says
// what it costs, so any of them is opened whatever this is.
#pragma once

#include <cstdint>

namespace intaglio::crypto {

struct ScryptCost {
  std::uint64_t n = 0;
  std::uint64_t r = 0;
  std::uint64_t p = 0;
};

ScryptCost key_file_cost();  // some 250 ms

}  // namespace intaglio::crypto
