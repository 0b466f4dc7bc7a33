// What a node of a chain does with the bytes of a transaction before all else, whoever brings them:
// it believes no gateway.
#pragma once

#include "chain/application.h"
#include "crypto/verifier_cache.h"

namespace intaglio::chain {

// How far clocks of one ledger may be apart: a block's time from the clock of who signs for it, and
// a transaction's end from that of who lets it in.
inline constexpr Duration kMaxSkew = seconds(5);

// That this chain has a row of the key that signed it, so that all its nodes can verify for
// themselves: `unknown_key`. Who verified it may know the key from another chain. Any thread.
Result<void> check_signer(const Application& application, const tx::SignedTransaction& transaction);

// Every function may be called from any thread.
class Door {
 public:
  // The application must outlive it. It keeps about `cached_keys` parsed keys.
  Door(const Application& application, std::size_t cached_keys)
      : application_(application), keys_(cached_keys) {}

  // That its payer signed it: its form, and the signature under the key row of this chain. Whether
  // it comes to anything is the executor's to say.
  Result<tx::VerifiedTransaction> verify(ByteView transaction) const;

  // That it may come into a block now: ledger, chain, the operations' own check(), validity by the
  // clock `now`. What is refused is not final.
  Result<void> check(const tx::Transaction& body, Millis now) const;

  // Both.
  Result<tx::VerifiedTransaction> admit(ByteView transaction, Millis now) const;

  // What it knows of the chain's keys: the chain has taken the place of another state.
  void forget() const { keys_.forget(); }

 private:
  using Unverified = proof::Unverified<tx::Transaction>;
  Result<Unverified> parse(ByteView transaction) const;
  Result<tx::VerifiedTransaction> verify(Unverified transaction) const;

  const Application& application_;
  mutable crypto::VerifierCache keys_;
};

}  // namespace intaglio::chain
