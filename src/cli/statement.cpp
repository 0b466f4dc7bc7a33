#include "cli/statement.h"

#include <algorithm>

#include "base/format.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kPage = 500;

SignedAmount negated(SignedAmount amount) {
  return {amount.amount, !amount.debit && amount.amount != Amount()};
}

Result<SignedAmount> sum(SignedAmount a, SignedAmount b) {
  const auto total = add(a, b);
  if (!total) return refuse(Verdict::amount_overflow, "statement");
  return *total;
}

Result<SignedAmount> sum_of(const std::vector<StatementEntry>& entries) {
  SignedAmount total;
  for (const auto& entry : entries) {
    ASSIGN(total, sum(total, entry.amount));
  }
  return total;
}

// RFC 4180 section 2, rules 5 to 7.
std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// Other people's words in a file that people open with a spreadsheet.
std::string csv_words(std::string_view text) {
  const bool like_a_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return csv_field(like_a_formula ? "'" + std::string(text) : std::string(text));
}

struct CsvLine {
  std::string kind, time, id, counterparty, of, memo;
  SignedAmount amount;
};

std::string csv_text(const CsvLine& line, const ledger::GenesisAsset& asset) {
  return format("{},{},{},{},{},{},{},{}\r\n", line.time, csv_field(line.kind), csv_field(line.id),
                csv_field(line.counterparty), csv_field(line.of), csv_words(line.memo),
                signed_amount_text(line.amount, asset.scale), csv_field(asset.code));
}

}  // namespace

Result<void> reconcile(const Statement& statement) {
  ASSIGN(const auto entries, sum_of(statement.entries));
  ASSIGN(const auto reached, sum(statement.opening, entries));
  ASSIGN(const auto rest, sum(reached, negated(statement.closing)));
  if (rest == SignedAmount{}) return {};
  return refuse(Verdict::internal, "the statement is off by " +
                                       signed_amount_text(rest, statement.asset.scale) + ' ' +
                                       statement.asset.code);
}

std::string to_csv(const Statement& statement) {
  std::string out = "time,kind,id,counterparty,of,memo,amount,asset\r\n";
  const auto add_line = [&](const CsvLine& line) { out += csv_text(line, statement.asset); };
  add_line({.kind = "opening", .amount = statement.opening});
  for (const auto& entry : statement.entries) {
    add_line({.kind = entry.kind,
              .time = time_text(entry.time),
              .id = entry.id,
              .counterparty = entry.counterparty.value_or(""),
              .of = entry.of.value_or(""),
              .memo = entry.memo.value_or(""),
              .amount = entry.amount});
  }
  add_line({.kind = "closing", .amount = negated(statement.closing)});
  return out;
}

Json to_json(const Statement& statement) {
  Json entries = Json::array();
  for (const auto& entry : statement.entries) {
    Json each = Json::object({{"id", entry.id},
                              {"kind", entry.kind},
                              {"time", entry.time.value()},
                              {"amount", minor_units_text(entry.amount)}});
    if (entry.counterparty) each.set("counterparty", *entry.counterparty);
    if (entry.of) each.set("of", *entry.of);
    if (entry.memo) each.set("memo", *entry.memo);
    each.set("refunded", std::to_string(entry.refunded.value()));
    entries.push(std::move(each));
  }
  return Json::object({{"address", codec::to_text(statement.address)},
                       {"asset", statement.asset.id.value()},
                       {"code", statement.asset.code},
                       {"scale", statement.asset.scale},
                       {"opening", minor_units_text(statement.opening)},
                       {"closing", minor_units_text(statement.closing)},
                       {"entries", std::move(entries)}});
}

Result<Statement> fetch_statement(NodeClient& node, const Address& address,
                                  const ledger::GenesisAsset& asset,
                                  std::optional<std::uint64_t> limit,
                                  const crypto::Signer& reader) {
  Statement out{address, asset, {}, {}, {}};
  std::optional<std::string> before;
  bool is_first = true;
  bool is_whole = false;
  while (!is_whole && (!limit || out.entries.size() < *limit)) {
    const std::uint64_t left = limit ? *limit - out.entries.size() : kPage;
    const auto size = static_cast<unsigned>(std::min<std::uint64_t>(left, kPage));
    ASSIGN(auto page, node.statement(address, asset.id, size, before, reader));
    if (is_first) out.closing = {page.posted, false};
    is_first = false;
    std::ranges::move(page.entries, std::back_inserter(out.entries));
    is_whole = !page.next;
    if (page.next == before && !is_whole) return refuse(Verdict::bad_value, "next");
    before = page.next;
  }
  std::ranges::reverse(out.entries);
  if (!is_whole) {
    // Only the newest were asked for: what was there before follows from what is there now.
    ASSIGN(const auto entries, sum_of(out.entries));
    ASSIGN(out.opening, sum(out.closing, negated(entries)));
  }
  TRY(reconcile(out));
  return out;
}

}  // namespace intaglio::cli
