// account: balances and statements.
#include <algorithm>

#include "cli/commands.h"
#include "cli/sending.h"
#include "cli/statement.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

struct Asked {
  Session session;
  LedgerInfo ledger;
  std::unique_ptr<element::SecureElement> reader;
  Address address;
};

// The account named, or the signer's own; NAME alone is also whose key reads it.
Result<Asked> what_is_asked(const Arguments& arguments) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto ledger, session.ledger());
  std::string reader_name;
  if (!arguments.has("key") && arguments.has("ACCOUNT")) {
    const std::string name =
        arguments.text("ACCOUNT").substr(0, arguments.text("ACCOUNT").find('@'));
    if (session.home().key(name)) reader_name = name;
  }
  if (reader_name.empty()) {
    ASSIGN(reader_name, session.key_name(arguments));
  }
  ASSIGN(auto reader, session.key(reader_name));
  Address address{kHomeChain, AccountId::prefix_of(reader->public_key().hash())};
  if (arguments.has("ACCOUNT")) {
    ASSIGN(address, address_from_name(session.home(), arguments.text("ACCOUNT")));
  }
  return Asked{std::move(session), std::move(ledger), std::move(reader), address};
}

Result<void> account_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto asked, what_is_asked(arguments));
  ASSIGN(auto* node, asked.session.node());
  ASSIGN(const auto account, node->account(asked.address, element::signer_of(*asked.reader)));
  output.say("account {} on chain {}", codec::to_text(account.address),
             account.address.chain.value());
  Json balances = Json::array();
  for (const auto& balance : account.balances) {
    ASSIGN(const auto asset, asked.session.asset(asked.ledger, balance.asset));
    output.say("  {:>16} {} to spend{}", amount_text(balance.spendable, asset.scale), asset.code,
               balance.held == Amount()
                   ? ""
                   : format(", {} held", amount_text(balance.held, asset.scale)));
    balances.push(Json::object({{"asset", asset.id.value()},
                                {"code", asset.code},
                                {"scale", asset.scale},
                                {"spendable", std::to_string(balance.spendable.value())},
                                {"held", std::to_string(balance.held.value())},
                                {"credits_posted", std::to_string(balance.credits_posted.value())},
                                {"debits_posted", std::to_string(balance.debits_posted.value())}}));
  }
  if (account.balances.empty()) output.line("  nothing came in or went out yet");
  if (account.open_holds > 0) output.say("  {} open holds", account.open_holds);
  output.result(Json::object({{"address", codec::to_text(account.address)},
                              {"key", codec::to_hex(account.key)},
                              {"balances", std::move(balances)},
                              {"open_holds", account.open_holds}}));
  return {};
}

void say_statement(Output& output, const Statement& statement) {
  const auto money = [&](SignedAmount amount) {
    return signed_amount_text(amount, statement.asset.scale);
  };
  output.say("statement of {} in {}", codec::to_text(statement.address), statement.asset.code);
  output.say("  {:>16}  opening", money(statement.opening));
  for (const auto& entry : statement.entries) {
    output.say("  {:>16}  {}  {:<8}  {}{}", money(entry.amount), time_text(entry.time), entry.kind,
               entry.id, entry.memo ? "  " + *entry.memo : "");
  }
  output.say("  {:>16}  closing", money(statement.closing));
}

Result<void> account_statement(const Arguments& arguments, Output& output) {
  ASSIGN(auto asked, what_is_asked(arguments));
  ledger::GenesisAsset asset = asked.ledger.default_asset();
  if (arguments.has("asset")) {
    ASSIGN(asset, asked.session.asset(asked.ledger, arguments.text("asset")));
  }
  std::optional<std::uint64_t> limit;
  if (arguments.has("limit")) {
    ASSIGN(limit, arguments.number_or("limit", 0, 1'000'000));
  }
  ASSIGN(auto* node, asked.session.node());
  ASSIGN(const auto statement,
         fetch_statement(*node, asked.address, asset, limit, element::signer_of(*asked.reader)));
  if (arguments.has("csv")) {
    if (output.json()) return refuse(Verdict::bad_usage, "--csv or --json");
    output.raw(to_csv(statement));
    return {};
  }
  say_statement(output, statement);
  output.result(to_json(statement));
  return {};
}

Result<void> account_extend(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto address,
         address_from_name(sending.session().home(), arguments.text("ACCOUNT")));
  std::vector<ChainId> chains;
  for (const auto& text : arguments.list("chain")) {
    const auto number = codec::uint_from_digits(text);
    if (!number || *number > UINT16_MAX) return refuse(Verdict::bad_usage, "chain: " + text);
    chains.emplace_back(static_cast<std::uint16_t>(*number));
  }
  std::ranges::sort(chains);
  // The key that signs for it now; the authority's key is the operator's, who may read accounts.
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto reader, sending.session().own_key(arguments));
  ASSIGN(const auto account, node->account(address, element::signer_of(*reader)));
  ASSIGN(const auto sent,
         sending.send(kMainChain, tx::ExtendKey{account.key, address.account, chains}));
  sending.tell(
      sent, sending.payer(kMainChain), "decision",
      Json::object({{"operation", "extend_key"}, {"account", codec::to_hex(address.account)}}));
  return {};
}

void say_transaction(Output& output, const tx::Receipt& receipt) {
  const auto verdict = verdict_from_number(receipt.verdict);
  output.say("  {}  {}  block {}  {}{}", time_text(receipt.time), codec::to_hex(receipt.tx),
             receipt.height.value(), verdict ? describe(*verdict).name : "unknown",
             receipt.where && !receipt.where->empty() ? " at " + *receipt.where : "");
}

Result<void> account_transactions(const Arguments& arguments, Output& output) {
  constexpr unsigned kPage = 500;
  ASSIGN(const auto limit, arguments.number_or("limit", 100, 1'000'000));
  ASSIGN(auto asked, what_is_asked(arguments));
  ASSIGN(auto* node, asked.session.node());
  const auto reader = element::signer_of(*asked.reader);
  output.say("transactions of {} on chain {}, newest first", codec::to_text(asked.address),
             asked.address.chain.value());
  Json all = Json::array();
  std::optional<std::string> before;
  for (std::uint64_t left = limit; left > 0;) {
    const auto size = static_cast<unsigned>(std::min<std::uint64_t>(left, kPage));
    ASSIGN(auto page, node->transactions(asked.address, size, before, reader));
    for (const auto& each : page.receipts) say_transaction(output, each);
    for (Json& each : page.json) all.push(std::move(each));
    left -= std::min<std::uint64_t>(left, page.receipts.size());
    if (!page.next) break;
    if (page.next == before) return refuse(Verdict::bad_value, "next");
    before = page.next;
  }
  output.result(
      Json::object({{"address", codec::to_text(asked.address)}, {"transactions", std::move(all)}}));
  return {};
}

}  // namespace

std::vector<Command> account_commands() {
  const Option account{OptionKind::positional, "ACCOUNT", "ACCOUNT",
                       "an address, a name, or NAME@CHAIN; default: the key's own"};
  return {
      {"account show",
       "show an account's balances",
       "An account is read by its own key, or by the operator.",
       {account, key_option()},
       {"intaglio account show", "intaglio account show alice@2 --json"},
       account_show},
      {"account statement",
       "list what came in and went out, and check that it adds up",
       "Oldest first. The CSV's amounts add up to zero: the opening balance, every entry, and the "
       "closing balance taken away. Refused when the node's books do not add up.",
       {account,
        {OptionKind::value, "asset", "CODE", "e.g. EUR; default: the ledger's first"},
        {OptionKind::value, "limit", "N", "only the newest N entries"},
        {OptionKind::flag, "csv", "", "as CSV (RFC 4180), for spreadsheets"},
        key_option()},
       {"intaglio account statement alice", "intaglio account statement alice --csv > alice.csv"},
       account_statement},
      {"account extend",
       "make an account known on more chains (operator)",
       "By the authority's key. A chain that was added knows nobody; who is certified after that "
       "is "
       "known there as everywhere.",
       with_sending({{OptionKind::positional, "ACCOUNT", "ACCOUNT",
                      "an address, a name, or NAME@CHAIN", true},
                     {OptionKind::list, "chain", "N", "on this chain; may be repeated", true}}),
       {"intaglio account extend alice --chain 3 --key soft:data/keys/authority.key"},
       account_extend},
      {"account transactions",
       "list what the chain decided of an account's own transactions",
       "Newest first, accepted and refused ones. What others paid is in the statement.",
       {account,
        {OptionKind::value, "limit", "N", "only the newest N; default: 100"},
        key_option()},
       {"intaglio account transactions alice", "intaglio account transactions alice@2 --json"},
       account_transactions},
  };
}

}  // namespace intaglio::cli
