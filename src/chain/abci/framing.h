// How ABCI's messages follow each other on a stream: each behind its length, an unsigned LEB128.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::chain::abci {

// Bytes of a message. CometBFT lets no block be larger than 100 MiB.
inline constexpr std::size_t kMaxMessage = std::size_t{128} << 20;

void append_framed(Bytes& to, ByteView message);

// Takes bytes as they come, in pieces of any size, and gives whole messages. What is there of a
// message is kept, and no more is set aside for it than has come. One thread.
class MessageReader {
 public:
  explicit MessageReader(std::size_t most = kMaxMessage) : most_(most) {}

  void add(ByteView received) { append(waiting_, received); }

  // The next message; nothing when it has not all come. `too_large`, or `bad_encoding` for a length
  // that is not in its shortest form: where the next one would begin is not known then.
  Result<std::optional<Bytes>> next();

  // Nothing of a message has come that is not whole.
  bool is_between() const { return begin_ == waiting_.size(); }

 private:
  const std::size_t most_;
  Bytes waiting_;
  std::size_t begin_ = 0;  // of what was not given out yet
};

}  // namespace intaglio::chain::abci
