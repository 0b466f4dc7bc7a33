#include "ledger/state_proof.h"

namespace intaglio::ledger {
namespace {

constexpr std::size_t kPlaceSize = sizeof(StateLeaf::place);
constexpr std::size_t kLeafSize = kPlaceSize + Digest::kSize;
constexpr std::size_t kLevelSize = StatePath::kSiblings * Digest::kSize;

void put_leaf(Bytes& to, const StateLeaf& leaf) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::uint8_t>(leaf.place >> shift));
  }
  append(to, leaf.row.view());
}

StateLeaf take_leaf(ByteView bytes) {
  StateLeaf leaf;
  for (const std::uint8_t byte : bytes.first(kPlaceSize)) leaf.place = leaf.place << 8 | byte;
  leaf.row = *Digest::from(bytes.subspan(kPlaceSize));
  return leaf;
}

Result<StatePath> path_of(const RowProof& proof) {
  if (proof.bucket.size() % kLeafSize != 0) return refuse(Verdict::bad_value, "bucket");
  if (proof.path.size() % kLevelSize != 0) return refuse(Verdict::bad_value, "path");
  StatePath out;
  for (ByteView left = proof.bucket; !left.empty(); left = left.subspan(kLeafSize)) {
    out.bucket.push_back(take_leaf(left.first(kLeafSize)));
  }
  for (ByteView left = proof.path; !left.empty(); left = left.subspan(Digest::kSize)) {
    out.siblings.push_back(*Digest::from(left.first(Digest::kSize)));
  }
  return out;
}

}  // namespace

RowProof prove_row(const StateTree& tree, const Slot& slot, const std::optional<Bytes>& row) {
  const StatePath path = tree.path(place_of(slot));
  RowProof out{.slot = to_bytes(as_bytes(slot.bytes())), .row = row, .bucket = {}, .path = {}};
  for (const StateLeaf& leaf : path.bucket) put_leaf(out.bucket, leaf);
  for (const Digest& each : path.siblings) append(out.path, each.view());
  return out;
}

Result<ProvenRow> check_row(const RowProof& proof, const Digest& root) {
  if (proof.slot.empty() || proof.slot.size() > Slot::kMaxSize) {
    return refuse(Verdict::bad_value, "slot");
  }
  const Slot slot = Slot::from_bytes(as_text(proof.slot));
  ASSIGN(const auto path, path_of(proof));
  const std::uint64_t place = place_of(slot);
  const auto reached = root_from_path(place, path);
  if (!reached || *reached != root) return refuse(Verdict::bad_proof, "path");
  const bool is_there = proof.row
                            ? std::ranges::binary_search(path.bucket, state_leaf(slot, *proof.row))
                            : std::ranges::binary_search(path.bucket, place, {}, &StateLeaf::place);
  if (is_there != proof.row.has_value()) return refuse(Verdict::bad_proof, "row");
  return ProvenRow{slot, proof.row};
}

}  // namespace intaglio::ledger
