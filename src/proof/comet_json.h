// CometBFT's headers, commits and validators as its RPC writes them in JSON. Unproven, as what
// decode_light_block reads. Pure functions; any thread.
#pragma once

#include "codec/json.h"
#include "proof/comet_wire.h"
#include "proof/double_vote.h"

namespace intaglio::proof {

// RFC 3339 in UTC with up to nine digits of a second: "2026-11-30T01:02:03.000000004Z".
std::string comet_time_text(const CometTime& time);
Result<CometTime> comet_time_from_text(std::string_view text);

// Each refuses what Json::text_at, uint_at and the decoders of texts do, and `bad_value` or
// `too_large` at the member, e.g. "header.time".
Result<CometHeader> comet_header_from_json(const codec::Json& json);
Result<CometCommit> comet_commit_from_json(const codec::Json& json);
// In the order of the array. Also what CometValidatorSet::of refuses; `bad_algorithm` for a key
// that is not Ed25519.
Result<CometValidatorSet> comet_validators_from_json(const codec::Json& json);

// The double votes of a block's evidence, which is an object with an array "evidence"; of other
// evidence there may be some, which is left out.
Result<std::vector<DoubleVote>> double_votes_from_json(const codec::Json& json);

}  // namespace intaglio::proof
