#include "chain/snapshot.h"

#include "base/format.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"

namespace intaglio::chain {
namespace {

constexpr unsigned kForAll = 0644;

std::string snapshot_path(const std::string& folder) { return folder + "/snapshot.cbor"; }
std::string proof_path(const std::string& folder) { return folder + "/proof.cbor"; }
std::string chunk_name(std::size_t number) { return format("rows-{}", number); }

// Writes chunks as rows come.
class ChunkWriter {
 public:
  ChunkWriter(const std::string& folder, std::size_t chunk_rows, Env& env, Snapshot& out)
      : folder_(folder), chunk_rows_(chunk_rows), env_(env), out_(out) {}

  Result<void> add(const ledger::Slot& slot, ByteView row) {
    const std::size_t size = slot.bytes().size() + row.size();
    if (!rows_.empty() && size_ + size > chunk_rows_) TRY(write());
    size_ += size;
    rows_.emplace_back(slot, to_bytes(row));
    ++out_.rows;
    return {};
  }
  Result<void> write() {
    if (rows_.empty()) return {};
    const Bytes chunk = encode_chunk(rows_);
    TRY(env_.write_file(chunk_path(folder_, out_.chunks.size()), chunk, kForAll));
    out_.chunks.push_back(crypto::sha256(chunk));
    rows_.clear();
    size_ = 0;
    return {};
  }

 private:
  const std::string& folder_;
  const std::size_t chunk_rows_;
  Env& env_;
  Snapshot& out_;
  RowList rows_;
  std::size_t size_ = 0;
};

Result<ledger::BlockHeader> header_in(const StoredHeader& stored, const LedgerId& ledger) {
  ASSIGN(const auto shown, proof::shown_header<ledger::BlockHeader>(stored.proof, ledger));
  return shown.header;
}

// Follows the rows of a snapshot: what its proof says of them must be so.
class OutboxHeaders {
 public:
  OutboxHeaders(const Snapshot& snapshot, const std::vector<StoredHeader>& headers)
      : snapshot_(snapshot), headers_(headers) {}

  // That the next header is of the block whose outbox the row is. Its signatures are whoever's who
  // takes its packets in to judge: who signed for the chain then may be another than today.
  Result<void> follow(const ledger::Slot& slot, ByteView row) {
    const std::string where = format("outboxes[{}]", next_);
    if (next_ == headers_.size()) return refuse(Verdict::missing_field, where);
    const auto outbox = codec::decode_record<ledger::OutboxRow>(row);
    if (!outbox) return refuse(Verdict::bad_proof, where);
    const auto header = header_in(headers_[next_], snapshot_.ledger);
    if (!header) return refuse_within(where, header.error());
    const bool is_its = header->chain == snapshot_.chain &&
                        header->height == block_of_outbox(slot) &&
                        header->height <= snapshot_.height &&
                        header->outbox == crypto::merkle_root(ledger::leaves_of(*outbox));
    if (!is_its) return refuse(Verdict::bad_proof, where);
    ++next_;
    return {};
  }
  Result<void> finish() const {
    if (next_ == headers_.size()) return {};
    return refuse(Verdict::bad_proof, format("outboxes[{}]", next_));
  }

 private:
  const Snapshot& snapshot_;
  const std::vector<StoredHeader>& headers_;
  std::size_t next_ = 0;
};

// The header that the snapshot is of, once it is proven to be final.
Result<ledger::BlockHeader> prove(const ledger::Genesis& genesis, const Snapshot& snapshot,
                                  const SnapshotProof& proof) {
  tx::Trust trust(genesis);
  if (snapshot.ledger != trust.ledger()) return refuse(Verdict::wrong_ledger, "ledger");
  for (std::size_t i = 0; i < proof.signers.size(); ++i) {
    const auto learned = trust.learn(proof.signers[i]);
    if (!learned) return refuse_within(format("signers[{}]", i), learned.error());
  }
  const auto block = trust.block(proof.header.proof);
  if (!block) return refuse_within("header", block.error());
  const ledger::BlockHeader& header = block->header;
  if (header.chain != snapshot.chain) return refuse(Verdict::bad_proof, "chain");
  if (header.height != snapshot.height) return refuse(Verdict::bad_proof, "height");
  if (block->hash != snapshot.block) return refuse(Verdict::bad_proof, "block");
  if (header.state != snapshot.state) return refuse(Verdict::bad_proof, "state");
  return header;
}

store::ChainStore::Rows rows_of(const std::string& folder, const Snapshot& snapshot,
                                const SnapshotProof& proof, Env& env) {
  return [&](const store::ChainStore::TakeRow& take) -> Result<void> {
    OutboxHeaders outboxes(snapshot, proof.outboxes);
    std::optional<ledger::Slot> last;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < snapshot.chunks.size(); ++i) {
      ASSIGN(const auto rows, read_chunk(folder, snapshot, i, env));
      for (const auto& [slot, row] : rows) {
        if (last && slot <= *last) return refuse(Verdict::bad_value, chunk_name(i));
        last = slot;
        ++count;
        if (slot.kind() == ledger::RowKind::outbox) TRY(outboxes.follow(slot, row));
        take(slot, row);
      }
    }
    if (count != snapshot.rows) return refuse(Verdict::bad_proof, "rows");
    return outboxes.finish();
  };
}

}  // namespace

std::string chunk_path(const std::string& folder, std::size_t number) {
  return folder + '/' + chunk_name(number);
}

std::optional<Height> block_of_outbox(const ledger::Slot& slot) {
  if (slot.kind() != ledger::RowKind::outbox) return std::nullopt;
  // Somebody else's chunk may have any.
  if (slot.bytes().size() != ledger::OutboxRow::slot({}).bytes().size()) return std::nullopt;
  return Height(ledger::SlotReader(slot).take<std::uint64_t>());
}

Result<RowList> read_chunk(const std::string& folder, const Snapshot& snapshot, std::size_t number,
                           Env& env) {
  const std::string name = chunk_name(number);
  ASSIGN(const auto bytes, env.read_file(chunk_path(folder, number), kMaxChunk));
  if (crypto::sha256(bytes) != snapshot.chunks[number]) return refuse(Verdict::bad_proof, name);
  auto rows = decode_chunk(bytes);
  if (!rows) return refuse_within(name, rows.error());
  return rows;
}

Bytes encode_chunk(const RowList& rows) {
  codec::CborWriter out;
  out.array(rows.size());
  for (const auto& [slot, row] : rows) {
    out.array(2);
    out.bytes(as_bytes(slot.bytes()));
    out.bytes(row);
  }
  return out.take();
}

Result<RowList> decode_chunk(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxChunk, .depth = 2, .items = 1 << 20});
  ASSIGN(const auto count, in.array());
  RowList out;
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto parts, in.array());
    if (parts != 2) return refuse(Verdict::bad_value, format("[{}]", i));
    ASSIGN(const auto slot, in.bytes());
    ASSIGN(const auto row, in.bytes());
    if (slot.empty() || slot.size() > ledger::Slot::kMaxSize) {
      return refuse(Verdict::bad_value, format("[{}]", i));
    }
    const auto next = ledger::Slot::from_bytes(as_text(slot));
    if (!out.empty() && next <= out.back().first) {
      return refuse(Verdict::bad_value, format("[{}]", i));
    }
    out.emplace_back(next, to_bytes(row));
  }
  TRY(in.finish());
  return out;
}

Result<Snapshot> write_chunks(const LedgerId& ledger, ChainId chain,
                              const store::StateSnapshot& state, const std::string& folder,
                              Env& env, std::size_t chunk_rows, const SeeSlot& see) {
  const store::Tip& tip = state.tip();
  Snapshot out{.ledger = ledger,
               .chain = chain,
               .height = tip.height,
               .block = tip.block,
               .state = tip.state,
               .rows = 0,
               .chunks = {}};
  ChunkWriter chunks(folder, chunk_rows, env, out);
  Result<void> written;
  state.scan({}, [&](const ledger::Slot& slot, ByteView row) {
    written = see(slot) ? chunks.add(slot, row) : refuse(Verdict::shutting_down);
    return written.has_value();
  });
  TRY(written);
  TRY(chunks.write());
  return out;
}

Result<Snapshot> make_snapshot(const Prover& prover, const Application& chain,
                               const std::string& folder, Env& env, std::size_t chunk_rows) {
  const auto state = chain.proven_state();
  if (!state || state->tip().height == Height(0)) return refuse(Verdict::unknown_block, "0");
  const Height height = state->tip().height;
  ASSIGN(auto final_block, prover.final_block(height));
  SnapshotProof proof{.signers = std::move(final_block.signers),
                      .header = chain.stored_header(height),
                      .outboxes = {}};
  proof.header.proof = std::move(final_block.block);
  const auto see = [&](const ledger::Slot& slot) {
    if (const auto sent = block_of_outbox(slot)) {
      proof.outboxes.push_back(chain.stored_header(*sent));
    }
    return true;
  };
  ASSIGN(auto out,
         write_chunks(chain.ledger(), chain.chain(), *state, folder, env, chunk_rows, see));
  TRY(env.write_file(proof_path(folder), proof.encode(), kForAll));
  // Last: without it there is no snapshot.
  TRY(env.write_file(snapshot_path(folder), out.encode(), kForAll));
  return out;
}

Result<Snapshot> read_snapshot(const std::string& folder, Env& env) {
  ASSIGN(const auto bytes, env.read_file(snapshot_path(folder), Snapshot::kMaxBytes));
  auto snapshot = Snapshot::decode(bytes);
  if (!snapshot) return refuse_within("snapshot.cbor", snapshot.error());
  return snapshot;
}

Result<Snapshot> load_snapshot(const ledger::Genesis& genesis, const std::string& folder,
                               const std::string& to, Env& env) {
  ASSIGN(auto snapshot, read_snapshot(folder, env));
  ASSIGN(const auto bytes, env.read_file(proof_path(folder), SnapshotProof::kMaxBytes));
  const auto proof = SnapshotProof::decode(bytes);
  if (!proof) return refuse_within("proof.cbor", proof.error());
  ASSIGN(const auto header, prove(genesis, snapshot, *proof));
  const Bytes encoded_genesis = codec::encode_record(genesis);
  store::Beginning beginning{.tip = {header.height, header.time, snapshot.block, header.state},
                             .genesis = encoded_genesis,
                             .headers = {}};
  for (const StoredHeader& each : proof->outboxes) {
    const auto of = header_in(each, snapshot.ledger);
    if (!of) return refuse_within("outboxes", of.error());
    if (of->height != header.height) {
      beginning.headers.emplace_back(of->height, codec::encode_record(each));
    }
  }
  beginning.headers.emplace_back(header.height, codec::encode_record(proof->header));
  TRY(store::ChainStore::begin(to, beginning, rows_of(folder, snapshot, *proof, env)));
  return snapshot;
}

}  // namespace intaglio::chain
