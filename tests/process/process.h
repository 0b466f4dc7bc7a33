// A process as a test runs it: started over words of a command line, ended or killed at will. It
// dies with the test.
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace intaglio {

class Process {
 public:
  struct Options {
    std::string folder = {};  // it runs there; empty: where the test does
    // What it writes goes to the end of this file; empty: its standard output is read here, and
    // its errors are the test's.
    std::string log = {};
    std::vector<std::pair<std::string, std::string>> environment = {};  // beside the test's
  };

  Process() = default;
  // `words` without the program's name. What cannot be run ends with 127.
  Process(const std::string& program, const std::vector<std::string>& words,
          const Options& options);
  ~Process() { kill(); }
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  // Started, and neither killed nor waited for here.
  bool running() const { return id_ > 0; }
  // Started, and not at its end by itself either.
  bool alive();

  // Up to a line's end or the end of what it writes.
  std::string read_line();
  std::string read_all();

  // kill -9: no destructor, no flush. Nothing when it does not run.
  void kill() { end_by(SIGKILL); }
  // SIGTERM, and waits; the exit code.
  int stop() { return end_by(SIGTERM); }
  // Waits for its end; the exit code, -1 for a signal's.
  int wait();
  void signal(int number) const;

  // Of one that runs: the time that cores have worked for it.
  double cpu_seconds() const;

 private:
  int end_by(int number);

  int id_ = -1;
  int output_ = -1;
};

}  // namespace intaglio
