// Files that may be larger than memory, piece by piece; and that names in folders last. What fits
// into memory goes through Env.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio {

// Owns an open file. One thread.
class OpenFile {
 public:
  // `file_failed` with the path.
  static Result<OpenFile> read(const std::string& path);
  // A new one, in its final POSIX mode from the first byte on; `file_failed` when there is one.
  static Result<OpenFile> create(const std::string& path, unsigned mode);
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  OpenFile& operator=(OpenFile&&) = delete;

  // As many bytes as fit, fewer only before the end of the file.
  Result<std::size_t> read(std::span<std::uint8_t> into);
  Result<void> write(ByteView content);
  // What was written is on the disk; its name is when sync_folder() has returned.
  Result<void> sync();

 private:
  OpenFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

// That the names in a folder are not lost.
std::error_code sync_folder(const std::filesystem::path& folder);

}  // namespace intaglio
