#include "codec/cbor.h"

#include "base/check.h"
#include "base/format.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/utf8.h"

namespace intaglio::codec {
namespace {

// Major types (RFC 8949 section 3.1).
constexpr std::uint8_t kUint = 0, kNegative = 1, kBytes = 2, kText = 3, kArray = 4, kMap = 5,
                       kTag = 6, kSimple = 7;
constexpr std::uint8_t kFalse = 20, kTrue = 21, kNull = 22;

}  // namespace

void CborWriter::put(ByteView more) {
  if (long_.empty()) {
    if (more.size() <= short_.size() - size_) {
      std::ranges::copy(more, short_.begin() + static_cast<std::ptrdiff_t>(size_));
      size_ += more.size();
      return;
    }
    long_.reserve(2 * (size_ + more.size()));
    append(long_, ByteView(short_).first(size_));
  }
  append(long_, more);
}

void CborWriter::head(std::uint8_t major, std::uint64_t value) {
  std::array<std::uint8_t, 9> out;
  std::size_t width = 0;  // bytes after the first
  std::uint8_t info = static_cast<std::uint8_t>(value);
  if (value >= 24) {
    const int log = value <= 0xFF ? 0 : value <= 0xFFFF ? 1 : value <= 0xFFFFFFFF ? 2 : 3;
    info = static_cast<std::uint8_t>(24 + log);
    width = std::size_t{1} << log;
  }
  out[0] = static_cast<std::uint8_t>(major << 5 | info);
  for (std::size_t i = width; i > 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
  put(ByteView(out).first(1 + width));
}

CborWriter& CborWriter::uint(std::uint64_t value) {
  head(kUint, value);
  return *this;
}

CborWriter& CborWriter::integer(std::int64_t value) {
  if (value >= 0) return uint(static_cast<std::uint64_t>(value));
  head(kNegative, ~static_cast<std::uint64_t>(value));  // -1 - value
  return *this;
}

CborWriter& CborWriter::bytes(ByteView value) {
  head(kBytes, value.size());
  put(value);
  return *this;
}

CborWriter& CborWriter::text(std::string_view value) {
  head(kText, value.size());
  put(as_bytes(value));
  return *this;
}

CborWriter& CborWriter::array(std::size_t count) {
  head(kArray, count);
  return *this;
}

CborWriter& CborWriter::map(std::size_t pairs) {
  head(kMap, pairs);
  return *this;
}

CborWriter& CborWriter::tag(std::uint64_t number) {
  head(kTag, number);
  return *this;
}

CborWriter& CborWriter::boolean(bool value) {
  head(kSimple, value ? kTrue : kFalse);
  return *this;
}

CborWriter& CborWriter::null() {
  head(kSimple, kNull);
  return *this;
}

CborWriter& CborWriter::encoded(ByteView item) {
  put(item);
  return *this;
}

Bytes CborWriter::take() {
  Bytes out = long_.empty() ? to_bytes(view()) : std::exchange(long_, {});
  size_ = 0;
  CborReader check(out, {.bytes = SIZE_MAX, .items = SIZE_MAX});
  while (check.offset() < out.size()) CHECK(check.item().has_value());
  return out;
}

CborReader::CborReader(ByteView input, CborLimits limits) : input_(input), limits_(limits) {
  CHECK(limits.depth <= kMaxCborDepth);
}

Verdict CborReader::read_head(Head& out) const {
  if (input_.size() > limits_.bytes) return Verdict::too_large;
  if (offset_ >= input_.size()) return Verdict::truncated;
  const std::uint8_t first = input_[offset_];
  const std::uint8_t info = first & 0x1F;
  out = {static_cast<std::uint8_t>(first >> 5), 1, info};
  if (out.major == kSimple) {
    return info >= kFalse && info <= kNull ? Verdict::accepted : Verdict::bad_encoding;
  }
  if (info < 24) return Verdict::accepted;
  if (info > 27) return Verdict::bad_encoding;  // reserved, or of indefinite length
  const std::size_t width = std::size_t{1} << (info - 24);
  if (input_.size() - offset_ - 1 < width) return Verdict::truncated;
  out.value = 0;
  for (const std::uint8_t byte : input_.subspan(offset_ + 1, width)) {
    out.value = out.value << 8 | byte;
  }
  constexpr std::array<std::uint64_t, 4> kLeast{24, 0x100, 0x10000, 0x100000000};
  if (out.value < kLeast[info - 24U]) return Verdict::bad_encoding;
  if (out.major == kNegative && out.value > INT64_MAX) return Verdict::bad_value;
  out.size = static_cast<std::uint8_t>(1 + width);
  return Verdict::accepted;
}

std::unexpected<Refusal> CborReader::refuse_here(Verdict verdict) const {
  return refuse(verdict, format("byte {}", offset_));
}

// A head of the major type asked for; offset_ stays before it.
Verdict CborReader::take_head(std::uint8_t major, Head& out) {
  if (const auto v = read_head(out); v != Verdict::accepted) return v;
  return out.major == major ? Verdict::accepted : Verdict::bad_value;
}

// An item that is all head.
Verdict CborReader::take_simple(Head& out) {
  offset_ += out.size;
  return complete();
}

Verdict CborReader::take_string(const Head& head, ByteView& out) {
  if (head.value > input_.size() - offset_ - head.size) return Verdict::truncated;
  out = input_.subspan(offset_ + head.size, static_cast<std::size_t>(head.value));
  if (head.major == kText) {
    if (const auto error = utf8_error(as_text(out))) {
      offset_ += head.size + *error;
      return Verdict::bad_encoding;
    }
  }
  offset_ += head.size + out.size();
  return complete();
}

Verdict CborReader::open(const Head& head) {
  if (depth_ >= limits_.depth) return Verdict::too_large;
  std::size_t items = 1;
  if (head.major != kTag) {
    if (head.value > limits_.items) return Verdict::too_large;
    // Every item takes a byte at least: a count that cannot be met is known at once.
    const std::size_t each = head.major == kMap ? 2 : 1;
    if (head.value > (input_.size() - offset_ - head.size) / each) return Verdict::truncated;
    items = static_cast<std::size_t>(head.value) * each;
  }
  offset_ += head.size;
  if (items == 0) return complete();
  open_[depth_++] = {items, offset_, 0, 0, head.major == kMap};
  return Verdict::accepted;
}

// An item ended here: it may have been a map's key, and the last of what is open around it.
Verdict CborReader::complete() {
  while (depth_ > 0) {
    Open& top = open_[depth_ - 1];
    --top.items_left;
    if (top.is_map) {
      if (top.items_left % 2 != 0) return check_key(top);
      top.key_start = offset_;
    }
    if (top.items_left > 0) break;
    --depth_;
  }
  return Verdict::accepted;
}

Verdict CborReader::check_key(Open& map) {
  const auto key = as_text(input_.subspan(map.key_start, offset_ - map.key_start));
  if (map.last_key_size != 0) {
    const int order = as_text(input_.subspan(map.last_key, map.last_key_size)).compare(key);
    if (order >= 0) {
      offset_ = map.key_start;
      return order == 0 ? Verdict::duplicate_field : Verdict::bad_encoding;
    }
  }
  map.last_key = map.key_start;
  map.last_key_size = key.size();
  return Verdict::accepted;
}

Result<CborType> CborReader::peek() const {
  Head head;
  if (const auto v = read_head(head); v != Verdict::accepted) return refuse_here(v);
  if (head.major < kSimple) return static_cast<CborType>(head.major);
  return head.value == kNull ? CborType::null : CborType::boolean;
}

Result<std::uint64_t> CborReader::uint() {
  Head head;
  auto v = take_head(kUint, head);
  if (v == Verdict::accepted) v = take_simple(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return head.value;
}

Result<std::int64_t> CborReader::integer() {
  Head head;
  auto v = read_head(head);
  if (v == Verdict::accepted && (head.major > kNegative || head.value > INT64_MAX)) {
    v = Verdict::bad_value;
  }
  if (v == Verdict::accepted) v = take_simple(head);
  if (v != Verdict::accepted) return refuse_here(v);
  const auto value = static_cast<std::int64_t>(head.value);
  return head.major == kNegative ? -1 - value : value;
}

Result<ByteView> CborReader::bytes() {
  Head head;
  ByteView value;
  auto v = take_head(kBytes, head);
  if (v == Verdict::accepted) v = take_string(head, value);
  if (v != Verdict::accepted) return refuse_here(v);
  return value;
}

Result<std::string_view> CborReader::text() {
  Head head;
  ByteView value;
  auto v = take_head(kText, head);
  if (v == Verdict::accepted) v = take_string(head, value);
  if (v != Verdict::accepted) return refuse_here(v);
  return as_text(value);
}

Result<std::size_t> CborReader::array() {
  Head head;
  auto v = take_head(kArray, head);
  if (v == Verdict::accepted) v = open(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return static_cast<std::size_t>(head.value);
}

Result<std::size_t> CborReader::map() {
  Head head;
  auto v = take_head(kMap, head);
  if (v == Verdict::accepted) v = open(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return static_cast<std::size_t>(head.value);
}

Result<std::uint64_t> CborReader::tag() {
  Head head;
  auto v = take_head(kTag, head);
  if (v == Verdict::accepted) v = open(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return head.value;
}

Result<bool> CborReader::boolean() {
  Head head;
  auto v = take_head(kSimple, head);
  if (v == Verdict::accepted && head.value == kNull) v = Verdict::bad_value;
  if (v == Verdict::accepted) v = take_simple(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return head.value == kTrue;
}

Result<void> CborReader::null() {
  Head head;
  auto v = take_head(kSimple, head);
  if (v == Verdict::accepted && head.value != kNull) v = Verdict::bad_value;
  if (v == Verdict::accepted) v = take_simple(head);
  if (v != Verdict::accepted) return refuse_here(v);
  return {};
}

// Takes one head, and the bytes of a string with it.
Verdict CborReader::step() {
  Head head;
  if (const auto v = read_head(head); v != Verdict::accepted) return v;
  ByteView ignored;
  switch (head.major) {
    case kBytes:
    case kText: return take_string(head, ignored);
    case kArray:
    case kMap:
    case kTag: return open(head);
    default: return take_simple(head);
  }
}

Result<ByteView> CborReader::item() {
  const std::size_t start = offset_;
  const std::size_t outside = depth_;
  do {
    if (const auto v = step(); v != Verdict::accepted) return refuse_here(v);
  } while (depth_ > outside);
  return input_.subspan(start, offset_ - start);
}

Result<void> CborReader::finish() const {
  if (input_.size() > limits_.bytes) return refuse_here(Verdict::too_large);
  if (depth_ > 0) return refuse_here(Verdict::truncated);
  if (offset_ < input_.size()) return refuse_here(Verdict::trailing_bytes);
  return {};
}

namespace {

Result<void> diagnose(CborReader& in, std::string& out);

Result<void> diagnose_list(CborReader& in, std::string& out, bool is_map) {
  ASSIGN(const auto count, is_map ? in.map() : in.array());
  out += is_map ? '{' : '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    TRY(diagnose(in, out));
    if (!is_map) continue;
    out += ": ";
    TRY(diagnose(in, out));
  }
  out += is_map ? '}' : ']';
  return {};
}

// As deep as the reader lets it.
Result<void> diagnose(CborReader& in, std::string& out) {
  ASSIGN(const auto type, in.peek());
  switch (type) {
    case CborType::uint: {
      ASSIGN(const auto value, in.uint());
      out += std::to_string(value);
      return {};
    }
    case CborType::negative: {
      ASSIGN(const auto value, in.integer());
      out += std::to_string(value);
      return {};
    }
    case CborType::bytes: {
      ASSIGN(const auto value, in.bytes());
      out += "h'" + to_hex(value) + '\'';
      return {};
    }
    case CborType::text: {
      ASSIGN(const auto value, in.text());
      out += Json(value).dump();
      return {};
    }
    case CborType::array:
    case CborType::map: return diagnose_list(in, out, type == CborType::map);
    case CborType::tag: {
      ASSIGN(const auto number, in.tag());
      out += std::to_string(number) + '(';
      TRY(diagnose(in, out));
      out += ')';
      return {};
    }
    case CborType::boolean: {
      ASSIGN(const auto value, in.boolean());
      out += value ? "true" : "false";
      return {};
    }
    case CborType::null: {
      TRY(in.null());
      out += "null";
      return {};
    }
  }
  fatal("a CBOR type outside its enum");
}

}  // namespace

Result<std::string> cbor_diagnostic(ByteView item, CborLimits limits) {
  CborReader in(item, limits);
  std::string out;
  TRY(diagnose(in, out));
  TRY(in.finish());
  return out;
}

}  // namespace intaglio::codec
