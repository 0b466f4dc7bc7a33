#include "proof/double_vote.h"

namespace intaglio::proof {

Result<ConflictingVotes> read_double_vote(const DoubleVote& evidence) {
  const auto first = decode_comet_vote(evidence.first);
  if (!first) return refuse_within("first", first.error());
  const auto second = decode_comet_vote(evidence.second);
  if (!second) return refuse_within("second", second.error());
  const auto place = [](const CometBallot& vote) {
    return std::tuple(vote.kind, vote.height, vote.round, vote.validator);
  };
  if (place(*first) != place(*second) || first->block == second->block) {
    return refuse(Verdict::bad_proof);
  }
  return ConflictingVotes{*first, *second};
}

Result<Verified<ConflictingVotes>> verify_double_vote(const ConflictingVotes& votes,
                                                      std::string_view chain,
                                                      const crypto::Ed25519Key& validator) {
  if (comet_address(validator) != votes.first.validator) return refuse(Verdict::not_signer);
  for (const auto& [name, vote] : {std::pair("first", &votes.first), {"second", &votes.second}}) {
    if (!crypto::verify_ed25519(validator, vote->sign_bytes(chain), vote->signature)) {
      return refuse(Verdict::bad_signature, name);
    }
  }
  return VerificationPass::grant(votes);
}

}  // namespace intaglio::proof
