#include "gateway/admission.h"

#include "chain/door.h"

namespace intaglio::gateway {

Admission::Admission(const LedgerId& ledger, std::span<const chain::Application* const> chains,
                     std::size_t cached_keys)
    : ledger_(ledger), keys_(cached_keys) {
  for (const auto* each : chains) chains_.add(each);
}

Result<Admitted> Admission::admit(ByteView transaction, Millis now) const {
  ASSIGN(auto parsed,
         proof::parse_statement<tx::Transaction>(transaction, ledger_, tx::Transaction::kMaxBytes));
  const tx::Transaction& body = parsed.body();
  if (body.ledger != ledger_) return refuse(Verdict::wrong_ledger, "ledger");
  TRY(body.check());
  for (const ChainId chain : body.chains) {
    if (chain.value() >= chains_.size()) return refuse(Verdict::unknown_chain, "chains");
  }
  // A clock a little fast must not refuse what block time would still take.
  if (body.valid_until + chain::kMaxSkew < now) return refuse(Verdict::expired, "valid_until");
  auto key = keys_.find(parsed.signer());
  if (!key) {
    const ChainId chain = body.payer().chain;
    const auto row = chains_[chain.value()]->store().find<ledger::KeyRow>(parsed.signer());
    if (!row) return refuse(Verdict::unknown_key, codec::to_hex(parsed.signer()));
    key = keys_.insert(row->public_key);
  }
  ASSIGN(auto verified, proof::verify_statement(std::move(parsed), *key));
  return Admitted{std::move(verified)};
}

Result<void> Admission::dry_run(ByteView transaction, Millis now) const {
  ASSIGN(const auto admitted, admit(transaction, now));
  for (const ChainId chain : admitted.chains()) {
    const chain::Application& application = *chains_[chain.value()];
    const store::Tip tip = application.tip();
    const tx::BlockTime at{chain, tip.height.next(), std::max(Millis(tip.time.value() + 1), now)};
    const auto state = application.store().snapshot();
    TRY(tx::dry_run(*state, ledger_, at, *admitted.transaction));
  }
  return {};
}

}  // namespace intaglio::gateway
