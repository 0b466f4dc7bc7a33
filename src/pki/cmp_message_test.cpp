#include "pki/cmp_message.h"

#include <barrier>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/sha256.h"
#include "pki/cmp_client_for_test.h"

namespace intaglio::pki {
namespace {

// The same message with the MAC that its header asks for (RFC 4210 section 5.1.3.1), for one that
// was altered by who knows the secret. As the openssl program makes them: 500 times SHA-256, then
// HMAC-SHA1.
Bytes mac_again(const Bytes& message, std::string_view secret) {
  der::Reader in(must(der::only_element(message, der::kSequence, "message")).content);
  const auto header = must(in.next());
  const auto body = must(in.next());
  der::Reader fields(header.content);
  for (int i = 0; i < 4; ++i) must(fields.next());  // version, sender, recipient, time
  const auto algorithm = must(fields.next());
  der::Reader parts(must(der::only_element(algorithm.content, der::kSequence, "MAC")).content);
  must(parts.next());
  der::Reader parameters(must(parts.next()).content);
  Bytes key = to_bytes(as_bytes(secret));
  append(key, must(parameters.next()).content);  // salt
  for (int i = 0; i < 500; ++i) key = to_bytes(crypto::sha256(key).view());
  const Bytes covered = der::sequence({header.whole, body.whole});
  std::array<std::uint8_t, 20> mac;
  unsigned size = mac.size();
  CHECK(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), covered.data(), covered.size(),
             mac.data(), &size) != nullptr);
  const Bytes protection = der::element(der::explicit_tag(0), {der::bit_string(mac)});
  return der::sequence({header.whole, body.whole, protection});
}

// An initial request of the openssl program, as it went over the wire.
struct CmpRequest : Cmp {
  Bytes request;
  Bytes confirmation;
  CmpRequest() {
    const Ran ran = cmp(std::string(kSecret) +
                        "-cmd ir -newkey key -subject /CN=dev1 -certout c "
                        "-reqout 'r1 r2' -rspout 's1 s2'");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    request = read_bytes(folder / "r1");
    confirmation = read_bytes(folder / "r2");
  }
  bool says(const Result<Bytes>& answer, std::string_view text) const {
    return answer && as_text(*answer).find(text) != std::string_view::npos;
  }
};

TEST_F(CmpRequest, SentAgainGetsTheSameAnswerAndAsksTheAuthorityNothing) {
  EXPECT_EQ(must(responder.respond(request, kCmpNow)), read_bytes(folder / "s1"));
  EXPECT_EQ(must(responder.respond(confirmation, kCmpNow)), read_bytes(folder / "s2"));
  EXPECT_EQ(authority.applications.size(), 1U);
  EXPECT_EQ(authority.confirmations.size(), 1U);
}

TEST_F(CmpRequest, SentTwiceAtOnceIsAskedOfTheAuthorityOnce) {
  CmpAuthorityForTest asked;
  std::barrier both(2);
  asked.while_identifying = [&] { both.arrive_and_wait(); };  // so neither knows of the other
  CmpResponder other(asked, identity);
  Bytes second;
  std::thread twin([&] { second = must(other.respond(request, kCmpNow)); });
  const Bytes first = must(other.respond(request, kCmpNow));
  twin.join();
  EXPECT_EQ(first, second);
  EXPECT_EQ(asked.applications.size(), 1U);
}

TEST_F(CmpRequest, SentAgainAfterItsTransactionIsAskedOfTheAuthorityAgain) {
  const Millis later = kCmpNow + kCmpTransactionTime;
  EXPECT_FALSE(says(responder.respond(confirmation, later), "pkiconf"));
  EXPECT_TRUE(says(responder.respond(confirmation, later), "unknown_transaction"));
  EXPECT_TRUE(responder.respond(request, later).has_value());
  EXPECT_EQ(authority.applications.size(), 2U);  // which knows the application
  EXPECT_EQ(authority.issued.size(), 1U);
}

TEST_F(CmpRequest, AConfirmationOutOfNowhereIsNotTaken) {
  CmpResponder fresh(authority, identity);
  EXPECT_TRUE(says(fresh.respond(confirmation, kCmpNow), "unknown_transaction"));
  EXPECT_EQ(authority.confirmations.size(), 1U);
}

TEST_F(CmpRequest, AnotherRequestInTheSameTransactionIsAConflict) {
  const std::string silent =
      std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout c -disable_confirm ";
  ASSERT_EQ(cmp(silent + "-reqout r3").exit_code, 0);
  ASSERT_EQ(cmp(silent + "-reqout r4").exit_code, 0);
  const auto transaction = [](const Bytes& message) {
    return must(read_cmp_addresses(message)).transaction;
  };
  const Bytes first = read_bytes(folder / "r3");
  Bytes second = read_bytes(folder / "r4");
  const auto offset = transaction(second).data() - second.data();
  std::ranges::copy(transaction(first), second.begin() + offset);
  EXPECT_TRUE(says(responder.respond(second, kCmpNow), "wrong_secret"));  // the MAC is broken
  EXPECT_TRUE(says(responder.respond(mac_again(second, "pass"), kCmpNow), "conflict"));
  EXPECT_EQ(authority.applications.size(), 3U);
}

TEST_F(CmpRequest, WhatItsMacCostsIsTheServersToSay) {
  const Bytes iterations{0x02, 0x02, 0x01, 0xf4};  // 500
  const auto at = std::ranges::search(request, iterations).begin() - request.begin();
  ASSERT_LT(static_cast<std::size_t>(at), request.size());
  for (const unsigned count : {99U, 10'001U, 0x7fffU}) {
    Bytes altered = request;
    altered[static_cast<std::size_t>(at) + 2] = static_cast<std::uint8_t>(count >> 8);
    altered[static_cast<std::size_t>(at) + 3] = static_cast<std::uint8_t>(count);
    EXPECT_TRUE(says(responder.respond(altered, kCmpNow), "bad_algorithm at ")) << count;
  }
}

TEST_F(CmpRequest, WithAnyBitFlippedAsksTheAuthorityNothing) {
  CmpAuthorityForTest untouched;
  CmpResponder other(untouched, identity);
  for (std::size_t i = 0; i < request.size(); ++i) {
    Bytes altered = request;
    altered[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    static_cast<void>(other.respond(altered, kCmpNow));
  }
  EXPECT_TRUE(untouched.applications.empty());
  EXPECT_TRUE(other.respond(request, kCmpNow).has_value());
  EXPECT_EQ(untouched.applications.size(), 1U);
}

// A transaction that waits for a word, and what the client says in it.
struct CmpOpen : Cmp {
  Bytes request;
  Bytes answer;
  CmpOpen() {
    const Ran ran = cmp(std::string(kSecret) +
                        "-cmd ir -newkey key -subject /CN=dev1 -certout c "
                        "-disable_confirm -reqout r -rspout s");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    request = read_bytes(folder / "r");
    answer = read_bytes(folder / "s");
    EXPECT_TRUE(authority.confirmations.empty());
  }
  // The client's next message: the header of its first, with the nonce of our answer.
  Bytes say(unsigned body, ByteView content) {
    der::Reader in(must(der::only_element(request, der::kSequence, "message")).content);
    const auto header = must(in.next());
    const Bytes nonce = der::element(
        der::explicit_tag(6),
        {der::element(der::kOctetString, {must(read_cmp_addresses(answer)).sender_nonce})});
    // Whatever follows the nonce in the first header (a general info) the next one does not have.
    Bytes fields;
    der::Reader old(header.content);
    while (!old.at_end() && !old.next_is(der::explicit_tag(8))) {
      append(fields, must(old.next()).whole);
    }
    return mac_again(der::sequence({der::sequence({fields, nonce}),
                                    der::element(der::explicit_tag(body), {content})}),
                     "pass");
  }
  void expect_rejected_by(const Bytes& message, std::uint8_t answered_with) {
    const Bytes told = must(responder.respond(message, kCmpNow));
    der::Reader in(must(der::only_element(told, der::kSequence, "message")).content);
    must(in.next());
    EXPECT_EQ(must(in.next()).tag, der::explicit_tag(answered_with));
    ASSERT_EQ(authority.confirmations.size(), 1U);
    EXPECT_EQ(authority.confirmations[0].confirmation, CmpConfirmation::rejected);
    EXPECT_EQ(authority.confirmations[0].certificate, authority.issued.at(0));
    EXPECT_EQ(must(responder.respond(message, kCmpNow)), told);
    EXPECT_EQ(authority.confirmations.size(), 1U);
  }
};
constexpr unsigned kPkiConf = 19;
constexpr unsigned kError = 23;
constexpr unsigned kCertConf = 24;

TEST_F(CmpOpen, AnErrorOfTheClientRejectsItsCertificate) {
  const Bytes status = der::sequence({der::integer(std::uint64_t{2})});
  expect_rejected_by(say(kError, der::sequence({status})), kPkiConf);
}

TEST_F(CmpOpen, AConfirmationOfNothingRejectsTheCertificate) {
  expect_rejected_by(say(kCertConf, der::sequence({})), kPkiConf);
}

TEST_F(CmpOpen, AConfirmationOfAnotherCertificateIsAnErrorAndRejectsThisOne) {
  const Bytes other = der::sequence(
      {der::element(der::kOctetString, {Bytes(32, 1)}), der::integer(std::uint64_t{0})});
  expect_rejected_by(say(kCertConf, der::sequence({other})), kError);
}

TEST_F(CmpRequest, AnEmptySecretIsNone) {
  CmpAuthorityForTest careless;
  careless.secrets["app-42"] = "";
  CmpResponder other(careless, identity);
  EXPECT_TRUE(says(other.respond(mac_again(request, ""), kCmpNow), "wrong_secret"));
  EXPECT_TRUE(careless.applications.empty());
}

TEST_F(CmpRequest, CutAnywhereIsNoMessage) {
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(responder.respond(ByteView(request).first(size), kCmpNow).has_value());
  }
}

constexpr std::string_view kGoldenError =
    "3081b93073020102a41b30193117301506035504030c0e434d502070726f74656374696f6ea4023000a01118"
    "0f32303236303130313030303030305aa412041007070707070707070707070707070707a512041009090909"
    "090909090909090909090909a612041007070707070707070707070707070707b7423040303a02010230310c"
    "2f77726f6e675f726563697069656e743a2061646472657373656420746f20616e6f7468657220617574686f"
    "72697479030201020202025f";

TEST(CmpGolden, ARequestForAnotherAuthorityIsRefusedInTheseBytes) {
  const Bytes transaction(16, 7);
  const Bytes nobody = der::sequence({});
  CmpMessage request;
  request.sender = nobody;
  request.transaction = transaction;
  request.sender_nonce = transaction;
  const Bytes error = must(encode_cmp_error(request, cmp_identity(), {Verdict::wrong_recipient, {}},
                                            Bytes(16, 9), kCmpNow));
  EXPECT_EQ(codec::to_hex(error), kGoldenError);
  const CmpMessage read = must(read_cmp_addresses(error));
  EXPECT_EQ(to_bytes(read.transaction), transaction);
}

}  // namespace
}  // namespace intaglio::pki
