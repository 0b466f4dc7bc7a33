#include "chain/abci/listener.h"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/format.h"

namespace intaglio::chain::abci {
namespace {

constexpr int kBacklog = 16;
constexpr mode_t kOwnerOnly = 0600;
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

sockaddr_un name_of(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  std::memcpy(out.sun_path, path.data(), path.size());
  return out;
}
const sockaddr* generic(const sockaddr_un& name) {
  return reinterpret_cast<const sockaddr*>(&name);
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

Result<Descriptor> open_socket(int family) {
  Descriptor out(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (*out < 0) return refuse(Verdict::file_failed, "socket");
  return out;
}

// Answers are short and waited for.
void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Result<Descriptor> connect_unix(const std::string& path) {
  ASSIGN(auto socket, open_socket(AF_UNIX));
  const sockaddr_un name = name_of(path);
  if (::connect(*socket, generic(name), sizeof name) != 0) {
    return refuse(Verdict::unreachable, path);
  }
  return socket;
}

// Takes a socket away that a process left when it was killed.
Result<void> clear_way(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return refuse(Verdict::file_failed, path);
  if (connect_unix(path)) return refuse(Verdict::port_taken, path);
  if (::unlink(path.c_str()) != 0) return refuse(Verdict::file_failed, path);
  return {};
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

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<std::unique_ptr<Listener>> Listener::listen_unix(const std::string& address,
                                                        const std::string& path) {
  TRY(clear_way(path));
  ASSIGN(auto socket, open_socket(AF_UNIX));
  const sockaddr_un name = name_of(path);
  if (::bind(*socket, generic(name), sizeof name) != 0) return refuse(Verdict::file_failed, path);
  std::unique_ptr<Listener> out(new Listener(address, path, std::move(socket)));
  // Nobody can connect before listen(), so that the mode is there in time.
  if (::chmod(path.c_str(), kOwnerOnly) != 0 || ::listen(out->socket(), kBacklog) != 0) {
    return refuse(Verdict::file_failed, path);
  }
  return out;
}

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
  if (!parts.path.empty()) return listen_unix(address, parts.path);
  return listen_tcp(parts.host, parts.port);
}

Listener::~Listener() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Descriptor Listener::accept() const {
  Descriptor out(::accept4(*socket_, nullptr, nullptr, SOCK_CLOEXEC));
  if (path_.empty() && *out >= 0) send_at_once(*out);
  return out;
}

Result<Descriptor> connect(const std::string& address) {
  ASSIGN(const auto parts, parts_of(address));
  if (!parts.path.empty()) return connect_unix(parts.path);
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
