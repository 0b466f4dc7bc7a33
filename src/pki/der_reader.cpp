#include "pki/der_reader.h"

namespace intaglio::pki::der {

Result<Element> Reader::next() {
  if (rest_.size() < 2) return refuse(Verdict::truncated, "DER");
  const std::uint8_t tag = rest_[0];
  if ((tag & 0x1f) == 0x1f) return refuse(Verdict::bad_encoding, "DER tag");
  std::size_t head = 2;
  std::size_t size = rest_[1];
  if (size >= 0x80) {
    const std::size_t count = size & 0x7f;
    if (count == 0 || count > 4) return refuse(Verdict::bad_encoding, "DER length");
    if (rest_.size() < head + count) return refuse(Verdict::truncated, "DER");
    size = 0;
    for (std::size_t i = 0; i < count; ++i) size = size << 8 | rest_[head + i];
    const bool shortest = size >= 0x80 && rest_[head] != 0;
    if (!shortest) return refuse(Verdict::bad_encoding, "DER length");
    head += count;
  }
  if (rest_.size() - head < size) return refuse(Verdict::truncated, "DER");
  const Element out{tag, rest_.subspan(head, size), rest_.first(head + size)};
  rest_ = rest_.subspan(head + size);
  return out;
}

Result<Element> Reader::next(std::uint8_t tag, const char* what) {
  if (at_end()) return refuse(Verdict::missing_field, what);
  auto element = next();
  if (!element) return refuse(element.error().verdict, what);
  if (element->tag != tag) return refuse(Verdict::bad_encoding, what);
  return element;
}

Result<std::optional<Element>> Reader::next_if(std::uint8_t tag) {
  if (!next_is(tag)) return std::nullopt;
  ASSIGN(const auto element, next());
  return element;
}

Result<void> Reader::finish(const char* what) const {
  if (!at_end()) return refuse(Verdict::trailing_bytes, what);
  return {};
}

Result<Element> only_element(ByteView bytes, std::uint8_t tag, const char* what) {
  Reader in(bytes);
  ASSIGN(const auto element, in.next(tag, what));
  TRY(in.finish(what));
  return element;
}

Result<std::uint64_t> to_uint(const Element& integer, const char* what) {
  ByteView value = integer.content;
  if (integer.tag != kInteger || value.empty()) return refuse(Verdict::bad_encoding, what);
  if ((value.front() & 0x80) != 0) return refuse(Verdict::bad_value, what);
  if (value.size() > 1 && value[0] == 0) {
    if ((value[1] & 0x80) == 0) return refuse(Verdict::bad_encoding, what);
    value = value.subspan(1);
  }
  if (value.size() > 8) return refuse(Verdict::bad_value, what);
  std::uint64_t out = 0;
  for (const std::uint8_t byte : value) out = out << 8 | byte;
  return out;
}

Result<ByteView> to_octets(const Element& bit_string, const char* what) {
  if (bit_string.tag != kBitString || bit_string.content.empty() || bit_string.content[0] != 0) {
    return refuse(Verdict::bad_encoding, what);
  }
  return bit_string.content.subspan(1);
}

}  // namespace intaglio::pki::der
