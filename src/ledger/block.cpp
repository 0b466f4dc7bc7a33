#include "ledger/block.h"

#include "crypto/sha256.h"

namespace intaglio::ledger {

Digest next_state_hash(const Digest& previous, const ChangeSet& changes) {
  codec::CborWriter out;
  out.array(2);
  out.bytes(previous.view());
  out.array(changes.size());
  for (const auto& [slot, change] : changes) {
    out.array(2);
    out.bytes(as_bytes(slot.bytes()));
    if (change.after) {
      out.bytes(*change.after);
    } else {
      out.null();
    }
  }
  return crypto::sha256(out.view());
}

}  // namespace intaglio::ledger
