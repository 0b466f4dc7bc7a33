// The closed table of verdicts: everything the program can answer other than a value. Receipts,
// JSON problems, CLI exit codes, docs and the console all read this table.
//
// Append-only: a number or name once released never changes and is never given again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace intaglio {

enum class VerdictKind : std::uint8_t {
  accepted,   // it was done
  malformed,  // it can never be right: the bytes or the request are wrong
  refused,    // well formed, and not allowed in this state or by this signer
  later,      // try again: the answer is not known yet, or not now
};

enum class Verdict : std::uint16_t {
#define VERDICT(number, name, kind, http, sentence) name = number,
#include "base/verdicts.def"
#undef VERDICT
};

struct VerdictRow {
  Verdict verdict;
  std::string_view name;
  VerdictKind kind;
  int http_status;
  std::string_view sentence;
};

std::span<const VerdictRow> verdicts();
const VerdictRow& describe(Verdict verdict);
std::optional<Verdict> verdict_from_name(std::string_view name);
std::optional<Verdict> verdict_from_number(std::uint64_t number);
std::string_view to_string(VerdictKind kind);

}  // namespace intaglio
