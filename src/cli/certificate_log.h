// What the main chain has of a certificate, proven to whoever has the genesis: nobody is believed
// for saying that one was issued, suspended or revoked. One thread.
#pragma once

#include "cli/node_client.h"
#include "ledger/certificates.h"
#include "tx/ledger_proof.h"

namespace intaglio::cli {

struct ProvenCertificate {
  std::optional<ledger::CertificateRow> row;  // nothing: the main chain has no record of it
  tx::ProvenBlock as_of;
};

// Which certificate of this ledger's authorities it is, one of the root's or of these issuing ones:
// `path_invalid` when its name for its issuer or the signature is none of theirs.
Result<ledger::CertificateId> certificate_id(const pki::Certificate& certificate,
                                             const pki::Certificate& root,
                                             const std::vector<pki::Certificate>& issuing);

// From a proof that somebody gave: `bad_proof` when it is of something else, and what Trust::check
// refuses.
Result<ProvenCertificate> check_certificate_proof(tx::Trust& trust, ByteView proof,
                                                  const ledger::CertificateId& id);

// Asks the node for the proof and checks it.
Result<ProvenCertificate> prove_certificate(NodeClient& node, tx::Trust& trust,
                                            const ledger::CertificateId& id);

// How many certificates an issuer recorded, ever, proven in the same way.
Result<std::uint64_t> prove_logged_count(NodeClient& node, tx::Trust& trust, const KeyHash& issuer);

}  // namespace intaglio::cli
