#include "proof/comet_wire.h"

#include "base/format.h"
#include "codec/protobuf.h"

namespace intaglio::proof {
namespace {

using codec::ProtobufReader;
using codec::ProtobufWriter;

template <typename T>
Result<T> within(std::string place, Result<T> result) {
  if (!result) return refuse_within(std::move(place), std::move(result).error());
  return result;
}

Result<ByteView> required(ProtobufReader& in, std::uint32_t field, std::string_view name) {
  ASSIGN(const auto message, in.message(field));
  if (!message) return refuse(Verdict::missing_field, std::string(name));
  return *message;
}

// A message that Go always writes and others leave out when it is empty.
Result<ByteView> optional(ProtobufReader& in, std::uint32_t field) {
  ASSIGN(const auto message, in.message(field));
  return message.value_or(ByteView());
}

template <typename Id>
Result<Id> fixed(ProtobufReader& in, std::uint32_t field, std::string_view name) {
  ASSIGN(const auto bytes, in.bytes(field));
  const auto id = Id::from(bytes);
  if (!id) return refuse(Verdict::bad_value, std::string(name));
  return *id;
}

Result<std::optional<Digest>> optional_hash(ProtobufReader& in, std::uint32_t field,
                                            std::string_view name) {
  ASSIGN(const auto bytes, in.bytes(field));
  if (bytes.empty()) return std::nullopt;
  const auto hash = Digest::from(bytes);
  if (!hash) return refuse(Verdict::bad_value, std::string(name));
  return hash;
}

Result<Height> height_in(ProtobufReader& in, std::uint32_t field) {
  ASSIGN(const auto height, in.uint(field));
  if (height > INT64_MAX) return refuse(Verdict::bad_value, "height");
  return Height(height);
}

Result<std::uint32_t> round_in(ProtobufReader& in, std::uint32_t field) {
  ASSIGN(const auto round, in.uint(field));
  if (round > INT32_MAX) return refuse(Verdict::bad_value, "round");
  return static_cast<std::uint32_t>(round);
}

Result<CometTime> decode_time(ByteView bytes) {
  ProtobufReader in(bytes);
  CometTime out;
  ASSIGN(out.seconds, in.integer(1));
  ASSIGN(const auto nanos, in.uint(2));
  TRY(in.finish());
  out.nanos = static_cast<std::uint32_t>(std::min<std::uint64_t>(nanos, UINT32_MAX));
  if (!is_comet_time(out)) return refuse(Verdict::bad_value);
  return out;
}

Result<CometBlockId> decode_block_id(ByteView bytes) {
  ProtobufReader in(bytes);
  CometBlockId out;
  ASSIGN(out.hash, optional_hash(in, 1, "hash"));
  ASSIGN(const auto parts, optional(in, 2));
  TRY(in.finish());
  ProtobufReader set(parts);
  ASSIGN(const auto total, set.uint(1));
  if (total > UINT32_MAX) return refuse(Verdict::bad_value, "part_set_header.total");
  out.parts = static_cast<std::uint32_t>(total);
  ASSIGN(out.parts_hash, optional_hash(set, 2, "part_set_header.hash"));
  TRY(set.finish());
  return out;
}

Result<void> decode_version(ByteView bytes, CometHeader& out) {
  ProtobufReader in(bytes);
  ASSIGN(out.block_version, in.uint(1));
  ASSIGN(out.app_version, in.uint(2));
  return in.finish();
}

Result<CometHeader> decode_header(ByteView bytes) {
  ProtobufReader in(bytes);
  CometHeader out;
  ASSIGN(const auto version, optional(in, 1));
  TRY(decode_version(version, out));
  ASSIGN(const auto chain, in.bytes(2));
  if (chain.size() > kMaxCometChainId) return refuse(Verdict::too_large, "chain_id");
  out.chain = as_text(chain);
  ASSIGN(out.height, height_in(in, 3));
  ASSIGN(const auto time, optional(in, 4));
  ASSIGN(out.time, within("time", decode_time(time)));
  ASSIGN(const auto last_block, optional(in, 5));
  ASSIGN(out.last_block, within("last_block_id", decode_block_id(last_block)));
  ASSIGN(out.last_commit, optional_hash(in, 6, "last_commit_hash"));
  ASSIGN(out.data, optional_hash(in, 7, "data_hash"));
  ASSIGN(out.validators, fixed<Digest>(in, 8, "validators_hash"));
  ASSIGN(out.next_validators, fixed<Digest>(in, 9, "next_validators_hash"));
  ASSIGN(out.consensus, optional_hash(in, 10, "consensus_hash"));
  ASSIGN(const auto app, in.bytes(11));
  if (app.size() > kMaxCometAppHash) return refuse(Verdict::too_large, "app_hash");
  out.app = to_bytes(app);
  ASSIGN(out.last_results, optional_hash(in, 12, "last_results_hash"));
  ASSIGN(out.evidence, optional_hash(in, 13, "evidence_hash"));
  ASSIGN(out.proposer, fixed<CometAddress>(in, 14, "proposer_address"));
  TRY(in.finish());
  return out;
}

Result<CometSignature> decode_signature(ByteView bytes) {
  ProtobufReader in(bytes);
  CometSignature out;
  ASSIGN(const auto vote, in.uint(1));
  if (vote < 1 || vote > 3) return refuse(Verdict::bad_value, "block_id_flag");
  out.vote = static_cast<CometVote>(vote);
  ASSIGN(const auto address, in.bytes(2));
  ASSIGN(const auto time, optional(in, 3));
  ASSIGN(out.time, within("timestamp", decode_time(time)));
  ASSIGN(const auto signature, in.bytes(4));
  TRY(in.finish());
  if (out.vote == CometVote::absent) {
    const bool is_empty = address.empty() && signature.empty() && out.time == kNoCometTime;
    if (!is_empty) return refuse(Verdict::bad_value, "absent");
    return out;
  }
  const auto validator = CometAddress::from(address);
  if (!validator) return refuse(Verdict::bad_value, "validator_address");
  out.validator = *validator;
  const auto parsed = crypto::Ed25519Signature::from(signature);
  if (!parsed) return refuse(Verdict::bad_signature_form, "signature");
  out.signature = *parsed;
  return out;
}

Result<CometCommit> decode_commit(ByteView bytes) {
  ProtobufReader in(bytes);
  CometCommit out;
  ASSIGN(out.height, height_in(in, 1));
  ASSIGN(out.round, round_in(in, 2));
  ASSIGN(const auto block, optional(in, 3));
  ASSIGN(out.block, within("block_id", decode_block_id(block)));
  while (true) {
    ASSIGN(const auto signature, in.message(4));
    if (!signature) break;
    const std::size_t at = out.signatures.size();
    if (at == kMaxCometValidators) return refuse(Verdict::too_large, "signatures");
    ASSIGN(const auto decoded, within(format("signatures[{}]", at), decode_signature(*signature)));
    out.signatures.push_back(decoded);
  }
  TRY(in.finish());
  return out;
}

Result<crypto::Ed25519Key> decode_key(ByteView bytes) {
  ProtobufReader in(bytes);
  ASSIGN(const bool is_ed25519, in.next_is(1));
  if (!is_ed25519) return refuse(Verdict::bad_algorithm, "pub_key");
  ASSIGN(const auto key, fixed<crypto::Ed25519Key>(in, 1, "pub_key.ed25519"));
  TRY(in.finish());
  return key;
}

Result<CometValidator> decode_validator(ByteView bytes) {
  ProtobufReader in(bytes);
  CometValidator out;
  ASSIGN(const auto address, fixed<CometAddress>(in, 1, "address"));
  ASSIGN(const auto key, optional(in, 2));
  ASSIGN(out.key, decode_key(key));
  if (comet_address(out.key) != address) return refuse(Verdict::bad_value, "address");
  ASSIGN(out.power, in.uint(3));
  if (out.power > INT64_MAX) return refuse(Verdict::bad_value, "voting_power");
  TRY(in.integer(4));  // proposer_priority
  TRY(in.finish());
  return out;
}

Result<CometValidatorSet> decode_validators(ByteView bytes) {
  ProtobufReader in(bytes);
  std::vector<CometValidator> validators;
  while (true) {
    ASSIGN(const auto validator, in.message(1));
    if (!validator) break;
    const std::size_t at = validators.size();
    if (at == kMaxCometValidators) return refuse(Verdict::too_large, "validators");
    ASSIGN(const auto decoded, within(format("validators[{}]", at), decode_validator(*validator)));
    validators.push_back(decoded);
  }
  TRY(in.message(2));  // proposer
  TRY(in.integer(3));  // total_voting_power, which the sum says
  TRY(in.finish());
  return CometValidatorSet::of(std::move(validators));
}

Bytes encode_header(const CometHeader& header) {
  const auto bytes_of = [](const std::optional<Digest>& hash) {
    return hash ? hash->view() : ByteView();
  };
  ProtobufWriter out;
  ProtobufWriter version;
  version.uint(1, header.block_version).uint(2, header.app_version);
  out.message(1, version.view())
      .bytes(2, as_bytes(header.chain))
      .uint(3, header.height.value())
      .message(4, encode_comet_time(header.time))
      .message(5, encode_comet_block_id(header.last_block))
      .bytes(6, bytes_of(header.last_commit))
      .bytes(7, bytes_of(header.data))
      .bytes(8, header.validators.view())
      .bytes(9, header.next_validators.view())
      .bytes(10, bytes_of(header.consensus))
      .bytes(11, header.app)
      .bytes(12, bytes_of(header.last_results))
      .bytes(13, bytes_of(header.evidence))
      .bytes(14, header.proposer.view());
  return out.take();
}

Bytes encode_commit(const CometCommit& commit) {
  ProtobufWriter out;
  out.uint(1, commit.height.value())
      .uint(2, commit.round)
      .message(3, encode_comet_block_id(commit.block));
  for (const CometSignature& each : commit.signatures) {
    const bool is_absent = each.vote == CometVote::absent;
    ProtobufWriter signature;
    signature.uint(1, static_cast<std::uint64_t>(each.vote))
        .bytes(2, is_absent ? ByteView() : each.validator.view())
        .message(3, encode_comet_time(each.time))
        .bytes(4, is_absent ? ByteView() : each.signature.view());
    out.message(4, signature.view());
  }
  return out.take();
}

}  // namespace

Bytes encode_comet_time(const CometTime& time) {
  return ProtobufWriter().integer(1, time.seconds).uint(2, time.nanos).take();
}

Bytes encode_comet_block_id(const CometBlockId& id) {
  const auto bytes_of = [](const std::optional<Digest>& hash) {
    return hash ? hash->view() : ByteView();
  };
  ProtobufWriter parts;
  parts.uint(1, id.parts).bytes(2, bytes_of(id.parts_hash));
  return ProtobufWriter().bytes(1, bytes_of(id.hash)).message(2, parts.view()).take();
}

Bytes encode_comet_key(const crypto::Ed25519Key& key) {
  return ProtobufWriter().bytes(1, key.view()).take();
}

Bytes encode_comet_validators(const CometValidatorSet& validators) {
  ProtobufWriter out;
  for (std::size_t i = 0; i < validators.validators().size(); ++i) {
    const CometValidator& each = validators.validators()[i];
    ProtobufWriter validator;
    validator.bytes(1, validators.addresses()[i].view())
        .message(2, encode_comet_key(each.key))
        .uint(3, each.power);
    out.message(1, validator.view());
  }
  return out.uint(3, validators.power()).take();
}

Result<CometValidatorSet> decode_comet_validators(ByteView bytes) {
  if (bytes.size() > kMaxLightBlock) return refuse(Verdict::too_large);
  return decode_validators(bytes);
}

Bytes encode_signed_header(const LightBlock& block) {
  ProtobufWriter out;
  out.message(1, encode_header(block.header)).message(2, encode_commit(block.commit));
  return out.take();
}

Bytes encode_light_block(const LightBlock& block) {
  ProtobufWriter out;
  out.message(1, encode_signed_header(block)).message(2, encode_comet_validators(block.validators));
  return out.take();
}

Result<LightBlock> decode_light_block(ByteView bytes) {
  if (bytes.size() > kMaxLightBlock) return refuse(Verdict::too_large);
  ProtobufReader in(bytes);
  ASSIGN(const auto signed_header, required(in, 1, "signed_header"));
  ASSIGN(const auto set, required(in, 2, "validator_set"));
  TRY(in.finish());
  return decode_light_block(signed_header, set);
}

Result<LightBlock> decode_light_block(ByteView signed_header, ByteView validators) {
  if (signed_header.size() > kMaxLightBlock || validators.size() > kMaxLightBlock) {
    return refuse(Verdict::too_large);
  }
  ProtobufReader parts(signed_header);
  ASSIGN(const auto header, required(parts, 1, "header"));
  ASSIGN(const auto commit, required(parts, 2, "commit"));
  TRY(parts.finish());
  LightBlock out;
  ASSIGN(out.header, within("header", decode_header(header)));
  ASSIGN(out.commit, within("commit", decode_commit(commit)));
  ASSIGN(out.validators, within("validator_set", decode_validators(validators)));
  return out;
}

Result<CometBallot> decode_comet_vote(ByteView bytes) {
  ProtobufReader in(bytes);
  CometBallot out;
  ASSIGN(const auto kind, in.uint(1));
  if (kind != 1 && kind != 2) return refuse(Verdict::bad_value, "type");
  out.kind = static_cast<CometVoteKind>(kind);
  ASSIGN(out.height, height_in(in, 2));
  ASSIGN(out.round, round_in(in, 3));
  ASSIGN(const auto block, optional(in, 4));
  ASSIGN(out.block, within("block_id", decode_block_id(block)));
  ASSIGN(const auto time, optional(in, 5));
  ASSIGN(out.time, within("timestamp", decode_time(time)));
  ASSIGN(out.validator, fixed<CometAddress>(in, 6, "validator_address"));
  TRY(in.uint(7));  // validator_index
  ASSIGN(const auto signature, in.bytes(8));
  const auto parsed = crypto::Ed25519Signature::from(signature);
  if (!parsed) return refuse(Verdict::bad_signature_form, "signature");
  out.signature = *parsed;
  TRY(in.bytes(9));   // extension
  TRY(in.bytes(10));  // extension_signature
  TRY(in.finish());
  return out;
}

Bytes encode_comet_vote(const CometBallot& vote) {
  ProtobufWriter out;
  out.uint(1, static_cast<std::uint64_t>(vote.kind))
      .uint(2, vote.height.value())
      .uint(3, vote.round)
      .message(4, encode_comet_block_id(vote.block))
      .message(5, encode_comet_time(vote.time))
      .bytes(6, vote.validator.view())
      .bytes(8, vote.signature.view());
  return out.take();
}

}  // namespace intaglio::proof
