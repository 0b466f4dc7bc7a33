// tx: any transaction, as JSON.
#include <unistd.h>

#include "cli/commands.h"
#include "cli/payment.h"
#include "cli/session.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMaxInput = 256 * 1024;

Result<Bytes> read_standard_input() {
  Bytes out;
  std::uint8_t buffer[4096];
  while (true) {
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0) return refuse(Verdict::file_failed, "standard input");
    if (n == 0) return out;
    append(out, ByteView(buffer, static_cast<std::size_t>(n)));
    if (out.size() > kMaxInput) return refuse(Verdict::too_large, "standard input");
  }
}

Result<void> tx_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& text = arguments.text("ID");
  const auto ref = ledger::operation_ref_from_text(text);
  if (!ref) return refuse(Verdict::bad_usage, "an id is 64 hex digits");
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto recorded, node->transaction(ref->tx));
  const auto& receipt = recorded.receipt;
  const auto verdict = verdict_from_number(receipt.verdict);
  output.say("transaction {}", codec::to_hex(receipt.tx));
  output.say("  verdict  {}{}", verdict ? describe(*verdict).name : "unknown",
             receipt.where && !receipt.where->empty() ? " at " + *receipt.where : "");
  output.say("  block    {} of chain {}, place {}, at {}", receipt.height.value(),
             receipt.chain.value(), receipt.index, time_text(receipt.time));
  output.say("  signed   by {}", signatures_text(recorded.json.uint_at("cosigned").value_or(0),
                                                 recorded.json.uint_at("consensus").value_or(0)));
  output.say("  payer    {}", codec::to_text(recorded.body.payer()));
  for (std::size_t i = 0; i < recorded.body.operations.size(); ++i) {
    output.say("  [{}] {}", i,
               codec::FieldType<tx::Operation>::to_json(recorded.body.operations[i]).dump());
  }
  output.result(recorded.json);
  return {};
}

// A list of operations, or an object with one.
Result<std::vector<tx::Operation>> operations_from(std::string_view text) {
  ASSIGN(const auto json, codec::parse_json(text, {.bytes = kMaxInput}));
  const Json* list = json.find("operations");
  const Json one_alone = Json::array({json});
  if (list == nullptr) list = json.items() != nullptr ? &json : &one_alone;
  auto operations = codec::FieldType<std::vector<tx::Operation>>::from_json(*list);
  if (!operations) return refuse_within("operations", operations.error());
  return operations;
}

Result<std::string> input_text(const std::string& what, Env& env) {
  if (what.starts_with('{') || what.starts_with('[')) return what;
  ASSIGN(const auto bytes, what == "-" ? read_standard_input() : env.read_file(what, kMaxInput));
  return std::string(as_text(bytes));
}

Result<void> tx_send(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto text, input_text(arguments.text("FILE"), session.env()));
  ASSIGN(auto operations, operations_from(text));
  ASSIGN(const auto chain, arguments.number_or("chain", kHomeChain.value(), UINT16_MAX));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(const auto key, session.own_key(arguments));
  const Payer payer =
      payer_on(ChainId(static_cast<std::uint16_t>(chain)), ledger.ledger, element::signer_of(*key));
  PaymentOptions options{.idempotency_key = {}, .home = &session.home()};
  options.dry_run = arguments.has("dry-run");
  if (arguments.has("idempotency-key")) options.idempotency_key = arguments.text("idempotency-key");
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto sent,
         send_operations(*node, payer, std::move(operations), options, session.env(),
                         [&](const TxId& id) { output.about("transaction", codec::to_hex(id)); }));
  const std::string id = codec::to_hex(sent.sent.id);
  if (options.dry_run) {
    output.line("would be accepted now; nothing was sent");
    output.result(Json::object({{"transaction", id}, {"final", false}}));
    return {};
  }
  output.say("transaction {}", id);
  output.say("accepted in block {} of chain {} at {}", sent.receipt.height.value(),
             sent.receipt.chain.value(), time_text(sent.receipt.time));
  output.result(Json::object(
      {{"transaction", id}, {"final", true}, {"receipt", codec::record_to_json(sent.receipt)}}));
  return {};
}

Result<void> tx_payment(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const auto ref = ledger::operation_ref_from_text(arguments.text("PAYMENT"));
  if (!ref) return refuse(Verdict::bad_value, "PAYMENT");
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto standing, node->payment(*ref));
  ASSIGN(const auto state, standing.text_at("state"));
  const auto chain = [&](std::string_view member) { return standing.uint_at(member).value_or(0); };
  if (state == "paid") {
    output.say("paid on chain {}, from chain {}", chain("to_chain"), chain("from_chain"));
  } else if (state == "came_back") {
    output.say("came back from chain {} to chain {}: {}", chain("to_chain"), chain("from_chain"),
               standing.text_at("verdict").value_or(""));
  } else {
    output.say("on its way from chain {} to chain {}", chain("from_chain"), chain("to_chain"));
  }
  output.result(standing);
  return {};
}

}  // namespace

std::vector<Command> transaction_commands() {
  std::vector<Option> send_options = {
      {OptionKind::positional, "FILE", "FILE|JSON|-",
       "one operation or a list, in a file, on the command line, or on standard input", true},
      {OptionKind::value, "chain", "N", "the chain it speaks to; default: 1"}};
  for (auto& option : sending_options()) send_options.push_back(std::move(option));
  return {
      {"tx show",
       "show a transaction and its final receipt",
       "",
       {{OptionKind::positional, "ID", "ID", "64 hex digits", true}},
       {"intaglio tx show 4f1c0e6b7a90d2358cbe41f6a7d30925e8b16c4f90a2d7735e1c08b94d6f2a13"},
       tx_show},
      {"tx payment",
       "where a payment stands: paid, on its way to another chain, or come back",
       "",
       {{OptionKind::positional, "PAYMENT", "PAYMENT", "the payment's id", true}},
       {"intaglio tx payment 4f1c0e6b7a90d2358cbe41f6a7d30925e8b16c4f90a2d7735e1c08b94d6f2a13:0"},
       tx_payment},
      {"tx send",
       "sign and send any operations, linked: all happen or none",
       "Their members are listed in docs/reference/transactions.md; amounts are in minor units. "
       "What no other command does, this one can.",
       std::move(send_options),
       {"intaglio tx send refund.json --key shop",
        "echo '[{\"type\":\"release\",\"hold\":\"4f1c...:0\"}]' | intaglio tx send - --chain 2"},
       tx_send},
  };
}

}  // namespace intaglio::cli
