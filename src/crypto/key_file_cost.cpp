#include "crypto/key_file_cost.h"

namespace intaglio::crypto {

// As strong as OpenSSL's own limit of 32 MiB for scrypt lets every reader be.
ScryptCost key_file_cost() { return {1 << 14, 8, 5}; }

}  // namespace intaglio::crypto
