// Block headers of CometBFT v0.38 (and of Tendermint before it, since 0.34), the votes that commit
// them and the validators who give those: what is hashed and what is signed. Names and rules are
// those of its specification (spec/core/data_structures.md). Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace intaglio::proof {

// Bytes of a chain's id there.
inline constexpr std::size_t kMaxCometChainId = 50;
// Bytes of an application's hash that we read; it may be as long as the application likes.
inline constexpr std::size_t kMaxCometAppHash = 256;
// Of one set. CometBFT reads commits with ten thousand votes at most.
inline constexpr std::size_t kMaxCometValidators = 10'000;
// Of all validators of a set together: an eighth of the largest signed number.
inline constexpr std::uint64_t kMaxCometPower = (std::uint64_t{1} << 63) / 8 - 1;
// The version of the block protocol that 0.34 to 0.38 speak.
inline constexpr std::uint64_t kCometBlockVersion = 11;

// Nanoseconds count there; the seconds are since 1970 and may be before it.
struct CometTime {
  std::int64_t seconds = 0;
  std::uint32_t nanos = 0;
  auto operator<=>(const CometTime&) const = default;
};
// How Go writes that there is no time: the first moment of year 1.
inline constexpr CometTime kNoCometTime{-62'135'596'800, 0};
// Of the years 1 to 9999, which is what google.protobuf.Timestamp has.
bool is_comet_time(const CometTime& time);
CometTime comet_time(Millis time);
// Saturates at the end of what is_comet_time.
CometTime operator+(const CometTime& time, Duration duration);

// The first 20 bytes of SHA-256 of a validator's key.
using CometAddress = FixedBytes<struct CometAddressTag, 20>;
CometAddress comet_address(const crypto::Ed25519Key& key);

// A block by its header's hash and the Merkle root of the parts it is sent in. All of it empty: the
// block before the first.
struct CometBlockId {
  std::optional<Digest> hash;
  std::uint32_t parts = 0;
  std::optional<Digest> parts_hash;
  bool operator==(const CometBlockId&) const = default;
};

struct CometHeader {
  std::uint64_t block_version = kCometBlockVersion;
  std::uint64_t app_version = 0;
  std::string chain;
  Height height;
  CometTime time;
  CometBlockId last_block;
  std::optional<Digest> last_commit;
  std::optional<Digest> data;  // Merkle root of the transactions
  Digest validators;           // who may commit this block
  Digest next_validators;      // and the next one
  std::optional<Digest> consensus;
  Bytes app;  // the application's hash after the block before this one
  std::optional<Digest> last_results;
  std::optional<Digest> evidence;
  CometAddress proposer;
  bool operator==(const CometHeader&) const = default;

  // Merkle root (crypto/merkle.h) of the 14 fields, each encoded for itself.
  Digest hash() const;
  // What CometBFT asks of a header before it looks at any other: `bad_version`, `bad_value` or
  // `too_large` at the field.
  Result<void> check() const;
};

enum class CometVote : std::uint8_t {
  absent = 1,  // none has come
  commit = 2,  // for the block
  nil = 3,     // for none, which counts for nothing here
};

// What is voted on in a round: first what may be committed (prevote), then that it be (precommit).
enum class CometVoteKind : std::uint8_t { prevote = 1, precommit = 2 };

// A vote as its validator sends it.
struct CometBallot {
  CometVoteKind kind = CometVoteKind::precommit;
  Height height;
  std::uint32_t round = 0;
  CometBlockId block;  // empty: for none
  CometTime time;
  CometAddress validator;
  crypto::Ed25519Signature signature;
  bool operator==(const CometBallot&) const = default;

  // What the validator has signed.
  Bytes sign_bytes(std::string_view chain) const;
};

// One of a commit. Of an absent vote the rest is empty.
struct CometSignature {
  CometVote vote = CometVote::absent;
  CometAddress validator;
  CometTime time = kNoCometTime;
  crypto::Ed25519Signature signature;
  bool operator==(const CometSignature&) const = default;
};

struct CometCommit {
  Height height;
  std::uint32_t round = 0;
  CometBlockId block;
  std::vector<CometSignature> signatures;  // one a validator, in the set's order
  bool operator==(const CometCommit&) const = default;

  // What the validator at `index`, who did not stay absent, has signed.
  Bytes sign_bytes(std::string_view chain, std::size_t index) const;
};

struct CometValidator {
  crypto::Ed25519Key key;
  std::uint64_t power = 0;
  bool operator==(const CometValidator&) const = default;
};

// Who may commit a block, each once, with as much power as the sum can bear. In the order in which
// they were given: their hash depends on it, and so do the votes of a commit.
class CometValidatorSet {
 public:
  // `missing_field` for nobody; `too_large` for too many, or at "total_voting_power";
  // `duplicate_field` at the validator who is there before.
  static Result<CometValidatorSet> of(std::vector<CometValidator> validators);

  const std::vector<CometValidator>& validators() const { return validators_; }
  const std::vector<CometAddress>& addresses() const { return addresses_; }
  std::uint64_t power() const { return power_; }  // of all
  std::optional<std::size_t> find(const CometAddress& address) const;
  Digest hash() const;
  bool operator==(const CometValidatorSet&) const = default;

 private:
  std::vector<CometValidator> validators_;
  std::vector<CometAddress> addresses_;  // of each, in the same order
  std::vector<std::size_t> by_address_;  // their places, ascending by address
  std::uint64_t power_ = 0;
};

}  // namespace intaglio::proof
