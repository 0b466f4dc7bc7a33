// The way to an element: one short APDU there, one back. What is at its other end may be in this
// process (element/enrolment_applet.h) or in another (element/element_socket.h).
#pragma once

#include "element/apdu.h"

namespace intaglio::element {

// One thread at a time.
class ApduChannel {
 public:
  virtual ~ApduChannel() = default;

  // The response to a command. Nothing but short APDUs passes: refuses what parse_command refuses,
  // and then nothing was sent; `element_out_of_turn` when what comes back is no response, or holds
  // more data than the command expected. Further refusals are the channel's: `unreachable`,
  // `timed_out`. After one, what the element made of the command is not known.
  Result<Bytes> transmit(ByteView command);

 private:
  virtual Result<Bytes> carry(ByteView command) = 0;
};

// transmit() for APDUs that are not yet, or no longer, bytes.
Result<ResponseApdu> transmit(ApduChannel& channel, const CommandApdu& command);

}  // namespace intaglio::element
