#include "chain/messages.h"

#include "codec/tagged.h"

namespace intaglio::chain {
namespace {

constexpr codec::CborLimits kMessageLimits{.bytes = kMaxMessage, .depth = 6, .items = 16};
constexpr codec::CborLimits kStandingLimits{.bytes = 8 * 1024, .depth = 6, .items = 16};

}  // namespace

Bytes encode_message(const Message& message) {
  codec::CborWriter out;
  codec::write_tagged(out, message);
  return out.take();
}

Result<Message> decode_message(ByteView bytes) {
  codec::CborReader in(bytes, kMessageLimits);
  ASSIGN(auto message, codec::read_tagged<Message>(in));
  TRY(in.finish());
  return message;
}

Bytes encode_standing(const Standing& standing) { return codec::encode_record(standing); }

Result<Standing> decode_standing(ByteView bytes) {
  return codec::decode_record<Standing>(bytes, kStandingLimits);
}

}  // namespace intaglio::chain
