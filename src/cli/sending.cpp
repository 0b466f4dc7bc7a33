#include "cli/sending.h"

#include "cli/texts.h"

namespace intaglio::cli {

using codec::Json;

std::string money_text(const Money& money, const ledger::GenesisAsset& asset) {
  return amount_text(money.amount, asset.scale) + ' ' + asset.code;
}

Result<Sending> Sending::open(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto ledger, session.ledger());
  ASSIGN(auto key, session.own_key(arguments));
  Sending out(std::move(session), std::move(ledger), std::move(key), output);
  out.options_.dry_run = arguments.has("dry-run");
  if (arguments.has("memo")) out.options_.memo = arguments.text("memo");
  if (arguments.has("idempotency-key")) {
    out.options_.idempotency_key = arguments.text("idempotency-key");
  }
  return out;
}

Result<Payment> Sending::send(ChainId chain, tx::Operation operation) {
  ASSIGN(auto* client, node());
  return send_operations(*client, payer(chain), {std::move(operation)}, options(), session_.env(),
                         on_signed());
}

void Sending::tell(const Payment& payment, const Payer& payer, std::string_view id_name,
                   Json result) {
  const auto& receipt = payment.receipt;
  const std::string ref = ledger::to_text(payment.operation());
  result.set("transaction", codec::to_hex(payment.sent.id));
  result.set("payer", codec::to_text(payer.address));
  if (options_.dry_run) {
    output_->line("would be accepted now; nothing was sent");
    result.set("final", false);
  } else {
    output_->say("accepted in block {} of chain {} at {}", receipt.height.value(),
                 receipt.chain.value(), time_text(receipt.time));
    output_->say("  {:<8} {}", id_name, ref);
    result.set(std::string(id_name), ref);
    result.set("final", true);
    result.set("receipt", codec::record_to_json(receipt));
  }
  output_->result(result);
}

Result<ledger::GenesisAsset> asset_argument(const Arguments& arguments, Sending& sending) {
  if (!arguments.has("ASSET")) return sending.ledger().default_asset();
  return sending.asset(arguments.text("ASSET"));
}

Result<void> ask(const Arguments& arguments, const Output& output, std::string_view question) {
  if (arguments.has("yes") || arguments.has("dry-run")) return {};
  if (output.json()) return refuse(Verdict::bad_usage, "--json asks nothing: add --yes");
  if (!confirm(question))
    return refuse(Verdict::bad_usage, "not confirmed, nothing was paid (--yes asks nothing)");
  return {};
}

std::vector<Option> with_sending(std::vector<Option> options) {
  for (auto& option : sending_options()) options.push_back(std::move(option));
  return options;
}

}  // namespace intaglio::cli
