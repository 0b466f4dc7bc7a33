// Where a row lives: one kind byte, then a key of that kind's fixed length, big-endian throughout,
// so that slots of one kind sort by key and none is a prefix of another.
#pragma once

#include <string>

#include "base/ids.h"

namespace intaglio::ledger {

// Stored in every slot; append-only.
enum class RowKind : std::uint8_t {
  params = 1,
  asset = 2,
  account = 3,
  balance = 4,
  key = 5,
  hold = 6,
  entry = 7,
  receipt = 8,
  display = 9,
  code = 10,
};

class Slot {
 public:
  explicit Slot(RowKind kind) { bytes_.push_back(static_cast<char>(kind)); }
  // For rows read back from storage.
  static Slot from_bytes(std::string bytes) { return Slot(std::move(bytes)); }

  Slot& put(ByteView bytes) {
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return *this;
  }
  template <std::unsigned_integral Int>
  Slot& put(Int number) {
    for (int shift = 8 * (sizeof(Int) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(number >> shift));
    }
    return *this;
  }

  RowKind kind() const { return static_cast<RowKind>(bytes_[0]); }
  const std::string& bytes() const { return bytes_; }
  auto operator<=>(const Slot&) const = default;

 private:
  explicit Slot(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

}  // namespace intaglio::ledger
