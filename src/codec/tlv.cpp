#include "codec/tlv.h"

#include "base/check.h"
#include "base/format.h"

namespace intaglio::codec {
namespace {

constexpr std::uint8_t kMoreTag = 0x1F;  // in a first byte: a second one follows
constexpr std::uint8_t kLongForm = 0x80;

}  // namespace

bool is_tlv_tag(TlvTag tag) {
  if (tag <= 0xFF) return tag != 0 && (tag & kMoreTag) != kMoreTag;
  const unsigned second = tag & 0xFFU;
  return (tag >> 8 & kMoreTag) == kMoreTag && second != 0 && second < 0x80;
}

TlvWriter& TlvWriter::put(TlvTag tag, ByteView value) {
  CHECK(is_tlv_tag(tag));
  if (tag > 0xFF) out_.push_back(static_cast<std::uint8_t>(tag >> 8));
  out_.push_back(static_cast<std::uint8_t>(tag));
  if (value.size() < kLongForm) {
    out_.push_back(static_cast<std::uint8_t>(value.size()));
  } else {
    std::size_t width = 1;
    while (width < sizeof(std::size_t) && value.size() >> 8 * width != 0) ++width;
    out_.push_back(static_cast<std::uint8_t>(kLongForm | width));
    for (std::size_t i = width; i > 0; --i) {
      out_.push_back(static_cast<std::uint8_t>(value.size() >> 8 * (i - 1)));
    }
  }
  append(out_, value);
  return *this;
}

std::unexpected<Refusal> TlvReader::refuse_here(Verdict verdict) const {
  return refuse(verdict, format("byte {}", offset_));
}

Verdict TlvReader::read_tag(TlvTag& out) {
  if (at_end()) return Verdict::truncated;
  unsigned tag = input_[offset_];
  std::size_t size = 1;
  if ((tag & kMoreTag) == kMoreTag) {
    if (input_.size() - offset_ < 2) return Verdict::truncated;
    tag = tag << 8 | input_[offset_ + 1];
    size = 2;
  }
  out = static_cast<TlvTag>(tag);
  if (!is_tlv_tag(out)) return Verdict::bad_encoding;
  offset_ += size;
  return Verdict::accepted;
}

Verdict TlvReader::read_length(std::size_t& out) {
  if (at_end()) return Verdict::truncated;
  const std::uint8_t first = input_[offset_];
  out = first;
  std::size_t size = 1;
  if (first >= kLongForm) {
    const std::size_t width = first & 0x7FU;
    if (width == 0 || width > 4) return Verdict::bad_encoding;  // indefinite, or beyond all limits
    if (input_.size() - offset_ - 1 < width) return Verdict::truncated;
    out = 0;
    for (const std::uint8_t byte : input_.subspan(offset_ + 1, width)) out = out << 8 | byte;
    if (out < kLongForm || out >> 8 * (width - 1) == 0) return Verdict::bad_encoding;
    size += width;
  }
  if (out > input_.size() - offset_ - size) return Verdict::truncated;
  offset_ += size;
  return Verdict::accepted;
}

Result<Tlv> TlvReader::next() {
  if (input_.size() > limits_.bytes) return refuse_here(Verdict::too_large);
  Tlv out{};
  std::size_t length = 0;
  auto v = read_tag(out.tag);
  if (v == Verdict::accepted) v = read_length(length);
  if (v != Verdict::accepted) return refuse_here(v);
  out.value = input_.subspan(offset_, length);
  offset_ += length;
  return out;
}

Result<ByteView> TlvReader::expect(TlvTag tag) {
  if (at_end()) return refuse(Verdict::missing_field, format("tag {:02X}", tag));
  ASSIGN(const auto found, next());
  if (found.tag != tag) return refuse(Verdict::missing_field, format("tag {:02X}", tag));
  return found.value;
}

Result<void> TlvReader::finish() const {
  if (!at_end()) return refuse_here(Verdict::trailing_bytes);
  return {};
}

}  // namespace intaglio::codec
