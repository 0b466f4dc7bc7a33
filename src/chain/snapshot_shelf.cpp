#include "chain/snapshot_shelf.h"

#include <filesystem>

#include "base/format.h"
#include "base/log.h"

namespace intaglio::chain {
namespace {

std::string draft_of(const std::string& folder) { return folder + "/making"; }

Result<void> make_empty(const std::string& folder) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (!failed) std::filesystem::create_directories(folder, failed);
  if (failed) return refuse(Verdict::file_failed, folder + ": " + failed.message());
  return {};
}

void discard(const std::filesystem::path& folder) {
  std::error_code ignored;  // what is left over is removed by the next start
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace

SnapshotShelf::SnapshotShelf(const Application& chain, std::string folder, Env& env,
                             std::size_t chunk_rows)
    : chain_(chain), folder_(std::move(folder)), env_(env), chunk_rows_(chunk_rows) {}

SnapshotShelf::~SnapshotShelf() {
  is_over_ = true;
  wait();
}

std::string SnapshotShelf::place(Height height) const {
  return format("{}/{}", folder_, height.value());
}

Result<std::unique_ptr<SnapshotShelf>> SnapshotShelf::open(const Application& chain,
                                                           std::string folder, Env& env,
                                                           std::size_t chunk_rows) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::vector<std::filesystem::path> found;
  if (!failed) {
    for (std::filesystem::directory_iterator each(folder, failed), end; !failed && each != end;
         each.increment(failed)) {
      found.push_back(each->path());
    }
  }
  if (failed) return refuse(Verdict::file_failed, folder + ": " + failed.message());
  std::unique_ptr<SnapshotShelf> out(new SnapshotShelf(chain, std::move(folder), env, chunk_rows));
  for (const auto& each : found) {
    auto snapshot = read_comet_snapshot(each, env);
    if (snapshot && each == out->place(snapshot->state.height)) {
      out->put(*std::move(snapshot));
    } else {
      discard(each);
    }
  }
  return out;
}

void SnapshotShelf::make(std::shared_ptr<const store::StateSnapshot> state) {
  if (is_making_) return;
  wait();
  is_making_ = true;
  thread_ = std::thread([this, state = std::move(state)]() mutable {
    const Height height = state->tip().height;
    auto made = write(*state);
    state.reset();
    if (made) {
      put(*std::move(made));
    } else if (!is_over_) {
      log::warning("chain {}: no snapshot of block {}: {}", chain_.chain().value(), height.value(),
                   to_string(made.error()));
    }
    is_making_ = false;
  });
}

void SnapshotShelf::wait() {
  if (thread_.joinable()) thread_.join();
}

Result<CometSnapshot> SnapshotShelf::write(const store::StateSnapshot& state) {
  const std::string draft = draft_of(folder_);
  TRY(make_empty(draft));
  auto made = make_comet_snapshot(chain_, state, draft, env_, chunk_rows_,
                                  [this](const ledger::Slot&) { return !is_over_; });
  std::error_code failed;
  if (made) {
    discard(place(made->state.height));
    std::filesystem::rename(draft, place(made->state.height), failed);
  } else {
    discard(draft);
  }
  if (failed) return refuse(Verdict::file_failed, draft + ": " + failed.message());
  return made;
}

void SnapshotShelf::put(CometSnapshot snapshot) {
  std::vector<Height> old;
  {
    const std::lock_guard lock(mutex_);
    held_.insert_or_assign(snapshot.state.height, std::move(snapshot));
    while (held_.size() > kKept) {
      old.push_back(held_.begin()->first);
      held_.erase(held_.begin());
    }
  }
  for (const Height each : old) discard(place(each));
}

std::vector<CometSnapshot> SnapshotShelf::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<CometSnapshot> out;
  for (const auto& [height, snapshot] : held_) out.push_back(snapshot);
  return out;
}

std::optional<Height> SnapshotShelf::oldest() const {
  const std::lock_guard lock(mutex_);
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first;
}

std::optional<Bytes> SnapshotShelf::chunk(Height height, std::size_t number) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(height);
    if (found == held_.end() || number >= found->second.chunks()) return std::nullopt;
  }
  // It may be removed meanwhile, since others have come.
  auto bytes = env_.read_file(chunk_path(place(height), number), kMaxChunk);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

}  // namespace intaglio::chain
