#include "proof/comet_finality.h"

#include "base/format.h"

namespace intaglio::proof {
namespace {

constexpr Duration kForever(UINT64_MAX);
// Later than any block, and earlier than the end of CometBFT's time.
constexpr Duration kFarAhead = seconds(250'000'000'000);

Result<LightClientOutcome> verify_step(const CometTrust& trust, const Verified<TrustedHeader>& from,
                                       const LightBlock& block, const CometValidatorSet* between) {
  // Most times nobody came or went.
  const CometValidatorSet* announced = between != nullptr ? between : &block.validators;
  return block.header.height > from->height
             ? verify_light_block(from, block, announced, trust.options, trust.now)
             : verify_earlier_block(from, block, announced, trust.options, trust.now);
}

Result<Verified<TrustedHeader>> follow(const CometTrust& trust, const Verified<TrustedHeader>& from,
                                       const CometStep& step) {
  ASSIGN(const auto block, decode_light_block(step.signed_header, step.validators));
  // Another relay was as quick: it is trusted by now.
  if (block.header.height == from->height && block.header.hash() == from->hash) return from;
  std::optional<CometValidatorSet> between;
  if (step.announced) {
    auto decoded = decode_comet_validators(*step.announced);
    if (!decoded) return refuse_within("announced", decoded.error());
    between = *std::move(decoded);
  }
  const auto outcome = verify_step(trust, from, block, between ? &*between : nullptr);
  if (!outcome) return std::unexpected(outcome.error());
  if (const auto* missing = std::get_if<NotEnoughTrust>(&*outcome)) {
    return refuse(Verdict::unproven_signer, format("{} of {}", missing->signed_power, missing->of));
  }
  return std::get<Verified<TrustedHeader>>(*outcome);
}

// Between two heights; one of them when they are neighbours.
Height middle(Height one, Height other) {
  const std::uint64_t low = std::min(one, other).value();
  return Height(low + (std::max(one, other).value() - low) / 2);
}

}  // namespace

CometTrust trust_at_any_time(Verified<TrustedHeader> header) {
  LightClientOptions options;
  options.trusting_period = kForever;
  return {.header = std::move(header), .options = options, .now = CometTime{} + kFarAhead};
}

CometStep comet_step(const LightBlock& block, const CometValidatorSet* between) {
  CometStep out{.signed_header = encode_signed_header(block),
                .validators = encode_comet_validators(block.validators),
                .announced = {}};
  if (between != nullptr) out.announced = encode_comet_validators(*between);
  return out;
}

Result<Verified<TrustedHeader>> follow_steps(const CometTrust& trust,
                                             std::span<const CometStep> steps) {
  if (steps.size() > kMaxCometSteps) return refuse(Verdict::too_large, "steps");
  Verified<TrustedHeader> at = trust.header;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto next = follow(trust, at, steps[i]);
    if (!next) return refuse_within(format("steps[{}]", i), next.error());
    at = *std::move(next);
  }
  return at;
}

Result<std::vector<CometStep>> find_steps(const Verified<TrustedHeader>& from, Height to,
                                          const LightBlockAt& blocks) {
  std::vector<CometStep> out;
  if (from->height == to) return out;
  CometTrust at = trust_at_any_time(from);
  std::vector<Height> ahead{to};
  while (!ahead.empty()) {
    if (out.size() == kMaxCometSteps) return refuse(Verdict::too_large, "steps");
    const Height here = at.header->height;
    const Height next = ahead.back();
    ASSIGN(const auto block, blocks(next));
    std::optional<CometValidatorSet> between;
    if (next != here.next() && block.validators.hash() != at.header->next_validators) {
      ASSIGN(auto announcing, blocks(here.next()));
      between = std::move(announcing.validators);
    }
    const auto* announced = between ? &*between : nullptr;
    const auto outcome = verify_step(at, at.header, block, announced);
    if (!outcome) return std::unexpected(outcome.error());
    if (const auto* trusted = std::get_if<Verified<TrustedHeader>>(&*outcome)) {
      out.push_back(comet_step(block, announced));
      at.header = *trusted;
      ahead.pop_back();
      continue;
    }
    const Height halfway = middle(here, next);
    if (halfway == here || halfway == next) return refuse(Verdict::unproven_signer);
    ahead.push_back(halfway);
  }
  return out;
}

}  // namespace intaglio::proof
