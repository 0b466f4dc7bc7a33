// Keys that only software guards: "soft:PATH" is a file of mode 600 with the key as encrypted
// PKCS#8 in PEM. It says of itself that it is simulated; who copies file and passphrase has the
// key.
#pragma once

#include "element/applet_key.h"

namespace intaglio::element {

// The path in "soft:PATH". `unknown_element` names what is wrong with another URI.
Result<std::string> soft_path(const std::string& uri);

// create_key and open_key for this scheme.
Result<std::unique_ptr<SecureElement>> create_soft_key(const std::string& path,
                                                       const Secret& passphrase, Env& env);
Result<std::unique_ptr<SecureElement>> open_soft_key(KeyUser user, const std::string& path,
                                                     const Secret& passphrase, Env& env);

// A new key that is never stored and is gone with the object; its URI is "soft:". For what needs no
// name after this run, and for tests: it takes no time to make.
std::unique_ptr<SecureElement> make_passing_key();

}  // namespace intaglio::element
