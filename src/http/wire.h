// One TCP connection, with TLS or without: what server and client read from and write to. Inside
// this module alone, and of all headers the one with Boost.Asio in it.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>  // before Asio 1.74, which forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string_type.hpp>

#include "base/ids.h"
#include "http/tls.h"

namespace intaglio::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

enum class Side : std::uint8_t { server, client };

// One thread, that of the socket's executor. One read and one write may be under way at once. There
// are no deadlines here: whoever has waited too long calls close(), which ends both with an error.
class Wire {
 public:
  // Without TLS when `settings` is null.
  Wire(tcp::socket socket, const TlsSettings& settings, Side side);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  asio::awaitable<error_code> connect(tcp::endpoint endpoint);  // a client's first step
  asio::awaitable<error_code> handshake();                      // at once without TLS

  // Appends what comes next, at most 16 KiB and what the buffer has room for; `no_buffer_space`
  // when that is nothing.
  asio::awaitable<error_code> read_into(boost::beast::flat_buffer& buffer);
  asio::awaitable<error_code> write(asio::const_buffer bytes);

  // Says that we are done and closes. With `drain` above 0 first reads up to that many bytes, until
  // the other end is done too: closing with bytes unread would make the kernel throw away our last
  // answer.
  asio::awaitable<void> finish(std::size_t drain);

  void close();
  bool is_open() { return socket().is_open(); }
  tcp::socket& socket();
  ssl_st* tls();  // null without TLS

 private:
  struct Secured;
  Side side_;
  tcp::socket plain_;
  std::unique_ptr<Secured> secured_;  // holds the socket then
};

// For timers; what is longer than eleven days is that.
inline std::chrono::milliseconds in_clock(Duration time) {
  return std::chrono::milliseconds(std::min<std::uint64_t>(time.value(), 1'000'000'000));
}

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Makes an operation return instead of throwing: co_await f(..., into(error)).
inline auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

}  // namespace intaglio::http
