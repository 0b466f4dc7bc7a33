#include "proof/ics23.h"

#include <algorithm>
#include <span>

#include "base/format.h"
#include "codec/protobuf.h"
#include "crypto/foreign_hash.h"
#include "crypto/sha256.h"

namespace intaglio::proof::ics23 {
namespace {

constexpr std::size_t kDefaultDepth = 128;

Result<Bytes> foreign(crypto::ForeignHash hash, ByteView preimage) {
  auto out = crypto::foreign_hash(hash, preimage);
  if (!out) return refuse(Verdict::bad_algorithm, "hash");
  return *std::move(out);
}

void append_fixed(Bytes& to, std::size_t value, int bytes, bool is_big) {
  for (int i = 0; i < bytes; ++i) {
    const int place = is_big ? bytes - 1 - i : i;
    to.push_back(static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * place)));
  }
}

// The data behind its length.
Result<void> append_with_length(Bytes& to, LengthOp op, ByteView data) {
  switch (op) {
    case LengthOp::none: break;
    case LengthOp::varint: codec::append_varint(to, data.size()); break;
    case LengthOp::fixed32_big: append_fixed(to, data.size(), 4, true); break;
    case LengthOp::fixed32_little: append_fixed(to, data.size(), 4, false); break;
    case LengthOp::fixed64_big: append_fixed(to, data.size(), 8, true); break;
    case LengthOp::fixed64_little: append_fixed(to, data.size(), 8, false); break;
    case LengthOp::require_32:
      if (data.size() != 32) return refuse(Verdict::bad_proof, "length");
      break;
    case LengthOp::require_64:
      if (data.size() != 64) return refuse(Verdict::bad_proof, "length");
      break;
    case LengthOp::rlp: return refuse(Verdict::bad_algorithm, "length");
  }
  append(to, data);
  return {};
}

Result<Bytes> prehash(HashOp op, ByteView data) {
  if (op == HashOp::none) return to_bytes(data);
  return hash(op, data);
}

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

// A varint of Go's encoding/binary, which is never negative where IAVL writes one: zigzag, so even.
std::optional<std::uint64_t> take_iavl_number(ByteView& from) {
  const auto zigzag = codec::take_varint(from);
  if (!zigzag || !*zigzag || (**zigzag & 1) != 0) return std::nullopt;
  return **zigzag >> 1;
}

// Height, size and version; then what stands before a child: its length, or the left child with
// both lengths.
Result<void> check_iavl_prefix(ByteView prefix, HashOp hash, std::size_t layer) {
  const auto height = take_iavl_number(prefix);
  const auto size = height ? take_iavl_number(prefix) : std::nullopt;
  const auto version = size ? take_iavl_number(prefix) : std::nullopt;
  if (!version || *height < layer) return refuse(Verdict::bad_proof, "prefix");
  const bool is_leaf = layer == 0;
  const bool is_right = is_leaf
                            ? *height == 0 && *size == 1 && prefix.empty()
                            : (prefix.size() == 1 || prefix.size() == 34) && hash == HashOp::sha256;
  if (!is_right) return refuse(Verdict::bad_proof, "prefix");
  return {};
}

// The parent of a left child has one byte there, that of a right one the sibling behind it.
bool is_tendermint_prefix(const InnerOp& op) {
  return starts_with(op.prefix, Bytes{1}) && (op.suffix.empty() || op.prefix.size() == 1);
}

// Where the child of that branch stands among the others.
std::optional<std::size_t> position(const InnerSpec& spec, std::size_t branch) {
  const auto at = std::ranges::find(spec.child_order, branch);
  if (at == spec.child_order.end()) return std::nullopt;
  return static_cast<std::size_t>(at - spec.child_order.begin());
}

// Whether a step's prefix and suffix leave room for the siblings of that branch and no more.
bool is_branch(const InnerSpec& spec, const InnerOp& op, std::size_t branch) {
  const auto at = position(spec, branch);
  if (!at) return false;
  const std::size_t before = *at * spec.child_size;
  const std::size_t behind = (spec.child_order.size() - 1 - *at) * spec.child_size;
  return op.prefix.size() >= before + spec.min_prefix &&
         op.prefix.size() <= before + spec.max_prefix && op.suffix.size() == behind;
}

std::optional<std::size_t> branch_of(const InnerSpec& spec, const InnerOp& op) {
  for (std::size_t branch = 0; branch < spec.child_order.size(); ++branch) {
    if (is_branch(spec, op, branch)) return branch;
  }
  return std::nullopt;
}

using Path = std::span<const InnerOp>;

bool is_left_most(const InnerSpec& spec, Path path) {
  return std::ranges::all_of(path, [&](const InnerOp& op) {
    return is_branch(spec, op, 0) || has_only_empty_left(spec, op);
  });
}

bool is_right_most(const InnerSpec& spec, Path path) {
  return std::ranges::all_of(path, [&](const InnerOp& op) {
    return is_branch(spec, op, spec.child_order.size() - 1) || has_only_empty_right(spec, op);
  });
}

// Both paths end at the root. Where they part there is no branch between them, and below that
// nothing on the inner sides.
bool are_neighbours(const InnerSpec& spec, Path left, Path right) {
  const auto same = [](const InnerOp& a, const InnerOp& b) {
    return a.prefix == b.prefix && a.suffix == b.suffix;
  };
  while (!left.empty() && !right.empty() && same(left.back(), right.back())) {
    left = left.first(left.size() - 1);
    right = right.first(right.size() - 1);
  }
  if (left.empty() || right.empty()) return false;
  const auto left_branch = branch_of(spec, left.back());
  const auto right_branch = branch_of(spec, right.back());
  return left_branch && right_branch && *right_branch == *left_branch + 1 &&
         is_right_most(spec, left.first(left.size() - 1)) &&
         is_left_most(spec, right.first(right.size() - 1));
}

// The key by which the tree is ordered.
Result<Bytes> order_key(const ProofSpec& spec, ByteView key) {
  if (!spec.prehash_key_before_comparison) return to_bytes(key);
  return prehash(spec.leaf.prehash_key, key);
}

bool is_sound(const InnerSpec& spec) {
  return !spec.child_order.empty() && spec.child_size > 0 &&
         spec.max_prefix < spec.min_prefix + spec.child_size;
}

Result<void> verify_existence(const ProofSpec& spec, ByteView root, const ExistenceProof& proof,
                              ByteView key, ByteView value) {
  TRY(check_steps(proof, spec));
  if (!equal(proof.key, key)) return refuse(Verdict::bad_proof, "key");
  if (!equal(proof.value, value)) return refuse(Verdict::bad_proof, "value");
  ASSIGN(const auto calculated, calculate_root(proof));
  if (!equal(calculated, root)) return refuse(Verdict::bad_proof, "root");
  return {};
}

Result<void> verify_neighbour(const ProofSpec& spec, ByteView root,
                              const std::optional<ExistenceProof>& proof, std::string_view side) {
  if (!proof) return {};
  const auto verified = verify_existence(spec, root, *proof, proof->key, proof->value);
  if (!verified) return refuse_within(std::string(side), verified.error());
  return {};
}

}  // namespace

const ProofSpec& tendermint_spec() {
  static const ProofSpec spec{
      .leaf = {HashOp::sha256, HashOp::none, HashOp::sha256, LengthOp::varint, {0}},
      .inner = {.child_order = {0, 1},
                .child_size = 32,
                .min_prefix = 1,
                .max_prefix = 1,
                .empty_child = {},
                .hash = HashOp::sha256},
      .prefix = PrefixForm::tendermint};
  return spec;
}

const ProofSpec& iavl_spec() {
  static const ProofSpec spec{
      .leaf = {HashOp::sha256, HashOp::none, HashOp::sha256, LengthOp::varint, {0}},
      .inner = {.child_order = {0, 1},
                .child_size = 33,
                .min_prefix = 4,
                .max_prefix = 12,
                .empty_child = {},
                .hash = HashOp::sha256},
      .prefix = PrefixForm::iavl};
  return spec;
}

Result<Bytes> hash(HashOp op, ByteView preimage) {
  switch (op) {
    case HashOp::sha256: return to_bytes(crypto::sha256(preimage).view());
    case HashOp::sha512: return foreign(crypto::ForeignHash::sha512, preimage);
    case HashOp::ripemd160: return foreign(crypto::ForeignHash::ripemd160, preimage);
    case HashOp::bitcoin:
      return foreign(crypto::ForeignHash::ripemd160, crypto::sha256(preimage).view());
    case HashOp::sha512_256: return foreign(crypto::ForeignHash::sha512_256, preimage);
    case HashOp::blake2b_512: return foreign(crypto::ForeignHash::blake2b_512, preimage);
    case HashOp::blake2s_256: return foreign(crypto::ForeignHash::blake2s_256, preimage);
    case HashOp::none:
    case HashOp::keccak256:
    case HashOp::blake3: break;
  }
  return refuse(Verdict::bad_algorithm, "hash");
}

Result<Bytes> apply_leaf(const LeafOp& op, ByteView key, ByteView value) {
  if (key.empty()) return refuse(Verdict::bad_proof, "leaf.key");
  if (value.empty()) return refuse(Verdict::bad_proof, "leaf.value");
  ASSIGN(const auto hashed_key, prehash(op.prehash_key, key));
  ASSIGN(const auto hashed_value, prehash(op.prehash_value, value));
  Bytes preimage = op.prefix;
  TRY(append_with_length(preimage, op.length, hashed_key));
  TRY(append_with_length(preimage, op.length, hashed_value));
  return hash(op.hash, preimage);
}

Result<Bytes> apply_inner(const InnerOp& op, ByteView child) {
  if (child.empty()) return refuse(Verdict::bad_proof, "child");
  Bytes preimage = op.prefix;
  append(preimage, child);
  append(preimage, op.suffix);
  return hash(op.hash, preimage);
}

Result<Bytes> calculate_root(const ExistenceProof& proof) {
  if (!proof.leaf) return refuse(Verdict::bad_proof, "leaf");
  ASSIGN(auto out, apply_leaf(*proof.leaf, proof.key, proof.value));
  for (const InnerOp& each : proof.path) {
    ASSIGN(out, apply_inner(each, out));
  }
  return out;
}

Result<void> check_leaf(const LeafOp& op, const ProofSpec& spec) {
  if (spec.prefix == PrefixForm::iavl) TRY(check_iavl_prefix(op.prefix, op.hash, 0));
  const LeafOp& wanted = spec.leaf;
  // A longer prefix could take in the front of another key.
  const bool is_prefix = spec.prefix == PrefixForm::tendermint
                             ? op.prefix == wanted.prefix
                             : starts_with(op.prefix, wanted.prefix);
  if (op.hash != wanted.hash || op.prehash_key != wanted.prehash_key ||
      op.prehash_value != wanted.prehash_value || op.length != wanted.length || !is_prefix) {
    return refuse(Verdict::bad_proof, "leaf");
  }
  return {};
}

Result<void> check_inner(const InnerOp& op, const ProofSpec& spec, std::size_t layer) {
  const InnerSpec& inner = spec.inner;
  if (!is_sound(inner)) return refuse(Verdict::bad_proof, "spec");
  if (op.hash != inner.hash) return refuse(Verdict::bad_proof, "hash");
  if (spec.prefix == PrefixForm::iavl) TRY(check_iavl_prefix(op.prefix, op.hash, layer));
  if (spec.prefix == PrefixForm::tendermint && !is_tendermint_prefix(op)) {
    return refuse(Verdict::bad_proof, "prefix");
  }
  const std::size_t siblings = (inner.child_order.size() - 1) * inner.child_size;
  // One that begins like a leaf could be one.
  if (starts_with(op.prefix, spec.leaf.prefix) || op.prefix.size() < inner.min_prefix ||
      op.prefix.size() > inner.max_prefix + siblings) {
    return refuse(Verdict::bad_proof, "prefix");
  }
  if (op.suffix.size() % inner.child_size != 0) return refuse(Verdict::bad_proof, "suffix");
  return {};
}

Result<void> check_steps(const ExistenceProof& proof, const ProofSpec& spec) {
  if (!proof.leaf) return refuse(Verdict::bad_proof, "leaf");
  TRY(check_leaf(*proof.leaf, spec));
  const std::size_t most = spec.max_depth == 0 ? kDefaultDepth : spec.max_depth;
  if (proof.path.size() < spec.min_depth || proof.path.size() > most) {
    return refuse(Verdict::bad_proof, "path");
  }
  for (std::size_t i = 0; i < proof.path.size(); ++i) {
    const auto checked = check_inner(proof.path[i], spec, i + 1);
    if (!checked) return refuse_within(format("path[{}]", i), checked.error());
  }
  return {};
}

bool has_only_empty_left(const InnerSpec& spec, const InnerOp& op) {
  const auto branch = branch_of(spec, op);
  if (!branch || *branch == 0) return false;
  const std::size_t size = spec.child_size;
  if (op.prefix.size() < *branch * size) return false;
  const std::size_t begin = op.prefix.size() - *branch * size;
  for (std::size_t i = 0; i < *branch; ++i) {
    const auto at = position(spec, i);
    if (!at || begin + (*at + 1) * size > op.prefix.size()) return false;
    if (!equal(ByteView(op.prefix).subspan(begin + *at * size, size), spec.empty_child)) {
      return false;
    }
  }
  return true;
}

bool has_only_empty_right(const InnerSpec& spec, const InnerOp& op) {
  const auto branch = branch_of(spec, op);
  if (!branch) return false;
  const std::size_t size = spec.child_size;
  const std::size_t count = spec.child_order.size() - 1 - *branch;
  if (count == 0 || op.suffix.size() != count * size) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!equal(ByteView(op.suffix).subspan(i * size, size), spec.empty_child)) return false;
  }
  return true;
}

Result<Verified<ProvenKey>> verify_membership(const ProofSpec& spec, ByteView root,
                                              const CommitmentProof& proof, ByteView key,
                                              ByteView value) {
  const auto* existence = std::get_if<ExistenceProof>(&proof);
  if (existence == nullptr) return refuse(Verdict::bad_proof, "exist");
  TRY(verify_existence(spec, root, *existence, key, value));
  return VerificationPass::grant(ProvenKey{to_bytes(key), to_bytes(value)});
}

Result<Verified<ProvenKey>> verify_non_membership(const ProofSpec& spec, ByteView root,
                                                  const CommitmentProof& proof, ByteView key) {
  const auto* absence = std::get_if<NonExistenceProof>(&proof);
  if (absence == nullptr) return refuse(Verdict::bad_proof, "nonexist");
  const auto& [made_for, left, right] = *absence;
  TRY(verify_neighbour(spec, root, left, "left"));
  TRY(verify_neighbour(spec, root, right, "right"));
  if (!left && !right) return refuse(Verdict::bad_proof, "nonexist");
  ASSIGN(const auto place, order_key(spec, key));
  if (left) {
    ASSIGN(const auto before, order_key(spec, left->key));
    if (before >= place) return refuse(Verdict::bad_proof, "left.key");
  }
  if (right) {
    ASSIGN(const auto behind, order_key(spec, right->key));
    if (place >= behind) return refuse(Verdict::bad_proof, "right.key");
  }
  const bool is_gap = left && right ? are_neighbours(spec.inner, left->path, right->path)
                      : left        ? is_right_most(spec.inner, left->path)
                                    : is_left_most(spec.inner, right->path);
  if (!is_gap) return refuse(Verdict::bad_proof, "nonexist");
  return VerificationPass::grant(ProvenKey{to_bytes(key), std::nullopt});
}

}  // namespace intaglio::proof::ics23
