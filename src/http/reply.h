// The one answer to one request: given at once or later, from any thread, as a response or as a
// stream of events.
#pragma once

#include <functional>
#include <memory>

#include "http/events.h"
#include "http/message.h"

namespace intaglio::http {

class EventQueue;
class Mailbox;

// The server's end of a stream of events to one client. Copies are the same stream; it ends when
// the last copy is gone. Any thread.
class EventStream {
 public:
  // Takes the event for sending, without waiting. False when the stream is closed: the client went
  // away, was cut off because it does not read (Limits::event_queue_bytes), or the server stops.
  bool send(const Event& event) const;

  // Sends what was taken in, then ends.
  void close() const;
  bool closed() const;

  // A stream without a server: `reader` gets every event, one at a time, until it returns false.
  // For tests of what publishes.
  static EventStream to(std::function<bool(const Event&)> reader);

 private:
  friend class Reply;
  struct Ending;  // closes the stream when the last copy goes
  explicit EventStream(std::shared_ptr<Ending> ending) : ending_(std::move(ending)) {}
  std::shared_ptr<Ending> ending_;
};

// Copies are the same answer, and the first one given counts. Any thread.
class Reply {
 public:
  // False when an answer was given before, or nobody waits for it any more.
  bool send(Response response) const;

  // Shorthands.
  bool json(const codec::Json& value, int status = 200) const {
    return send(Response::json(value, status));
  }
  bool problem(const Refusal& refusal) const { return send(Response::problem(refusal)); }

  // Answers 200 with server-sent events. The stream is closed from the start when an answer was
  // given before.
  EventStream stream() const;

  // An answer without a server: `take` is called once, by send() or, with `internal`, when the last
  // copy is dropped; a stream's events go to `reader`, until it returns false. For tests of
  // endpoints.
  static Reply to(std::function<void(Response)> take,
                  std::function<bool(const Event&)> reader = nullptr);

 private:
  friend class Connection;
  struct Sending;  // answers `internal` when the last copy goes unsent
  explicit Reply(std::shared_ptr<Sending> sending) : sending_(std::move(sending)) {}
  static Reply into(std::shared_ptr<Mailbox> mailbox);
  std::shared_ptr<Sending> sending_;
};

}  // namespace intaglio::http
