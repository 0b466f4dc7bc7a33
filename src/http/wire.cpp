#include "http/wire.h"

#include <algorithm>
#include <array>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace intaglio::http {
namespace ssl = asio::ssl;

namespace {
constexpr std::size_t kReadBytes = 16 * 1024;
}

struct Wire::Secured {
  ssl::context context;
  ssl::stream<tcp::socket> stream;

  Secured(tcp::socket socket, const TlsSettings& settings)
      : context(new_reference(settings)), stream(std::move(socket), context) {}
};

Wire::Wire(tcp::socket socket, const TlsSettings& settings, Side side)
    : side_(side), plain_(std::move(socket)) {
  if (settings) secured_ = std::make_unique<Secured>(std::move(plain_), settings);
}

Wire::~Wire() = default;

tcp::socket& Wire::socket() { return secured_ ? secured_->stream.next_layer() : plain_; }

ssl_st* Wire::tls() { return secured_ ? secured_->stream.native_handle() : nullptr; }

void Wire::close() {
  error_code ignored;
  socket().close(ignored);
}

asio::awaitable<error_code> Wire::connect(tcp::endpoint endpoint) {
  error_code error;
  co_await socket().async_connect(endpoint, into(error));
  error_code ignored;
  socket().set_option(tcp::no_delay(true), ignored);
  co_return error;
}

asio::awaitable<error_code> Wire::handshake() {
  error_code error;
  if (!secured_) co_return error;
  const auto role = side_ == Side::server ? ssl::stream_base::server : ssl::stream_base::client;
  co_await secured_->stream.async_handshake(role, into(error));
  co_return error;
}

asio::awaitable<error_code> Wire::read_into(boost::beast::flat_buffer& buffer) {
  error_code error;
  const std::size_t room = std::min(kReadBytes, buffer.max_size() - buffer.size());
  if (room == 0) co_return asio::error::no_buffer_space;
  const auto space = buffer.prepare(room);
  std::size_t read = 0;
  if (secured_) {
    read = co_await secured_->stream.async_read_some(space, into(error));
  } else {
    read = co_await plain_.async_read_some(space, into(error));
  }
  buffer.commit(read);
  co_return error;
}

asio::awaitable<error_code> Wire::write(asio::const_buffer bytes) {
  error_code error;
  if (secured_) {
    co_await asio::async_write(secured_->stream, bytes, into(error));
  } else {
    co_await asio::async_write(plain_, bytes, into(error));
  }
  co_return error;
}

asio::awaitable<void> Wire::finish(std::size_t drain) {
  error_code error;
  if (secured_ && is_open()) {
    skip_their_farewell(tls());
    co_await secured_->stream.async_shutdown(into(error));
  }
  socket().shutdown(tcp::socket::shutdown_send, error);
  std::array<std::uint8_t, 4096> unread{};
  while (!error && drain > 0) {
    const std::size_t read = co_await socket().async_read_some(asio::buffer(unread), into(error));
    drain -= std::min(drain, read);
  }
  close();
}

}  // namespace intaglio::http
