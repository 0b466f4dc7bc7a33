// The issuing authorities of a data folder (ceremony.h) with their keys, as a node opens them.
#pragma once

#include "base/secret.h"
#include "service/certificate/ceremony.h"
#include "service/certificate/issuers.h"

namespace intaglio::service {

struct OpenIssuers {
  std::vector<std::unique_ptr<element::SecureElement>> keys;  // behind the issuers' signers
  Issuers issuers;
  // Who signs the answers to clients that speak CMP, of the current issuer.
  std::unique_ptr<element::SecureElement> cmp_key;
  pki::Certificate cmp;
};

// The newest one that the root did not revoke issues. Refuses with `file_failed` when none was
// certified yet, `certificate_revoked` when the root revoked all of them, and what opening the
// issuing one's keys refuses. A key of one before may not open: that is logged.
Result<OpenIssuers> open_issuers(const std::string& folder, const Secret& passphrase, Env& env);

}  // namespace intaglio::service
