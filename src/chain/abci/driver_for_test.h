// CometBFT's side of ABCI for tests, as its socket client has it: requests are written into a
// buffer that a flush sends, answers are matched with the oldest request by their kind, and a
// synchronous call is the request with a flush behind it.
#pragma once

#include <deque>

#include <sys/socket.h>

#include "base/check.h"
#include "base/result_for_test.h"
#include "chain/abci/framing.h"
#include "chain/abci/listener.h"
#include "chain/abci/messages.h"

namespace intaglio::chain::abci {

// One connection.
class ChannelForTest {
 public:
  explicit ChannelForTest(const std::string& address) : socket_(must(connect(address))) {
    // A test that waits for an answer that never comes ends as failed.
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(*socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  // Into the buffer.
  void put(const Request& request) {
    append_framed(buffer_, encode_request(request));
    outstanding_.push_back(request);
  }
  void flush() {
    put(Flush{});
    write(std::exchange(buffer_, {}));
  }
  // What was put so far, in pieces of that size, each written for itself.
  void write_in_pieces(std::size_t size) {
    const Bytes bytes = std::exchange(buffer_, {});
    for (ByteView rest = bytes; !rest.empty();) {
      const ByteView piece = rest.first(std::min(size, rest.size()));
      write(piece);
      rest = rest.subspan(piece.size());
    }
  }
  // Past everything: false when the other side takes nothing any more.
  bool write(ByteView bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(*socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // An answer comes for it that is not matched with anything else.
  void expect(const Request& request) { outstanding_.push_back(request); }

  // The next answer, of the kind that the oldest request asks for, or an exception. Nothing when
  // the connection is at its end.
  std::optional<Response> receive() {
    while (true) {
      const auto message = must(messages_.next());
      if (message) return matched(must(decode_response(*message)));
      std::uint8_t buffer[4096];
      const auto got = ::recv(*socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return std::nullopt;
      messages_.add(ByteView(buffer, static_cast<std::size_t>(got)));
    }
  }

  Response call(const Request& request) {
    put(request);
    flush();
    auto answer = receive();
    CHECK(answer.has_value());
    if (!std::holds_alternative<Exception>(*answer)) CHECK(receive() == Response(FlushAnswer{}));
    return *std::move(answer);
  }
  // The answer of that kind, which is no exception.
  template <typename Answer>
  Answer ask(const Request& request) {
    const Response answer = call(request);
    if (const auto* exception = std::get_if<Exception>(&answer)) ADD_FAILURE() << exception->error;
    return std::get<Answer>(answer);
  }

  void half_close() { ::shutdown(*socket_, SHUT_WR); }
  std::size_t outstanding() const { return outstanding_.size(); }

 private:
  Response matched(Response answer) {
    CHECK(!outstanding_.empty());
    const Request request = std::move(outstanding_.front());
    outstanding_.pop_front();
    if (!std::holds_alternative<Exception>(answer)) CHECK(answers(answer, request));
    return answer;
  }

  FileDescriptor socket_;
  MessageReader messages_;
  Bytes buffer_;
  std::deque<Request> outstanding_;
};

// The four connections, in the order in which CometBFT opens them.
struct DriverForTest {
  explicit DriverForTest(const std::string& address)
      : query(address), snapshot(address), mempool(address), consensus(address) {}
  ChannelForTest query;
  ChannelForTest snapshot;
  ChannelForTest mempool;
  ChannelForTest consensus;
};

}  // namespace intaglio::chain::abci
