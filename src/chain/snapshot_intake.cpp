#include "chain/snapshot_intake.h"

#include <filesystem>
#include <ranges>

#include "base/format.h"
#include "crypto/sha256.h"

namespace intaglio::chain {
namespace {

constexpr unsigned kOwner = 0600;

}  // namespace

SnapshotIntake::SnapshotIntake(CometSnapshot snapshot, std::string folder, Env& env)
    : snapshot_(std::move(snapshot)),
      folder_(std::move(folder)),
      env_(env),
      oldest_(snapshot_.header.height),
      headers_{snapshot_.header} {}

SnapshotIntake::~SnapshotIntake() {
  std::error_code ignored;  // what is left over is removed by the next one
  std::filesystem::remove_all(folder_, ignored);
}

Result<std::unique_ptr<SnapshotIntake>> SnapshotIntake::begin(CometSnapshot snapshot,
                                                              std::string folder, Env& env) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (!failed) std::filesystem::create_directories(folder, failed);
  if (failed) return refuse(Verdict::file_failed, folder + ": " + failed.message());
  return std::unique_ptr<SnapshotIntake>(
      new SnapshotIntake(std::move(snapshot), std::move(folder), env));
}

bool SnapshotIntake::is_next(ByteView chunk) const {
  return !is_complete() && crypto::sha256(chunk) == snapshot_.chunk(taken_);
}

Result<void> SnapshotIntake::take(ByteView chunk) {
  CHECK(is_next(chunk));
  const auto taken =
      taken_ < snapshot_.state.chunks.size() ? take_rows(chunk) : take_headers(chunk);
  if (!taken) return refuse_within(format("chunk {}", taken_), taken.error());
  ++taken_;
  return is_complete() ? finish() : Result<void>();
}

Result<void> SnapshotIntake::take_rows(ByteView chunk) {
  ASSIGN(const auto rows, decode_chunk(chunk));
  for (const auto& [slot, row] : rows) {
    if (last_slot_ && slot <= *last_slot_) return refuse(Verdict::bad_value, "order");
    last_slot_ = slot;
    if (const auto sent = block_of_outbox(slot)) oldest_ = std::min(oldest_, *sent);
  }
  rows_ += rows.size();
  return env_.write_file(chunk_path(folder_, taken_), chunk, kOwner);
}

Result<void> SnapshotIntake::take_headers(ByteView chunk) {
  ASSIGN(const auto headers, decode_headers(chunk));
  for (const auto& each : headers) {
    // By the header before, and in the end by CometBFT's.
    if (!equal(each.hash(snapshot_.state.ledger).view(), headers_.back().previous.view())) {
      return refuse(Verdict::bad_proof, "previous");
    }
    headers_.push_back(each);
  }
  return {};
}

Result<void> SnapshotIntake::finish() const {
  if (rows_ != snapshot_.state.rows) return refuse(Verdict::bad_proof, "state.rows");
  if (headers_.back().height != oldest_) return refuse(Verdict::bad_proof, "headers");
  return {};
}

Result<void> SnapshotIntake::install(Application& chain) const {
  CHECK(is_complete());
  const ledger::BlockHeader& header = snapshot_.header;
  store::Beginning beginning{
      .tip = {header.height, header.time, snapshot_.state.block, header.state},
      .genesis = {},
      .headers = {}};
  for (const ledger::BlockHeader& header_below : std::views::reverse(headers_)) {
    const StoredHeader stored{chain.own_proof(header_below), 0};
    beginning.headers.emplace_back(header_below.height, codec::encode_record(stored));
  }
  return chain.go_on_from(
      beginning, [&](const store::ChainStore::TakeRow& take_row) -> Result<void> {
        for (std::size_t i = 0; i < snapshot_.state.chunks.size(); ++i) {
          ASSIGN(const auto rows, read_chunk(folder_, snapshot_.state, i, env_));
          for (const auto& [slot, row] : rows) take_row(slot, row);
        }
        return {};
      });
}

}  // namespace intaglio::chain
