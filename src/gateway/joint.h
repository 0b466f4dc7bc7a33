// One answer to a transaction that speaks to several chains.
#pragma once

#include <span>
#include <vector>

#include "chain/mempool.h"

namespace intaglio::gateway {

// Which of the chains' answers is the transaction's: the first receipt that refuses it, else the
// first answer that is none, else the first receipt. At least one.
Result<tx::Receipt> joint_answer(std::span<const Result<tx::Receipt>> answers);

// The same of receipts that are there.
const tx::Receipt& joint_receipt(std::span<const tx::Receipt> receipts);

// As many callbacks as there are chains. `done` is called once, with the joint answer, by the last
// of them, whichever threads they are called from.
std::vector<chain::Done> joint(std::size_t chains, chain::Done done);

}  // namespace intaglio::gateway
