// How a service acts on the ledger: with transactions signed by its own key, like everybody else.
#pragma once

#include <functional>

#include "crypto/signer.h"
#include "gateway/gateway.h"

namespace intaglio::service {

// Any thread. The gateway and the Env must outlive it.
class Sender {
 public:
  Sender(gateway::Gateway& gateway, crypto::Signer signer, Env& env)
      : gateway_(gateway), signer_(std::move(signer)), env_(env) {}

  // The operations as one signed transaction for `chain`.
  Result<Bytes> sign(ChainId chain, std::vector<tx::Operation> operations) const;

  // Signs them and hands the transaction in; `done` gets the final receipt, as Gateway::submit
  // says.
  void send(ChainId chain, std::vector<tx::Operation> operations, gateway::Gateway::Done done);

  // The same, waiting for it: a receipt that is not `accepted` comes back as its refusal. Not from
  // a gateway's or sequencer's thread.
  Result<tx::Receipt> send_and_wait(ChainId chain, std::vector<tx::Operation> operations);

  // Waits until all chains have taken over what the main chain decided, as `arrived` sees it in
  // each state; at most a few seconds, since packets arrive in the end whether or not somebody
  // waits. Not from a gateway's or sequencer's thread.
  void wait_for_chains(const std::function<bool(const ledger::View&)>& arrived);

  const crypto::Signer& signer() const { return signer_; }
  gateway::Gateway& gateway() { return gateway_; }

 private:
  gateway::Gateway& gateway_;
  crypto::Signer signer_;
  Env& env_;
};

// The refusal that a receipt holds, or nothing to refuse.
Result<void> refusal_of(const tx::Receipt& receipt);

}  // namespace intaglio::service
