// An account's statement: all entries of one asset with the balance they lead to, checked against
// each other, and as CSV. One thread.
#pragma once

#include "cli/node_client.h"

namespace intaglio::cli {

// Posted money: what is held counts until it is captured.
struct Statement {
  Address address;
  ledger::GenesisAsset asset;
  SignedAmount opening;                 // before the first entry
  std::vector<StatementEntry> entries;  // oldest first
  SignedAmount closing;                 // credits less debits, as the account has them
};

// opening + entries - closing = 0. `internal` says by how much it is not: the node's books and its
// statement differ.
Result<void> reconcile(const Statement& statement);

// RFC 4180, CRLF, with a header line. The amounts are decimals by the asset's scale and add up to
// zero: a first line with the opening balance, one line an entry, and a last line that takes the
// closing balance away again. A memo that a spreadsheet would take for a formula gets an apostrophe
// in front.
std::string to_csv(const Statement& statement);
codec::Json to_json(const Statement& statement);

// Fetches and reconciles. The newest `limit` entries; nothing: all, from an opening balance of
// zero. What comes in between two pages is not in it.
Result<Statement> fetch_statement(NodeClient& node, const Address& address,
                                  const ledger::GenesisAsset& asset,
                                  std::optional<std::uint64_t> limit, const crypto::Signer& reader);

}  // namespace intaglio::cli
