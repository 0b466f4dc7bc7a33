// BER-TLV (ISO 8825-1) as cards speak it: tags of one or two bytes, definite lengths, each written
// in the shortest form (as DER has it), so that one list of values has one encoding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

// A tag as its bytes read: 0x84, or 0x9F26 for two bytes. Two bytes exactly when the low five bits
// of the first are all set; the second is then 0x01 to 0x7F. 0x00 is no tag.
using TlvTag = std::uint16_t;

bool is_tlv_tag(TlvTag tag);

struct Tlv {
  TlvTag tag;
  ByteView value;  // into the input
  // Whether the value is again a list of tags and values.
  bool constructed() const { return ((tag > 0xFF ? tag >> 8 : tag) & 0x20) != 0; }
};

// Appends tags with their values. For a constructed tag, write what is inside with another writer
// and put its view. A tag that is none (is_tlv_tag) is our bug. One thread.
class TlvWriter {
 public:
  TlvWriter& put(TlvTag tag, ByteView value);

  ByteView view() const { return out_; }
  Bytes take() { return std::exchange(out_, {}); }

 private:
  Bytes out_;
};

struct TlvLimits {
  std::size_t bytes = 64 * 1024;  // of the whole input
};

// Reads tags and values one after another from a view that must outlive it. One level at a time: a
// constructed value gets a reader of its own. A refusal names the byte: `truncated`, `too_large`,
// `bad_encoding` for a tag or length in another form. The reader must not be used after one. Which
// tags may come, in what order and how often, is the caller's to check. One thread.
class TlvReader {
 public:
  explicit TlvReader(ByteView input, TlvLimits limits = {}) : input_(input), limits_(limits) {}

  bool at_end() const { return offset_ >= input_.size(); }

  // `truncated` at the end of the input.
  Result<Tlv> next();

  // The value of the next one, which must have this tag: `missing_field` (names the tag) at the
  // end of the input or before another tag.
  Result<ByteView> expect(TlvTag tag);

  // Nothing may be left: `trailing_bytes`.
  Result<void> finish() const;

  std::size_t offset() const { return offset_; }

 private:
  Verdict read_tag(TlvTag& out);
  Verdict read_length(std::size_t& out);
  std::unexpected<Refusal> refuse_here(Verdict verdict) const;

  ByteView input_;
  TlvLimits limits_;
  std::size_t offset_ = 0;
};

}  // namespace intaglio::codec
