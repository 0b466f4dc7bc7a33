// For formats that count in seconds: X.509 (RFC 5280 section 4.1.2.5), CWT, HTTP signatures.
#pragma once

#include "base/ids.h"

namespace intaglio {

// The beginning of the second that the moment is in.
constexpr Millis whole_seconds(Millis time) { return Millis(time.value() / 1000 * 1000); }

}  // namespace intaglio
