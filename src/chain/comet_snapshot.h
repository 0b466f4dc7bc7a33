// A snapshot as CometBFT hands it from node to node (state sync): the rows in the chunks of
// chain/snapshot.h, and instead of a proof the header of their block, which CometBFT's own header
// names by its hash. Everything in it is the same bytes whoever makes it. Layout:
// docs/reference/formats.md.
#pragma once

#include "chain/abci/messages.h"
#include "chain/snapshot.h"

namespace intaglio::chain {

// What it is of: CometBFT's "metadata".
struct CometSnapshot {
  Snapshot state;
  ledger::BlockHeader header;
  // SHA-256 of each chunk with the headers of the blocks before, newest first, as far back as one
  // that has an outbox row, whose packets are still to be brought.
  std::vector<Digest> headers;

  static constexpr std::uint32_t kFormat = 1;
  // CometBFT takes no larger message with one.
  static constexpr std::size_t kMaxBytes = 3'900'000;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "state", &CometSnapshot::state, "the rows, as a snapshot has them"),
        codec::field(2, "header", &CometSnapshot::header, "of the block"),
        codec::field(3, "headers", &CometSnapshot::headers, "SHA-256 of each chunk of headers"));
  }
  static Result<CometSnapshot> decode(ByteView bytes) {
    return codec::decode_record<CometSnapshot>(bytes, {.bytes = kMaxBytes, .items = 1 << 17});
  }
  Bytes encode() const { return codec::encode_record(*this); }

  // Of rows first, then of headers.
  std::size_t chunks() const { return state.chunks.size() + headers.size(); }
  const Digest& chunk(std::size_t number) const {
    const std::size_t rows = state.chunks.size();
    return number < rows ? state.chunks[number] : headers[number - rows];
  }
  // As it is offered; its hash is that of the metadata.
  abci::Snapshot offered() const;
};

// What is offered, if it is of the block with that hash: `bad_version` for another format; what
// records refuse; `wrong_ledger`, `wrong_chain`; `bad_proof` at what is not as it is said to be.
Result<CometSnapshot> read_offered(const abci::Snapshot& offered, ByteView app_hash,
                                   const LedgerId& ledger, ChainId chain);

// Headers in a chunk, and what they take before the next chunk begins.
inline constexpr std::size_t kHeadersInChunk = 8192;
Bytes encode_headers(std::span<const ledger::BlockHeader> headers);
Result<std::vector<ledger::BlockHeader>> decode_headers(ByteView bytes);

// Writes one into `folder`, which must be there: the chunks, each as chunk_path says, and last
// `comet.cbor`. `see` as for write_chunks. `unknown_block` when a header that it needs is not here,
// as on a node that began with a snapshot a while ago, or when the state is the genesis';
// `too_large`; `file_failed`.
Result<CometSnapshot> make_comet_snapshot(const Application& chain,
                                          const store::StateSnapshot& state,
                                          const std::string& folder, Env& env,
                                          std::size_t chunk_rows, const SeeSlot& see);
// What a folder has one of, and why none.
Result<CometSnapshot> read_comet_snapshot(const std::string& folder, Env& env);

}  // namespace intaglio::chain
