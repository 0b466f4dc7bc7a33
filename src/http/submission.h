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

// A final receipt as JSON: its members with the verdict's name, and "final": true.
codec::Json receipt_json(const tx::Receipt& receipt);

// The receipt when it was accepted, else its verdict as a problem with the receipt's members.
Response receipt_response(const tx::Receipt& receipt);

// Any thread. It lives as long as something is on its way or waits for it, whatever becomes of the
// server; only the Metrics must outlive the node's run.
class Submission : public std::enable_shared_from_this<Submission> {
 public:
  enum class Form : std::uint8_t { json, cbor };

  Submission(TransactionBody body, Form form, const LedgerId& ledger, Metrics& metrics,
             Reply reply);

  // Hands every transaction in. The reply is sent from whichever thread brings the last outcome: a
  // gateway worker's, a sequencer's, or this one.
  void send(gateway::Gateway& gateway);

  // Answers now, with `pending` for those that are still on their way.
  void answer_now();

 private:
  using Outcomes = std::vector<std::optional<Result<tx::Receipt>>>;

  void take(std::size_t index, Result<tx::Receipt> outcome);
  void answer(const Outcomes& outcomes);
  void count(const Outcomes& outcomes);
  Response json_response(const Outcomes& outcomes) const;
  Response one_response(const std::optional<Result<tx::Receipt>>& outcome) const;
  codec::Json result_json(std::size_t index, const Outcomes& outcomes) const;
  Response cbor_response(const Outcomes& outcomes) const;
  std::string pending_id(std::size_t index) const;

  const TransactionBody body_;
  const Form form_;
  const LedgerId ledger_;
  Metrics& metrics_;
  const Reply reply_;

  std::mutex mutex_;
  Outcomes outcomes_;
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
