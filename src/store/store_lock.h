// A store that nobody may open for a while, so that its files can be copied.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace intaglio::store {

// Of a ChainStore or RecordStore. Held until it is dropped or the process ends, however that comes.
class StoreLock {
 public:
  // `folder_taken` when somebody has it open, here or in another process; `storage_failed` when
  // there is no such folder.
  static Result<StoreLock> take(const std::string& folder);
  ~StoreLock();
  StoreLock(StoreLock&&) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;

 private:
  struct Held;
  explicit StoreLock(std::unique_ptr<Held> held);
  std::unique_ptr<Held> held_;
};

}  // namespace intaglio::store
