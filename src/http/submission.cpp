#include "http/submission.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "codec/utf8.h"
#include "service/sender.h"

namespace intaglio::http {
namespace {

using codec::Json;

// The verdict of a transaction, as metrics count it.
Verdict verdict_of(const std::optional<Result<tx::Receipt>>& outcome) {
  if (!outcome) return Verdict::pending;
  if (!*outcome) return outcome->error().verdict;
  const auto verdict = verdict_from_number((*outcome)->verdict);
  CHECK(verdict.has_value());
  return *verdict;
}

Refusal refusal_in(const tx::Receipt& receipt) {
  const auto refused = service::refusal_of(receipt);
  CHECK(!refused);
  return refused.error();
}

Json not_final() { return Json::object({{"final", false}}); }

Json pending_members(const std::string& id) {
  Json out = Json::object();
  if (!id.empty()) out.set("transaction", id);
  out.set("final", false);
  return out;
}

void write_refusal(codec::CborWriter& out, Verdict verdict, std::string_view where) {
  out.array(2);
  out.uint(static_cast<std::uint64_t>(verdict));
  out.text(codec::utf8_error(where) ? std::string_view() : where);
}

}  // namespace

Json receipt_json(const tx::Receipt& receipt) {
  const auto verdict = verdict_from_number(receipt.verdict);
  CHECK(verdict.has_value());
  Json out = codec::record_to_json(receipt);
  out.set("verdict", describe(*verdict).name);
  out.set("final", true);
  return out;
}

Response receipt_response(const tx::Receipt& receipt) {
  const Json members = receipt_json(receipt);
  if (receipt.accepted()) return Response::json(members);
  return Response::problem(refusal_in(receipt), members);
}

Submission::Submission(TransactionBody body, Form form, const LedgerId& ledger, Metrics& metrics,
                       Reply reply)
    : body_(std::move(body)),
      form_(form),
      ledger_(ledger),
      metrics_(metrics),
      reply_(std::move(reply)),
      outcomes_(body_.transactions.size()),
      left_(body_.transactions.size()) {}

void Submission::send(gateway::Gateway& gateway) {
  for (std::size_t i = 0; i < body_.transactions.size(); ++i) {
    gateway.submit(to_bytes(body_.transactions[i]),
                   [self = shared_from_this(), i](Result<tx::Receipt> outcome) {
                     self->take(i, std::move(outcome));
                   });
  }
}

void Submission::take(std::size_t index, Result<tx::Receipt> outcome) {
  Outcomes all;
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    outcomes_[index] = std::move(outcome);
    if (--left_ > 0) return;
    answered_ = true;
    all = std::move(outcomes_);
  }
  answer(all);
}

void Submission::answer_now() {
  Outcomes all;
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    answered_ = true;
    all = std::move(outcomes_);
  }
  answer(all);
}

void Submission::answer(const Outcomes& outcomes) {
  count(outcomes);
  reply_.send(form_ == Form::cbor ? cbor_response(outcomes) : json_response(outcomes));
}

void Submission::count(const Outcomes& outcomes) {
  std::map<Verdict, double> by_verdict;
  for (const auto& each : outcomes) by_verdict[verdict_of(each)] += 1;
  for (const auto& [verdict, number] : by_verdict) {
    metrics_
        .counter({.name = "intaglio_transactions_total",
                  .help = "Transactions that came over HTTP, by the verdict they were answered",
                  .labels = {{"verdict", std::string(describe(verdict).name)}}})
        .add(number);
  }
}

Response Submission::json_response(const Outcomes& outcomes) const {
  if (!body_.is_sequence) return one_response(outcomes.front());
  Json::Array results;
  for (std::size_t i = 0; i < outcomes.size(); ++i) results.push_back(result_json(i, outcomes));
  return Response::json(Json::object({{"results", std::move(results)}}));
}

Response Submission::one_response(const std::optional<Result<tx::Receipt>>& outcome) const {
  if (outcome && *outcome) return receipt_response(**outcome);
  if (outcome) return Response::problem(outcome->error(), not_final());
  const std::string id = pending_id(0);
  Response out = Response::problem({Verdict::pending, ""}, pending_members(id));
  if (!id.empty()) out.fields.add("Location", "/v1/transactions/" + id);
  return out;
}

Json Submission::result_json(std::size_t index, const Outcomes& outcomes) const {
  const auto& outcome = outcomes[index];
  if (!outcome) {
    return problem_document({Verdict::pending, ""}, pending_members(pending_id(index)));
  }
  if (!*outcome) return problem_document(outcome->error(), not_final());
  const tx::Receipt& receipt = **outcome;
  const Json members = receipt_json(receipt);
  return receipt.accepted() ? members : problem_document(refusal_in(receipt), members);
}

Response Submission::cbor_response(const Outcomes& outcomes) const {
  codec::CborWriter out;
  out.array(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto& outcome = outcomes[i];
    if (!outcome) {
      write_refusal(out, Verdict::pending, pending_id(i));
    } else if (!*outcome) {
      write_refusal(out, outcome->error().verdict, outcome->error().where);
    } else {
      codec::write_record(out, **outcome);
    }
  }
  Response response;
  response.fields.add("Content-Type", kCborMediaType);
  response.body = out.take();
  return response;
}

// Empty while it is not known whether these bytes are a transaction at all.
std::string Submission::pending_id(std::size_t index) const {
  const auto parsed = proof::parse_statement<tx::Transaction>(body_.transactions[index], ledger_);
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
