// The seam between the program and the world: clock, chance, files. What runs under the simulator
// takes an Env; nothing in `ledger` or `tx` takes one at all.
#pragma once

#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace intaglio {

// Every function may be called from any thread.
class Env {
 public:
  virtual ~Env() = default;

  // The wall clock. May jump; whoever needs order makes it (block time is max(previous + 1, now)).
  virtual Millis now() = 0;

  // Bytes nobody can guess.
  virtual void random(std::span<std::uint8_t> out) = 0;

  // The whole file; `file_failed` when it is absent, larger than `limit` bytes or unreadable.
  virtual Result<Bytes> read_file(const std::string& path, std::size_t limit) = 0;

  // Replaces the file at `path` durably and at once: after a crash it is the old one or the new
  // one. `mode` is the POSIX mode of the new file, set before the first byte is written.
  virtual Result<void> write_file(const std::string& path, ByteView content, unsigned mode) = 0;

  // As write_file, where nothing is yet. `file_failed` when there is a file already, and it stays.
  virtual Result<void> create_file(const std::string& path, ByteView content, unsigned mode);

  template <typename Id>
  Id random_id() {
    Id id;
    random(id.writable());
    return id;
  }
};

// The real machine.
Env& system_env();

}  // namespace intaglio
