// What a transactor is: a plain struct, the fields of one kind of operation, with two functions.
// check() needs no state. apply() states its refusals first and writes last, so that a refused
// operation has written nothing. No base class and no registry: the list is in tx/operation.h.
#pragma once

#include "base/result.h"
#include "codec/record.h"
#include "ledger/rows.h"
#include "ledger/stage.h"

namespace intaglio::tx {

// The block an operation runs in. Its time is the only time there is.
struct Block {
  LedgerId ledger;
  ChainId chain;
  Height height;
  Millis time;
  ledger::ParamsRow params;
};

// Whose operation it is: the account and the certified key that signed, already checked against
// each other and against the block's time, and the operation's own id.
struct Origin {
  AccountId account;
  KeyHash key;
  ledger::Role role;
  ledger::OperationRef self;
  Millis valid_until;  // the transaction's
};

template <typename T>
concept Transactor = codec::Record<T> && requires(const T& op, ledger::Stage& stage,
                                                  const Block& block, const Origin& origin) {
  { T::kType } -> std::convertible_to<std::uint64_t>;     // on the wire; append-only
  { T::kName } -> std::convertible_to<std::string_view>;  // in JSON, scenarios, docs
  { T::kDoc } -> std::convertible_to<std::string_view>;   // one sentence
  { op.check() } -> std::same_as<Result<void>>;
  { op.apply(stage, block, origin) } -> std::same_as<Result<void>>;
};

}  // namespace intaglio::tx
