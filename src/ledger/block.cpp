#include "ledger/block.h"

#include "crypto/sha256.h"

namespace intaglio::ledger {

BlockHash BlockHeader::hash(const LedgerId& ledger) const {
  codec::CborWriter out;
  out.array(3);
  out.text(kPurpose);
  out.bytes(ledger.view());
  out.bytes(encode());
  return *BlockHash::from(crypto::sha256(out.view()).view());
}

}  // namespace intaglio::ledger
