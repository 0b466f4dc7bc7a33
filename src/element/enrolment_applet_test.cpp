// Acceptance of the framed enrolment profile, as far as it is the element's.
#include "element/enrolment_applet.h"

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "element/enrolment_client.h"
#include "element/genuine_for_test.h"

namespace intaglio::element {
namespace {

using pki::ApplicationInformation;
using pki::EnrolmentProfile;
namespace command_of = enrolment_command;

constexpr Millis kNow{1767225600000};

ApplicationInformation information_for(EnrolmentProfile profile) {
  ApplicationInformation out;
  out.id = *pki::ApplicationId::from(Bytes(16, 7));
  out.issued_at = kNow;
  out.expires_at = kNow + seconds(600);
  out.login = "alice";
  out.profile = profile;
  return out;
}

// What went each way.
class Recording final : public ApduChannel {
 public:
  explicit Recording(SecureElement& element) : applet(element) {}
  std::vector<CommandApdu> commands;
  std::vector<ResponseApdu> responses;
  EnrolmentApplet applet;

 private:
  Result<Bytes> carry(ByteView command) override {
    Bytes response = applet.process(command);
    commands.push_back(must(parse_command(command)));
    responses.push_back(must(parse_response(response)));
    return response;
  }
};

// An element that gives one response to everything.
class Stubborn final : public ApduChannel {
 public:
  explicit Stubborn(ResponseApdu response) : response_(std::move(response)) {}

 private:
  Result<Bytes> carry(ByteView) override { return encode_response(response_); }
  ResponseApdu response_;
};

class Card : public testing::Test {
 protected:
  StatusWord send(const CommandApdu& command) {
    return must(parse_response(applet_.process(encode_command(command)))).status;
  }
  StatusWord select() { return send(selecting(kEnrolmentApplet)); }
  static CommandApdu selecting(ByteView name) {
    return {.cla = command_of::kOpenClass,
            .ins = command_of::kSelect,
            .p1 = command_of::kByName,
            .data = to_bytes(name),
            .expected = 256};
  }
  static CommandApdu challenge(ByteView data, bool is_last = true) {
    CommandApdu out{.cla = command_of::kOwnClass,
                    .ins = command_of::kAnswerChallenge,
                    .data = to_bytes(data),
                    .expected = {}};
    if (is_last) out.expected = 256;
    if (!is_last) out.cla |= kChainingBit;
    return out;
  }
  static CommandApdu get_data() {
    return {.cla = command_of::kOwnClass, .ins = command_of::kGetData, .data = {}, .expected = 256};
  }
  static CommandApdu get_response() {
    return {.cla = command_of::kOpenClass,
            .ins = command_of::kGetResponse,
            .data = {},
            .expected = 256};
  }

  std::unique_ptr<SecureElement> key_ = make_passing_key();
  EnrolmentApplet applet_{*key_};
  Bytes framed_ = codec::encode_record(information_for(EnrolmentProfile::framed));
};

class EnrolmentApplets : public testing::TestWithParam<EnrolmentProfile> {
 protected:
  std::unique_ptr<SecureElement> key_ = make_passing_key();
  Recording channel_{*key_};
  ApplicationInformation information_ = information_for(GetParam());

  Verdict refused(const ApplicationInformation& other) {
    const auto answer = enrol_over(channel_, other);
    return answer ? Verdict::accepted : answer.error().verdict;
  }
};
INSTANTIATE_TEST_SUITE_P(Profiles, EnrolmentApplets,
                         testing::Values(EnrolmentProfile::compact, EnrolmentProfile::framed),
                         [](const auto& each) {
                           return std::string(codec::enum_name(each.param));
                         });

// Acceptance, framed enrolment line 1: the client above the channel moves bytes; what it gets is
// whole.
TEST_P(EnrolmentApplets, TheElementSignsAndPacksItselfAndTheClientGetsOpaqueBytes) {
  const Bytes answer = must(enrol_over(channel_, information_));
  const auto decoded = must(pki::decode_answer(answer, GetParam()));
  EXPECT_EQ(decoded.public_key, key_->public_key());
  EXPECT_TRUE(pki::verify_application(decoded, information_, kNow).has_value());
  EXPECT_EQ(must(describe_over(channel_)), (ElementDescription{key_->public_key(), true}));
}

TEST_P(EnrolmentApplets, AnyLengthOfPiecesReassembles) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, kMaxCommandData}) {
    const Bytes answer = must(enrol_over(channel_, information_, piece));
    const auto decoded = must(pki::decode_answer(answer, GetParam()));
    EXPECT_TRUE(pki::verify_application(decoded, information_, kNow).has_value()) << piece;
  }
}

TEST_P(EnrolmentApplets, WhatTheAppletRefusesReachesTheCallerAsItsVerdict) {
  auto other = information_;
  other.key_algorithm = "RSA-1024";
  EXPECT_EQ(refused(other), Verdict::bad_algorithm);
  other = information_;
  other.simulated_element = false;
  EXPECT_EQ(refused(other), Verdict::element_simulated);
  other = information_;
  other.expires_at = other.issued_at;
  EXPECT_EQ(refused(other), Verdict::bad_value);
  other = information_;
  other.login = std::string(512, 'a');  // the information is larger than the applet's room
  EXPECT_EQ(refused(other), Verdict::too_large);
  EXPECT_EQ(refused(information_), Verdict::accepted);
}

TEST_P(EnrolmentApplets, OneThatIsBoundToALedgerAnswersForThatAlone) {
  LedgerId ours;
  ours.writable()[0] = 1;
  InProcessChannel bound(*key_, ours);
  EXPECT_EQ(enrol_over(bound, information_).error().verdict, Verdict::wrong_ledger);
  information_.ledger = ours;
  EXPECT_TRUE(enrol_over(bound, information_).has_value());
}

TEST_P(EnrolmentApplets, AGenuineElementMaySayThatItIsOne) {
  GenuineForTest genuine;
  InProcessChannel card(genuine);
  EXPECT_FALSE(must(describe_over(card)).simulated);
  information_.simulated_element = false;
  EXPECT_TRUE(enrol_over(card, information_).has_value());
}

// Acceptance, framed enrolment line 6.
TEST_F(Card, TwoPiecesGoInAndTwoComeOut) {
  Recording channel(*key_);
  const auto information = information_for(EnrolmentProfile::framed);
  const Bytes answer = must(enrol_over(channel, information));
  EXPECT_EQ(answer.size(), pki::kFramedAnswer);
  // SELECT, two pieces of the challenge, GET RESPONSE.
  ASSERT_EQ(channel.commands.size(), 4u);
  EXPECT_EQ(channel.commands[1].cla, command_of::kOwnClass | kChainingBit);
  EXPECT_EQ(channel.commands[2].cla, command_of::kOwnClass);
  Bytes sent = channel.commands[1].data;
  append(sent, channel.commands[2].data);
  EXPECT_EQ(sent, codec::encode_record(information));
  EXPECT_EQ(channel.responses[1], ResponseApdu());
  EXPECT_EQ(channel.responses[2].data.size(), 256u);
  EXPECT_EQ(channel.responses[2].status, 0x6109);
  EXPECT_EQ(channel.commands[3].ins, command_of::kGetResponse);
  EXPECT_EQ(channel.responses[3].data.size(), 9u);
  EXPECT_EQ(channel.responses[3].status, 0x9000);
  Bytes got = channel.responses[2].data;
  append(got, channel.responses[3].data);
  EXPECT_EQ(got, answer);
}

// docs/reference/formats.md works these examples.
TEST_F(Card, TheCommandsHaveTheirFrozenBytes) {
  Recording channel(*key_);
  must(describe_over(channel));
  ASSERT_EQ(channel.commands.size(), 2u);
  EXPECT_EQ(codec::to_hex(encode_command(channel.commands[0])), "00a404000af0495447454e524f4c0100");
  EXPECT_EQ(codec::to_hex(encode_response(channel.responses[0])),
            "6f0c840af0495447454e524f4c019000");
  EXPECT_EQ(codec::to_hex(encode_command(channel.commands[1])), "80ca000000");
  EXPECT_EQ(codec::to_hex(encode_response(channel.responses[1])),
            "e346c141" + codec::to_hex(key_->public_key().view()) + "c401019000");
  EXPECT_EQ(codec::to_hex(encode_command(challenge(Bytes{0xaa}, false))), "9040000001aa");
  EXPECT_EQ(codec::to_hex(encode_command(challenge(Bytes{0xaa}))), "8040000001aa00");
  EXPECT_EQ(status_of(Verdict::bad_algorithm), 0x906D);
  EXPECT_EQ(status_of(Verdict::element_simulated), 0x9208);
}

TEST_F(Card, WithoutAnExpectedLengthAllOfTheAnswerIsFetched) {
  ASSERT_EQ(select(), 0x9000);
  CommandApdu silent = challenge(framed_);
  silent.expected.reset();
  EXPECT_EQ(send(silent), 0x6100);  // 256 or more
  CommandApdu fetch = get_response();
  fetch.expected = 200;
  EXPECT_EQ(send(fetch), 0x6141);  // 65 left
  EXPECT_EQ(send(get_response()), 0x9000);
  EXPECT_EQ(send(get_response()), 0x6985);
}

TEST_F(Card, AChainThatIsInterruptedIsDropped) {
  ASSERT_EQ(select(), 0x9000);
  const ByteView data = framed_;
  const auto rest = challenge(data.subspan(64));
  ASSERT_EQ(send(challenge(data.first(64), false)), 0x9000);
  EXPECT_EQ(send(rest), 0x6109);  // as it should be
  for (const auto& other : {get_data(), get_response(), selecting(kEnrolmentApplet)}) {
    ASSERT_EQ(send(challenge(data.first(64), false)), 0x9000);
    send(other);
    EXPECT_EQ(send(rest), 0x6A80);
  }
  ASSERT_EQ(send(challenge(data.first(64), false)), 0x9000);
  EXPECT_EQ(must(parse_response(applet_.process(Bytes{0x80}))).status, 0x6700);
  EXPECT_EQ(send(rest), 0x6A80);
  ASSERT_EQ(send(challenge(data.first(64), false)), 0x9000);
  auto other_parameters = rest;
  other_parameters.p2 = 1;
  EXPECT_EQ(send(other_parameters), 0x6A86);
  EXPECT_EQ(send(rest), 0x6A80);
}

TEST_F(Card, AnAnswerThatIsNotFetchedIsDropped) {
  EXPECT_EQ(send(get_response()), 0x6985);
  ASSERT_EQ(select(), 0x9000);
  EXPECT_EQ(send(get_response()), 0x6985);
  ASSERT_EQ(send(challenge(framed_)), 0x6109);
  EXPECT_EQ(send(get_data()), 0x9000);
  EXPECT_EQ(send(get_response()), 0x6985);
  ASSERT_EQ(send(challenge(framed_)), 0x6109);
  applet_.reset();
  EXPECT_EQ(send(get_response()), 0x6985);
  EXPECT_EQ(send(challenge(framed_)), 0x6985);  // and nothing is selected
}

TEST_F(Card, MoreThanTheAppletHasRoomForIsRefusedAndForgotten) {
  ASSERT_EQ(select(), 0x9000);
  const Bytes piece(255);
  ASSERT_EQ(send(challenge(piece, false)), 0x9000);
  ASSERT_EQ(send(challenge(piece, false)), 0x9000);
  EXPECT_EQ(send(challenge(piece, false)), 0x6700);
  EXPECT_EQ(send(challenge(framed_)), 0x6109);
}

TEST_F(Card, EveryCommandThatIsNotForItHasItsStatus) {
  EXPECT_EQ(send(challenge(framed_)), 0x6985);
  EXPECT_EQ(send(get_data()), 0x6985);
  EXPECT_EQ(send(selecting(Bytes{0xf0, 1, 2, 3, 4})), 0x6A82);
  EXPECT_EQ(send(challenge(framed_)), 0x6985);
  auto by_file = selecting(kEnrolmentApplet);
  by_file.p1 = 0;
  EXPECT_EQ(send(by_file), 0x6A86);
  auto in_pieces = selecting(kEnrolmentApplet);
  in_pieces.cla |= kChainingBit;
  EXPECT_EQ(send(in_pieces), 0x6884);
  ASSERT_EQ(select(), 0x9000);
  EXPECT_EQ(send({.cla = 0x80, .ins = 0x2a, .data = {}, .expected = {}}), 0x6D00);
  EXPECT_EQ(send({.cla = 0x00, .ins = 0xb0, .data = {}, .expected = {}}), 0x6D00);
  EXPECT_EQ(send({.cla = 0x04, .ins = 0xa4, .data = {}, .expected = {}}), 0x6E00);
  EXPECT_EQ(send({.cla = 0xff, .ins = 0xa4, .data = {}, .expected = {}}), 0x6E00);
  EXPECT_EQ(send({.cla = 0x80, .ins = 0x61, .data = {}, .expected = {}}), 0x6D00);
  EXPECT_EQ(send(challenge(as_bytes("sign this"))), 0x6A80);
  EXPECT_EQ(send(challenge({})), 0x6700);
  auto chained_data = get_data();
  chained_data.cla |= kChainingBit;
  EXPECT_EQ(send(chained_data), 0x6884);
  auto with_data = get_data();
  with_data.data = {1};
  EXPECT_EQ(send(with_data), 0x6700);
}

// There is no command that exports the key, or gives anything but what is written in the header.
TEST_F(Card, NoOtherCommandGivesAnythingOut) {
  std::size_t answering = 0;
  for (unsigned cla = 0; cla < 256; ++cla) {
    for (unsigned ins = 0; ins < 256; ++ins) {
      applet_.reset();
      ASSERT_EQ(select(), 0x9000);
      const Bytes command{static_cast<std::uint8_t>(cla), static_cast<std::uint8_t>(ins), 0, 0, 0};
      const auto response = must(parse_response(applet_.process(command)));
      if (response.data.empty()) continue;
      ++answering;
      EXPECT_EQ(cla, command_of::kOwnClass);
      EXPECT_EQ(ins, command_of::kGetData);
    }
  }
  EXPECT_EQ(answering, 1u);
}

TEST(ApduChannels, CarryShortApdusAndNothingElse) {
  const auto key = make_passing_key();
  InProcessChannel card(*key);
  Bytes extended{0x80, 0x40, 0, 0, 0, 1, 0};
  extended.resize(extended.size() + 256);
  EXPECT_EQ(card.transmit(extended).error().verdict, Verdict::too_large);
  EXPECT_EQ(card.transmit(Bytes{0x80}).error().verdict, Verdict::truncated);
  // More back than was asked for, and more than there may be.
  const CommandApdu asking{.cla = 0x80, .ins = 0xca, .data = {}, .expected = 4};
  Stubborn talkative({.data = Bytes(5), .status = 0x9000});
  EXPECT_EQ(transmit(talkative, asking).error().verdict, Verdict::element_out_of_turn);
}

TEST(ApduChannels, AnElementThatDoesNotComeToAnEndIsLeft) {
  const auto information = information_for(EnrolmentProfile::framed);
  Stubborn promising({.data = {}, .status = 0x6101});
  EXPECT_EQ(enrol_over(promising, information).error().verdict, Verdict::element_out_of_turn);
  Stubborn endless({.data = {1}, .status = 0x6101});
  EXPECT_EQ(enrol_over(endless, information).error().verdict, Verdict::too_large);
  Stubborn refusing({.data = {}, .status = 0x6D00});
  EXPECT_EQ(enrol_over(refusing, information).error(),
            (Refusal{Verdict::element_out_of_turn, "command A4: 6D00"}));
}

TEST(ElementDescriptions, HaveOneEncoding) {
  const auto key = make_passing_key();
  for (const bool simulated : {false, true}) {
    const ElementDescription said{key->public_key(), simulated};
    EXPECT_EQ(must(decode_description(encode_description(said))), said);
  }
  Bytes bytes = encode_description({key->public_key(), true});
  EXPECT_EQ(bytes.size(), 72u);
  bytes.back() = 2;
  EXPECT_EQ(decode_description(bytes).error().verdict, Verdict::bad_value);
  bytes.push_back(0);
  EXPECT_EQ(decode_description(bytes).error().verdict, Verdict::trailing_bytes);
  EXPECT_EQ(decode_description(Bytes{0xe3, 0}).error().verdict, Verdict::missing_field);
}

}  // namespace
}  // namespace intaglio::element
