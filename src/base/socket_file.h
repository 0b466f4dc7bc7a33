// Unix sockets that are files, and what closes descriptors. Any thread.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace intaglio {

// An open file or socket, closed with its owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int operator*() const { return number_; }

 private:
  int number_;
};

// A stream socket that no program started from here inherits; `file_failed`.
Result<FileDescriptor> open_socket(int family);

// Makes a socket file of mode 600 and listens there; who owns the path removes it. One that nobody
// listens at any more is replaced; `port_taken` when somebody does, `file_failed` when there is
// something else or it cannot be made, `bad_value` for a path that is too long for a socket.
Result<FileDescriptor> listen_at(const std::string& path, int backlog);

// `unreachable` when nobody listens there, `bad_value` as above.
Result<FileDescriptor> connect_to(const std::string& path);

}  // namespace intaglio
