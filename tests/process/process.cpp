#include "process/process.h"

#include <cstdlib>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

namespace intaglio {
namespace {

// In the child: becomes the program or ends.
[[noreturn]] void become(const std::string& program, std::vector<std::string> words,
                         const Process::Options& options, int output) {
  // A test that aborts takes what it started with it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  if (!options.log.empty()) ::dup2(output, STDERR_FILENO);
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(127);
  for (const auto& [name, value] : options.environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<char*> arguments;
  std::string name = program.substr(program.rfind('/') + 1);
  arguments.push_back(name.data());
  for (std::string& each : words) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  ::_exit(127);
}

}  // namespace

Process::Process(const std::string& program, const std::vector<std::string>& words,
                 const Options& options) {
  int output[2] = {-1, -1};
  if (options.log.empty()) {
    CHECK(::pipe2(output, O_CLOEXEC) == 0);
  } else {
    output[1] = ::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    CHECK(output[1] >= 0);
  }
  id_ = ::fork();
  CHECK(id_ >= 0);
  if (id_ == 0) become(program, words, options, output[1]);
  ::close(output[1]);
  output_ = output[0];
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, -1)), output_(std::exchange(other.output_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  kill();
  id_ = std::exchange(other.id_, -1);
  output_ = std::exchange(other.output_, -1);
  return *this;
}

bool Process::alive() {
  if (!running()) return false;
  siginfo_t ended{};
  // Looks without taking the exit code away.
  CHECK(::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
  return ended.si_pid == 0;
}

std::string Process::read_line() {
  std::string line;
  for (char c = 0; ::read(output_, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::string Process::read_all() {
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(output_, buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return out;
}

void Process::signal(int number) const {
  CHECK(running());
  ::kill(id_, number);
}

double Process::cpu_seconds() const {
  CHECK(running());
  clockid_t clock = 0;
  CHECK(::clock_getcpuclockid(id_, &clock) == 0);
  timespec spent{};
  CHECK(::clock_gettime(clock, &spent) == 0);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

int Process::end_by(int number) {
  if (!running()) return -1;
  ::kill(id_, number);
  return wait();
}

int Process::wait() {
  CHECK(running());
  int status = 0;
  ::waitpid(id_, &status, 0);
  id_ = -1;
  if (output_ >= 0) ::close(std::exchange(output_, -1));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace intaglio
