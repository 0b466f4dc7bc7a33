#include "http/payment.h"

#include "crypto/sha256.h"
#include "gateway/joint.h"
#include "http/submission.h"

namespace intaglio::http {
namespace {

using codec::Json;

constexpr std::uint64_t kDefaultWait = 10'000;  // ms
constexpr std::uint64_t kLongestWait = 30'000;
constexpr std::size_t kMaxBody = kMaxTransactions * tx::Transaction::kMaxBytes;

struct SubmitOptions {
  bool dry_run = false;
  Duration wait;
};

Result<SubmitOptions> read_options(const Request& request) {
  SubmitOptions out;
  const std::string* dry_run = request.query_value("dry_run");
  if (dry_run != nullptr && *dry_run != "true" && *dry_run != "false") {
    return refuse(Verdict::bad_value, "dry_run");
  }
  out.dry_run = dry_run != nullptr && *dry_run == "true";
  ASSIGN(const auto wait, request.query_number_or("wait", kDefaultWait, kLongestWait));
  out.wait = Duration(wait);
  return out;
}

// The key as the client chose it: RFC 8941 puts texts between quotes.
std::string_view unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// A client that made its client id from the key says the same thing twice; any other would think
// its request safe to repeat when it is not.
Result<void> check_idempotency_key(const Request& request, const TransactionBody& body,
                                   const LedgerId& ledger) {
  const auto key = request.fields.find("Idempotency-Key");
  if (!key) return {};
  const auto refused = refuse(Verdict::bad_value, "Idempotency-Key");
  if (body.transactions.size() != 1) return refused;
  ASSIGN(const auto parsed,
         proof::parse_statement<tx::Transaction>(body.transactions.front(), ledger));
  const auto expected = ClientId::prefix_of(crypto::sha256(as_bytes(unquoted(*key))));
  if (parsed.body().client != expected) return refused;
  return {};
}

Response dry_run(const ServedNode& served, ByteView transaction) {
  const auto& gateway = served.gateway();
  const auto allowed = gateway.dry_run(transaction);
  if (!allowed) return Response::problem(allowed.error(), Json::object({{"final", false}}));
  const auto parsed = proof::parse_statement<tx::Transaction>(transaction, gateway.ledger());
  CHECK(parsed.has_value());
  return Response::json(Json::object({{"verdict", describe(Verdict::accepted).name},
                                      {"final", false},
                                      {"transaction", codec::to_hex(parsed->id())}}));
}

Result<void> submit(const ServedNode& served, SubmissionDeadlines& deadlines, Request request,
                    const Reply& reply) {
  ASSIGN(const auto options, read_options(request));
  const std::string media_type = request.media_type();
  ASSIGN(auto body, read_transactions(media_type, std::move(request.body)));
  const LedgerId& ledger = served.gateway().ledger();
  TRY(check_idempotency_key(request, body, ledger));
  if (options.dry_run) {
    if (body.transactions.size() != 1) return refuse(Verdict::bad_value, "dry_run");
    reply.send(dry_run(served, body.transactions.front()));
    return {};
  }
  const auto form =
      accepts(request, kCborMediaType) ? Submission::Form::cbor : Submission::Form::json;
  const auto submission =
      std::make_shared<Submission>(std::move(body), form, served.gateway(), served.metrics, reply);
  submission->send();
  if (options.wait == Duration(0)) {
    submission->answer_now();
  } else {
    deadlines.add(submission, options.wait);
  }
  return {};
}

Result<Response> show(ServedNode& served, const Request& request) {
  ASSIGN(const auto id, id_parameter<TxId>(request, "id"));
  const auto& gateway = served.gateway();
  const auto receipts = gateway.find(id);
  if (receipts.empty()) return std::unexpected(no_transaction(gateway, id));
  const tx::Receipt& receipt = gateway::joint_receipt(receipts);
  const auto* chain = gateway.chain(receipt.chain);
  const auto bytes = chain->transaction(receipt);
  if (!bytes) return std::unexpected(chain->no_block(receipt.height));
  const auto parsed = proof::parse_statement<tx::Transaction>(*bytes, gateway.ledger());
  CHECK(parsed.has_value());
  Json out = receipt_json(gateway, receipt);
  Json::Array all;
  for (const auto& each : receipts) all.push_back(receipt_json(gateway, each));
  out.set("receipts", std::move(all));
  out.set("signer", codec::to_hex(parsed->signer()));
  out.set("transaction", codec::record_to_json(parsed->body()));
  out.set("bytes", codec::to_hex(*bytes));
  return Response::json(out);
}

Json standing_json(const ledger::OperationRef& payment, ChainId from, ChainId to,
                   std::string_view state) {
  return Json::object({{"payment", ledger::to_text(payment)},
                       {"from_chain", from.value()},
                       {"to_chain", to.value()},
                       {"state", state}});
}

// The chain that a payment was made on; nothing when no chain knows it. Entries outlive receipts.
std::optional<ChainId> paid_from(const gateway::Gateway& gateway,
                                 const ledger::OperationRef& payment) {
  const auto receipts = gateway.find(payment.tx);
  if (!receipts.empty()) return receipts.front().chain;
  for (std::uint16_t i = 0; i < gateway.chain_count(); ++i) {
    const auto entry = gateway.chain(ChainId(i))->store().find<ledger::EntryRow>(payment);
    if (entry && entry->kind != ledger::EntryKind::received) return ChainId(i);
  }
  return std::nullopt;
}

// Where a payment stands. The payer's chain is read after the payee's: what came back meanwhile has
// left the payee's.
Result<Response> show_payment(ServedNode& served, const Request& request) {
  const auto payment = ledger::operation_ref_from_text(request.parameter("payment"));
  if (!payment) return refuse(Verdict::bad_value, "payment");
  const auto& gateway = served.gateway();
  const auto made_on = paid_from(gateway, *payment);
  const auto find_on = [&](ChainId chain) {
    return gateway.chain(chain)->store().find<ledger::EntryRow>(*payment);
  };
  auto entry = made_on ? find_on(*made_on) : std::nullopt;
  if (!entry) return refuse(Verdict::unknown_payment, ledger::to_text(*payment));
  const ChainId from = *made_on;
  if (entry->kind != ledger::EntryKind::sent || entry->of) {
    return Response::json(standing_json(*payment, from, from, "paid"));
  }
  const ChainId to = *entry->other_chain;
  if (gateway.chain(to) != nullptr && find_on(to)) {
    return Response::json(standing_json(*payment, from, to, "paid"));
  }
  entry = find_on(from);
  if (!entry->verdict) return Response::json(standing_json(*payment, from, to, "on_its_way"));
  Json out = standing_json(*payment, from, to, "came_back");
  const auto why = verdict_from_number(*entry->verdict);
  CHECK(why.has_value());
  out.set("verdict", describe(*why).name);
  return Response::json(out);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool accepts(const Request& request, std::string_view media_type) {
  const auto field = request.fields.find("Accept");
  std::string_view rest = field ? std::string_view(*field) : std::string_view();
  while (!rest.empty()) {
    const auto range = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), range.size() + 1));
    if (same_name(trimmed(range.substr(0, range.find(';'))), media_type)) return true;
  }
  return false;
}

void add_payment_routes(Router& router, const Served& served) {
  const auto deadlines = std::make_shared<SubmissionDeadlines>();
  router.add({.method = "POST",
              .pattern = "/v1/transactions",
              .operation = "submitTransactions",
              .endpoint =
                  [served, deadlines](Request request, const Reply& reply) {
                    const auto taken = submit(*served, *deadlines, std::move(request), reply);
                    if (!taken) reply.send(refused(taken.error()));
                  },
              .runs = Runs::at_once,
              .body_bytes = kMaxBody});
  const WorkerRoutes add{router, served};
  add("GET", "/v1/transactions/{id}", "getTransaction", show);
  add("GET", "/v1/payments/{payment}", "getPayment", show_payment);
}

}  // namespace intaglio::http
