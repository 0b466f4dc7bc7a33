#include "element/secure_element.h"

#include "element/soft_element.h"

namespace intaglio::element {

// Software is the only kind of element so far; another scheme is refused by soft_path().
Result<std::unique_ptr<SecureElement>> create_key(const std::string& uri, const Secret& passphrase,
                                                  Env& env) {
  ASSIGN(const auto path, soft_path(uri));
  return create_soft_key(path, passphrase, env);
}

Result<std::unique_ptr<SecureElement>> open_key(const std::string& uri, const Secret& passphrase,
                                                Env& env) {
  ASSIGN(const auto path, soft_path(uri));
  return open_soft_key(path, passphrase, env);
}

crypto::Signer signer_of(SecureElement& element) {
  return {element.public_key(), [&element](ByteView message) { return element.sign(message); }};
}

}  // namespace intaglio::element
