#include "chain/comet_snapshot.h"

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::chain {
namespace {

constexpr unsigned kForAll = 0644;
constexpr codec::CborLimits kHeaders{.bytes = kMaxChunk, .depth = 1, .items = kHeadersInChunk};

std::string metadata_path(const std::string& folder) { return folder + "/comet.cbor"; }

Result<ledger::BlockHeader> header_at(const Application& chain, Height height) {
  const auto stored = chain.find_header(height);
  if (!stored) return refuse(Verdict::unknown_block, std::to_string(height.value()));
  const auto shown = proof::shown_header<ledger::BlockHeader>(stored->proof, chain.ledger());
  CHECK(shown.has_value());
  return shown->header;
}

// The headers from below the snapshot's down to that height, in chunks behind those of rows.
Result<void> write_headers(const Application& chain, Height down_to, const std::string& folder,
                           Env& env, CometSnapshot& out) {
  std::vector<ledger::BlockHeader> headers;
  const auto write = [&]() -> Result<void> {
    const Bytes chunk = encode_headers(headers);
    TRY(env.write_file(chunk_path(folder, out.chunks()), chunk, kForAll));
    out.headers.push_back(crypto::sha256(chunk));
    headers.clear();
    return {};
  };
  for (auto height = out.header.height.value(); height > down_to.value();) {
    --height;
    ASSIGN(const auto header, header_at(chain, Height(height)));
    headers.push_back(header);
    if (headers.size() == kHeadersInChunk) TRY(write());
  }
  if (!headers.empty()) TRY(write());
  return {};
}

}  // namespace

abci::Snapshot CometSnapshot::offered() const {
  Bytes metadata = encode();
  Bytes hash = to_bytes(crypto::sha256(metadata).view());
  return {.height = state.height.value(),
          .format = kFormat,
          .chunks = static_cast<std::uint32_t>(chunks()),
          .hash = std::move(hash),
          .metadata = std::move(metadata)};
}

Result<CometSnapshot> read_offered(const abci::Snapshot& offered, ByteView app_hash,
                                   const LedgerId& ledger, ChainId chain) {
  if (offered.format != CometSnapshot::kFormat) return refuse(Verdict::bad_version, "format");
  if (!equal(crypto::sha256(offered.metadata).view(), offered.hash)) {
    return refuse(Verdict::bad_proof, "hash");
  }
  auto out = CometSnapshot::decode(offered.metadata);
  if (!out) return refuse_within("metadata", out.error());
  const Snapshot& state = out->state;
  const ledger::BlockHeader& header = out->header;
  if (state.ledger != ledger) return refuse(Verdict::wrong_ledger, "state.ledger");
  if (state.chain != chain || header.chain != chain) {
    return refuse(Verdict::wrong_chain, "state.chain");
  }
  const BlockHash block = header.hash(ledger);
  // All else that is said is said by this header, or by rows that lead to its root.
  if (!equal(block.view(), app_hash)) return refuse(Verdict::bad_proof, "header");
  if (state.block != block) return refuse(Verdict::bad_proof, "state.block");
  if (state.height != header.height || offered.height != header.height.value()) {
    return refuse(Verdict::bad_proof, "height");
  }
  if (state.state != header.state) return refuse(Verdict::bad_proof, "state.state");
  if (out->chunks() != offered.chunks || state.chunks.empty())
    return refuse(Verdict::bad_proof, "chunks");
  return out;
}

Bytes encode_headers(std::span<const ledger::BlockHeader> headers) {
  codec::CborWriter out;
  out.array(headers.size());
  for (const auto& each : headers) out.bytes(each.encode());
  return out.take();
}

Result<std::vector<ledger::BlockHeader>> decode_headers(ByteView bytes) {
  codec::CborReader in(bytes, kHeaders);
  ASSIGN(const auto count, in.array());
  std::vector<ledger::BlockHeader> out;
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto encoded, in.bytes());
    auto header = ledger::BlockHeader::decode(encoded);
    if (!header) return refuse_within(format("[{}]", i), header.error());
    out.push_back(*std::move(header));
  }
  TRY(in.finish());
  return out;
}

Result<CometSnapshot> make_comet_snapshot(const Application& chain,
                                          const store::StateSnapshot& state,
                                          const std::string& folder, Env& env,
                                          std::size_t chunk_rows, const SeeSlot& see) {
  const Height height = state.tip().height;
  if (height == Height(0)) return refuse(Verdict::unknown_block, "0");
  Height oldest = height;  // of which packets are still to be brought
  CometSnapshot out;
  ASSIGN(out.header, header_at(chain, height));
  const auto look = [&](const ledger::Slot& slot) {
    if (const auto sent = block_of_outbox(slot)) oldest = std::min(oldest, *sent);
    return see(slot);
  };
  ASSIGN(out.state,
         write_chunks(chain.ledger(), chain.chain(), state, folder, env, chunk_rows, look));
  TRY(write_headers(chain, oldest, folder, env, out));
  const Bytes metadata = out.encode();
  if (metadata.size() > CometSnapshot::kMaxBytes) return refuse(Verdict::too_large, "metadata");
  // Last: without it there is no snapshot.
  TRY(env.write_file(metadata_path(folder), metadata, kForAll));
  return out;
}

Result<CometSnapshot> read_comet_snapshot(const std::string& folder, Env& env) {
  ASSIGN(const auto bytes, env.read_file(metadata_path(folder), CometSnapshot::kMaxBytes));
  return CometSnapshot::decode(bytes);
}

}  // namespace intaglio::chain
