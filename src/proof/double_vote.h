// Two votes of one validator for different blocks at one place, which no honest one gives: CometBFT
// calls it duplicate vote evidence (spec/consensus/evidence.md). Whoever knows the validator's key
// can check it. Pure functions; any thread.
#pragma once

#include "base/verified.h"
#include "codec/record.h"
#include "proof/comet_wire.h"

namespace intaglio::proof {

struct DoubleVote {
  Bytes first;  // tendermint.types.Vote
  Bytes second;
  bool operator==(const DoubleVote&) const = default;

  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "first", &DoubleVote::first, "CometBFT's encoding of a vote"),
        codec::field(2, "second", &DoubleVote::second, "another of the same height and round"));
  }
};

// Read, and not verified: whose votes they are said to be. `bad_proof` when they are of two
// validators, kinds, heights or rounds, or for one block; what decode_comet_vote refuses, at
// "first" or "second".
struct ConflictingVotes {
  CometBallot first;
  CometBallot second;
};
Result<ConflictingVotes> read_double_vote(const DoubleVote& evidence);

// `not_signer` for another validator's key, `bad_signature` at "first" or "second".
Result<Verified<ConflictingVotes>> verify_double_vote(const ConflictingVotes& votes,
                                                      std::string_view chain,
                                                      const crypto::Ed25519Key& validator);

}  // namespace intaglio::proof
