#include "http/reply.h"

#include <atomic>
#include <utility>

#include "http/mailbox.h"

namespace intaglio::http {

bool Mailbox::put(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  closed_ = true;
  answer_ = std::move(answer);
  if (const auto wake = std::exchange(wake_, nullptr)) wake();
  return true;
}

std::optional<Answer> Mailbox::take_or(Wake wake) {
  const std::lock_guard lock(mutex_);
  if (answer_) return std::exchange(answer_, std::nullopt);
  wake_.swap(wake);
  return std::nullopt;
}

bool Mailbox::open() {
  const std::lock_guard lock(mutex_);
  return !closed_;
}

std::optional<Answer> Mailbox::close() {
  Wake dropped;  // after the lock: it may hold the last reference to the receiver
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(wake_);
  return std::exchange(answer_, std::nullopt);
}

bool EventQueue::push(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  if (text_.size() + text.size() > limit_) {
    ended_ = true;
    overflow_ = true;
  } else {
    text_ += text;
  }
  wake_now();
  return !ended_;
}

void EventQueue::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_now();
}

std::optional<EventQueue::Taken> EventQueue::take_or(Wake wake) {
  const std::lock_guard lock(mutex_);
  if (text_.empty() && !ended_) {
    wake_.swap(wake);
    return std::nullopt;
  }
  return Taken{std::exchange(text_, {}), ended_, overflow_};
}

void EventQueue::close() {
  Wake dropped;
  const std::lock_guard lock(mutex_);
  ended_ = true;
  text_.clear();
  dropped.swap(wake_);
}

bool EventQueue::closed() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void EventQueue::wake_now() {
  if (const auto wake = std::exchange(wake_, nullptr)) wake();
}

struct EventStream::Ending {
  std::shared_ptr<EventQueue> queue;         // null without a server
  std::function<bool(const Event&)> reader;  // instead of it
  std::mutex mutex;                          // of what follows and of calling the reader
  bool closed = false;

  explicit Ending(std::shared_ptr<EventQueue> to) : queue(std::move(to)) {}
  explicit Ending(std::function<bool(const Event&)> to) : reader(std::move(to)), closed(!reader) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() {
    if (queue) queue->end();
  }
};

EventStream EventStream::to(std::function<bool(const Event&)> reader) {
  return EventStream(std::make_shared<Ending>(std::move(reader)));
}

bool EventStream::send(const Event& event) const {
  if (ending_->queue) return ending_->queue->push(to_text(event));
  const std::lock_guard lock(ending_->mutex);
  if (!ending_->closed) ending_->closed = !ending_->reader(event);
  return !ending_->closed;
}

void EventStream::close() const {
  if (ending_->queue) return ending_->queue->end();
  const std::lock_guard lock(ending_->mutex);
  ending_->closed = true;
}

bool EventStream::closed() const {
  if (ending_->queue) return ending_->queue->closed();
  const std::lock_guard lock(ending_->mutex);
  return ending_->closed;
}

struct Reply::Sending {
  std::shared_ptr<Mailbox> mailbox;          // null without a server
  std::function<void(Response)> take;        // instead of it
  std::function<bool(const Event&)> reader;  // of a stream without a server
  std::atomic<bool> sent = false;            // without a server

  explicit Sending(std::shared_ptr<Mailbox> to) : mailbox(std::move(to)) {}
  Sending(std::function<void(Response)> to, std::function<bool(const Event&)> events)
      : take(std::move(to)), reader(std::move(events)) {}
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;
  ~Sending() {
    if (mailbox ? !mailbox->open() : sent.load()) return;
    send(Response::problem({Verdict::internal, "no answer was given"}));
  }

  bool send(Response response) {
    if (mailbox) return mailbox->put(std::move(response));
    if (sent.exchange(true)) return false;
    take(std::move(response));
    return true;
  }
};

Reply Reply::into(std::shared_ptr<Mailbox> mailbox) {
  return Reply(std::make_shared<Sending>(std::move(mailbox)));
}

Reply Reply::to(std::function<void(Response)> take, std::function<bool(const Event&)> reader) {
  return Reply(std::make_shared<Sending>(std::move(take), std::move(reader)));
}

bool Reply::send(Response response) const { return sending_->send(std::move(response)); }

EventStream Reply::stream() const {
  if (sending_->mailbox) {
    auto queue = std::make_shared<EventQueue>(sending_->mailbox->event_queue_bytes());
    if (!sending_->mailbox->put(queue)) queue->close();
    return EventStream(std::make_shared<EventStream::Ending>(std::move(queue)));
  }
  const bool first = sending_->send(Response::of(kEventMediaType, ""));
  return EventStream::to(first ? sending_->reader : nullptr);
}

}  // namespace intaglio::http
