// Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding), for the messages of
// other systems whose bytes are hashed or signed: CometBFT's headers and votes, Merkle proofs. Of
// the many encodings that it allows we write and read the one that serialisers make by proto3's
// rules: fields ascending by number, the shortest varints, no field that has its default value.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::codec {

// Unsigned LEB128: seven bits a byte, the lowest first.
void append_varint(Bytes& to, std::uint64_t value);
// Takes one from the front of `from`. Nothing when it goes on behind the end; `bad_encoding` when
// it is not the shortest form or has more than 64 bits, and then `from` is as it was.
Result<std::optional<std::uint64_t>> take_varint(ByteView& from);

// Appends fields; the caller keeps to ascending numbers. What has its default value (zero, no
// bytes) is not written. One thread.
class ProtobufWriter {
 public:
  ProtobufWriter& uint(std::uint32_t field, std::uint64_t value);
  // int32, int64 and enumerations: a negative number takes ten bytes.
  ProtobufWriter& integer(std::uint32_t field, std::int64_t value);
  ProtobufWriter& sfixed64(std::uint32_t field, std::int64_t value);
  ProtobufWriter& bytes(std::uint32_t field, ByteView value);
  // Also when it is empty: that it is there says something.
  ProtobufWriter& message(std::uint32_t field, ByteView encoded);

  ByteView view() const { return out_; }
  Bytes take() { return std::exchange(out_, {}); }

 private:
  void head(std::uint32_t field, std::uint8_t type);
  Bytes out_;
};

// Reads the fields of one message, asked for in ascending order, from a view that must outlive it.
// A refusal names the byte: `truncated`, `bad_encoding` for another form or another wire type than
// asked for. What nobody asked for, or stands out of order, is refused by finish(). The reader must
// not be used after a refusal. One thread.
class ProtobufReader {
 public:
  explicit ProtobufReader(ByteView input) : input_(input) {}

  // Whether the next field has this number; for repeated ones. False at the end.
  Result<bool> next_is(std::uint32_t field) const;

  // The field, or its default value when it is not there.
  Result<std::uint64_t> uint(std::uint32_t field);
  Result<std::int64_t> integer(std::uint32_t field);
  Result<ByteView> bytes(std::uint32_t field);
  // A message inside, whose fields have a reader of their own; nothing when it is not there.
  Result<std::optional<ByteView>> message(std::uint32_t field);

  // Nothing may be left: `unknown_field` names its number.
  Result<void> finish() const;

 private:
  struct Head {
    std::uint32_t field;
    std::uint8_t type;
    ByteView after;
  };
  Result<Head> head() const;
  // Stands behind the head of that field, or gives false.
  Result<bool> enter(std::uint32_t field, std::uint8_t type);
  Result<std::uint64_t> varint();
  Result<ByteView> delimited();
  std::size_t offset() const { return input_.size() - rest_.size(); }
  std::unexpected<Refusal> refuse_here(Verdict verdict) const;

  ByteView input_;
  ByteView rest_ = input_;
};

}  // namespace intaglio::codec
