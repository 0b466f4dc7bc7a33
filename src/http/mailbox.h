// What lies between the threads that answer and the thread that owns the connection. Inside this
// module alone.
//
// Both ends agree by a lock; the receiver is woken by a function it leaves here when it finds
// nothing, and takes it away again (close) before it goes. So nothing is ever called into a
// connection that is gone, and an answer that comes too late goes nowhere.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "http/message.h"

namespace intaglio::http {

class EventQueue;
using Answer = std::variant<Response, std::shared_ptr<EventQueue>>;

// Must not block; called under the lock of the mailbox or queue.
using Wake = std::function<void()>;

class Mailbox {
 public:
  explicit Mailbox(std::size_t event_queue_bytes) : event_queue_bytes_(event_queue_bytes) {}

  // The first answer stays; false for later ones and after close().
  bool put(Answer answer);
  // The answer, or leaves `wake`, called once when it comes.
  std::optional<Answer> take_or(Wake wake);
  // The answer if it is there; none is taken from now on.
  std::optional<Answer> close();

  // Whether put() would still take an answer.
  bool open();

  std::size_t event_queue_bytes() const { return event_queue_bytes_; }

 private:
  const std::size_t event_queue_bytes_;
  std::mutex mutex_;
  bool closed_ = false;
  std::optional<Answer> answer_;
  Wake wake_;
};

// Events on their way to one client, as text.
class EventQueue {
 public:
  explicit EventQueue(std::size_t limit) : limit_(limit) {}

  // False once closed. A text that does not fit under the limit closes the queue: the client is
  // too slow, and what it would miss it must fetch anew.
  bool push(std::string_view text);
  // No more will come; what is there may still be taken.
  void end();

  struct Taken {
    std::string text;
    bool ended;     // nothing comes after `text`
    bool overflow;  // and something before it was lost
  };
  // Everything there is; when that is nothing and more may come, leaves `wake` and returns nothing.
  std::optional<Taken> take_or(Wake wake);
  // The receiver goes.
  void close();
  bool closed();

 private:
  void wake_now();
  const std::size_t limit_;
  std::mutex mutex_;
  bool ended_ = false;
  bool overflow_ = false;
  std::string text_;
  Wake wake_;
};

}  // namespace intaglio::http
