// base64url without padding (RFC 4648 section 5), as JOSE and COSE texts use it. The decoder takes
// the one canonical form: no padding, no line breaks, unused bits zero.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

// Standard base64 with padding (RFC 4648 section 4), for HTTP fields (RFC 8941 byte sequences).
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

// As from_base64, with spaces, tabs and line ends anywhere between the characters: PEM (RFC 7468)
// and EST (RFC 8951) bodies come wrapped at any column or not at all.
Result<Bytes> from_wrapped_base64(std::string_view text);

}  // namespace intaglio::codec
