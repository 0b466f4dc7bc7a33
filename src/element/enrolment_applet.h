// The enrolment applet: what runs inside a secure element to answer an enrolment challenge. It is
// handed the application information, checks it, signs it with the element's key and packs the
// answer in the profile that the information asks for. Nothing of this is done outside: a client
// passes commands in and carries opaque bytes away (element/enrolment_client.h). The commands and
// their bytes: docs/reference/formats.md.
//
//   SELECT            00 A4 04 00, the applet's name     first; without it nothing is answered
//   GET DATA          80 CA 00 00                        the public key, and what guards it
//   ANSWER CHALLENGE  80 40 00 00, the information       the answer; may be chained
//   GET RESPONSE      00 C0 00 00                        what did not fit, while there is some
#pragma once

#include "element/apdu_channel.h"
#include "element/secure_element.h"
#include "pki/enrolment.h"

namespace intaglio::element {

// F0, unregistered and proprietary (ISO/IEC 7816-5), "ITGENROL", 01.
inline constexpr std::uint8_t kEnrolmentApplet[] = {0xf0, 'I', 'T', 'G', 'E',
                                                    'N',  'R', 'O', 'L', 0x01};

namespace enrolment_command {
inline constexpr std::uint8_t kOpenClass = 0x00;  // SELECT and GET RESPONSE
inline constexpr std::uint8_t kOwnClass = 0x80;
inline constexpr std::uint8_t kSelect = 0xa4;
inline constexpr std::uint8_t kGetResponse = 0xc0;
inline constexpr std::uint8_t kGetData = 0xca;
inline constexpr std::uint8_t kAnswerChallenge = 0x40;
inline constexpr std::uint8_t kByName = 0x04;  // P1 of SELECT
}  // namespace enrolment_command

// Bytes of application information in CBOR that the applet has room for.
inline constexpr std::size_t kMaxInformation = 512;

// What GET DATA answers.
struct ElementDescription {
  crypto::PublicKey key;
  bool simulated = true;  // only software guards the key
  bool operator==(const ElementDescription&) const = default;
};
// E3 { C1 public key (65), C4 simulated (1: 00 or 01) }. Refuses as pki::decode_compact does.
Bytes encode_description(const ElementDescription& description);
Result<ElementDescription> decode_description(ByteView bytes);

// One thread at a time. The element must outlive the applet.
class EnrolmentApplet {
 public:
  // An applet that is bound to a ledger answers challenges of that one alone (`wrong_ledger`).
  explicit EnrolmentApplet(SecureElement& element, std::optional<LedgerId> ledger = std::nullopt)
      : element_(element), ledger_(ledger) {}

  // One command, one response; whatever comes in, a response goes out, of at most kMaxResponse
  // bytes. Besides the words of element/apdu.h it answers with the verdict of what refuses a
  // challenge: `bad_algorithm`, `element_simulated`, `wrong_ledger`, and what the element itself
  // refuses. A chain of commands that another command interrupts is dropped, and so is an answer
  // that was not fetched.
  Bytes process(ByteView bytes);

  // As when the power goes: nothing is selected, chained or waiting.
  void reset();

 private:
  ResponseApdu dispatch(const CommandApdu& command);
  ResponseApdu dispatch_own(const CommandApdu& command);
  ResponseApdu select(const CommandApdu& command);
  ResponseApdu get_data(const CommandApdu& command);
  ResponseApdu take_challenge(const CommandApdu& command);
  // As much of `waiting_` as is expected, and whether there is more.
  ResponseApdu give(std::optional<std::uint16_t> expected);
  Result<Bytes> answer(const pki::ApplicationInformation& information);

  SecureElement& element_;
  const std::optional<LedgerId> ledger_;
  bool selected_ = false;
  std::optional<Bytes> chain_;  // of a challenge: what has come so far
  Bytes waiting_;               // of an answer: what was not fetched yet
};

// An element of this process, through its applet: the same commands, without a way between.
class InProcessChannel final : public ApduChannel {
 public:
  explicit InProcessChannel(SecureElement& element, std::optional<LedgerId> ledger = std::nullopt)
      : applet_(element, ledger) {}

 private:
  Result<Bytes> carry(ByteView command) override { return applet_.process(command); }
  EnrolmentApplet applet_;
};

}  // namespace intaglio::element
