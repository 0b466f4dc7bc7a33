#include "chain/abci/listener.h"

#include <cerrno>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/format.h"

namespace intaglio::chain::abci {
namespace {

constexpr int kBacklog = 16;
constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";

// What an address names: the path of a socket, or host and port.
struct Parts {
  std::string path;
  std::string host;
  std::string port;
};

Result<Parts> parts_of(const std::string& address) {
  if (address.starts_with(kUnix)) {
    std::string path = address.substr(kUnix.size());
    if (path.empty() || path.size() >= sizeof sockaddr_un{}.sun_path) {
      return refuse(Verdict::bad_value, address);
    }
    return Parts{std::move(path), {}, {}};
  }
  if (!address.starts_with(kTcp)) return refuse(Verdict::bad_value, address);
  const std::string rest = address.substr(kTcp.size());
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size()) {
    return refuse(Verdict::bad_value, address);
  }
  std::string host = rest.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return Parts{{}, std::move(host), rest.substr(colon + 1)};
}

struct FreeNames {
  void operator()(addrinfo* names) const { ::freeaddrinfo(names); }
};
Result<std::unique_ptr<addrinfo, FreeNames>> names_of(const Parts& parts, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &wanted, &found) != 0) {
    return refuse(Verdict::unreachable, parts.host + ":" + parts.port);
  }
  return std::unique_ptr<addrinfo, FreeNames>(found);
}

// Answers are short and waited for.
void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::uint16_t port_of(int socket) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  const bool is_6 = name.ss_family == AF_INET6;
  return ntohs(is_6 ? reinterpret_cast<const sockaddr_in6&>(name).sin6_port
                    : reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::listen_tcp(const std::string& host,
                                                       const std::string& port) {
  ASSIGN(const auto names, names_of({{}, host, port}, AI_PASSIVE));
  Verdict why = Verdict::unreachable;
  for (const addrinfo* name = names.get(); name != nullptr; name = name->ai_next) {
    ASSIGN(auto socket, open_socket(name->ai_family));
    // A port whose last connections are still closing may be listened on again.
    const int on = 1;
    ::setsockopt(*socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(*socket, name->ai_addr, name->ai_addrlen) != 0 || ::listen(*socket, kBacklog) != 0) {
      if (errno == EADDRINUSE) why = Verdict::port_taken;
      continue;
    }
    const bool is_6 = host.find(':') != std::string::npos;
    std::string address =
        format("{}{}{}{}:{}", kTcp, is_6 ? "[" : "", host, is_6 ? "]" : "", port_of(*socket));
    return std::unique_ptr<Listener>(new Listener(std::move(address), {}, std::move(socket)));
  }
  return refuse(why, host + ":" + port);
}

Result<std::unique_ptr<Listener>> Listener::listen(const std::string& address) {
  ASSIGN(const auto parts, parts_of(address));
  if (parts.path.empty()) return listen_tcp(parts.host, parts.port);
  ASSIGN(auto socket, listen_at(parts.path, kBacklog));
  return std::unique_ptr<Listener>(new Listener(address, parts.path, std::move(socket)));
}

Listener::~Listener() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

FileDescriptor Listener::accept() const {
  FileDescriptor out(::accept4(*socket_, nullptr, nullptr, SOCK_CLOEXEC));
  if (path_.empty() && *out >= 0) send_at_once(*out);
  return out;
}

Result<FileDescriptor> connect(const std::string& address) {
  ASSIGN(const auto parts, parts_of(address));
  if (!parts.path.empty()) return connect_to(parts.path);
  ASSIGN(const auto names, names_of(parts, 0));
  for (const addrinfo* name = names.get(); name != nullptr; name = name->ai_next) {
    ASSIGN(auto socket, open_socket(name->ai_family));
    if (::connect(*socket, name->ai_addr, name->ai_addrlen) != 0) continue;
    send_at_once(*socket);
    return socket;
  }
  return refuse(Verdict::unreachable, address);
}

}  // namespace intaglio::chain::abci
