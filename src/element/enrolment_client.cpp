#include "element/enrolment_client.h"

#include "base/check.h"
#include "base/format.h"

namespace intaglio::element {
namespace {

namespace command_of = enrolment_command;

constexpr std::uint16_t kAll = kMaxResponseData;

std::unexpected<Refusal> refuse_status(const CommandApdu& command, StatusWord status) {
  return refuse(verdict_of(status), format("command {:02X}: {:04X}", command.ins, status));
}

// The whole answer to a command: what comes with it, and what GET RESPONSE brings while there is
// more.
Result<Bytes> ask(ApduChannel& channel, const CommandApdu& command) {
  ASSIGN(auto response, transmit(channel, command));
  Bytes out = std::move(response.data);
  while ((response.status & 0xff00U) == status_word::kMore) {
    const auto left = static_cast<std::uint16_t>(response.status & 0xffU);
    const CommandApdu more{.cla = command_of::kOpenClass,
                           .ins = command_of::kGetResponse,
                           .data = {},
                           .expected = left == 0 ? kAll : left};
    ASSIGN(response, transmit(channel, more));
    append(out, response.data);
    if (out.size() > pki::kMaxAnswer) return refuse(Verdict::too_large, "answer");
    // An element that promises more and gives nothing would keep us here.
    const bool is_stuck = response.data.empty() && verdict_of(response.status) == Verdict::accepted;
    if (is_stuck) return refuse(Verdict::element_out_of_turn, "answer: nothing more came");
  }
  if (response.status != status_word::kDone) return refuse_status(command, response.status);
  return out;
}

Result<void> select(ApduChannel& channel) {
  TRY(ask(channel, {.cla = command_of::kOpenClass,
                    .ins = command_of::kSelect,
                    .p1 = command_of::kByName,
                    .data = to_bytes(kEnrolmentApplet),
                    .expected = kAll}));
  return {};
}

}  // namespace

Result<ElementDescription> describe_over(ApduChannel& channel) {
  TRY(select(channel));
  ASSIGN(const auto bytes, ask(channel, {.cla = command_of::kOwnClass,
                                         .ins = command_of::kGetData,
                                         .data = {},
                                         .expected = kAll}));
  return decode_description(bytes);
}

Result<Bytes> enrol_over(ApduChannel& channel, const pki::ApplicationInformation& information,
                         std::size_t piece) {
  CHECK(piece >= 1 && piece <= kMaxCommandData);
  TRY(select(channel));
  const Bytes data = codec::encode_record(information);
  ByteView rest = data;
  CommandApdu command{.cla = command_of::kOwnClass,
                      .ins = command_of::kAnswerChallenge,
                      .data = {},
                      .expected = {}};
  while (rest.size() > piece) {
    command.cla = command_of::kOwnClass | kChainingBit;
    command.data = to_bytes(rest.first(piece));
    ASSIGN(const auto taken, transmit(channel, command));
    if (taken.status != status_word::kDone) return refuse_status(command, taken.status);
    rest = rest.subspan(piece);
  }
  command.cla = command_of::kOwnClass;
  command.data = to_bytes(rest);
  command.expected = kAll;
  return ask(channel, command);
}

}  // namespace intaglio::element
