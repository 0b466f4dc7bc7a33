// A light client of CometBFT: from a header that is trusted to a later one, by the votes of its
// validators alone (spec/light-client/verification). Who has a header that is trusted can check
// what its application proves against the header's hash of it (proof/ics23.h). Pure functions,
// which are told what time it is; any thread.
#pragma once

#include <variant>

#include "base/verified.h"
#include "proof/comet_wire.h"

namespace intaglio::proof {

// A header as far as the next one hangs on it. Verified: by its hash, or by another one.
struct TrustedHeader {
  std::string chain;
  Height height;
  CometTime time;
  Digest hash;
  Bytes app;               // the application's hash after the block before it
  Digest next_validators;  // who commits the block after it
  bool operator==(const TrustedHeader&) const = default;
};

// More than numerator / denominator of the trusted validators' power.
struct TrustThreshold {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 3;
};

struct LightClientOptions {
  // From a third, below which dishonest validators could do it alone, up to all.
  TrustThreshold threshold;
  // How long validators of a header can still be punished, so that it can be trusted.
  Duration trusting_period = seconds(14 * 24 * 3600);
  // By how much their clocks may be ahead.
  Duration clock_drift = seconds(10);
};

// The trusted validators who signed have too little of the power: a header between the two is
// needed. Says nothing about the header.
struct NotEnoughTrust {
  std::uint64_t signed_power = 0;
  std::uint64_t of = 0;
};

using LightClientOutcome = std::variant<Verified<TrustedHeader>, NotEnoughTrust>;

// The first header that is trusted: the one whose hash somebody vouches for, e.g. the operator.
// `bad_proof` when it is another; what CometHeader::check refuses.
Result<Verified<TrustedHeader>> trust_header(const CometHeader& header, const Digest& hash);

// What was trusted before, from where only what was verified is kept: a chain's own state, its
// genesis.
Verified<TrustedHeader> still_trusted(TrustedHeader header);

// More than two thirds of the set's power committed this header of the chain. What is behind the
// votes that suffice is not looked at, as in CometBFT. Refused, in this order:
// * `bad_value` at "commit.height", `bad_proof` at "commit.block_id" (of another block),
//   "validators" (not the header's), `bad_value` at "commit.signatures" (not one a validator) or at
//   the one that is not of the validator in its place;
// * `not_final` when those who voted for it are too few, `bad_signature` at the first vote that is
//   wrong when they are too few without those that are.
Result<void> verify_commit(const CometHeader& header, const CometCommit& commit,
                           const CometValidatorSet& validators);

// A step to a later header, `now`. To the next height `between` is not looked at; over several it
// must be the set that the trusted header calls the next one. Refused: `bad_setting` for a
// threshold out of range, `expired` when the trusted header is too old, what CometHeader::check
// refuses, `wrong_chain`, `block_gap` at "header.height" or "header.time" when it is not later,
// `block_time` when it is from the future, `unproven_signer` when the validators of the next height
// are others than those announced, `missing_field` or `bad_proof` at "trusted_validators", what
// verify_commit refuses.
Result<LightClientOutcome> verify_light_block(const Verified<TrustedHeader>& trusted,
                                              const LightBlock& block,
                                              const CometValidatorSet* between,
                                              const LightClientOptions& options,
                                              const CometTime& now);

// A step to an earlier header, which is trusted for the same reason as a step over several heights
// to a later one: more than the threshold of those whom the trusted header calls the next
// validators have committed it, so that one of them is honest, who signs no block that names other
// validators than it has. `between` is always needed; refused as above, and `block_gap` when it is
// not earlier.
Result<LightClientOutcome> verify_earlier_block(const Verified<TrustedHeader>& trusted,
                                                const LightBlock& block,
                                                const CometValidatorSet* between,
                                                const LightClientOptions& options,
                                                const CometTime& now);

}  // namespace intaglio::proof
