#include "chain/door.h"

#include <algorithm>

namespace intaglio::chain {

Result<void> check_signer(const Application& application,
                          const tx::SignedTransaction& transaction) {
  if (application.store().find<ledger::KeyRow>(transaction.signer)) return {};
  return refuse(Verdict::unknown_key, codec::to_hex(transaction.signer));
}

Result<Door::Unverified> Door::parse(ByteView transaction) const {
  return proof::parse_statement<tx::Transaction>(transaction, application_.ledger(),
                                                 tx::Transaction::kMaxBytes);
}

Result<tx::VerifiedTransaction> Door::verify(Unverified transaction) const {
  auto key = keys_.find(transaction.signer());
  if (!key) {
    const auto row = application_.store().find<ledger::KeyRow>(transaction.signer());
    if (!row) return refuse(Verdict::unknown_key, codec::to_hex(transaction.signer()));
    key = keys_.insert(row->public_key);
  }
  return proof::verify_statement(std::move(transaction), *key);
}

Result<tx::VerifiedTransaction> Door::verify(ByteView transaction) const {
  ASSIGN(auto parsed, parse(transaction));
  return verify(std::move(parsed));
}

Result<void> Door::check(const tx::Transaction& body, Millis now) const {
  if (body.ledger != application_.ledger()) return refuse(Verdict::wrong_ledger, "ledger");
  TRY(body.check());
  if (std::ranges::find(body.chains, application_.chain()) == body.chains.end()) {
    return refuse(Verdict::wrong_chain, "chains");
  }
  // A clock a little fast must not refuse what block time would still take.
  if (body.valid_until + kMaxSkew < now) return refuse(Verdict::expired, "valid_until");
  return {};
}

Result<tx::VerifiedTransaction> Door::admit(ByteView transaction, Millis now) const {
  ASSIGN(auto parsed, parse(transaction));
  TRY(check(parsed.body(), now));
  return verify(std::move(parsed));
}

}  // namespace intaglio::chain
