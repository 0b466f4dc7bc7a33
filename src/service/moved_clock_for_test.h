// For tests: a clock that stands still unless it is moved.
#pragma once

#include "base/env.h"

namespace intaglio::service {

class MovedClock final : public Env {
 public:
  explicit MovedClock(Millis now = system_env().now()) : now_(now) {}
  void set(Millis now) { now_ = now; }
  void advance(Duration by) { now_ = now_ + by; }
  Millis now() override { return now_; }
  void random(std::span<std::uint8_t> out) override { system_env().random(out); }
  Result<Bytes> read_file(const std::string& path, std::size_t limit) override {
    return system_env().read_file(path, limit);
  }
  Result<void> write_file(const std::string& path, ByteView content, unsigned mode) override {
    return system_env().write_file(path, content, mode);
  }

 private:
  Millis now_;
};

}  // namespace intaglio::service
