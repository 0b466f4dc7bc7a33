// ICS 23 (github.com/cosmos/ics23): that a key stands in a Merkle tree with this value, or does not
// stand there, by hash steps from a leaf to the root. What a step may look like is the tree's spec,
// without which a proof proves nothing: ours to choose, never the prover's. Of the four kinds of
// proof those of one key are read. Pure functions; any thread.
#pragma once

#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/verified.h"

namespace intaglio::proof::ics23 {

// Bytes of a proof, encoded.
inline constexpr std::size_t kMaxProof = std::size_t{1} << 20;
// Bytes of what a step puts before and behind.
inline constexpr std::size_t kMaxAffix = 1024;
// Steps of a path; more than any tree that counts to 2^64 needs, and what the sparse trees have.
inline constexpr std::size_t kMaxPath = 256;

// By the numbers of its messages.
enum class HashOp : std::uint8_t {
  none,
  sha256,
  sha512,
  keccak256,
  ripemd160,
  bitcoin,  // RIPEMD-160 of SHA-256
  sha512_256,
  blake2b_512,
  blake2s_256,
  blake3,
};
enum class LengthOp : std::uint8_t {
  none,
  varint,  // unsigned LEB128
  rlp,
  fixed32_big,
  fixed32_little,
  fixed64_big,
  fixed64_little,
  require_32,
  require_64,
};

// hash(prefix || length || prehashed key || length || prehashed value)
struct LeafOp {
  HashOp hash = HashOp::none;
  HashOp prehash_key = HashOp::none;
  HashOp prehash_value = HashOp::none;
  LengthOp length = LengthOp::none;
  Bytes prefix;
  bool operator==(const LeafOp&) const = default;
};

// hash(prefix || child || suffix)
struct InnerOp {
  HashOp hash = HashOp::none;
  Bytes prefix;
  Bytes suffix;
  bool operator==(const InnerOp&) const = default;
};

struct ExistenceProof {
  Bytes key;
  Bytes value;
  std::optional<LeafOp> leaf;
  std::vector<InnerOp> path;  // from the leaf up
  bool operator==(const ExistenceProof&) const = default;
};

// The neighbours of a key that is not there; one is missing where it would stand at an end.
struct NonExistenceProof {
  Bytes key;  // whose it was made for; what is asked decides
  std::optional<ExistenceProof> left;
  std::optional<ExistenceProof> right;
  bool operator==(const NonExistenceProof&) const = default;
};

using CommitmentProof = std::variant<ExistenceProof, NonExistenceProof>;

// cosmos.ics23.v1.CommitmentProof in the form of codec/protobuf.h, unproven. `too_large`,
// `bad_value` for an operation without a name, `bad_algorithm` for a batch, `missing_field` for
// nothing, or what codec::ProtobufReader refuses.
Result<CommitmentProof> decode(ByteView bytes);
Bytes encode(const CommitmentProof& proof);

// How the nodes of a kind of tree are hashed.
struct InnerSpec {
  std::vector<std::uint32_t> child_order;  // the place of each child in what is hashed
  std::size_t child_size = 0;
  std::size_t min_prefix = 0;
  std::size_t max_prefix = 0;
  Bytes empty_child;  // what stands where there is none, if the tree has that
  HashOp hash = HashOp::none;
  bool operator==(const InnerSpec&) const = default;
};
// Whose trees have more rules for a prefix than its length.
enum class PrefixForm : std::uint8_t { any, iavl, tendermint };
struct ProofSpec {
  LeafOp leaf;  // `prefix` is what each begins with
  InnerSpec inner;
  std::size_t max_depth = 0;  // 0: 128
  std::size_t min_depth = 0;
  bool prehash_key_before_comparison = false;
  PrefixForm prefix = PrefixForm::any;
  bool operator==(const ProofSpec&) const = default;
};

// RFC 6962's tree over pairs, as crypto/merkle of CometBFT has it.
const ProofSpec& tendermint_spec();
// The balanced tree of the Cosmos SDK's stores. A prefix there holds height, size and version.
const ProofSpec& iavl_spec();

// What was proven of a key: its value, or that there is none.
struct ProvenKey {
  Bytes key;
  std::optional<Bytes> value;
  bool operator==(const ProvenKey&) const = default;
};

// That `key` stands with `value` in the tree of that root. `bad_proof` names the step that is not
// as the spec has it, or "key", "value", "root"; `bad_algorithm` for a hash that we do not have.
Result<Verified<ProvenKey>> verify_membership(const ProofSpec& spec, ByteView root,
                                              const CommitmentProof& proof, ByteView key,
                                              ByteView value);
// That `key` does not stand there.
Result<Verified<ProvenKey>> verify_non_membership(const ProofSpec& spec, ByteView root,
                                                  const CommitmentProof& proof, ByteView key);

// The steps by themselves, which prove nothing.
Result<Bytes> hash(HashOp op, ByteView preimage);
Result<Bytes> apply_leaf(const LeafOp& op, ByteView key, ByteView value);
Result<Bytes> apply_inner(const InnerOp& op, ByteView child);
Result<Bytes> calculate_root(const ExistenceProof& proof);
Result<void> check_leaf(const LeafOp& op, const ProofSpec& spec);
// `layer` counts from the leaf's parent, which is 1.
Result<void> check_inner(const InnerOp& op, const ProofSpec& spec, std::size_t layer);
Result<void> check_steps(const ExistenceProof& proof, const ProofSpec& spec);
// Whether all the siblings on that side of a step are empty children, of which there is one.
bool has_only_empty_left(const InnerSpec& spec, const InnerOp& op);
bool has_only_empty_right(const InnerSpec& spec, const InnerOp& op);

}  // namespace intaglio::proof::ics23
