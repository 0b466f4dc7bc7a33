// Bytes that must not be seen: wiped when dropped, not printable, not copyable.
#pragma once

#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace intaglio {

// Overwrites memory in a way the compiler does not remove.
void wipe(void* data, std::size_t size);

// One owner; moving leaves the source empty. Only reveal() gives access: grep for it to audit.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes&& bytes) : bytes_(std::move(bytes)) {}
  // Copies, and wipes `text`: for a passphrase just read.
  static Secret take(std::string& text) {
    Secret out(to_bytes(as_bytes(text)));
    wipe(text.data(), text.size());
    text.clear();
    return out;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~Secret() { clear(); }

  ByteView reveal() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  void clear() {
    wipe(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  Bytes bytes_;
};

}  // namespace intaglio
