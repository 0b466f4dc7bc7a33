#include "element/secure_element.h"

#include "base/format.h"
#include "element/element_uri.h"
#include "element/pkcs11_element.h"
#include "element/soft_element.h"
#include "element/tpm_element.h"

namespace intaglio::element {

namespace {

std::unexpected<Refusal> no_such_scheme(const std::string& scheme) {
  return refuse(Verdict::unknown_element,
                format("scheme '{}' (soft, pkcs11 and tpm are known)", scheme));
}

}  // namespace

Result<std::unique_ptr<SecureElement>> create_key(const std::string& uri, const Secret& passphrase,
                                                  Env& env) {
  ASSIGN(const auto scheme, scheme_of(uri));
  if (scheme == "soft") {
    ASSIGN(const auto path, soft_path(uri));
    return create_soft_key(path, passphrase, env);
  }
  if (scheme == "pkcs11") {
    ASSIGN(const auto parsed, parse_pkcs11_uri(uri));
    return create_pkcs11_key(parsed, passphrase, env);
  }
  if (scheme == "tpm") {
    ASSIGN(const auto parsed, parse_tpm_uri(uri));
    return create_tpm_key(parsed, passphrase, env);
  }
  return no_such_scheme(scheme);
}

Result<std::unique_ptr<SecureElement>> open_key(const std::string& uri, const Secret& passphrase,
                                                Env& env) {
  ASSIGN(const auto scheme, scheme_of(uri));
  if (scheme == "soft") {
    ASSIGN(const auto path, soft_path(uri));
    return open_soft_key(path, passphrase, env);
  }
  if (scheme == "pkcs11") {
    ASSIGN(const auto parsed, parse_pkcs11_uri(uri));
    return open_pkcs11_key(parsed, passphrase);
  }
  if (scheme == "tpm") {
    ASSIGN(const auto parsed, parse_tpm_uri(uri));
    return open_tpm_key(parsed, passphrase, env);
  }
  return no_such_scheme(scheme);
}

crypto::Signer signer_of(SecureElement& element) {
  return {element.public_key(), [&element](ByteView message) { return element.sign(message); }};
}

}  // namespace intaglio::element
