#include "base/secret.h"

#include <cstring>

namespace intaglio {

void wipe(void* data, std::size_t size) {
  if (size != 0) ::explicit_bzero(data, size);
}

}  // namespace intaglio
