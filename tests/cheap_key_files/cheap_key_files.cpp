// For tests that make nodes' folders by the hundred and would spend most of their time on
// passphrases: linked in place of src/crypto/key_file_cost.cpp. The real program opens such files
// like any others; what it writes has the real cost.
#include "crypto/key_file_cost.h"

namespace intaglio::crypto {

ScryptCost key_file_cost() { return {16, 8, 1}; }

}  // namespace intaglio::crypto
