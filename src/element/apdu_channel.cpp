#include "element/apdu_channel.h"

#include "base/check.h"

namespace intaglio::element {

Result<Bytes> ApduChannel::transmit(ByteView command) {
  const auto sent = parse_command(command);
  if (!sent) return refuse_within("command", sent.error());
  ASSIGN(auto bytes, carry(command));
  const auto response = parse_response(bytes);
  if (!response) return refuse(Verdict::element_out_of_turn, to_string(response.error()));
  if (response->data.size() > sent->expected.value_or(0)) {
    return refuse(Verdict::element_out_of_turn, "response: more than was expected");
  }
  return bytes;
}

Result<ResponseApdu> transmit(ApduChannel& channel, const CommandApdu& command) {
  ASSIGN(const auto bytes, channel.transmit(encode_command(command)));
  auto response = parse_response(bytes);
  CHECK(response.has_value());  // or the channel had refused it
  return *std::move(response);
}

}  // namespace intaglio::element
