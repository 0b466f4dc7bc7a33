// One request's transactions on their way: handed to the gateway, collected as they come back from
// the chains, answered once. Inside this module alone.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/gateway.h"
#include "http/metrics.h"
#include "http/reply.h"
#include "http/transaction_body.h"

namespace intaglio::http {

// In what follows a result is a transaction's final receipt, or why there is none: `pending` at its
// id while it is on its way.

// The receipt's members with the verdict's name, "final": true, and by how many of how many
// consensus nodes its block was signed.
codec::Json receipt_json(const gateway::Gateway& gateway, const tx::Receipt& receipt);

// The receipt when it was accepted; else a problem, with the receipt's members when there is one.
codec::Json result_json(const gateway::Gateway& gateway, const Result<tx::Receipt>& result);
// The same as an answer; a pending one says in Location where to ask.
Response result_response(const gateway::Gateway& gateway, const Result<tx::Receipt>& result);

// An array with, for each, the receipt's record or [verdict, where]: docs/reference/formats.md.
// Why no chain has a receipt of a transaction: `block_pruned` when one entered what it moved in an
// account's book and has forgotten the block since, else `unknown_transaction`.
Refusal no_transaction(const gateway::Gateway& gateway, const TxId& id);

Bytes encode_results(std::span<const Result<tx::Receipt>> results);

// Any thread. It lives as long as something is on its way or waits for it, whatever becomes of the
// server; only the Metrics must outlive the node's run.
class Submission : public std::enable_shared_from_this<Submission> {
 public:
  enum class Form : std::uint8_t { json, cbor };

  // The gateway must outlive it.
  Submission(TransactionBody body, Form form, gateway::Gateway& gateway, Metrics& metrics,
             Reply reply);

  // Hands every transaction in. The reply is sent from whichever thread brings the last outcome: a
  // gateway worker's, a sequencer's, or this one.
  void send();

  // Answers now, with `pending` for those that are still on their way.
  void answer_now();

 private:
  void take(std::size_t index, Result<tx::Receipt> result);
  void answer(const std::vector<Result<tx::Receipt>>& results);
  void count(const std::vector<Result<tx::Receipt>>& results);
  std::string id_of(std::size_t index) const;

  const TransactionBody body_;
  const Form form_;
  gateway::Gateway& gateway_;
  Metrics& metrics_;
  const Reply reply_;

  std::mutex mutex_;
  std::vector<Result<tx::Receipt>> results_;  // `pending` until they come
  std::size_t left_;
  bool answered_ = false;
};

// Answers submissions when their time is up, on a thread of its own. Any thread.
class SubmissionDeadlines {
 public:
  using Clock = std::chrono::steady_clock;

  SubmissionDeadlines();
  ~SubmissionDeadlines();
  SubmissionDeadlines(const SubmissionDeadlines&) = delete;
  SubmissionDeadlines& operator=(const SubmissionDeadlines&) = delete;

  // Does not keep it alive: one that was answered in time is gone by then.
  void add(const std::shared_ptr<Submission>& submission, Duration wait);

 private:
  struct Entry {
    Clock::time_point at;
    std::weak_ptr<Submission> submission;
  };
  static bool later(const Entry& a, const Entry& b) { return a.at > b.at; }
  void drop_answered();
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> heap_;  // the earliest in front
  std::size_t drop_at_ = 1024;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace intaglio::http
