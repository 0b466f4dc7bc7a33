#include "base/result.h"

#include "base/format.h"

namespace intaglio {

std::string to_string(const Refusal& refusal) {
  const auto& row = describe(refusal.verdict);
  if (refusal.where.empty()) return format("{}: {}", row.name, row.sentence);
  return format("{} at {}: {}", row.name, refusal.where, row.sentence);
}

std::unexpected<Refusal> refuse_within(std::string outer, Refusal inner) {
  if (inner.where.empty()) return refuse(inner.verdict, std::move(outer));
  if (inner.where.front() != '[') outer += '.';
  return refuse(inner.verdict, outer + inner.where);
}

}  // namespace intaglio
