// settlement: several legs, all or none.
#include <algorithm>

#include "cli/commands.h"
#include "cli/sending.h"
#include "cli/settlement.h"
#include "cli/settlement_texts.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;
using ledger::Terms;

constexpr std::size_t kMaxTermsFile = 64 * 1024;

// "alice@2:12.50:EUR": who, how much, and of what unless the ledger has a first choice.
struct Part {
  Address address;
  Money money;
};
Result<Part> part_from_text(Session& session, LedgerInfo& ledger, const std::string& text) {
  const std::size_t first = text.find(':');
  if (first == std::string::npos) return refuse(Verdict::bad_usage, text + " (WHO:AMOUNT[:ASSET])");
  const std::size_t second = text.find(':', first + 1);
  ASSIGN(const auto address, address_from_name(session.home(), text.substr(0, first)));
  ledger::GenesisAsset asset = ledger.default_asset();
  if (second != std::string::npos) {
    ASSIGN(asset, session.asset(ledger, text.substr(second + 1)));
  }
  ASSIGN(const auto amount,
         amount_from_text(text.substr(first + 1, second - first - 1), asset.scale));
  return Part{address, {amount, asset.id}};
}

Result<Terms> terms_from_arguments(const Arguments& arguments, Session& session,
                                   LedgerInfo& ledger) {
  Terms terms{.chain = {},
              .deadline = {},
              .legs = {},
              .deliveries = {},
              .nonce = session.env().random_id<ledger::SettlementNonce>(),
              .memo = {}};
  for (const auto& text : arguments.list("leg")) {
    ASSIGN(const auto part, part_from_text(session, ledger, text));
    terms.legs.push_back({part.address, part.money.asset, part.money.amount});
  }
  for (const auto& text : arguments.list("deliver")) {
    ASSIGN(const auto part, part_from_text(session, ledger, text));
    terms.deliveries.push_back({part.address, part.money.asset, part.money.amount});
  }
  if (terms.deliveries.empty()) return refuse(Verdict::bad_usage, "--deliver");
  const std::uint16_t usual = terms.deliveries.front().to.chain.value();
  ASSIGN(const auto chain, arguments.number_or("on", usual, UINT16_MAX));
  terms.chain = ChainId(static_cast<std::uint16_t>(chain));
  ASSIGN(const auto length, arguments.number_or("within", 600, UINT32_MAX));
  terms.deadline = session.env().now() + seconds(length);
  if (arguments.has("memo")) terms.memo = arguments.text("memo");
  return in_order(std::move(terms));
}

Result<Terms> terms_from_file(const std::string& path, Env& env) {
  ASSIGN(const auto bytes, env.read_file(path, kMaxTermsFile));
  const auto json = codec::parse_json(as_text(bytes), {.bytes = kMaxTermsFile});
  if (!json) return refuse_within(path, json.error());
  auto terms = codec::record_from_json<Terms>(*json);
  if (!terms) return refuse_within(path, terms.error());
  const auto checked = ledger::check_terms(*terms);
  if (!checked) return refuse_within(path, checked.error());
  return terms;
}

Result<void> propose(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto ledger, session.ledger());
  ASSIGN(const auto terms, terms_from_arguments(arguments, session, ledger));
  TRY(ledger::check_terms(terms));
  const std::string& path = arguments.text("FILE");
  const Json json = codec::record_to_json(terms);
  TRY(session.env().write_file(path, as_bytes(json.pretty() + '\n'), 0644));
  say_terms(output, ledger, terms);
  output.say("written to {}: every payer signs it, intaglio settlement sign {}", path, path);
  output.result(Json::object({{"settlement", codec::to_hex(ledger::settlement_id(terms))},
                              {"file", path},
                              {"terms", json}}));
  return {};
}

Result<void> sign(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto terms, terms_from_file(arguments.text("FILE"), sending.session().env()));
  say_terms(output, sending.ledger(), terms);
  const Payer payer = sending.payer(terms.chain);
  const bool has_leg = std::ranges::any_of(terms.legs, [&](const ledger::Leg& leg) {
    return leg.payer.account == payer.address.account;
  });
  if (!has_leg) return refuse(Verdict::no_leg, "this key");
  TRY(ask(arguments, output, "Pay your legs of it?"));
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto paid, pay_legs(*node, payer, terms, sending.options(), sending.session().env(),
                                   sending.on_signed()));
  Json result = Json::object({{"operation", "settle"}});
  if (!sending.options().dry_run) {
    ASSIGN(const auto standing, node->settlement(ledger::settlement_id(terms)));
    TRY(say_standing(output, sending.ledger(), standing));
    result.set("standing", standing);
  }
  sending.tell(paid, payer, "payment", std::move(result));
  return {};
}

Result<void> cancel_named(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto terms, terms_from_file(arguments.text("FILE"), sending.session().env()));
  const Payer payer = sending.payer(terms.chain);
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto cancelled, cancel(*node, payer, terms, sending.options(),
                                      sending.session().env(), sending.on_signed()));
  sending.tell(cancelled, payer, "cancelled", Json::object({{"operation", "cancel_settlement"}}));
  return {};
}

Result<void> show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto ledger, session.ledger());
  const std::string& text = arguments.text("SETTLEMENT");
  auto id = codec::id_from_hex<SettlementId>(text);
  if (!id) {
    ASSIGN(const auto terms, terms_from_file(text, session.env()));
    id = ledger::settlement_id(terms);
  }
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto standing, node->settlement(*id));
  TRY(say_standing(output, ledger, standing));
  output.result(standing);
  return {};
}

}  // namespace

std::vector<Command> settlement_commands() {
  const Option file{OptionKind::positional, "FILE", "FILE", "its terms, as proposed", true};
  return {
      {"settlement propose",
       "write the terms of a settlement for its payers to sign",
       "Who pays in, who is paid out: of each asset the same. It all meets on one chain, and "
       "either "
       "everything is delivered or what came goes back, at the deadline at the latest.",
       {{OptionKind::positional, "FILE", "FILE", "where the terms are written", true},
        {OptionKind::list, "leg", "WHO:AMOUNT[:ASSET]", "who pays in, once for each leg", true},
        {OptionKind::list, "deliver", "WHO:AMOUNT[:ASSET]", "who is paid out, once for each", true},
        {OptionKind::value, "on", "CHAIN", "where it meets; default: the first delivery's chain"},
        {OptionKind::value, "within", "SECONDS", "until when; default: 600"},
        {OptionKind::value, "memo", "TEXT", "for people, at most 140 bytes"}},
       {"intaglio settlement propose deal.json --leg alice:700 --leg bob@2:40:XAU \\\n"
        "    --deliver bob:700 --deliver alice@2:40:XAU"},
       propose},
      {"settlement sign",
       "pay your legs of a settlement",
       "Shows the terms and asks. One signature pays all legs of your key, on whichever chains "
       "they "
       "are. Nothing is delivered before all payers have.",
       with_sending({file, {OptionKind::flag, "yes", "", "do not ask"}}),
       {"intaglio settlement sign deal.json --key alice"},
       sign},
      {"settlement show",
       "show where a settlement stands",
       "",
       {{OptionKind::positional, "SETTLEMENT", "FILE|ID", "its terms or its id", true}},
       {"intaglio settlement show deal.json"},
       show},
      {"settlement cancel",
       "end a settlement that is not delivered yet",
       "Any of its payers may. What came goes back.",
       with_sending({file}),
       {"intaglio settlement cancel deal.json --key bob"},
       cancel_named},
  };
}

}  // namespace intaglio::cli
