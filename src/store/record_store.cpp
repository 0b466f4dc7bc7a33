#include "store/record_store.h"

#include <mutex>

#include <rocksdb/db.h>

#include "base/check.h"
#include "store/database.h"

namespace intaglio::store {
namespace {

constexpr DatabaseMemory kMemory{.memtable = std::size_t{4} << 20,
                                 .block_cache = std::size_t{8} << 20};

rocksdb::WriteOptions durable() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

}  // namespace

struct RecordStore::Open {
  std::string folder;
  std::unique_ptr<rocksdb::DB> database;
  std::mutex writing;  // between the look and the write of put_if_absent nobody else writes
};

RecordStore::RecordStore(std::unique_ptr<Open> open) : open_(std::move(open)) {}
RecordStore::~RecordStore() = default;

Result<std::unique_ptr<RecordStore>> RecordStore::open(const std::string& folder) {
  auto opened = std::make_unique<Open>();
  opened->folder = folder;
  ASSIGN(opened->database, open_database(database_options(kMemory), folder));
  return std::unique_ptr<RecordStore>(new RecordStore(std::move(opened)));
}

Result<std::optional<Bytes>> RecordStore::get(std::string_view key) const {
  rocksdb::PinnableSlice value;
  rocksdb::DB& database = *open_->database;
  const rocksdb::Status status =
      database.Get(rocksdb::ReadOptions(), database.DefaultColumnFamily(), to_slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return refuse_storage(open_->folder, status);
  return to_bytes(to_view(value));
}

Result<void> RecordStore::put(std::string_view key, ByteView value) {
  return write({{std::string(key), to_bytes(value)}});
}

Result<bool> RecordStore::put_if_absent(std::string_view key, ByteView value) {
  CHECK(!key.empty());
  const std::lock_guard lock(open_->writing);
  ASSIGN(const auto before, get(key));
  if (before) return false;
  const auto status = open_->database->Put(durable(), to_slice(key), to_slice(value));
  if (!status.ok()) return refuse_storage(open_->folder, status);
  return true;
}

Result<void> RecordStore::erase(std::string_view key) {
  return write({{std::string(key), std::nullopt}});
}

Result<void> RecordStore::write(const std::vector<RecordWrite>& writes) {
  rocksdb::WriteBatch batch;
  for (const RecordWrite& each : writes) {
    CHECK(!each.key.empty());
    const auto status =
        each.value ? batch.Put(each.key, to_slice(*each.value)) : batch.Delete(each.key);
    CHECK(status.ok());
  }
  const std::lock_guard lock(open_->writing);
  const rocksdb::Status status = open_->database->Write(durable(), &batch);
  if (!status.ok()) return refuse_storage(open_->folder, status);
  return {};
}

Result<void> RecordStore::scan(std::string_view prefix, const Visit& visit) const {
  const std::unique_ptr<rocksdb::Iterator> each(
      open_->database->NewIterator(rocksdb::ReadOptions()));
  for (each->Seek(to_slice(prefix)); each->Valid() && each->key().starts_with(to_slice(prefix));
       each->Next()) {
    if (!visit(each->key().ToStringView(), to_view(each->value()))) return {};
  }
  if (!each->status().ok()) return refuse_storage(open_->folder, each->status());
  return {};
}

}  // namespace intaglio::store
