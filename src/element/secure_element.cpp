#include "element/secure_element.h"

#include "element/applet_key.h"

namespace intaglio::element {

Result<std::unique_ptr<SecureElement>> create_key(const std::string& uri, const Secret& passphrase,
                                                  Env& env) {
  return create_key_for(KeyUser::anybody, uri, passphrase, env);
}

Result<std::unique_ptr<SecureElement>> open_key(const std::string& uri, const Secret& passphrase,
                                                Env& env) {
  return open_key_for(KeyUser::anybody, uri, passphrase, env);
}

crypto::Signer signer_of(SecureElement& element) {
  return {element.public_key(), [&element](ByteView message) { return element.sign(message); }};
}

}  // namespace intaglio::element
