#include "comet/hosts.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/check.h"
#include "base/format.h"
#include "base/socket_file.h"
#include "process/process.h"

namespace intaglio::comet {
namespace {

constexpr const char* kIp = "/usr/sbin/ip";

}  // namespace

// Of this process alone, short enough for an interface's name with a number behind it.
Hosts::Hosts(std::size_t count) : count_(count), prefix_(format("i{}", ::getpid())) {}

std::string Hosts::address(std::size_t host) { return format("10.87.0.{}", host + 1); }

std::string Hosts::name(std::size_t host) const { return format("{}-{}", prefix_, host); }

bool Hosts::run(const std::string& command) const {
  std::istringstream text(command);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  Process ip(kIp, words, {.log = "/dev/null"});
  return ip.wait() == 0;
}

bool Hosts::set_up() const {
  // Two bridges in a namespace of their own: every host hangs on one of them.
  if (!run("netns add " + prefix_)) return false;
  bool done = true;
  for (const auto* bridge : {"one", "other"}) {
    done = done && run(format("-n {} link add {} type bridge", prefix_, bridge)) &&
           run(format("-n {} link set {} up", prefix_, bridge));
  }
  for (std::size_t i = 0; i < count_ && done; ++i) {
    const std::string host = name(i);
    done = run("netns add " + host) &&
           run(format("-n {} link add h{} type veth peer name eth0 netns {}", prefix_, i, host)) &&
           run(format("-n {} link set h{} master one up", prefix_, i)) &&
           run(format("-n {} link set lo up", host)) &&
           run(format("-n {} address add {}/24 dev eth0", host, address(i))) &&
           run(format("-n {} link set eth0 up", host));
  }
  return done;
}

std::unique_ptr<Hosts> Hosts::make(std::size_t count) {
  if (::geteuid() != 0 || ::access(kIp, X_OK) != 0) return nullptr;
  std::unique_ptr<Hosts> out(new Hosts(count));
  if (!out->set_up()) return nullptr;
  return out;
}

Hosts::~Hosts() {
  for (std::size_t i = 0; i < count_; ++i) run("netns delete " + name(i));
  run("netns delete " + prefix_);
}

std::vector<std::string> Hosts::enter(std::size_t host) const {
  return {kIp, "netns", "exec", name(host)};
}

void Hosts::on(std::size_t host, const std::function<void()>& act) const {
  std::thread there([&] {
    const FileDescriptor space(::open(("/run/netns/" + name(host)).c_str(), O_RDONLY | O_CLOEXEC));
    CHECK(*space >= 0);
    CHECK(::setns(*space, CLONE_NEWNET) == 0);
    act();
  });
  there.join();
}

void Hosts::divide(const std::vector<std::size_t>& apart) {
  for (std::size_t i = 0; i < count_; ++i) {
    const bool is_apart = std::ranges::find(apart, i) != apart.end();
    CHECK(run(format("-n {} link set h{} master {}", prefix_, i, is_apart ? "other" : "one")));
  }
}

}  // namespace intaglio::comet
