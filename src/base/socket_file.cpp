#include "base/socket_file.h"

#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace intaglio {
namespace {

constexpr mode_t kOwnerOnly = 0600;

struct SocketName {
  sockaddr_un un;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&un); }
};

Result<SocketName> name_of(const std::string& path) {
  SocketName out{};
  out.un.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof out.un.sun_path) {
    return refuse(Verdict::bad_value, "socket: " + path);
  }
  std::memcpy(out.un.sun_path, path.data(), path.size());
  return out;
}

// Takes a socket away that a process left when it was killed.
Result<void> clear_way(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return refuse(Verdict::file_failed, path);
  if (connect_to(path)) return refuse(Verdict::port_taken, path);
  if (::unlink(path.c_str()) != 0) return refuse(Verdict::file_failed, path);
  return {};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<FileDescriptor> open_socket(int family) {
  FileDescriptor out(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (*out < 0) return refuse(Verdict::file_failed, "socket");
  return out;
}

Result<FileDescriptor> listen_at(const std::string& path, int backlog) {
  ASSIGN(const auto name, name_of(path));
  TRY(clear_way(path));
  ASSIGN(auto socket, open_socket(AF_UNIX));
  if (::bind(*socket, name.get(), sizeof name.un) != 0) {
    return refuse(Verdict::file_failed, path);
  }
  // Nobody can connect before listen(), so that the mode is there in time.
  if (::chmod(path.c_str(), kOwnerOnly) != 0 || ::listen(*socket, backlog) != 0) {
    ::unlink(path.c_str());
    return refuse(Verdict::file_failed, path);
  }
  return socket;
}

Result<FileDescriptor> connect_to(const std::string& path) {
  ASSIGN(const auto name, name_of(path));
  ASSIGN(auto socket, open_socket(AF_UNIX));
  if (::connect(*socket, name.get(), sizeof name.un) != 0) {
    return refuse(Verdict::unreachable, path);
  }
  return socket;
}

}  // namespace intaglio
