#include "element/enrolment_applet.h"

#include "codec/tlv.h"
#include "pki/enrolment_answer.h"

namespace intaglio::element {
namespace {

namespace command_of = enrolment_command;

constexpr codec::TlvTag kDescription = 0xe3;
constexpr codec::TlvTag kKey = 0xc1;
constexpr codec::TlvTag kSimulated = 0xc4;
// What SELECT answers: file control information (ISO/IEC 7816-4 section 5.3.3) with the name.
constexpr codec::TlvTag kControlInformation = 0x6f;
constexpr codec::TlvTag kName = 0x84;

ResponseApdu only(StatusWord status) { return {{}, status}; }

StatusWord status_of_malformed(const Refusal& refusal) {
  if (refusal.verdict != Verdict::bad_value) return status_word::kWrongLength;
  return refusal.where == "cla" ? status_word::kUnknownClass : status_word::kUnknownInstruction;
}

bool has_parameters(const CommandApdu& command, std::uint8_t p1) {
  return command.p1 == p1 && command.p2 == 0;
}

}  // namespace

Bytes encode_description(const ElementDescription& description) {
  const std::uint8_t simulated[] = {description.simulated ? std::uint8_t{1} : std::uint8_t{0}};
  codec::TlvWriter content;
  content.put(kKey, description.key.view()).put(kSimulated, simulated);
  return codec::TlvWriter().put(kDescription, content.view()).take();
}

Result<ElementDescription> decode_description(ByteView bytes) {
  codec::TlvReader outer(bytes, {.bytes = kMaxResponseData});
  ASSIGN(const auto content, outer.expect(kDescription));
  TRY(outer.finish());
  codec::TlvReader in(content);
  ASSIGN(const auto point, in.expect(kKey));
  ASSIGN(const auto simulated, in.expect(kSimulated));
  TRY(in.finish());
  if (simulated.size() != 1 || simulated[0] > 1) return refuse(Verdict::bad_value, "simulated");
  ASSIGN(const auto key, crypto::PublicKey::parse(point));
  return ElementDescription{key, simulated[0] == 1};
}

Bytes EnrolmentApplet::process(ByteView bytes) {
  const auto command = parse_command(bytes);
  if (!command) {
    chain_.reset();
    waiting_.clear();
    return encode_response(only(status_of_malformed(command.error())));
  }
  return encode_response(dispatch(*command));
}

void EnrolmentApplet::reset() {
  selected_ = false;
  chain_.reset();
  waiting_.clear();
}

ResponseApdu EnrolmentApplet::dispatch(const CommandApdu& command) {
  if (command.cla == command_of::kOpenClass && command.ins == command_of::kGetResponse) {
    chain_.reset();
    if (waiting_.empty()) return only(status_word::kOutOfTurn);
    if (!has_parameters(command, 0)) return only(status_word::kBadParameters);
    if (!command.data.empty() || !command.expected) return only(status_word::kWrongLength);
    return give(command.expected);
  }
  waiting_.clear();
  const auto unchained = static_cast<std::uint8_t>(command.cla & ~kChainingBit);
  const bool is_challenge =
      unchained == command_of::kOwnClass && command.ins == command_of::kAnswerChallenge;
  if (!is_challenge) chain_.reset();
  if (unchained == command_of::kOwnClass) return dispatch_own(command);
  if (unchained != command_of::kOpenClass) return only(status_word::kUnknownClass);
  if (command.ins != command_of::kSelect) return only(status_word::kUnknownInstruction);
  return select(command);
}

ResponseApdu EnrolmentApplet::dispatch_own(const CommandApdu& command) {
  if (!selected_) return only(status_word::kOutOfTurn);
  switch (command.ins) {
    case command_of::kAnswerChallenge: return take_challenge(command);
    case command_of::kGetData: return get_data(command);
    default: return only(status_word::kUnknownInstruction);
  }
}

ResponseApdu EnrolmentApplet::select(const CommandApdu& command) {
  if (command.cla != command_of::kOpenClass) return only(status_word::kNoChaining);
  if (!has_parameters(command, command_of::kByName)) return only(status_word::kBadParameters);
  if (!equal(command.data, kEnrolmentApplet)) return only(status_word::kUnknownApplet);
  selected_ = true;
  codec::TlvWriter content;
  content.put(kName, kEnrolmentApplet);
  waiting_ = codec::TlvWriter().put(kControlInformation, content.view()).take();
  return give(command.expected);
}

ResponseApdu EnrolmentApplet::get_data(const CommandApdu& command) {
  if (command.cla != command_of::kOwnClass) return only(status_word::kNoChaining);
  if (!has_parameters(command, 0)) return only(status_word::kBadParameters);
  if (!command.data.empty()) return only(status_word::kWrongLength);
  waiting_ = encode_description({element_.public_key(), element_.simulated()});
  return give(command.expected);
}

ResponseApdu EnrolmentApplet::take_challenge(const CommandApdu& command) {
  if (!has_parameters(command, 0)) {
    chain_.reset();
    return only(status_word::kBadParameters);
  }
  Bytes data = std::exchange(chain_, std::nullopt).value_or(Bytes());
  if (command.data.empty() || command.data.size() > kMaxInformation - data.size()) {
    return only(status_word::kWrongLength);
  }
  append(data, command.data);
  if ((command.cla & kChainingBit) != 0) {
    chain_ = std::move(data);
    return only(status_word::kDone);
  }
  const auto information = codec::decode_record<pki::ApplicationInformation>(data);
  if (!information) return only(status_word::kBadData);
  auto packed = answer(*information);
  if (!packed) return only(status_of(packed.error().verdict));
  waiting_ = *std::move(packed);
  return give(command.expected);
}

Result<Bytes> EnrolmentApplet::answer(const pki::ApplicationInformation& information) {
  if (ledger_ && information.ledger != *ledger_) return refuse(Verdict::wrong_ledger, "ledger");
  return pki::answer_challenge(information, signer_of(element_), element_.simulated());
}

ResponseApdu EnrolmentApplet::give(std::optional<std::uint16_t> expected) {
  const auto size = std::min<std::size_t>(expected.value_or(0), waiting_.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
  ResponseApdu out{Bytes(waiting_.begin(), end), status_word::kDone};
  waiting_.erase(waiting_.begin(), end);
  if (!waiting_.empty()) {
    const std::size_t left = waiting_.size() > UINT8_MAX ? 0 : waiting_.size();
    out.status = static_cast<StatusWord>(status_word::kMore + left);
  }
  return out;
}

}  // namespace intaglio::element
