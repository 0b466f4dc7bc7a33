// Where an ABCI server listens: unix:///path/of/socket or tcp://host:port, as CometBFT's setting
// proxy_app names it. ABCI knows no peers' names or keys, so whoever reaches the address is the
// consensus engine: a socket file is its owner's alone, a port belongs on the loopback.
#pragma once

#include <memory>
#include <string>

#include "base/socket_file.h"

namespace intaglio::chain::abci {

class Listener {
 public:
  // `bad_value` for another kind of address, `port_taken`, `unreachable` for a host that this
  // machine is not, `file_failed`. A socket file that a dead process left is replaced.
  static Result<std::unique_ptr<Listener>> listen(const std::string& address);
  ~Listener();

  // As it was given, with the port that was chosen for port 0.
  const std::string& address() const { return address_; }
  int socket() const { return *socket_; }
  // The next who connects; nothing when there is none after all. Any thread.
  FileDescriptor accept() const;

 private:
  Listener(std::string address, std::string path, FileDescriptor socket)
      : address_(std::move(address)), path_(std::move(path)), socket_(std::move(socket)) {}
  static Result<std::unique_ptr<Listener>> listen_tcp(const std::string& host,
                                                      const std::string& port);
  std::string address_;
  std::string path_;  // of the socket file; empty for a port
  FileDescriptor socket_;
};

// A connection to such an address. `bad_value`, `unreachable`.
Result<FileDescriptor> connect(const std::string& address);

}  // namespace intaglio::chain::abci
