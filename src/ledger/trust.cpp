#include "ledger/trust.h"

#include <algorithm>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::ledger {

std::string comet_chain_id(const LedgerId& ledger, ChainId chain) {
  return format("intaglio-{}-{}", codec::to_hex(ledger.view().first(8)), chain.value());
}

proof::CometValidatorSet comet_validators(const NodesRow& nodes) {
  std::vector<proof::CometValidator> out;
  for (const Validator& each : nodes.validators.value()) out.push_back({each.key, each.power});
  std::ranges::sort(out, [](const auto& one, const auto& other) {
    if (one.power != other.power) return one.power > other.power;
    return proof::comet_address(one.key) < proof::comet_address(other.key);
  });
  auto set = proof::CometValidatorSet::of(std::move(out));
  CHECK(set.has_value());  // check_nodes
  return *std::move(set);
}

proof::CometTrust comet_trust(const TrustRow& row, const std::string& comet_chain, Millis now) {
  auto trust = proof::trust_at_any_time(
      proof::still_trusted({.chain = comet_chain,
                            .height = row.height,
                            .time = {static_cast<std::int64_t>(row.seconds), row.nanos},
                            .hash = row.hash,
                            .app = to_bytes(row.app.view()),
                            .next_validators = row.next_validators}));
  trust.now = proof::comet_time(now);
  if (row.height > Height(0)) trust.options.trusting_period = kTrustingPeriod;
  return trust;
}

std::optional<TrustRow> later_trust(const TrustRow& row, const proof::TrustedHeader& header) {
  const auto app = Digest::from(header.app);
  const proof::CometTime before{static_cast<std::int64_t>(row.seconds), row.nanos};
  if (header.height <= row.height || header.time <= before || !app) return std::nullopt;
  return TrustRow{.height = header.height,
                  .seconds = static_cast<std::uint64_t>(header.time.seconds),
                  .nanos = header.time.nanos,
                  .hash = header.hash,
                  .app = *app,
                  .next_validators = header.next_validators};
}

bool is_trust_expired(const TrustRow& row, Millis now) {
  const proof::CometTime time{static_cast<std::int64_t>(row.seconds), row.nanos};
  return row.height > Height(0) && time + kTrustingPeriod <= proof::comet_time(now);
}

TrustRow first_trust(const NodesRow& nodes) {
  TrustRow out;
  out.next_validators = comet_validators(nodes).hash();
  return out;
}

}  // namespace intaglio::ledger
