#include "http/submission.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "codec/utf8.h"
#include "service/sender.h"

namespace intaglio::http {
namespace {

using codec::Json;

Verdict verdict_of(const Result<tx::Receipt>& result) {
  if (!result) return result.error().verdict;
  const auto verdict = verdict_from_number(result->verdict);
  CHECK(verdict.has_value());
  return *verdict;
}

// What is refused, and what the problem says beside the verdict.
struct Refused {
  Refusal refusal;
  Json members;
};

std::optional<Refused> refused_in(const gateway::Gateway& gateway,
                                  const Result<tx::Receipt>& result) {
  if (result) {
    const auto fine = service::refusal_of(*result);
    if (fine) return std::nullopt;
    return Refused{fine.error(), receipt_json(gateway, *result)};
  }
  Refused out{result.error(), Json::object({{"final", false}})};
  const bool is_pending = out.refusal.verdict == Verdict::pending;
  if (is_pending && !out.refusal.where.empty()) out.members.set("transaction", out.refusal.where);
  return out;
}

}  // namespace

Json receipt_json(const gateway::Gateway& gateway, const tx::Receipt& receipt) {
  Json out = codec::record_to_json(receipt);
  out.set("verdict", describe(verdict_of(receipt)).name);
  out.set("final", true);
  const auto* chain = gateway.chain(receipt.chain);
  CHECK(chain != nullptr);
  const auto header = chain->stored_header(receipt.height);
  out.set("cosigned", header.proof.cosignatures.size());
  out.set("consensus", header.consensus);
  return out;
}

Refusal no_transaction(const gateway::Gateway& gateway, const TxId& id) {
  for (std::uint16_t i = 0; i < gateway.chain_count(); ++i) {
    if (gateway.chain(ChainId(i))->is_forgotten(id)) {
      return {Verdict::block_pruned, codec::to_hex(id)};
    }
  }
  return {Verdict::unknown_transaction, codec::to_hex(id)};
}

Json result_json(const gateway::Gateway& gateway, const Result<tx::Receipt>& result) {
  const auto refused = refused_in(gateway, result);
  if (refused) return problem_document(refused->refusal, refused->members);
  return receipt_json(gateway, *result);
}

Response result_response(const gateway::Gateway& gateway, const Result<tx::Receipt>& result) {
  const auto refused = refused_in(gateway, result);
  if (!refused) return Response::json(receipt_json(gateway, *result));
  Response out = Response::problem(refused->refusal, refused->members);
  if (const auto id = refused->members.text_at("transaction")) {
    out.fields.add("Location", "/v1/transactions/" + *id);
  }
  return out;
}

Bytes encode_results(std::span<const Result<tx::Receipt>> results) {
  codec::CborWriter out;
  out.array(results.size());
  for (const auto& result : results) {
    if (result) {
      codec::write_record(out, *result);
    } else {
      const std::string& where = result.error().where;
      out.array(2);
      out.uint(static_cast<std::uint64_t>(result.error().verdict));
      out.text(codec::utf8_error(where) ? std::string_view() : where);
    }
  }
  return out.take();
}

Submission::Submission(TransactionBody body, Form form, gateway::Gateway& gateway, Metrics& metrics,
                       Reply reply)
    : body_(std::move(body)),
      form_(form),
      gateway_(gateway),
      metrics_(metrics),
      reply_(std::move(reply)),
      results_(body_.transactions.size(), refuse(Verdict::pending)),
      left_(body_.transactions.size()) {}

void Submission::send() {
  for (std::size_t i = 0; i < body_.transactions.size(); ++i) {
    gateway_.submit(to_bytes(body_.transactions[i]),
                    [self = shared_from_this(), i](Result<tx::Receipt> result) {
                      self->take(i, std::move(result));
                    });
  }
}

void Submission::take(std::size_t index, Result<tx::Receipt> result) {
  std::vector<Result<tx::Receipt>> all;
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    results_[index] = std::move(result);
    if (--left_ > 0) return;
    answered_ = true;
    all = std::move(results_);
  }
  answer(all);
}

void Submission::answer_now() {
  std::vector<Result<tx::Receipt>> all;
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    answered_ = true;
    all = std::move(results_);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_pending = !all[i] && all[i].error().verdict == Verdict::pending;
    if (is_pending) all[i] = refuse(Verdict::pending, id_of(i));
  }
  answer(all);
}

void Submission::answer(const std::vector<Result<tx::Receipt>>& results) {
  count(results);
  Response response;
  if (form_ == Form::cbor) {
    response.fields.add("Content-Type", kCborMediaType);
    response.body = encode_results(results);
  } else if (body_.is_sequence) {
    Json::Array items;
    for (const auto& each : results) items.push_back(result_json(gateway_, each));
    response = Response::json(Json::object({{"results", std::move(items)}}));
  } else {
    response = result_response(gateway_, results.front());
  }
  reply_.send(std::move(response));
}

void Submission::count(const std::vector<Result<tx::Receipt>>& results) {
  std::map<Verdict, double> by_verdict;
  for (const auto& each : results) by_verdict[verdict_of(each)] += 1;
  for (const auto& [verdict, number] : by_verdict) {
    metrics_
        .counter({.name = "intaglio_transactions_total",
                  .help = "Transactions that came over HTTP, by the verdict they were answered",
                  .labels = {{"verdict", std::string(describe(verdict).name)}}})
        .add(number);
  }
}

// Empty while it is not known whether these bytes are a transaction at all.
std::string Submission::id_of(std::size_t index) const {
  const auto parsed =
      proof::parse_statement<tx::Transaction>(body_.transactions[index], gateway_.ledger());
  return parsed ? codec::to_hex(parsed->id()) : std::string();
}

SubmissionDeadlines::SubmissionDeadlines() : thread_([this] { run(); }) {}

SubmissionDeadlines::~SubmissionDeadlines() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void SubmissionDeadlines::add(const std::shared_ptr<Submission>& submission, Duration wait) {
  const auto at = Clock::now() + std::chrono::milliseconds(wait.value());
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    if (heap_.size() >= drop_at_) drop_answered();
    is_first = heap_.empty() || at < heap_.front().at;
    heap_.push_back({at, submission});
    std::ranges::push_heap(heap_, later);
  }
  if (is_first) wake_.notify_all();
}

// Most are answered long before their time: what is left of them goes when the heap has doubled.
void SubmissionDeadlines::drop_answered() {
  std::erase_if(heap_, [](const Entry& entry) { return entry.submission.expired(); });
  std::ranges::make_heap(heap_, later);
  drop_at_ = std::max<std::size_t>(1024, 2 * heap_.size());
}

void SubmissionDeadlines::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (heap_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto at = heap_.front().at;
    if (Clock::now() < at) {
      wake_.wait_until(lock, at);
      continue;
    }
    std::ranges::pop_heap(heap_, later);
    const auto due = heap_.back().submission.lock();
    heap_.pop_back();
    if (!due) continue;
    lock.unlock();
    due->answer_now();
    lock.lock();
  }
}

}  // namespace intaglio::http
