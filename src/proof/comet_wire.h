// CometBFT's headers, commits and validators as it sends them: Protocol Buffers' messages of the
// package tendermint.types. Read in the one form that its serialiser writes (codec/protobuf.h).
#pragma once

#include "proof/comet_header.h"

namespace intaglio::proof {

// Bytes of a light block that we read: ten thousand validators and their votes have room.
inline constexpr std::size_t kMaxLightBlock = std::size_t{4} << 20;

// What a light client is shown of a block.
struct LightBlock {
  CometHeader header;
  CometCommit commit;
  CometValidatorSet validators;  // who may commit it
  bool operator==(const LightBlock&) const = default;
};

// tendermint.types.LightBlock, unproven. Every field has a form that can be right, nothing more is
// checked: `too_large`, `missing_field`, `bad_value`, `bad_algorithm` for a validator's key that is
// not Ed25519, `bad_signature_form`, or what codec::ProtobufReader and CometValidatorSet refuse.
// Who proposes next and with what priority, which a set's message holds besides, is read and left:
// no hash depends on it.
Result<LightBlock> decode_light_block(ByteView bytes);
// Without that.
Bytes encode_light_block(const LightBlock& block);

// The same in its two parts: tendermint.types.SignedHeader and ValidatorSet.
Result<LightBlock> decode_light_block(ByteView signed_header, ByteView validators);
Bytes encode_signed_header(const LightBlock& block);

// tendermint.types.ValidatorSet, in the same way: the set that a step over several heights needs.
Result<CometValidatorSet> decode_comet_validators(ByteView bytes);
Bytes encode_comet_validators(const CometValidatorSet& validators);

// tendermint.types.Vote, unproven: `bad_value`, `bad_signature_form`, or what codec::ProtobufReader
// refuses. The validator's place in its set and what extends a vote are read and left: they are not
// signed with it.
Result<CometBallot> decode_comet_vote(ByteView bytes);
Bytes encode_comet_vote(const CometBallot& vote);

// Parts of these that are hashed or signed by themselves.
Bytes encode_comet_time(const CometTime& time);
Bytes encode_comet_block_id(const CometBlockId& id);
Bytes encode_comet_key(const crypto::Ed25519Key& key);

}  // namespace intaglio::proof
