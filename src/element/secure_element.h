// A secure element: where a private key lives and never leaves. There is no export call.
#pragma once

#include <memory>
#include <string>

#include "base/env.h"
#include "base/secret.h"
#include "crypto/signer.h"

namespace intaglio::element {

// One key in some element. sign() may be called from any thread; a slow element serialises inside.
class SecureElement {
 public:
  virtual ~SecureElement() = default;

  // "soft:alice.key", "pkcs11:token=…;object=…", "tpm:…".
  virtual const std::string& uri() const = 0;
  virtual const crypto::PublicKey& public_key() const = 0;

  // ES256 over `message`, hashed inside, low-s. Refusals are the element's: locked, gone.
  virtual Result<crypto::Signature> sign(ByteView message) = 0;

  // True for a key that only software guards. Certificates of such keys say so.
  virtual bool simulated() const = 0;
};

// Makes a key and stores it under `uri`. `file_failed` when that cannot be done or there is
// something at `uri` already, which stays as it is; `unknown_element` for a scheme that this
// program has no element for. `passphrase` protects the key at rest; making and opening one take
// some 0.2 s.
Result<std::unique_ptr<SecureElement>> create_key(const std::string& uri, const Secret& passphrase,
                                                  Env& env);

// Opens a key: `unknown_element` when there is none at `uri`, or when it belongs to a payment code
// applet and signs through that alone; `element_locked` for a wrong passphrase.
Result<std::unique_ptr<SecureElement>> open_key(const std::string& uri, const Secret& passphrase,
                                                Env& env);

// The element's key as `pki` and `proof` take it. The element must outlive what is returned.
crypto::Signer signer_of(SecureElement& element);

}  // namespace intaglio::element
