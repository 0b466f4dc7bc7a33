// Keys that only software guards: "soft:PATH" is a file of mode 600 with the key as encrypted
// PKCS#8 in PEM. It says of itself that it is simulated; who copies file and passphrase has the
// key.
#pragma once

#include "crypto/es256.h"
#include "element/secure_element.h"

namespace intaglio::element {

// The path in "soft:PATH". `unknown_element` names what is wrong with another URI.
Result<std::string> soft_path(const std::string& uri);

// create_key and open_key for this scheme.
Result<std::unique_ptr<SecureElement>> create_soft_key(const std::string& path,
                                                       const Secret& passphrase, Env& env);
Result<std::unique_ptr<SecureElement>> open_soft_key(const std::string& path,
                                                     const Secret& passphrase, Env& env);

// A new key that is never stored and is gone with the object; its URI is "soft:". For what needs no
// name after this run, and for tests: it takes no time to make.
std::unique_ptr<SecureElement> make_passing_key();

// For this module: the key in the file at `path`, whoever it belongs to. `unknown_element`,
// `element_locked`, and what SigningKey::from_encrypted_pem refuses.
Result<crypto::SigningKey> read_soft_key(const std::string& path, const Secret& passphrase,
                                         Env& env);
Result<void> write_soft_key(const std::string& path, const crypto::SigningKey& key,
                            const Secret& passphrase, Env& env);

// Where the payment code applet of the key at `path` keeps its memory.
std::string applet_path(const std::string& path);

}  // namespace intaglio::element
