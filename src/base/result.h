// The outcome of asking for something that may not be given.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/verdict.h"

namespace intaglio {

// Why not, and where: `where` names the field, byte or rule ("operations[1].amount", "byte 17"),
// and may hold ids and numbers, but never a secret.
struct Refusal {
  Verdict verdict;
  std::string where;
  bool operator==(const Refusal&) const = default;
};

// "insufficient_funds at operations[0]: the account does not have this much to spend"
std::string to_string(const Refusal& refusal);

template <typename T>
using Result = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(Verdict verdict, std::string where = {}) {
  return std::unexpected(Refusal{verdict, std::move(where)});
}

// The same refusal, with its place put below `outer`: "amount" inside "operations[1]" becomes
// "operations[1].amount".
std::unexpected<Refusal> refuse_within(std::string outer, Refusal inner);

}  // namespace intaglio

#define INTAGLIO_CONCAT_(a, b) a##b
#define INTAGLIO_CONCAT(a, b) INTAGLIO_CONCAT_(a, b)

// TRY(expression): leaves the function with the refusal, if it is one.
#define TRY(...)                                                      \
  do {                                                                \
    if (auto try_result_ = (__VA_ARGS__); !try_result_.has_value()) { \
      return std::unexpected(std::move(try_result_).error());         \
    }                                                                 \
  } while (false)

// ASSIGN(declaration, expression): the value, or leaves the function with the refusal.
//   ASSIGN(const auto length, reader.uint());
#define ASSIGN(declaration, ...) \
  INTAGLIO_ASSIGN_(INTAGLIO_CONCAT(assign_result_, __LINE__), declaration, __VA_ARGS__)
#define INTAGLIO_ASSIGN_(result, declaration, ...)                            \
  auto result = (__VA_ARGS__);                                                \
  if (!result.has_value()) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
