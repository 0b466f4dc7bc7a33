// For tests: what a Result holds, or why it does not.
#pragma once

#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>

#include "base/result.h"

namespace intaglio {

// The value, which must be there.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << to_string(result.error());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Why it was refused; `accepted` when it was not.
template <typename T>
Verdict verdict_of(const Result<T>& result) {
  return result ? Verdict::accepted : result.error().verdict;
}

}  // namespace intaglio
