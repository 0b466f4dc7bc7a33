#include "chain/pack.h"

#include "base/check.h"
#include "base/format.h"
#include "codec/cbor.h"

namespace intaglio::chain {
namespace {

constexpr codec::CborLimits kPack{.bytes = kMaxPackBytes, .depth = 1, .items = kMaxPacked};
// Receipts are smaller than what they are of, but for the shortest.
constexpr codec::CborLimits kOutcomes{.bytes = 2 * kMaxPackBytes, .depth = 1, .items = kMaxPacked};

constexpr std::uint8_t kMajorType = 0xe0;  // of an item's first byte
constexpr std::uint8_t kArray = 0x80;

// Bytes of an item's head with that number.
std::size_t head_size(std::size_t number) {
  if (number < 24) return 1;
  if (number < 0x100) return 2;
  return number < 0x10000 ? 3 : 5;
}

}  // namespace

std::size_t fit_in_pack(std::span<const Bytes> transactions) {
  std::size_t size = 0;
  std::size_t count = 0;
  for (const Bytes& each : transactions.first(std::min(transactions.size(), kMaxPacked))) {
    size += head_size(each.size()) + each.size();
    if (count > 0 && head_size(count + 1) + size > kMaxPackBytes) break;
    ++count;
  }
  return count;
}

Bytes pack(std::span<const Bytes> transactions) {
  CHECK(!transactions.empty() && fit_in_pack(transactions) == transactions.size());
  if (transactions.size() == 1) return transactions.front();
  codec::CborWriter out;
  out.array(transactions.size());
  for (const Bytes& each : transactions) out.bytes(each);
  return out.take();
}

bool is_pack(ByteView bytes) { return !bytes.empty() && (bytes[0] & kMajorType) == kArray; }

Result<std::vector<Bytes>> unpack(ByteView bytes) {
  if (!is_pack(bytes)) return std::vector<Bytes>{to_bytes(bytes)};
  codec::CborReader in(bytes, kPack);
  ASSIGN(const auto count, in.array());
  // Or one transaction would have two forms.
  if (count < 2) return refuse(Verdict::missing_field, "members");
  std::vector<Bytes> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto member, in.bytes());
    out.push_back(to_bytes(member));
  }
  TRY(in.finish());
  return out;
}

Bytes encode_outcomes(std::span<const Result<Bytes>> outcomes) {
  codec::CborWriter out;
  out.array(outcomes.size());
  for (const auto& each : outcomes) {
    if (each) {
      out.bytes(*each);
    } else {
      out.uint(static_cast<std::uint16_t>(each.error().verdict));
    }
  }
  return out.take();
}

Result<std::vector<Result<Bytes>>> decode_outcomes(ByteView bytes) {
  codec::CborReader in(bytes, kOutcomes);
  ASSIGN(const auto count, in.array());
  std::vector<Result<Bytes>> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto type, in.peek());
    if (type == codec::CborType::bytes) {
      ASSIGN(const auto receipt, in.bytes());
      out.emplace_back(to_bytes(receipt));
      continue;
    }
    ASSIGN(const auto number, in.uint());
    const auto verdict = verdict_from_number(number);
    if (!verdict || *verdict == Verdict::accepted) {
      return refuse(Verdict::bad_value, format("[{}]", i));
    }
    out.emplace_back(refuse(*verdict));
  }
  TRY(in.finish());
  return out;
}

}  // namespace intaglio::chain
