// Deterministic CBOR (RFC 8949 section 4.2.1), the only form we write and the only form we read:
// definite lengths, shortest heads, map keys unique and ascending in bytewise order of their
// encoding, no floats, no simple values but false, true and null, no integers below -2^63. What is
// read can be written again to the same bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

enum class CborType : std::uint8_t { uint, negative, bytes, text, array, map, tag, boolean, null };

// Arrays, maps and tags inside each other, in anything we read or write.
inline constexpr std::size_t kMaxCborDepth = 16;

// Appends items to a byte string. The caller opens an array or map with its exact count and writes
// map keys in ascending order; a wrong count or order, or a text that is not UTF-8, is our bug and
// fails a CHECK in take(). Up to 256 bytes are gathered without allocating. One thread.
class CborWriter {
 public:
  CborWriter& uint(std::uint64_t value);
  CborWriter& integer(std::int64_t value);
  CborWriter& bytes(ByteView value);
  CborWriter& text(std::string_view value);
  CborWriter& array(std::size_t count);
  CborWriter& map(std::size_t pairs);
  CborWriter& tag(std::uint64_t number);
  CborWriter& boolean(bool value);
  CborWriter& null();
  // Puts bytes in that are already one deterministic item, e.g. a nested statement.
  CborWriter& encoded(ByteView item);

  // What was written so far, unchecked; valid until the next write.
  ByteView view() const { return long_.empty() ? ByteView(short_).first(size_) : long_; }
  // The whole items written; the writer is empty again afterwards.
  Bytes take();

 private:
  void head(std::uint8_t major, std::uint64_t value);
  void put(ByteView more);

  std::array<std::uint8_t, 256> short_;  // until more than this is written, then all is in long_
  std::size_t size_ = 0;                 // bytes in short_
  Bytes long_;
};

struct CborLimits {
  std::size_t bytes = 64 * 1024;      // of the whole input
  std::size_t depth = kMaxCborDepth;  // arrays, maps and tags inside each other; no more than that
  std::size_t items = 16 * 1024;      // an array's items, a map's pairs
};

// Reads items one after another from a view that must outlive it; texts and bytes are views into
// that input. Allocates nothing but the text of a refusal. A refusal names the byte it stands at:
// `bad_value` for an item of another type than asked for or an integer outside the type,
// `bad_encoding` for anything that is not deterministic CBOR, `duplicate_field` for a key that
// stands twice, `truncated`, `too_large`. The reader must not be used after one. One thread.
class CborReader {
 public:
  explicit CborReader(ByteView input, CborLimits limits = {});

  // What comes next, without taking it. `truncated` at the end of the input.
  Result<CborType> peek() const;

  Result<std::uint64_t> uint();
  Result<std::int64_t> integer();
  Result<ByteView> bytes();
  Result<std::string_view> text();  // UTF-8, checked
  Result<std::size_t> array();      // the number of items that follow
  Result<std::size_t> map();        // the number of pairs that follow
  Result<std::uint64_t> tag();
  Result<bool> boolean();
  Result<void> null();

  // Takes one whole item of any kind, checked like all others, and returns its encoding.
  Result<ByteView> item();

  // Nothing may be left (`trailing_bytes`) and nothing may be open (`truncated`).
  Result<void> finish() const;

  std::size_t offset() const { return offset_; }

 private:
  // An open array, map or tag: how many items it still takes (a pair is two), and for a map where
  // the key that is being read begins and where the last one stands.
  struct Open {
    std::size_t items_left;
    std::size_t key_start;
    std::size_t last_key;
    std::size_t last_key_size;  // 0 before the first key
    bool is_map;
  };
  struct Head {
    std::uint8_t major;
    std::uint8_t size;  // bytes
    std::uint64_t value;
  };

  // The steps below return `accepted`, or why not; offset_ then stands at the byte in question.
  // They are apart from Refusal so that the way through costs no more than the bytes do.
  Verdict read_head(Head& out) const;
  Verdict take_head(std::uint8_t major, Head& out);
  Verdict take_simple(Head& out);
  Verdict take_string(const Head& head, ByteView& out);
  Verdict open(const Head& head);
  Verdict complete();
  Verdict check_key(Open& map);
  Verdict step();
  std::unexpected<Refusal> refuse_here(Verdict verdict) const;

  ByteView input_;
  CborLimits limits_;
  std::size_t offset_ = 0;
  std::size_t depth_ = 0;
  std::array<Open, kMaxCborDepth> open_{};
};

// RFC 8949 section 8 diagnostic notation of one item, for people; refuses what CborReader refuses.
Result<std::string> cbor_diagnostic(ByteView item, CborLimits limits = {});

}  // namespace intaglio::codec
