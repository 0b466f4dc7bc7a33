// Where a row lives: one kind byte, then a key of that kind's fixed length, big-endian throughout,
// so that slots of one kind sort by key and none is a prefix of another.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <string_view>

#include "base/check.h"
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
  out_stream = 11,
  in_stream = 12,
  packet = 13,
  transit = 14,
  suspense = 15,
  outbox = 16,
  nodes = 17,
  settlement = 18,
  deadline = 19,
  certificate = 20,
  issuer = 21,
  trust = 22,
};

class Slot {
 public:
  static constexpr std::size_t kMaxSize = 63;  // bytes; more is our bug and fails a CHECK

  explicit Slot(RowKind kind) { append(static_cast<std::uint8_t>(kind)); }
  // For rows read back from storage.
  static Slot from_bytes(std::string_view bytes) {
    Slot slot;
    slot.put(as_bytes(bytes));
    return slot;
  }

  Slot& put(ByteView bytes) {
    CHECK(bytes.size() <= kMaxSize - size_);
    std::ranges::copy(bytes, data_.begin() + size_);
    size_ = static_cast<std::uint8_t>(size_ + bytes.size());
    return *this;
  }
  template <std::unsigned_integral Int>
  Slot& put(Int number) {
    for (int shift = 8 * (sizeof(Int) - 1); shift >= 0; shift -= 8) {
      append(static_cast<std::uint8_t>(number >> shift));
    }
    return *this;
  }

  // The least slot behind this one.
  Slot next() const {
    Slot slot = *this;
    slot.append(0);
    return slot;
  }

  RowKind kind() const { return static_cast<RowKind>(data_[0]); }
  std::string_view bytes() const { return as_text(ByteView(data_).first(size_)); }

  // Bytewise.
  std::strong_ordering operator<=>(const Slot& other) const {
    const int order = std::memcmp(data_.data(), other.data_.data(), std::max(size_, other.size_));
    return order != 0 ? order <=> 0 : size_ <=> other.size_;
  }
  bool operator==(const Slot& other) const { return (*this <=> other) == 0; }

 private:
  Slot() = default;
  void append(std::uint8_t byte) {
    CHECK(size_ < kMaxSize);
    data_[size_++] = byte;
  }
  // Inside the object, zero after the end: slots are made and compared many times a transaction.
  std::array<std::uint8_t, kMaxSize> data_{};
  std::uint8_t size_ = 0;
};

// Takes a slot's key apart again, in the order in which it was put together.
class SlotReader {
 public:
  explicit SlotReader(const Slot& slot) : left_(as_bytes(slot.bytes()).subspan(1)) {}

  template <typename Id>
  Id take_id() {
    CHECK(left_.size() >= Id::kSize);
    const auto id = Id::from(left_.first(Id::kSize));
    left_ = left_.subspan(Id::kSize);
    return *id;
  }
  template <std::unsigned_integral Int>
  Int take() {
    CHECK(left_.size() >= sizeof(Int));
    Int out = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) out = static_cast<Int>(out << 8 | left_[i]);
    left_ = left_.subspan(sizeof(Int));
    return out;
  }

 private:
  ByteView left_;  // the slot must outlive the reader
};

}  // namespace intaglio::ledger
