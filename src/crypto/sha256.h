// SHA-256 and what is built on it alone.
#pragma once

#include "base/bytes.h"

namespace intaglio::crypto {

Digest sha256(ByteView message);

// Over several pieces, without joining them.
Digest sha256(std::initializer_list<ByteView> pieces);

// RFC 2104 with SHA-256.
Digest hmac_sha256(ByteView key, ByteView message);

// Compares without telling by its time where the first difference is.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace intaglio::crypto
