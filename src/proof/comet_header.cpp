#include "proof/comet_header.h"

#include <algorithm>
#include <numeric>

#include "base/format.h"
#include "codec/protobuf.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "proof/comet_wire.h"

namespace intaglio::proof {
namespace {

using codec::ProtobufWriter;

constexpr std::int64_t kEndOfTime = 253'402'300'799;  // the last second of the year 9999
constexpr std::uint32_t kSecond = 1'000'000'000;      // nanoseconds

// google.protobuf.StringValue and its like: a field of its own in a message of its own.
Bytes wrapped(ByteView value) { return ProtobufWriter().bytes(1, value).take(); }
Bytes wrapped(const std::optional<Digest>& hash) { return hash ? wrapped(hash->view()) : Bytes(); }

}  // namespace

bool is_comet_time(const CometTime& time) {
  return time.seconds >= kNoCometTime.seconds && time.seconds <= kEndOfTime && time.nanos < kSecond;
}

CometTime comet_time(Millis time) { return CometTime{} + Duration(time.value()); }

CometTime operator+(const CometTime& time, Duration duration) {
  constexpr CometTime kEnd{kEndOfTime, kSecond - 1};
  const std::uint64_t whole = duration.value() / 1000;
  if (whole > static_cast<std::uint64_t>(kEndOfTime - kNoCometTime.seconds)) return kEnd;
  CometTime out{time.seconds + static_cast<std::int64_t>(whole),
                time.nanos + static_cast<std::uint32_t>(duration.value() % 1000) * 1'000'000};
  if (out.nanos >= kSecond) {
    out.nanos -= kSecond;
    ++out.seconds;
  }
  return std::min(out, kEnd);
}

CometAddress comet_address(const crypto::Ed25519Key& key) {
  return CometAddress::prefix_of(crypto::sha256(key.view()));
}

Digest CometHeader::hash() const {
  const std::vector<Bytes> fields{
      ProtobufWriter().uint(1, block_version).uint(2, app_version).take(),
      wrapped(as_bytes(chain)),
      ProtobufWriter().uint(1, height.value()).take(),
      encode_comet_time(time),
      encode_comet_block_id(last_block),
      wrapped(last_commit),
      wrapped(data),
      wrapped(validators.view()),
      wrapped(next_validators.view()),
      wrapped(consensus),
      wrapped(app),
      wrapped(last_results),
      wrapped(evidence),
      wrapped(proposer.view())};
  return crypto::merkle_root(crypto::merkle_leaves(fields));
}

Result<void> CometHeader::check() const {
  if (block_version != kCometBlockVersion) return refuse(Verdict::bad_version, "header.version");
  if (chain.empty() || chain.size() > kMaxCometChainId) {
    return refuse(Verdict::bad_value, "header.chain_id");
  }
  if (height == Height(0) || height.value() > INT64_MAX) {
    return refuse(Verdict::bad_value, "header.height");
  }
  if (!is_comet_time(time)) return refuse(Verdict::bad_value, "header.time");
  if (app.size() > kMaxCometAppHash) return refuse(Verdict::too_large, "header.app_hash");
  return {};
}

Bytes CometCommit::sign_bytes(std::string_view chain, std::size_t index) const {
  const CometSignature& signature = signatures.at(index);
  return CometBallot{.kind = CometVoteKind::precommit,
                     .height = height,
                     .round = round,
                     .block = signature.vote == CometVote::commit ? block : CometBlockId(),
                     .time = signature.time,
                     .validator = signature.validator,
                     .signature = signature.signature}
      .sign_bytes(chain);
}

Bytes CometBallot::sign_bytes(std::string_view chain) const {
  ProtobufWriter vote;
  vote.uint(1, static_cast<std::uint64_t>(kind))
      .sfixed64(2, static_cast<std::int64_t>(height.value()))
      .sfixed64(3, round);
  if (block != CometBlockId()) vote.message(4, encode_comet_block_id(block));
  vote.message(5, encode_comet_time(time)).bytes(6, as_bytes(chain));
  // With its length before it, as everything that CometBFT signs.
  Bytes out;
  codec::append_varint(out, vote.view().size());
  append(out, vote.view());
  return out;
}

Result<CometValidatorSet> CometValidatorSet::of(std::vector<CometValidator> validators) {
  if (validators.empty()) return refuse(Verdict::missing_field, "validators");
  if (validators.size() > kMaxCometValidators) return refuse(Verdict::too_large, "validators");
  CometValidatorSet out;
  for (const CometValidator& each : validators) {
    if (each.power > kMaxCometPower - out.power_) {
      return refuse(Verdict::too_large, "total_voting_power");
    }
    out.power_ += each.power;
    out.addresses_.push_back(comet_address(each.key));
  }
  out.validators_ = std::move(validators);
  out.by_address_.resize(out.addresses_.size());
  std::iota(out.by_address_.begin(), out.by_address_.end(), std::size_t{0});
  const auto address = [&](std::size_t at) { return out.addresses_[at]; };
  std::ranges::sort(out.by_address_, {},
                    [&](std::size_t at) { return std::pair(address(at), at); });
  const auto twin = std::ranges::adjacent_find(out.by_address_, {}, address);
  if (twin != out.by_address_.end()) {
    return refuse(Verdict::duplicate_field, format("validators[{}]", *std::next(twin)));
  }
  return out;
}

std::optional<std::size_t> CometValidatorSet::find(const CometAddress& address) const {
  const auto at = std::ranges::lower_bound(by_address_, address, {},
                                           [&](std::size_t i) { return addresses_[i]; });
  if (at == by_address_.end() || addresses_[*at] != address) return std::nullopt;
  return *at;
}

Digest CometValidatorSet::hash() const {
  std::vector<Bytes> leaves;
  leaves.reserve(validators_.size());
  for (const CometValidator& each : validators_) {
    leaves.push_back(
        ProtobufWriter().message(1, encode_comet_key(each.key)).uint(2, each.power).take());
  }
  return crypto::merkle_root(crypto::merkle_leaves(leaves));
}

}  // namespace intaglio::proof
