// The URIs that name keys in tokens and TPMs. Strict: one meaning, nothing ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::element {

inline constexpr std::size_t kMaxElementUri = 4096;

// "soft" of "soft:a.key". `unknown_element` for a text without one, or longer than kMaxElementUri.
Result<std::string> scheme_of(std::string_view uri);

// RFC 7512, as far as it names one key of one token: the path attributes token, serial, object, id
// and type=private, and the query attribute module-path. Any other is refused by its name and not
// ignored, also pin-value: a PIN is a passphrase and never stands in a URI.
struct Pkcs11Uri {
  std::string token;        // the token's label: UTF-8, 1 to 32 bytes
  std::string serial;       // the token's serial number, up to 16 bytes; empty for any
  std::string object;       // the key's label: UTF-8, up to 64 bytes; empty for any
  Bytes id;                 // the key's CKA_ID, up to 64 bytes; empty for any
  std::string module_path;  // the library that is loaded: an absolute path

  bool operator==(const Pkcs11Uri&) const = default;
};
// `unknown_element` names the attribute that is wrong. Escapes are two hexadecimal digits of either
// case; what must be escaped by section 2.3 and is not is refused.
Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view uri);
std::string to_text(const Pkcs11Uri& uri);

// Ours: "tpm:PATH" for a file with a wrapped key, or "tpm:handle=0x81000001" for a persistent one;
// behind "?tcti=" the way to the TPM, as tpm2-tss names it. No escapes, hence no "?" in a path.
struct TpmUri {
  std::string path;                     // empty when there is a handle
  std::optional<std::uint32_t> handle;  // 0x81000000 to 0x81ffffff: persistent objects
  std::string tcti;                     // empty for the provider's own choice

  bool operator==(const TpmUri&) const = default;
};
// `unknown_element`.
Result<TpmUri> parse_tpm_uri(std::string_view uri);
std::string to_text(const TpmUri& uri);

// The URI of the key `name` (letters, digits and "-") in the place that `place` names:
// "soft:FOLDER", "tpm:FOLDER?tcti=…" or "pkcs11:token=…?module-path=…", which must name no key.
Result<std::string> key_uri(const std::string& place, std::string_view name);

}  // namespace intaglio::element
