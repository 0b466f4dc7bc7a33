// A chain's whole state as of one final block, in a folder of files that anybody may make, keep and
// hand on: what a node starts from that has not seen the blocks before. Who loads one believes the
// genesis and nobody else. Layout: docs/reference/formats.md.
#pragma once

#include "base/env.h"
#include "chain/prover.h"

namespace intaglio::chain {

// What a snapshot is of. The same bytes whoever makes it, and so are the chunks of rows.
struct Snapshot {
  LedgerId ledger;
  ChainId chain;
  Height height;
  BlockHash block;  // its hash
  Digest state;     // the root of the rows
  std::uint64_t rows = 0;
  std::vector<Digest> chunks;  // SHA-256 of each
  bool operator==(const Snapshot&) const = default;

  static constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "ledger", &Snapshot::ledger, "the ledger's id"),
                      codec::field(2, "chain", &Snapshot::chain, "the chain's number"),
                      codec::field(3, "height", &Snapshot::height, "of the block"),
                      codec::field(4, "block", &Snapshot::block, "its hash"),
                      codec::field(5, "state", &Snapshot::state, "root of the state after it"),
                      codec::field(6, "rows", &Snapshot::rows, "how many there are"),
                      codec::field(7, "chunks", &Snapshot::chunks, "SHA-256 of each, in order"));
  }
  static Result<Snapshot> decode(ByteView bytes) {
    return codec::decode_record<Snapshot>(bytes, {.bytes = kMaxBytes, .items = 1 << 16});
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

// What makes its block final, and the headers of older blocks whose packets have not all arrived.
struct SnapshotProof {
  std::vector<tx::SignersProof> signers;  // those that changed since the genesis, oldest first
  StoredHeader header;
  std::vector<StoredHeader> outboxes;  // ascending

  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "signers", &SnapshotProof::signers, "who signs, where the genesis is old"),
        codec::field(2, "header", &SnapshotProof::header, "of the block, as it is stored"),
        codec::field(3, "outboxes", &SnapshotProof::outboxes, "of those with an outbox row"));
  }
  static Result<SnapshotProof> decode(ByteView bytes) {
    return codec::decode_record<SnapshotProof>(bytes, {.bytes = kMaxBytes, .items = 1 << 17});
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

// Bytes of slots and rows that a chunk takes before the next one begins.
inline constexpr std::size_t kChunkRows = std::size_t{4} << 20;
inline constexpr std::size_t kMaxChunk = kChunkRows + (std::size_t{1} << 20);  // encoded

// [ *[slot, row] ]
using RowList = std::vector<std::pair<ledger::Slot, Bytes>>;
Bytes encode_chunk(const RowList& rows);
// `bad_value` at a slot that is none or not behind the one before it; else what CborReader refuses.
Result<RowList> decode_chunk(ByteView bytes);

// Where the chunk with that number is, in the folder of a snapshot.
std::string chunk_path(const std::string& folder, std::size_t number);

// The rows of a state as chunks in `folder`, which must be there, and what `snapshot.cbor` says of
// them. `see` is told each slot in order and says whether to go on: `shutting_down`. `file_failed`.
using SeeSlot = std::function<bool(const ledger::Slot& slot)>;
Result<Snapshot> write_chunks(const LedgerId& ledger, ChainId chain,
                              const store::StateSnapshot& state, const std::string& folder,
                              Env& env, std::size_t chunk_rows, const SeeSlot& see);
// The rows of a chunk there, which must be the one that the snapshot has: `bad_proof`.
Result<RowList> read_chunk(const std::string& folder, const Snapshot& snapshot, std::size_t number,
                           Env& env);

// The block of an outbox row; nothing for a slot that is none.
std::optional<Height> block_of_outbox(const ledger::Slot& slot);

// Writes one of the last final block into `folder`, which must be there. `unknown_block` while that
// is the genesis; `file_failed`. Blocks that follow meanwhile are not in it. All who make chunks of
// one size make the same.
Result<Snapshot> make_snapshot(const Prover& prover, const Application& chain,
                               const std::string& folder, Env& env,
                               std::size_t chunk_rows = kChunkRows);

// What a folder has a snapshot of, unproven.
Result<Snapshot> read_snapshot(const std::string& folder, Env& env);

// Makes a chain's store in `to` from one, or replaces the one there (ChainStore::begin). Refused,
// with the file or field that it is about: `wrong_ledger`; a chunk that is not the one it is said
// to be, rows that are not the block's, a header that is not (`bad_proof`); a block that is not
// final (what tx::Trust refuses). Then `to` is as it was.
Result<Snapshot> load_snapshot(const ledger::Genesis& genesis, const std::string& folder,
                               const std::string& to, Env& env);

}  // namespace intaglio::chain
