// Where an ABCI server listens: unix:///path/of/socket or tcp://host:port, as CometBFT's setting
// proxy_app names it. ABCI knows no peers' names or keys, so whoever reaches the address is the
// consensus engine: a socket file is its owner's alone, a port belongs on the loopback.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace intaglio::chain::abci {

// An open file or socket, closed with it.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int operator*() const { return number_; }

 private:
  int number_;
};

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
  Descriptor accept() const;

 private:
  Listener(std::string address, std::string path, Descriptor socket)
      : address_(std::move(address)), path_(std::move(path)), socket_(std::move(socket)) {}
  static Result<std::unique_ptr<Listener>> listen_unix(const std::string& address,
                                                       const std::string& path);
  static Result<std::unique_ptr<Listener>> listen_tcp(const std::string& host,
                                                      const std::string& port);
  std::string address_;
  std::string path_;  // of the socket file; empty for a port
  Descriptor socket_;
};

// A connection to such an address. `bad_value`, `unreachable`.
Result<Descriptor> connect(const std::string& address);

}  // namespace intaglio::chain::abci
