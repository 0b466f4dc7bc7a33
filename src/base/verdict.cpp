#include "base/verdict.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace intaglio {
namespace {

constexpr auto kRows = std::to_array<VerdictRow>({
#define VERDICT(number, name, kind, http, sentence) \
  {Verdict::name, #name, VerdictKind::kind, http, sentence},
#include "base/verdicts.def"
#undef VERDICT
});
static_assert(std::ranges::is_sorted(kRows, {}, &VerdictRow::verdict));

}  // namespace

std::span<const VerdictRow> verdicts() { return kRows; }

const VerdictRow& describe(Verdict verdict) {
  const auto row = std::ranges::lower_bound(kRows, verdict, {}, &VerdictRow::verdict);
  CHECK(row != kRows.end() && row->verdict == verdict);
  return *row;
}

std::optional<Verdict> verdict_from_name(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &VerdictRow::name);
  if (row == kRows.end()) return std::nullopt;
  return row->verdict;
}

std::optional<Verdict> verdict_from_number(std::uint64_t number) {
  if (number > UINT16_MAX) return std::nullopt;
  const auto verdict = static_cast<Verdict>(number);
  const auto row = std::ranges::lower_bound(kRows, verdict, {}, &VerdictRow::verdict);
  if (row == kRows.end() || row->verdict != verdict) return std::nullopt;
  return verdict;
}

std::string_view to_string(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::accepted: return "accepted";
    case VerdictKind::malformed: return "malformed";
    case VerdictKind::refused: return "refused";
    case VerdictKind::later: return "later";
  }
  fatal("a verdict kind outside its enum");
}

}  // namespace intaglio
