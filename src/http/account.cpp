#include "http/account.h"

#include "base/format.h"
#include "http/submission.h"

namespace intaglio::http {
namespace {

using codec::Json;
using ledger::EntryRow;
using ledger::OperationRef;

constexpr std::uint64_t kDefaultEntries = 100;
constexpr std::uint64_t kMostEntries = 1000;

struct OpenAccount {
  Address address;
  ledger::AccountRow row;
  std::shared_ptr<const store::StateSnapshot> state;
};

// The same of an account that there must be.
Result<OpenAccount> read_open_account(ServedNode& served, const Request& request) {
  ASSIGN(auto account, read_account(served, request));
  if (!account.row) return refuse(Verdict::unknown_account, codec::to_text(account.address));
  return OpenAccount{account.address, *std::move(account.row), std::move(account.state)};
}

std::string digits(std::uint64_t amount) { return std::to_string(amount); }

Json balance_json(AssetId asset, const std::string& code, const ledger::BalanceRow& row) {
  const std::uint64_t credits = row.credits_posted.value();
  const std::uint64_t debits = row.debits_posted.value();
  const std::uint64_t held = row.debits_pending.value();
  return Json::object({{"asset", asset.value()},
                       {"code", code},
                       {"spendable", digits(credits - debits - held)},
                       {"held", digits(held)},
                       {"credits_posted", digits(credits)},
                       {"debits_posted", digits(debits)}});
}

Result<Response> show(ServedNode& served, const Request& request) {
  ASSIGN(const auto account, read_open_account(served, request));
  Json::Array balances;
  for (const auto& [id, asset] : ledger::assets_of(*account.state)) {
    const auto row = account.state->find<ledger::BalanceRow>({account.address.account, id});
    if (row) balances.push_back(balance_json(id, asset.code, *row));
  }
  return Response::json(Json::object({{"address", codec::to_text(account.address)},
                                      {"key", codec::to_hex(account.row.key)},
                                      {"balances", std::move(balances)},
                                      {"open_holds", account.row.open_holds},
                                      {"open_settlements", account.row.open_settlements},
                                      {"packets", account.row.packets}}));
}

// What is asked of a statement.
struct Page {
  AssetId asset;
  std::string code;  // of the asset
  std::size_t limit;
  std::optional<OperationRef> before;
};

// The asset asked for, which need not be said where there is only one.
Result<std::pair<AssetId, std::string>> find_asset(const ledger::View& state,
                                                   const Request& request) {
  if (request.query_value("asset") == nullptr) {
    const auto assets = ledger::assets_of(state);
    if (assets.size() != 1) return refuse(Verdict::missing_field, "asset");
    return std::pair(assets.front().first, assets.front().second.code);
  }
  ASSIGN(const auto number, request.query_number_or("asset", 0, UINT32_MAX));
  const AssetId id(static_cast<std::uint32_t>(number));
  const auto row = state.find<ledger::AssetRow>(id);
  if (!row) return refuse(Verdict::unknown_asset, std::to_string(number));
  return std::pair(id, row->code);
}

Result<Page> read_page(const ledger::View& state, const Request& request) {
  ASSIGN(const auto asset, find_asset(state, request));
  ASSIGN(const auto limit, request.query_number_or("limit", kDefaultEntries, kMostEntries));
  if (limit == 0) return refuse(Verdict::bad_value, "limit");
  Page out{asset.first, asset.second, static_cast<std::size_t>(limit), {}};
  if (const auto* before = request.query_value("before")) {
    const auto ref = ledger::operation_ref_from_text(*before);
    if (!ref) return refuse(Verdict::bad_value, "before");
    out.before = *ref;
  }
  return out;
}

// The entry before this one in the account's book.
const std::optional<OperationRef>& previous_of(const EntryRow& entry, const AccountId& account) {
  return ledger::is_credit(entry, account) ? entry.payee_previous : entry.payer_previous;
}

Json entry_json(const OperationRef& id, const EntryRow& entry, const Address& account) {
  const bool is_credit = ledger::is_credit(entry, account.account);
  const Address other{entry.other_chain.value_or(account.chain),
                      is_credit ? entry.payer : entry.payee};
  Json out = Json::object({{"id", ledger::to_text(id)},
                           {"kind", codec::enum_name(entry.kind)},
                           {"time", entry.time.value()},
                           {"amount", (is_credit ? "" : "-") + digits(entry.amount.value())}});
  // Issued money comes from nobody.
  if (entry.kind != ledger::EntryKind::issue) out.set("counterparty", codec::to_text(other));
  if (entry.of) out.set("of", ledger::to_text(*entry.of));
  if (entry.memo) out.set("memo", *entry.memo);
  out.set("refunded", digits(entry.refunded.value()));
  if (entry.verdict) {
    const auto why = verdict_from_number(*entry.verdict);
    CHECK(why.has_value());
    out.set("came_back", describe(*why).name);
  }
  return out;
}

// Where a page begins: behind the entry it is to come before.
Result<std::optional<OperationRef>> first_of(const OpenAccount& account, const Page& page,
                                             const std::optional<ledger::BalanceRow>& balance) {
  if (!page.before) return balance ? balance->last_entry : std::nullopt;
  const auto entry = account.state->find<EntryRow>(*page.before);
  const AccountId& id = account.address.account;
  if (!entry || entry->asset != page.asset || (entry->payer != id && entry->payee != id)) {
    return refuse(Verdict::unknown_payment, "before");
  }
  return previous_of(*entry, id);
}

Result<Response> show_statement(ServedNode& served, const Request& request) {
  ASSIGN(const auto account, read_open_account(served, request));
  ASSIGN(const auto page, read_page(*account.state, request));
  const auto balance =
      account.state->find<ledger::BalanceRow>({account.address.account, page.asset});
  ASSIGN(auto next, first_of(account, page, balance));
  Json::Array entries;
  std::optional<OperationRef> last;
  while (next && entries.size() < page.limit) {
    const auto entry = account.state->find<EntryRow>(*next);
    CHECK(entry.has_value());
    entries.push_back(entry_json(*next, *entry, account.address));
    last = next;
    next = previous_of(*entry, account.address.account);
  }
  const std::uint64_t posted =
      balance ? balance->credits_posted.value() - balance->debits_posted.value() : 0;
  Json out = Json::object({{"address", codec::to_text(account.address)},
                           {"asset", page.asset.value()},
                           {"code", page.code},
                           {"posted", digits(posted)},
                           {"entries", std::move(entries)}});
  if (next && last) out.set("next", ledger::to_text(*last));
  return Response::json(out);
}

// "17:3": before what stands there in its block.
Result<store::Place> place_from_text(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto height = codec::uint_from_digits(text.substr(0, colon));
  const auto index = codec::uint_from_digits(text.substr(std::min(colon + 1, text.size())));
  if (!height || !index || *index > UINT32_MAX) return refuse(Verdict::bad_value, "before");
  return store::Place{Height(*height), static_cast<std::uint32_t>(*index)};
}

std::string to_text(const store::Place& place) {
  return format("{}:{}", place.height.value(), place.index);
}

Result<Response> list_transactions(ServedNode& served, const Request& request) {
  ASSIGN(const auto account, read_account(served, request));
  ASSIGN(const auto limit, request.query_number_or("limit", kDefaultEntries, kMostEntries));
  if (limit == 0) return refuse(Verdict::bad_value, "limit");
  std::optional<store::Place> before;
  if (const auto* text = request.query_value("before")) {
    ASSIGN(before, place_from_text(*text));
  }
  ASSIGN(const auto* chain, find_chain(served, account.address.chain));
  // One more says whether there are any after these.
  auto receipts =
      chain->receipts_of(account.address.account, before, static_cast<std::size_t>(limit) + 1);
  const bool has_more = receipts.size() > limit;
  if (has_more) receipts.pop_back();
  Json::Array transactions;
  for (const tx::Receipt& each : receipts) {
    transactions.push_back(receipt_json(served.gateway(), each));
  }
  Json out = Json::object(
      {{"address", codec::to_text(account.address)}, {"transactions", std::move(transactions)}});
  if (has_more) {
    const tx::Receipt& last = receipts.back();
    out.set("next", to_text({last.height, last.index}));
  } else if (const Height kept = chain->store().kept_from(); kept != Height(1)) {
    out.set("kept_from", kept.value());
  }
  return Response::json(out);
}

}  // namespace

Result<ReadableAccount> read_account(ServedNode& served, const Request& request) {
  ASSIGN(const auto address, codec::address_from_text(request.parameter("address")));
  ASSIGN(const auto reader, served.signatures.signer(request));
  ASSIGN(const auto* chain, find_chain(served, address.chain));
  auto state = chain->store().snapshot();
  auto row = state->find<ledger::AccountRow>(address.account);
  // Strangers are not told whether there is such an account.
  const bool is_its_key =
      row ? row->key == reader : AccountId::prefix_of(reader) == address.account;
  if (!is_its_key && !served.signatures.is_operator(reader)) return refuse(Verdict::not_reader);
  return ReadableAccount{address, row, std::move(state)};
}

void add_account_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/accounts/{address}", "getAccount", show);
  add("GET", "/v1/accounts/{address}/statement", "getStatement", show_statement);
  add("GET", "/v1/accounts/{address}/transactions", "listTransactions", list_transactions);
}

}  // namespace intaglio::http
