// Byte strings: owned, viewed, and of fixed size with a meaning.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace intaglio {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }
inline bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// N bytes that mean one thing: FixedBytes of different tags do not mix. A value type; any thread.
template <typename Tag, std::size_t N>
class FixedBytes {
 public:
  static constexpr std::size_t kSize = N;

  constexpr FixedBytes() = default;
  constexpr explicit FixedBytes(const std::array<std::uint8_t, N>& bytes) : bytes_(bytes) {}

  // Nothing when `view` does not hold exactly N bytes.
  static std::optional<FixedBytes> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    FixedBytes out;
    std::ranges::copy(view, out.bytes_.begin());
    return out;
  }

  // The first N bytes of something at least that long, e.g. an id cut from a hash.
  template <typename Other, std::size_t M>
    requires(M > N)
  static FixedBytes prefix_of(const FixedBytes<Other, M>& longer) {
    return *from(longer.view().first(N));
  }

  ByteView view() const { return bytes_; }
  std::span<std::uint8_t, N> writable() { return bytes_; }
  const std::array<std::uint8_t, N>& array() const { return bytes_; }

  auto operator<=>(const FixedBytes&) const = default;

 private:
  std::array<std::uint8_t, N> bytes_{};
};

using Digest = FixedBytes<struct DigestTag, 32>;  // a SHA-256 value

}  // namespace intaglio

// Ids are hashes or random: their first bytes already spread well.
template <typename Tag, std::size_t N>
struct std::hash<intaglio::FixedBytes<Tag, N>> {
  std::size_t operator()(const intaglio::FixedBytes<Tag, N>& id) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | id.array()[i];
    return value;
  }
};
