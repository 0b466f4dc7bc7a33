// A TPM 2.0 through the tpm2 provider of OpenSSL, for the elements whose keys it holds. For this
// module.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "base/secret.h"
#include "crypto/es256.h"

namespace intaglio::element {

// A key as the TPM is given it: wrapped, in the form "TSS2 PRIVATE KEY" of the provider, or the
// handle of a persistent one; and its authorisation value. One object stands for one key.
struct TpmKey {
  Bytes pem;
  std::optional<std::uint32_t> handle;
  Secret authorisation;
};

// One connection, one command at a time: the provider's context is not for several threads (its
// issues 118 and 134). It lives in a library context of its own; the program's never sees the
// provider, which would take over random numbers and digests too. Any thread, which then waits.
//
// At most one key is loaded at a time: a TPM has room for three objects where no resource manager
// is before it. Whoever takes turns with another key pays for loading his each time.
class Tpm {
 public:
  // `tcti` names the way, as tpm2-tss does; empty for the environment's or the library's own.
  // Shared with whoever has the same one open. `unknown_element` without a provider, `element_gone`
  // when there is no TPM.
  static Result<std::shared_ptr<Tpm>> open(const std::string& tcti);
  ~Tpm();
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;

  // A new P-256 key, made in the TPM and good in this one alone (fixedTPM), wrapped in PEM.
  Result<Bytes> make_key(const Secret& authorisation);

  // `unknown_element` when this TPM has no such key or did not wrap it, `element_unfit` for another
  // curve or a key without authorisation, `element_gone`.
  Result<crypto::PublicKey> public_key(const TpmKey& key);

  // `element_locked` for a wrong authorisation value, or when the TPM takes none for a while.
  // A lost connection is made anew, once. `key` must live until forget().
  Result<crypto::Signature> sign(const TpmKey& key, const Digest& digest);

  // The key goes away.
  void forget(const TpmKey& key);

 private:
  struct Connection;

  explicit Tpm(std::string tcti);
  Result<void> connect();
  Result<void> load(const TpmKey& key);
  Result<crypto::Signature> sign_once(const TpmKey& key, const Digest& digest);

  const std::string tcti_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace intaglio::element
