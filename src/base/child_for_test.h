// For tests of what a process leaves that is killed: the test's program runs itself as a child,
// with one test of its own that is disabled for everybody else.
#pragma once

#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "base/check.h"
#include "base/socket_file.h"

namespace intaglio {

// The child's file descriptor, on which it says what it has done.
inline constexpr int kChildReports = 3;

struct ChildForTest {
  pid_t process = 0;       // the caller ends it and waits for it
  FileDescriptor reports;  // where that is read
};

// `settings` ("NAME=value") are all of its environment. What it prints is nobody's.
inline ChildForTest start_child_for_test(const std::string& program, const std::string& test,
                                         std::vector<std::string> settings) {
  const auto pointers = [](std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
  };
  int ends[2];
  CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  ChildForTest out{.process = 0, .reports = FileDescriptor(ends[0])};
  const FileDescriptor writes(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, *writes, kChildReports);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> words = {program, "--gtest_filter=" + test,
                                    "--gtest_also_run_disabled_tests"};
  const int failed = posix_spawn(&out.process, "/proc/self/exe", &actions, nullptr,
                                 pointers(words).data(), pointers(settings).data());
  CHECK(failed == 0);
  posix_spawn_file_actions_destroy(&actions);
  return out;
}

}  // namespace intaglio
