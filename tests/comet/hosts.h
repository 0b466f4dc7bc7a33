// Hosts of our own for a test: a network namespace for each, joined by a bridge that can be
// divided. Needs root and iproute2.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace intaglio::comet {

class Hosts {
 public:
  // Nothing when this machine lets us make none.
  static std::unique_ptr<Hosts> make(std::size_t count);
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  std::size_t count() const { return count_; }
  // Its address, which the others reach.
  static std::string address(std::size_t host);
  // What a program is started by, to run there: its words come behind these.
  std::vector<std::string> enter(std::size_t host) const;

  // On another thread: sockets that `act` makes are the host's. Returns when that has.
  void on(std::size_t host, const std::function<void()>& act) const;

  // Those reach each other alone, and the others each other.
  void divide(const std::vector<std::size_t>& apart);
  void unite() { divide({}); }

 private:
  explicit Hosts(std::size_t count);
  std::string name(std::size_t host) const;
  bool set_up() const;
  bool run(const std::string& command) const;

  const std::size_t count_;
  const std::string prefix_;
};

}  // namespace intaglio::comet
