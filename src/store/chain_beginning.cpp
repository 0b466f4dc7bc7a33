// Stores that begin with a state instead of the genesis: written beside their place, whole, and put
// there in one step.
#include <filesystem>

#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include "base/file_stream.h"
#include "base/format.h"
#include "store/chain_keys.h"
#include "store/chain_store.h"
#include "store/database.h"

namespace intaglio::store {
namespace {

constexpr std::size_t kBatch = std::size_t{1} << 20;  // bytes written at once

rocksdb::Options settings() {
  return database_options(
      {.memtable = ChainStoreOptions().memtable_bytes, .block_cache = std::size_t{8} << 20});
}

// With a layout from the first and without a tip until all else is there: such a database does not
// open as a store.
class Draft {
 public:
  Draft(std::string folder, std::unique_ptr<rocksdb::DB> database)
      : folder_(std::move(folder)), database_(std::move(database)) {
    put(kLayoutKey, as_bytes(kLayout));
    keep(write(false));
  }

  void put(std::string_view key, ByteView value) {
    CHECK(batch_.Put(to_slice(key), to_slice(value)).ok());
    if (batch_.GetDataSize() > kBatch) keep(write(false));
  }
  void put_row(const ledger::Slot& slot, ByteView row) {
    put(row_key(slot), row);
    leaves_.push_back(ledger::state_leaf(slot, row));
  }
  Digest take_root() { return ledger::StateTree::of(std::exchange(leaves_, {})).root(); }

  // Makes all of it durable, or says what went wrong with any of it.
  Result<void> finish() {
    keep(write(true));
    if (failed_.ok()) keep(database_->Flush(rocksdb::FlushOptions()));
    if (failed_.ok()) keep(database_->Close());
    if (!failed_.ok()) return refuse_storage(folder_, failed_);
    return {};
  }

 private:
  rocksdb::Status write(bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    const auto status = database_->Write(options, &batch_);
    batch_.Clear();
    return status;
  }
  void keep(const rocksdb::Status& status) {
    if (failed_.ok()) failed_ = status;
  }

  const std::string folder_;
  const std::unique_ptr<rocksdb::DB> database_;
  rocksdb::WriteBatch batch_;
  std::vector<ledger::StateLeaf> leaves_;
  rocksdb::Status failed_;  // the first that did not write
};

// What a node must not forget, whatever state it goes on from.
Result<void> copy_notes(const std::string& folder, Draft& to) {
  if (!std::filesystem::exists(folder + "/CURRENT")) return {};
  ASSIGN(const auto database, open_database(settings(), folder));
  const std::unique_ptr<rocksdb::Iterator> each(database->NewIterator(rocksdb::ReadOptions()));
  const std::string_view prefix(&kNote, 1);
  for (each->Seek(to_slice(prefix)); each->Valid(); each->Next()) {
    if (!each->key().starts_with(to_slice(prefix))) break;
    to.put(each->key().ToStringView(), to_view(each->value()));
  }
  if (!each->status().ok()) return refuse_storage(folder, each->status());
  return {};
}

// In one step, so that there is always one or the other at `place`; then the other is removed.
Result<void> put_in_place(const std::string& draft, const std::string& place) {
  const bool is_there = std::filesystem::exists(place);
  const unsigned how = is_there ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, place.c_str(), how) != 0) {
    return refuse(Verdict::storage_failed, place + ": cannot be put in its place");
  }
  std::error_code ignored;  // what is left over is removed by the next beginning
  if (is_there) std::filesystem::remove_all(draft, ignored);
  const auto parent = std::filesystem::absolute(place, ignored).parent_path();
  if (sync_folder(parent)) return refuse(Verdict::storage_failed, parent.string());
  return {};
}

}  // namespace

Result<void> ChainStore::begin(const std::string& folder, const Beginning& beginning,
                               const Rows& rows) {
  const std::string draft_folder = folder + ".beginning";
  std::error_code failed;
  std::filesystem::remove_all(draft_folder, failed);
  if (failed) return refuse(Verdict::storage_failed, draft_folder + ": " + failed.message());
  ASSIGN(auto database, open_database(settings(), draft_folder));
  {
    Draft draft(draft_folder, std::move(database));
    TRY(rows([&](const ledger::Slot& slot, ByteView row) { draft.put_row(slot, row); }));
    if (draft.take_root() != beginning.tip.state) return refuse(Verdict::bad_proof, "state");
    TRY(copy_notes(folder, draft));
    draft.put(block_key(Height(0)), beginning.genesis);
    for (const auto& [height, header] : beginning.headers) draft.put(header_key(height), header);
    std::string kept;
    put_number(kept, beginning.tip.height.next().value());
    draft.put(kKeptKey, as_bytes(kept));
    draft.put(kTipKey, codec::encode_record(beginning.tip));
    TRY(draft.finish());
  }
  return put_in_place(draft_folder, folder);
}

}  // namespace intaglio::store
