// What we do when we were wrong, and when the machine failed half-way through a commit.
#pragma once

#include <string_view>

namespace intaglio {

// Prints the message and aborts. For a failed commit, after which memory and disk may disagree:
// the next start reads what is durable.
[[noreturn]] void fatal(std::string_view message);

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace intaglio

// An assertion about our own code, on in release builds. Never about input: input gets a Refusal.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::intaglio::check_failed(#condition, __FILE__, __LINE__))
