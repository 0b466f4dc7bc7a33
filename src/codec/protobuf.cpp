#include "codec/protobuf.h"

#include "base/format.h"

namespace intaglio::codec {
namespace {

constexpr std::uint8_t kVarint = 0;
constexpr std::uint8_t kFixed64 = 1;
constexpr std::uint8_t kDelimited = 2;
constexpr std::uint64_t kMaxField = (std::uint64_t{1} << 29) - 1;

}  // namespace

void append_varint(Bytes& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 0x80));
  to.push_back(static_cast<std::uint8_t>(value));
}

Result<std::optional<std::uint64_t>> take_varint(ByteView& from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::uint8_t byte = from[i];
    // The tenth byte holds the one bit that is left.
    if (i == 9 && byte > 1) return refuse(Verdict::bad_encoding, "varint");
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && i > 0) return refuse(Verdict::bad_encoding, "varint");
    from = from.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

void ProtobufWriter::head(std::uint32_t field, std::uint8_t type) {
  append_varint(out_, std::uint64_t{field} << 3 | type);
}

ProtobufWriter& ProtobufWriter::uint(std::uint32_t field, std::uint64_t value) {
  if (value == 0) return *this;
  head(field, kVarint);
  append_varint(out_, value);
  return *this;
}

ProtobufWriter& ProtobufWriter::integer(std::uint32_t field, std::int64_t value) {
  return uint(field, static_cast<std::uint64_t>(value));
}

ProtobufWriter& ProtobufWriter::sfixed64(std::uint32_t field, std::int64_t value) {
  if (value == 0) return *this;
  head(field, kFixed64);
  const auto bits = static_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) {
    out_.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  return *this;
}

ProtobufWriter& ProtobufWriter::bytes(std::uint32_t field, ByteView value) {
  return value.empty() ? *this : message(field, value);
}

ProtobufWriter& ProtobufWriter::message(std::uint32_t field, ByteView encoded) {
  head(field, kDelimited);
  append_varint(out_, encoded.size());
  append(out_, encoded);
  return *this;
}

std::unexpected<Refusal> ProtobufReader::refuse_here(Verdict verdict) const {
  return refuse(verdict, format("byte {}", offset()));
}

Result<ProtobufReader::Head> ProtobufReader::head() const {
  ByteView after = rest_;
  const auto key = take_varint(after);
  if (!key) return refuse_here(key.error().verdict);
  if (!*key) return refuse_here(Verdict::truncated);
  const std::uint64_t number = **key >> 3;
  if (number == 0 || number > kMaxField) return refuse_here(Verdict::bad_encoding);
  return Head{static_cast<std::uint32_t>(number), static_cast<std::uint8_t>(**key & 7), after};
}

Result<bool> ProtobufReader::next_is(std::uint32_t field) const {
  if (rest_.empty()) return false;
  ASSIGN(const auto next, head());
  return next.field == field;
}

Result<bool> ProtobufReader::enter(std::uint32_t field, std::uint8_t type) {
  if (rest_.empty()) return false;
  ASSIGN(const auto next, head());
  if (next.field != field) return false;
  if (next.type != type) return refuse_here(Verdict::bad_encoding);
  rest_ = next.after;
  return true;
}

Result<std::uint64_t> ProtobufReader::varint() {
  const auto value = take_varint(rest_);
  if (!value) return refuse_here(value.error().verdict);
  if (!*value) return refuse_here(Verdict::truncated);
  return **value;
}

Result<ByteView> ProtobufReader::delimited() {
  ASSIGN(const auto size, varint());
  if (size > rest_.size()) return refuse_here(Verdict::truncated);
  const ByteView value = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(value.size());
  return value;
}

Result<std::uint64_t> ProtobufReader::uint(std::uint32_t field) {
  ASSIGN(const bool is_there, enter(field, kVarint));
  if (!is_there) return 0;
  ASSIGN(const auto value, varint());
  if (value == 0) return refuse_here(Verdict::bad_encoding);
  return value;
}

Result<std::int64_t> ProtobufReader::integer(std::uint32_t field) {
  ASSIGN(const auto value, uint(field));
  return static_cast<std::int64_t>(value);
}

Result<ByteView> ProtobufReader::bytes(std::uint32_t field) {
  ASSIGN(const bool is_there, enter(field, kDelimited));
  if (!is_there) return ByteView();
  ASSIGN(const auto value, delimited());
  if (value.empty()) return refuse_here(Verdict::bad_encoding);
  return value;
}

Result<std::optional<ByteView>> ProtobufReader::message(std::uint32_t field) {
  ASSIGN(const bool is_there, enter(field, kDelimited));
  if (!is_there) return std::nullopt;
  return delimited();
}

Result<void> ProtobufReader::finish() const {
  if (rest_.empty()) return {};
  ASSIGN(const auto next, head());
  return refuse(Verdict::unknown_field, std::to_string(next.field));
}

}  // namespace intaglio::codec
