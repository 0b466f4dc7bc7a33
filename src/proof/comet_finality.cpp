#include "proof/comet_finality.h"

#include <algorithm>

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

// Between two heights: of those that are kept where there are some, else the one in the middle.
std::optional<Height> between(Height one, Height other, std::span<const Height> kept) {
  const Height low = std::min(one, other);
  const Height high = std::max(one, other);
  const auto first = std::ranges::upper_bound(kept, low);
  const auto end = std::ranges::lower_bound(kept, high);
  if (first < end) return *(first + (end - first) / 2);
  const Height middle(low.value() + (high.value() - low.value()) / 2);
  return middle == low ? std::nullopt : std::optional(middle);
}

// A step that was looked for: what it makes trusted, or why a header between must come first.
struct Found {
  LightBlock block;
  std::optional<CometValidatorSet> announced;
  std::optional<Verified<TrustedHeader>> trusted;
  Refusal missing;
};

// From what is trusted, which is `last`'s header where that is known.
Result<Found> look_for(const CometTrust& from, const std::optional<LightBlock>& last, Height to,
                       const LightBlockAt& blocks) {
  ASSIGN(auto block, blocks(to));
  Found out{std::move(block), {}, {}, {Verdict::unproven_signer, {}}};
  const Digest& next = from.header->next_validators;
  const Height announcing = from.header->height.next();
  if (to != announcing && out.block.validators.hash() != next) {
    if (last && last->validators.hash() == next) {
      out.announced = last->validators;
    } else {
      auto there = blocks(announcing);
      if (!there) {
        out.missing = std::move(there).error();
        return out;
      }
      out.announced = std::move(there->validators);
    }
  }
  ASSIGN(const auto outcome,
         verify_step(from, from.header, out.block, out.announced ? &*out.announced : nullptr));
  if (const auto* trusted = std::get_if<Verified<TrustedHeader>>(&outcome)) out.trusted = *trusted;
  return out;
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
  if (steps.size() > trust.most_steps) return refuse(Verdict::too_large, "steps");
  Verified<TrustedHeader> at = trust.header;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto next = follow(trust, at, steps[i]);
    if (!next) return refuse_within(format("steps[{}]", i), next.error());
    at = *std::move(next);
  }
  return at;
}

Result<std::vector<CometStep>> find_steps(const Verified<TrustedHeader>& from, Height to,
                                          const LightBlockAt& blocks, const StepOptions& options) {
  std::vector<CometStep> out;
  if (from->height == to) return out;
  CometTrust at = trust_at_any_time(from);
  std::optional<LightBlock> last;
  std::vector<Height> ahead{to};
  while (!ahead.empty()) {
    if (out.size() == options.most) return refuse(Verdict::too_large, "steps");
    ASSIGN(auto found, look_for(at, last, ahead.back(), blocks));
    if (found.trusted) {
      out.push_back(comet_step(found.block, found.announced ? &*found.announced : nullptr));
      at.header = *found.trusted;
      last = std::move(found.block);
      ahead.pop_back();
      continue;
    }
    const auto halfway = between(at.header->height, ahead.back(), options.kept);
    const bool is_kept = halfway && std::ranges::binary_search(options.kept, *halfway);
    // From where nobody knows who was announced, only what was kept leads on.
    const bool leads_on = is_kept || found.missing.verdict == Verdict::unproven_signer;
    if (!halfway || !leads_on) return std::unexpected(found.missing);
    ahead.push_back(*halfway);
  }
  return out;
}

}  // namespace intaglio::proof
