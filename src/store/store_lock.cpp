#include "store/store_lock.h"

#include <rocksdb/env.h>

#include "store/database.h"

namespace intaglio::store {

// The lock that RocksDB takes itself when it opens a database.
struct StoreLock::Held {
  rocksdb::FileLock* lock = nullptr;
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (lock != nullptr) rocksdb::Env::Default()->UnlockFile(lock);
  }
};

StoreLock::StoreLock(std::unique_ptr<Held> held) : held_(std::move(held)) {}
StoreLock::StoreLock(StoreLock&&) noexcept = default;
StoreLock::~StoreLock() = default;

Result<StoreLock> StoreLock::take(const std::string& folder) {
  auto held = std::make_unique<Held>();
  const auto status = rocksdb::Env::Default()->LockFile(folder + "/LOCK", &held->lock);
  if (is_taken(status)) return refuse(Verdict::folder_taken, folder);
  if (!status.ok()) return refuse_storage(folder, status);
  return StoreLock(std::move(held));
}

}  // namespace intaglio::store
