// Accounts: what they hold and what moved. Inside this module alone.
#pragma once

#include "http/served_node.h"

namespace intaglio::http {

// What there is of an account as of one block, for somebody who may read it.
struct ReadableAccount {
  Address address;
  std::optional<ledger::AccountRow> row;  // nothing: there is no such account
  std::shared_ptr<const store::StateSnapshot> state;
};

// Of the address in the path. Read by the key that signs for it and by the operator: `not_reader`.
Result<ReadableAccount> read_account(ServedNode& served, const Request& request);

// GET /v1/accounts/{address}, and its /statement and /transactions.
void add_account_routes(Router& router, const Served& served);

}  // namespace intaglio::http
