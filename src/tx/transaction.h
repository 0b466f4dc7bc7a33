// A transaction: one signed statement, its own proof of its right, with one or more linked
// operations of which all happen or none.
#pragma once

#include "proof/statement.h"
#include "tx/operation.h"

namespace intaglio::tx {

// The payload of a COSE_Sign1 with the purpose "transaction" (proof/statement.h).
struct Transaction {
  LedgerId ledger;
  std::vector<ChainId> chains;  // the chains it speaks to, each once
  AccountId account;            // the payer, on those chains
  ClientId client;              // chosen by the client, unique for the account
  Millis valid_until;           // block time
  std::vector<Operation> operations;

  static constexpr std::string_view kPurpose = "transaction";
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "ledger", &Transaction::ledger, "the ledger it is signed for"),
        codec::field(2, "chains", &Transaction::chains, "the chains it speaks to"),
        codec::field(3, "account", &Transaction::account, "the payer's account"),
        codec::field(4, "client", &Transaction::client, "the client's id for it"),
        codec::field(5, "valid_until", &Transaction::valid_until, "last block time, in ms"),
        codec::field(6, "operations", &Transaction::operations, "linked: all happen or none"));
  }
  static Result<Transaction> decode(ByteView payload) {
    return codec::decode_record<Transaction>(payload, {.bytes = kMaxBytes});
  }
  Bytes encode() const { return codec::encode_record(*this); }

  // Room for a group of packets, and for the votes of a hundred validators where these prove it.
  static constexpr std::size_t kMaxBytes = 56 * 1024;
  static constexpr std::size_t kMaxChains = 16;

  // What can be judged without any state: shape, counts and each operation's own check().
  Result<void> check() const;

  // The address that pays, by which it is routed; of several, each is on one of the chains.
  Address payer() const { return {chains.front(), account}; }
};

using SignedTransaction = proof::Signed<Transaction>;
using VerifiedTransaction = Verified<SignedTransaction>;

// The final result of a transaction in a block.
struct Receipt {
  TxId tx;
  ChainId chain;
  Height height;
  std::uint32_t index = 0;  // its place in the block
  Millis time;
  std::uint16_t verdict = 0;
  std::optional<std::string> where;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "tx", &Receipt::tx, "the transaction's id"),
                      codec::field(2, "chain", &Receipt::chain, "the chain that decided"),
                      codec::field(3, "height", &Receipt::height, "the block it is in"),
                      codec::field(4, "index", &Receipt::index, "its place in the block"),
                      codec::field(5, "time", &Receipt::time, "block time"),
                      codec::field(6, "verdict", &Receipt::verdict, "number in the table"),
                      codec::field(7, "where", &Receipt::where, "what the verdict is about"));
  }
  bool accepted() const { return verdict == 0; }
};

}  // namespace intaglio::tx
