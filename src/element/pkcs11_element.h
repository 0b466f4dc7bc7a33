// Keys in tokens, over any PKCS #11 module (version 2.40): "pkcs11:token=…;object=…?module-path=…".
// The key is made in the token, marked sensitive and not extractable, and what the token says of it
// is read back. The token makes the signature; the message is hashed here.
#pragma once

#include "element/applet_key.h"
#include "element/element_uri.h"

namespace intaglio::element {

// create_key and open_key for this scheme. A key that is made needs an object name (and gets a
// random id unless `uri` has one). Beside what those refuse: `element_unfit` for a key on another
// curve, one that is or was extractable, was not made in the token, or wants the PIN with every
// signature.
Result<std::unique_ptr<SecureElement>> create_pkcs11_key(KeyUser user, const Pkcs11Uri& uri,
                                                         const Secret& pin, Env& env);
Result<std::unique_ptr<SecureElement>> open_pkcs11_key(KeyUser user, const Pkcs11Uri& uri,
                                                       const Secret& pin);

}  // namespace intaglio::element
