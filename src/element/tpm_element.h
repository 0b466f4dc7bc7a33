// Keys in a TPM 2.0. "tpm:PATH" is a file of mode 600 with a key that the TPM wrapped ("TSS2
// PRIVATE KEY" in PEM, readable by the tpm2 provider of OpenSSL): worth nothing in another TPM, nor
// without the passphrase, which is the key's authorisation value. "tpm:handle=…" is a key that the
// TPM keeps itself; it was made by other tools.
#pragma once

#include "element/applet_key.h"
#include "element/element_uri.h"

namespace intaglio::element {

// create_key and open_key for this scheme. `element_locked` also for a passphrase that cannot be an
// authorisation value: 1 to 32 bytes, none of them zero. A wrong one counts in the TPM's defence
// against guessing (TPM 2.0 Library, part 1, section 19.8), which stops all keys for a while.
Result<std::unique_ptr<SecureElement>> create_tpm_key(const TpmUri& uri, const Secret& passphrase,
                                                      Env& env);
Result<std::unique_ptr<SecureElement>> open_tpm_key(KeyUser user, const TpmUri& uri,
                                                    const Secret& passphrase, Env& env);

}  // namespace intaglio::element
