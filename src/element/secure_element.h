// A secure element: where a private key lives and never leaves. There is no export call.
//
//   soft:PATH                                        a file, encrypted under the passphrase
//   pkcs11:token=NAME;object=NAME?module-path=FILE   a key in a token (RFC 7512); the passphrase is
//                                                    its PIN
//   tpm:PATH  tpm:handle=0x81000001                  a key in a TPM 2.0, which wraps the file or
//                                                    keeps it; the passphrase is its authorisation
//
// docs/element.md says what each guards and against whom.
#pragma once

#include <memory>
#include <string>

#include "base/env.h"
#include "base/secret.h"
#include "crypto/signer.h"

namespace intaglio::element {

// One key in some element. sign() may be called from any thread; a slow element serialises inside.
// Elements do not outlive a fork(): the child opens its own.
class SecureElement {
 public:
  virtual ~SecureElement() = default;

  virtual const std::string& uri() const = 0;
  virtual const crypto::PublicKey& public_key() const = 0;

  // ES256 over `message`, hashed inside, low-s. `element_gone` when the element does not answer or
  // its key is not there any more; the next call tries again. `element_locked` when it does not
  // take the passphrase any more; that is not tried again, since tokens lock after a few wrong
  // ones.
  virtual Result<crypto::Signature> sign(ByteView message) = 0;

  // True when this program holds the private key itself; certificates of such keys say so. False
  // says that the program that signs is not the one that holds the key, and nothing more: nobody
  // attests that a token or TPM is hardware. Whoever certifies the key vouches for its element.
  virtual bool simulated() const = 0;
};

// Makes a key in the element that `uri` names. `element_taken` when there is one already, which
// stays as it is; `unknown_element` when no element is meant, saying what in the URI is wrong;
// `element_locked` when the passphrase does not open it; `element_unfit` when it would not guard
// the key; `element_gone` or `file_failed` when it fails. `passphrase` protects the key at rest and
// may be any for "soft:" alone: a token wants its PIN, a TPM takes 1 to 32 bytes without a zero.
Result<std::unique_ptr<SecureElement>> create_key(const std::string& uri, const Secret& passphrase,
                                                  Env& env);

// Opens a key: `unknown_element` when there is none at `uri`, or when it belongs to a payment code
// applet and signs through that alone; `element_locked` for a wrong passphrase, after which the
// same is not tried again by itself; `element_unfit` for a key that could leave its element or that
// anybody could use; `element_gone`. Both take some 0.2 s where the passphrase is stretched.
Result<std::unique_ptr<SecureElement>> open_key(const std::string& uri, const Secret& passphrase,
                                                Env& env);

// The element's key as `pki` and `proof` take it. The element must outlive what is returned.
crypto::Signer signer_of(SecureElement& element);

}  // namespace intaglio::element
