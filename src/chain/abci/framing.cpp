#include "chain/abci/framing.h"

#include "codec/protobuf.h"

namespace intaglio::chain::abci {

void append_framed(Bytes& to, ByteView message) {
  codec::append_varint(to, message.size());
  append(to, message);
}

Result<std::optional<Bytes>> MessageReader::next() {
  ByteView rest = ByteView(waiting_).subspan(begin_);
  ASSIGN(const auto size, codec::take_varint(rest));
  if (size && *size > most_) return refuse(Verdict::too_large, std::to_string(*size));
  if (!size || rest.size() < *size) {
    // Only now, so that many small messages are not moved once each.
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    return std::nullopt;
  }
  Bytes message = to_bytes(rest.first(static_cast<std::size_t>(*size)));
  begin_ = waiting_.size() - rest.size() + message.size();
  return message;
}

}  // namespace intaglio::chain::abci
