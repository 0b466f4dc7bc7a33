// When a block of a chain that CometBFT orders is final: its validators committed CometBFT's next
// header, which carries, as its application's hash, the hash of ours. From a header that is trusted
// a light client's steps lead there (proof/light_client.h). Pure functions; any thread.
#pragma once

#include <functional>
#include <span>

#include "proof/finality.h"
#include "proof/light_client.h"

namespace intaglio::proof {

// CometBFT's light block of a height, from wherever its node keeps it; refused when there is none,
// e.g. not yet.
using LightBlockAt = std::function<Result<LightBlock>(Height)>;

// What is trusted of a chain, and how far.
struct CometTrust {
  Verified<TrustedHeader> header;
  LightClientOptions options;
  CometTime now;
  std::size_t most_steps = kMaxCometSteps;
};

// Options without a clock: for whoever has no time that counts, or looks for steps that another
// will judge.
CometTrust trust_at_any_time(Verified<TrustedHeader> header);

// A step as it is sent. `between` where the block's own validators are not those that the header
// before announced.
CometStep comet_step(const LightBlock& block, const CometValidatorSet* between);

// What is trusted at the end of these steps, each to a later header, to an earlier one, or to the
// one that is trusted already, which needs no votes. `too_large` at "steps"; at the step what
// decode_light_block, verify_light_block and verify_earlier_block refuse, and `unproven_signer`.
Result<Verified<TrustedHeader>> follow_steps(const CometTrust& trust,
                                             std::span<const CometStep> steps);

struct StepOptions {
  std::size_t most = kMaxCometSteps;
  // Heights whose blocks are there whatever CometBFT forgets, ascending. Those before and after
  // each change of the validators lead anywhere between.
  std::span<const Height> kept = {};
};

// Steps from what is trusted to the header of a height, none when it is that: in one where enough
// validators are the same, else by one between first: one of those that are kept, or the one in the
// middle. What `blocks` refuses; `too_large` when they would be more than those, `unproven_signer`
// when no step leads back there.
Result<std::vector<CometStep>> find_steps(const Verified<TrustedHeader>& from, Height to,
                                          const LightBlockAt& blocks,
                                          const StepOptions& options = {});

// A block that is final by votes.
template <ChainHeader Header>
struct VotedBlock {
  Header header;
  BlockHash hash;
  TrustedHeader next;  // CometBFT's, whose application's hash that is
};

// `missing_field` at "comet" when nothing is proven by votes; what check_form refuses; `too_large`
// and what Header::decode refuses at "comet.header", `bad_proof` there when the last step's header
// carries another hash; what follow_steps refuses, at "comet".
template <ChainHeader Header>
Result<Verified<VotedBlock<Header>>> verify_votes(const FinalityProof& proof,
                                                  const CometTrust& trust, const LedgerId& ledger) {
  if (!proof.comet) return refuse(Verdict::missing_field, "comet");
  TRY(check_form(proof));
  ASSIGN(const auto shown, shown_header<Header>(proof, ledger));
  const auto next = follow_steps(trust, proof.comet->steps);
  if (!next) return refuse_within("comet", next.error());
  const BlockHash hash = shown.header.hash(ledger);
  if (!equal((*next)->app, hash.view())) return refuse(Verdict::bad_proof, "comet.header");
  return VerificationPass::grant(VotedBlock<Header>{shown.header, hash, **next});
}

}  // namespace intaglio::proof
