// For this module's tests: a clock that stands still until it is moved, and files in memory.
#pragma once

#include <map>

#include "base/env.h"

namespace intaglio::element {

class FakeEnv final : public Env {
 public:
  struct File {
    Bytes content;
    unsigned mode;
  };

  explicit FakeEnv(Millis start) : now_(start) {}

  void advance(Duration by) { now_ = now_ + by; }
  std::map<std::string, File>& files() { return files_; }
  // From now on no file can be written, as on a full disk.
  void fill_disk() { disk_full_ = true; }

  Millis now() override { return now_; }
  void random(std::span<std::uint8_t> out) override { system_env().random(out); }
  Result<Bytes> read_file(const std::string& path, std::size_t limit) override {
    const auto file = files_.find(path);
    if (file == files_.end() || file->second.content.size() > limit) {
      return refuse(Verdict::file_failed, path);
    }
    return file->second.content;
  }
  Result<void> write_file(const std::string& path, ByteView content, unsigned mode) override {
    if (disk_full_) return refuse(Verdict::file_failed, path);
    files_[path] = {to_bytes(content), mode};
    return {};
  }

 private:
  Millis now_;
  std::map<std::string, File> files_;
  bool disk_full_ = false;
};

}  // namespace intaglio::element
