#include "element/element_socket.h"

#include <cerrno>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace intaglio::element {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBacklog = 8;
constexpr std::chrono::milliseconds kTurn{100};  // how often a stop is looked for
constexpr std::size_t kLengthBytes = 2;

Clock::time_point after(Duration time) {
  return Clock::now() + std::chrono::milliseconds(time.value());
}

// Until when something is waited for.
struct Wait {
  Clock::time_point deadline;
  std::stop_token stop;
};

// Whether the socket is ready for `events` in time.
Result<void> wait_for(int socket, short events, const Wait& wait) {
  while (!wait.stop.stop_requested()) {
    const auto now = Clock::now();
    if (now >= wait.deadline) return refuse(Verdict::timed_out, "element");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wait.deadline - now);
    pollfd polled{socket, events, 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(std::min(left, kTurn).count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return refuse(Verdict::unreachable, "element");
  }
  return refuse(Verdict::shutting_down);
}

Result<void> receive(int socket, std::span<std::uint8_t> into, const Wait& wait) {
  while (!into.empty()) {
    TRY(wait_for(socket, POLLIN, wait));
    const auto got = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return refuse(Verdict::unreachable, "element");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

// An APDU of at most `limit` bytes, after its length.
Result<Bytes> receive_apdu(int socket, std::size_t limit, const Wait& wait) {
  std::uint8_t length[kLengthBytes];
  TRY(receive(socket, length, wait));
  const std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
  if (size > limit) return refuse(Verdict::too_large, "apdu");
  Bytes out(size);
  TRY(receive(socket, out, wait));
  return out;
}

Result<void> send_apdu(int socket, ByteView apdu, const Wait& wait) {
  Bytes framed{static_cast<std::uint8_t>(apdu.size() >> 8), static_cast<std::uint8_t>(apdu.size())};
  append(framed, apdu);
  ByteView rest = framed;
  while (!rest.empty()) {
    TRY(wait_for(socket, POLLOUT, wait));
    const auto sent = ::send(socket, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return refuse(Verdict::unreachable, "element");
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ElementServer>> ElementServer::listen(std::string path,
                                                             EnrolmentApplet& applet) {
  ASSIGN(auto socket, listen_at(path, kBacklog));
  return std::unique_ptr<ElementServer>(
      new ElementServer(std::move(path), std::move(socket), applet));
}

ElementServer::~ElementServer() { ::unlink(path_.c_str()); }

void ElementServer::run(const std::stop_token& stop, Duration patience) {
  while (wait_for(*socket_, POLLIN, {Clock::time_point::max(), stop})) {
    const FileDescriptor client(::accept4(*socket_, nullptr, nullptr, SOCK_CLOEXEC));
    if (*client >= 0) serve(client, stop, patience);
  }
}

void ElementServer::serve(const FileDescriptor& client, const std::stop_token& stop,
                          Duration patience) {
  applet_.reset();
  while (true) {
    const auto command = receive_apdu(*client, kMaxCommand, {after(patience), stop});
    if (!command) break;
    if (!send_apdu(*client, applet_.process(*command), {after(patience), stop})) break;
  }
  applet_.reset();
}

Result<std::unique_ptr<SocketChannel>> SocketChannel::connect(const std::string& path,
                                                              Duration patience) {
  ASSIGN(auto socket, connect_to(path));
  return std::unique_ptr<SocketChannel>(new SocketChannel(std::move(socket), patience));
}

Result<Bytes> SocketChannel::carry(ByteView command) {
  if (broken_) return refuse(Verdict::unreachable, "element");
  const Wait wait{after(patience_), {}};
  broken_ = true;  // unless both ways come to their end
  TRY(send_apdu(*socket_, command, wait));
  ASSIGN(auto response, receive_apdu(*socket_, kMaxResponse, wait));
  broken_ = false;
  return response;
}

}  // namespace intaglio::element
