// pay, refund, hold, capture, release.
#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/payment_code.h"
#include "cli/sending.h"
#include "cli/settlement.h"
#include "cli/settlement_texts.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

Json money_json(std::string_view verb, const Address& to, const Money& money,
                const ledger::GenesisAsset& asset) {
  return Json::object({{"operation", verb},
                       {"payee", codec::to_text(to)},
                       {"amount", std::to_string(money.amount.value())},
                       {"asset", money.asset.value()},
                       {"code", asset.code},
                       {"scale", asset.scale}});
}

// A payment is made when the payee's chain has it. Waits for that a while, says what became of it,
// and gives back the verdict of one that came back.
Result<void> follow(NodeClient& node, const Payment& payment, Output& output, Json& result) {
  constexpr std::chrono::seconds kPatience{10};
  constexpr std::chrono::milliseconds kPause{20};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string state;
  while (true) {
    ASSIGN(const auto standing, node.payment(payment.operation()));
    ASSIGN(state, standing.text_at("state"));
    if (state == "came_back") {
      ASSIGN(const auto name, standing.text_at("verdict"));
      const auto why = verdict_from_name(name);
      return refuse(why.value_or(Verdict::internal), "the payment, which came back");
    }
    if (state == "paid" || std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(kPause);
  }
  result.set("state", state);
  if (state == "paid") {
    output.say("arrived on the payee's chain");
  } else {
    output.say("still on its way to the payee's chain: intaglio tx payment {}",
               ledger::to_text(payment.operation()));
  }
  return {};
}

// Tells of a transfer, and follows one that goes to another chain.
Result<void> tell_transfer(Sending& sending, const Payment& payment, const Payer& payer,
                           const Address& to, Json result, Output& output) {
  Result<void> arrived;
  if (to.chain != payer.address.chain && !sending.options().dry_run) {
    ASSIGN(auto* node, sending.node());
    arrived = follow(*node, payment, output, result);
  }
  if (arrived) sending.tell(payment, payer, "payment", std::move(result));
  return arrived;
}

// From which chain: --from, else the payee's.
Result<ChainId> chain_to_pay_from(const Arguments& arguments, const Address& payee) {
  ASSIGN(const auto chain, arguments.number_or("from", payee.chain.value(), UINT16_MAX));
  return ChainId(static_cast<std::uint16_t>(chain));
}

// The settlement has to end well, or it is no payment.
Result<void> tell_settlement(Sending& sending, const Payment& payment, const Payer& payer,
                             const ledger::Terms& terms, Json result, Output& output) {
  if (!sending.options().dry_run) {
    ASSIGN(auto* node, sending.node());
    ASSIGN(const auto standing, follow(*node, ledger::settlement_id(terms)));
    TRY(say_standing(output, sending.ledger(), standing));
    if (const auto why = standing.text_at("verdict")) {
      return refuse(verdict_from_name(*why).value_or(Verdict::internal),
                    "the settlement, which came back");
    }
    ASSIGN(const auto state, standing.text_at("state"));
    result.set("state", state == "delivered" ? "paid" : "on_its_way");
  }
  result.set("settlement", codec::to_hex(ledger::settlement_id(terms)));
  sending.tell(payment, payer, "payment", std::move(result));
  return {};
}

// With --from auto: from the payee's chain when that has enough, else from as few others as will
// do.
Result<void> pay_from_everywhere(const Arguments& arguments, Sending& sending,
                                 const tx::Transfer& transfer, const ledger::GenesisAsset& asset,
                                 Output& output) {
  const Payer payer = sending.payer(transfer.to.chain);
  const Money money{transfer.amount, transfer.asset};
  Json result = money_json("transfer", transfer.to, money, asset);
  ASSIGN(auto* node, sending.node());
  ASSIGN(const auto spendable,
         spendable_everywhere(*node, sending.ledger(), payer, transfer.asset));
  ASSIGN(const auto parts, draw({transfer.to.chain, transfer.amount, asset.smallest}, spendable));
  if (parts.size() == 1) {
    const ChainId from = parts.front().chain;
    output.say("from chain {}", from.value());
    ASSIGN(const auto payment, sending.send(from, transfer));
    return tell_transfer(sending, payment, sending.payer(from), transfer.to, std::move(result),
                         output);
  }
  Env& env = sending.session().env();
  const auto terms = draw_terms({.payer = payer.address.account,
                                 .payee = transfer.to,
                                 .asset = transfer.asset,
                                 .deadline = env.now() + sending.options().valid_for,
                                 .memo = transfer.memo},
                                parts, env);
  say_terms(output, sending.ledger(), terms);
  TRY(ask(arguments, output,
          format("Pay {} from {} of your chains?", money_text(money, asset), parts.size())));
  ASSIGN(const auto payment,
         pay_legs(*node, payer, terms, sending.options(), env, sending.on_signed()));
  return tell_settlement(sending, payment, payer, terms, std::move(result), output);
}

Result<void> pay_address(const Arguments& arguments, Output& output) {
  if (!arguments.has("TO") || !arguments.has("AMOUNT")) {
    return refuse(Verdict::bad_usage, "TO and AMOUNT, or --code PICTURE");
  }
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto to, address_from_name(sending.session().home(), arguments.text("TO")));
  ASSIGN(const auto asset, asset_argument(arguments, sending));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), asset.scale));
  tx::Transfer transfer{.to = to,
                        .asset = asset.id,
                        .amount = amount,
                        .memo = sending.options().memo,
                        .code = {},
                        .code_text = {}};
  const Money money{amount, asset.id};
  output.say("paying {} to {}", money_text(money, asset), codec::to_text(to));
  if (arguments.text_or("from", "") == "auto") {
    return pay_from_everywhere(arguments, sending, transfer, asset, output);
  }
  ASSIGN(const auto from, chain_to_pay_from(arguments, to));
  ASSIGN(const auto payment, sending.send(from, transfer));
  return tell_transfer(sending, payment, sending.payer(from), to,
                       money_json("transfer", to, money, asset), output);
}

Result<void> pay_scanned(const Arguments& arguments, Output& output) {
  if (arguments.has("TO")) return refuse(Verdict::bad_usage, "TO or --code, not both");
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(auto* node, sending.node());
  Session& session = sending.session();
  ASSIGN(const auto text, code_text(arguments.text("code"), session.env()));
  ASSIGN(const auto scanned, scan_code(session.home(), node, sending.ledger(), text));
  std::optional<Amount> amount = scanned.amount;
  if (arguments.has("amount")) {
    ASSIGN(amount, amount_from_text(arguments.text("amount"), scanned.asset.scale));
  }
  if (!amount) return refuse(Verdict::bad_usage, "--amount: the code states none");
  const Money money{*amount, scanned.asset.id};
  ASSIGN(const auto chain, chain_to_pay_from(arguments, scanned.payee));
  const Payer payer = sending.payer(chain);
  if (!arguments.has("dry-run")) {
    ASSIGN(const auto claim, claim_code(*node, payer, scanned, session.env()));
    output.say("claimed the code in block {} of chain {}", claim.height.value(),
               claim.chain.value());
  }
  output.say("{} in {}", scanned.code.merchant, scanned.code.city);
  output.say("  payee    {}", codec::to_text(scanned.payee));
  output.say("  amount   {}", money_text(money, scanned.asset));
  if (scanned.age) output.say("  certificate known from {} ago", age_text(*scanned.age));
  TRY(ask(arguments, output,
          format("Pay {} to {}?", money_text(money, scanned.asset), scanned.code.merchant)));
  ASSIGN(const auto payment, pay_code(*node, payer, scanned, amount, sending.options(),
                                      session.env(), sending.on_signed()));
  Json result = money_json("transfer", scanned.payee, money, scanned.asset);
  result.set("merchant", scanned.code.merchant);
  return tell_transfer(sending, payment, payer, scanned.payee, std::move(result), output);
}

Result<void> pay(const Arguments& arguments, Output& output) {
  return arguments.has("code") ? pay_scanned(arguments, output) : pay_address(arguments, output);
}

Result<void> hold(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto to, address_from_name(sending.session().home(), arguments.text("TO")));
  ASSIGN(const auto asset, asset_argument(arguments, sending));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), asset.scale));
  ASSIGN(const auto length, arguments.number_or("for", 0, UINT32_MAX));
  const Millis expires = sending.session().env().now() + seconds(length);
  const Money money{amount, asset.id};
  output.say("holding {} for {} until {}", money_text(money, asset), codec::to_text(to),
             time_text(expires));
  ASSIGN(const auto payment, sending.send(to.chain, tx::Hold{to, asset.id, amount, expires}));
  Json result = money_json("hold", to, money, asset);
  result.set("expires", expires.value());
  sending.tell(payment, sending.payer(to.chain), "hold", std::move(result));
  return {};
}

// The payment or hold named on the command line, and its money's asset.
struct Found {
  Earlier earlier;
  ledger::GenesisAsset asset;
};
Result<Found> find_named(Sending& sending, const std::string& text) {
  const auto ref = ledger::operation_ref_from_text(text);
  if (!ref) return refuse(Verdict::bad_usage, "an id is 64 hex digits, and :N behind them");
  ASSIGN(auto* node, sending.node());
  ASSIGN(auto earlier, find_operation(*node, *ref));
  if (!earlier.money) return refuse(Verdict::unknown_payment, text);
  ASSIGN(const auto asset, sending.asset(earlier.money->asset));
  return Found{std::move(earlier), asset};
}

Result<void> refund(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto found, find_named(sending, arguments.text("PAYMENT")));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), found.asset.scale));
  const ChainId chain = found.earlier.chain;
  const Money money{amount, found.asset.id};
  output.say("refunding {} of {}", money_text(money, found.asset),
             money_text(*found.earlier.money, found.asset));
  ASSIGN(const auto payment, sending.send(chain, tx::Refund{found.earlier.ref, amount}));
  Json result = Json::object({{"operation", "refund"},
                              {"of", ledger::to_text(found.earlier.ref)},
                              {"amount", std::to_string(amount.value())},
                              {"asset", found.asset.id.value()},
                              {"code", found.asset.code},
                              {"scale", found.asset.scale}});
  sending.tell(payment, sending.payer(chain), "payment", std::move(result));
  return {};
}

Result<void> capture(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto found, find_named(sending, arguments.text("HOLD")));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), found.asset.scale));
  const ChainId chain = found.earlier.chain;
  const bool last = arguments.has("last");
  output.say("capturing {} of {} held", money_text({amount, found.asset.id}, found.asset),
             money_text(*found.earlier.money, found.asset));
  ASSIGN(const auto payment, sending.send(chain, tx::Capture{found.earlier.ref, amount, last}));
  Json result = Json::object({{"operation", "capture"},
                              {"of", ledger::to_text(found.earlier.ref)},
                              {"amount", std::to_string(amount.value())},
                              {"last", last},
                              {"asset", found.asset.id.value()},
                              {"code", found.asset.code},
                              {"scale", found.asset.scale}});
  sending.tell(payment, sending.payer(chain), "payment", std::move(result));
  return {};
}

Result<void> release(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto found, find_named(sending, arguments.text("HOLD")));
  const ChainId chain = found.earlier.chain;
  output.say("releasing what is left of {} held", money_text(*found.earlier.money, found.asset));
  ASSIGN(const auto payment, sending.send(chain, tx::Release{found.earlier.ref}));
  sending.tell(
      payment, sending.payer(chain), "release",
      Json::object({{"operation", "release"}, {"of", ledger::to_text(found.earlier.ref)}}));
  return {};
}

constexpr std::string_view kSampleId =
    "4f1c0e6b7a90d2358cbe41f6a7d30925e8b16c4f90a2d7735e1c08b94d6f2a13:0";

Command pay_command() {
  return {
      "pay",
      "pay an address or name, or a payment code",
      "Amounts are decimals, at most as many as the asset has. With --code the code is checked "
      "and claimed first; then payee and amount are shown and asked about. Waits for the final "
      "receipt, and until the payee's chain has it; exit code 4 means the outcome is not known "
      "yet: intaglio tx show ID. With --from auto a payment that is short on the payee's chain "
      "draws on your other chains, all or nothing; what is taken from where is shown and asked "
      "about first.",
      with_sending(
          {{OptionKind::positional, "TO", "TO", "an address, a key's name, or NAME@CHAIN"},
           {OptionKind::positional, "AMOUNT", "AMOUNT", "e.g. 12.50"},
           {OptionKind::positional, "ASSET", "ASSET", "e.g. EUR; default: the ledger's first"},
           {OptionKind::value, "code", "PICTURE|TEXT", "pay this payment code instead"},
           {OptionKind::value, "amount", "AMOUNT", "for a code that states none"},
           {OptionKind::flag, "yes", "", "do not ask"},
           {OptionKind::value, "memo", "TEXT", "for people, at most 140 bytes"},
           {OptionKind::value, "from", "N|auto",
            "pay from this chain, default: the payee's; auto: from several when one is short"}}),
      {"intaglio pay bob 12.50", "intaglio pay bob@2 3 EUR --memo coffee --key alice",
       "intaglio pay shop 80 --from auto", "intaglio pay --code code.png",
       "intaglio pay --code code.png --amount 5 --yes --json"},
      pay};
}

}  // namespace

std::vector<Command> payment_commands() {
  const Option to{OptionKind::positional, "TO", "TO", "an address, a name, or NAME@CHAIN", true};
  const Option amount{OptionKind::positional, "AMOUNT", "AMOUNT", "e.g. 12.50", true};
  const Option asset{OptionKind::positional, "ASSET", "ASSET", "default: the ledger's first"};
  const Option held{OptionKind::positional, "HOLD", "HOLD", "the hold's id", true};
  const Option length{OptionKind::value, "for", "SECONDS", "when it expires", true};
  const std::string id(kSampleId);
  return {
      pay_command(),
      {"refund",
       "give a payment back, whole or in part",
       "Sent by who was paid. All refunds of a payment together never exceed it.",
       with_sending(
           {{OptionKind::positional, "PAYMENT", "PAYMENT", "the payment's id", true}, amount}),
       {"intaglio refund " + id + " 2.50"},
       refund},
      {"hold",
       "set money aside for a payee (authorise)",
       "",
       with_sending({to, amount, asset, length}),
       {"intaglio hold shop 50 --for 3600"},
       hold},
      {"capture",
       "take held money, whole or in part",
       "Sent by the payee. The hold stays open unless this was the rest of it, or --last.",
       with_sending({held, amount, {OptionKind::flag, "last", "", "give the rest back"}}),
       {"intaglio capture " + id + " 20 --last"},
       capture},
      {"release",
       "give held money back (void)",
       "Sent by the payee at any time, by the payer once the hold has expired.",
       with_sending({held}),
       {"intaglio release " + id},
       release},
  };
}

}  // namespace intaglio::cli
