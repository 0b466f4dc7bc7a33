#include "base/format.h"
#include "codec/protobuf.h"
#include "proof/ics23.h"

namespace intaglio::proof::ics23 {
namespace {

using codec::ProtobufReader;
using codec::ProtobufWriter;

template <typename Op>
Result<Op> operation(ProtobufReader& in, std::uint32_t field, Op last, std::string_view name) {
  ASSIGN(const auto number, in.uint(field));
  if (number > static_cast<std::uint64_t>(last)) {
    return refuse(Verdict::bad_value, std::string(name));
  }
  return static_cast<Op>(number);
}

Result<Bytes> affix(ProtobufReader& in, std::uint32_t field, std::string_view name) {
  ASSIGN(const auto bytes, in.bytes(field));
  if (bytes.size() > kMaxAffix) return refuse(Verdict::too_large, std::string(name));
  return to_bytes(bytes);
}

Result<LeafOp> decode_leaf(ByteView bytes) {
  ProtobufReader in(bytes);
  LeafOp out;
  ASSIGN(out.hash, operation(in, 1, HashOp::blake3, "leaf.hash"));
  ASSIGN(out.prehash_key, operation(in, 2, HashOp::blake3, "leaf.prehash_key"));
  ASSIGN(out.prehash_value, operation(in, 3, HashOp::blake3, "leaf.prehash_value"));
  ASSIGN(out.length, operation(in, 4, LengthOp::require_64, "leaf.length"));
  ASSIGN(out.prefix, affix(in, 5, "leaf.prefix"));
  TRY(in.finish());
  return out;
}

Result<InnerOp> decode_inner(ByteView bytes) {
  ProtobufReader in(bytes);
  InnerOp out;
  ASSIGN(out.hash, operation(in, 1, HashOp::blake3, "hash"));
  ASSIGN(out.prefix, affix(in, 2, "prefix"));
  ASSIGN(out.suffix, affix(in, 3, "suffix"));
  TRY(in.finish());
  return out;
}

Result<ExistenceProof> decode_existence(ByteView bytes) {
  ProtobufReader in(bytes);
  ExistenceProof out;
  ASSIGN(const auto key, in.bytes(1));
  ASSIGN(const auto value, in.bytes(2));
  out.key = to_bytes(key);
  out.value = to_bytes(value);
  ASSIGN(const auto leaf, in.message(3));
  if (leaf) {
    ASSIGN(out.leaf, decode_leaf(*leaf));
  }
  while (true) {
    ASSIGN(const auto inner, in.message(4));
    if (!inner) break;
    if (out.path.size() == kMaxPath) return refuse(Verdict::too_large, "path");
    auto decoded = decode_inner(*inner);
    if (!decoded) return refuse_within(format("path[{}]", out.path.size()), decoded.error());
    out.path.push_back(*std::move(decoded));
  }
  TRY(in.finish());
  return out;
}

Result<NonExistenceProof> decode_non_existence(ByteView bytes) {
  ProtobufReader in(bytes);
  NonExistenceProof out;
  ASSIGN(const auto key, in.bytes(1));
  out.key = to_bytes(key);
  ASSIGN(const auto left, in.message(2));
  if (left) {
    ASSIGN(out.left, decode_existence(*left));
  }
  ASSIGN(const auto right, in.message(3));
  if (right) {
    ASSIGN(out.right, decode_existence(*right));
  }
  TRY(in.finish());
  return out;
}

template <typename Op>
std::uint64_t number(Op op) {
  return static_cast<std::uint64_t>(op);
}

Bytes encode_existence(const ExistenceProof& proof) {
  ProtobufWriter out;
  out.bytes(1, proof.key).bytes(2, proof.value);
  if (proof.leaf) {
    const LeafOp& leaf = *proof.leaf;
    ProtobufWriter inside;
    inside.uint(1, number(leaf.hash))
        .uint(2, number(leaf.prehash_key))
        .uint(3, number(leaf.prehash_value))
        .uint(4, number(leaf.length))
        .bytes(5, leaf.prefix);
    out.message(3, inside.view());
  }
  for (const InnerOp& each : proof.path) {
    ProtobufWriter inside;
    inside.uint(1, number(each.hash)).bytes(2, each.prefix).bytes(3, each.suffix);
    out.message(4, inside.view());
  }
  return out.take();
}

}  // namespace

Result<CommitmentProof> decode(ByteView bytes) {
  if (bytes.size() > kMaxProof) return refuse(Verdict::too_large);
  ProtobufReader in(bytes);
  ASSIGN(const auto existence, in.message(1));
  ASSIGN(const auto non_existence, in.message(2));
  ASSIGN(const bool is_batch, in.next_is(3));
  ASSIGN(const bool is_compressed, in.next_is(4));
  if (is_batch || is_compressed) return refuse(Verdict::bad_algorithm, "batch");
  TRY(in.finish());
  if (existence && non_existence) return refuse(Verdict::bad_encoding, "proof");
  if (existence) return decode_existence(*existence);
  if (non_existence) return decode_non_existence(*non_existence);
  return refuse(Verdict::missing_field, "proof");
}

Bytes encode(const CommitmentProof& proof) {
  ProtobufWriter out;
  if (const auto* existence = std::get_if<ExistenceProof>(&proof)) {
    return out.message(1, encode_existence(*existence)).take();
  }
  const auto& absence = std::get<NonExistenceProof>(proof);
  ProtobufWriter inside;
  inside.bytes(1, absence.key);
  if (absence.left) inside.message(2, encode_existence(*absence.left));
  if (absence.right) inside.message(3, encode_existence(*absence.right));
  return out.message(2, inside.view()).take();
}

}  // namespace intaglio::proof::ics23
