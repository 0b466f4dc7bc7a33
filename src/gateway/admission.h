// What the gateway does to one transaction, without its threads: decode it, find the chain of its
// payer's address, judge all that needs no order. A function of the bytes, the chains' state and a
// time.
#pragma once

#include <span>
#include <vector>

#include "base/growing.h"
#include "chain/application.h"
#include "crypto/verifier_cache.h"

namespace intaglio::gateway {

// A transaction that may come into a block of each of these chains, those of its payer's addresses.
struct Admitted {
  tx::VerifiedTransaction transaction;
  const std::vector<ChainId>& chains() const { return transaction->body.chains; }
};

// Every function may be called from any thread.
class Admission {
 public:
  // chains[i] must be chain i; all must outlive it. It keeps about `cached_keys` parsed keys.
  Admission(const LedgerId& ledger, std::span<const chain::Application* const> chains,
            std::size_t cached_keys);

  // The chain with the next number, which must outlive it. One thread at a time.
  void add(const chain::Application& chain) { chains_.add(&chain); }

  // Form, ledger, route, validity by the clock `now`, and the signature under the key row of the
  // payer's chain. What is refused is not final.
  Result<Admitted> admit(ByteView transaction, Millis now) const;

  // admit(), and the outcome of a run on each chain that is thrown away: what would happen now.
  Result<void> dry_run(ByteView transaction, Millis now) const;

  const LedgerId& ledger() const { return ledger_; }

 private:
  const LedgerId ledger_;
  Growing<const chain::Application*> chains_;
  mutable crypto::VerifierCache keys_;
};

}  // namespace intaglio::gateway
