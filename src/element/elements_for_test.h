// For tests and benchmarks: a SoftHSM2 token and a software TPM of one's own, in a folder that goes
// away, on this machine alone.
#pragma once

#include <array>
#include <fstream>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/folder_for_test.h"
#include "base/format.h"
#include "base/secret.h"

namespace intaglio::element {

// A program that was started, and ends with its owner. It is looked for in PATH.
class ProgramForTest {
 public:
  explicit ProgramForTest(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int failed = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) fatal(words.front() + " is not there: scripts/install test");
  }
  ~ProgramForTest() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  ProgramForTest(const ProgramForTest&) = delete;
  ProgramForTest& operator=(const ProgramForTest&) = delete;

  // By itself.
  bool has_ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0;
  }
  // Its exit status.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

// One token in a SoftHSM2 of its own. SoftHSM2 looks for its configuration when it is initialised,
// so that no other may be open in the process.
class TokenForTest {
 public:
  static constexpr std::string_view kPin = "correct horse";
  static constexpr std::string_view kModule = "/usr/lib/softhsm/libsofthsm2.so";

  explicit TokenForTest(const std::string& label = "test") : label_(label) {
    std::filesystem::create_directory(tokens());
    std::ofstream(folder_ / "softhsm2.conf") << "directories.tokendir = " << tokens()
                                             << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    add(label);
  }
  ~TokenForTest() { ::unsetenv("SOFTHSM2_CONF"); }

  void add(const std::string& label) {
    ProgramForTest made({"softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin",
                         "87654321", "--pin", std::string(kPin)});
    CHECK(made.wait() == 0);
  }

  static Secret pin() { return Secret(to_bytes(as_bytes(kPin))); }
  std::string tokens() const { return folder_ / "tokens"; }
  // Without an object: where keys may be made.
  std::string place() const { return format("pkcs11:token={}?module-path={}", label_, kModule); }
  std::string uri(std::string_view object) const {
    return format("pkcs11:token={};object={}?module-path={}", label_, object, kModule);
  }

 private:
  const std::string label_;
  FolderForTest folder_;
};

// A TPM 2.0 in software (swtpm), without a resource manager, and so for one program at a time.
class TpmForTest {
 public:
  static constexpr std::string_view kPassphrase = "correct horse";

  TpmForTest() {
    std::filesystem::create_directory(folder_ / "state");
    // Another test may take a port that was free a moment ago.
    do port_ = free_ports();
    while (!try_to_start());
  }

  void stop() { program_.reset(); }
  void start() { CHECK(try_to_start()); }

  static Secret passphrase() { return Secret(to_bytes(as_bytes(kPassphrase))); }
  std::string tcti() const { return format("swtpm:host=127.0.0.1,port={}", port_); }
  std::string folder() const { return folder_.path(); }
  std::string place() const { return format("tpm:{}?tcti={}", folder(), tcti()); }
  std::string uri(std::string_view name) const {
    return format("tpm:{}?tcti={}", folder_ / name, tcti());
  }

 private:
  static int socket_on(int port, bool to_listen) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    const int failed =
        to_listen ? ::bind(fd, generic, sizeof address) : ::connect(fd, generic, sizeof address);
    if (failed == 0) return fd;
    ::close(fd);
    return -1;
  }
  static bool is_listening(int port) {
    const int fd = socket_on(port, false);
    if (fd >= 0) ::close(fd);
    return fd >= 0;
  }
  bool try_to_start() {
    const auto at = [](int port) { return format("type=tcp,port={},bindaddr=127.0.0.1", port); };
    program_ = std::make_unique<ProgramForTest>(std::vector<std::string>{
        "swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + (folder_ / "state"), "--server",
        at(port_), "--ctrl", at(port_ + 1), "--flags", "not-need-init,startup-clear"});
    while (!is_listening(port_ + 1)) {
      if (program_->has_ended()) return false;
      std::this_thread::yield();
    }
    return !program_->has_ended();
  }
  // A port that is free, with the one after it: the TPM's commands and its control channel.
  static int free_ports() {
    while (true) {
      const int first = socket_on(0, true);
      sockaddr_in address{};
      socklen_t size = sizeof address;
      CHECK(::getsockname(first, reinterpret_cast<sockaddr*>(&address), &size) == 0);
      const int port = ntohs(address.sin_port);
      const int second = port < 65535 ? socket_on(port + 1, true) : -1;
      ::close(first);
      if (second < 0) continue;
      ::close(second);
      return port;
    }
  }

  int port_ = 0;
  FolderForTest folder_;
  std::unique_ptr<ProgramForTest> program_;
};

}  // namespace intaglio::element
