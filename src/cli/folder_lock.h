// One program at a time in a folder.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace intaglio::cli {

// Held until it is dropped or the process ends, however that comes.
class FolderLock {
 public:
  // `folder_taken` when another process has it; `file_failed` when there is no such folder.
  static Result<FolderLock> take(const std::string& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace intaglio::cli
