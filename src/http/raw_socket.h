// For tests: the other end of a connection as bytes, so that nothing is sent or read by the rules
// that are under test.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"

namespace intaglio::http {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

// A connection to 127.0.0.1. Nothing blocks longer than half a minute.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval patience{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  static RawSocket to(std::uint16_t port, int receive_buffer = 0) {
    RawSocket out(::socket(AF_INET, SOCK_STREAM, 0));
    if (receive_buffer > 0) {
      ::setsockopt(out.fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const sockaddr_in address = loopback(port);
    out.connected_ =
        ::connect(out.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    return out;
  }
  RawSocket(RawSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        rest_(std::move(other.rest_)) {}
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { close(); }

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void shutdown_send() { ::shutdown(fd_, SHUT_WR); }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // Everything up to and with `mark`; nothing when the connection ends before.
  std::optional<std::string> read_to(std::string_view mark) {
    while (true) {
      if (const auto at = rest_.find(mark); at != std::string::npos) return take(at + mark.size());
      if (!more()) return std::nullopt;
    }
  }
  std::optional<std::string> read_bytes(std::size_t n) {
    while (rest_.size() < n) {
      if (!more()) return std::nullopt;
    }
    return take(n);
  }
  // Everything until the other end closes or resets.
  std::string read_to_end() {
    while (more()) {
    }
    return take(rest_.size());
  }

 private:
  std::string take(std::size_t n) {
    std::string out = rest_.substr(0, n);
    rest_.erase(0, n);
    return out;
  }
  bool more() {
    char buffer[65536];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) rest_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  bool connected_ = true;
  std::string rest_;
};

// Listens on a free port of 127.0.0.1.
class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    CHECK(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    CHECK(::listen(fd_, 16) == 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  ~RawListener() { ::close(fd_); }

  std::uint16_t port() const { return port_; }
  RawSocket accept() { return RawSocket(::accept(fd_, nullptr, nullptr)); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

struct RawResponse {
  int status = 0;
  std::string head;  // with the status line
  std::string body;
};

// One response with a Content-Length, or without a body; status 0 when it did not come whole.
inline RawResponse read_response(RawSocket& socket, bool to_head = false) {
  RawResponse out;
  const auto head = socket.read_to("\r\n\r\n");
  if (!head || head->size() < 12) return out;
  out.head = *head;
  const auto length = head->find("Content-Length: ");
  if (length != std::string::npos && !to_head) {
    const auto body = socket.read_bytes(std::stoul(head->substr(length + 16)));
    if (!body) return out;
    out.body = *body;
  }
  out.status = std::stoi(head->substr(9, 3));
  return out;
}

}  // namespace intaglio::http
