#include "proof/statement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proof/claim.h"
#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

Claim golden_claim() {
  Claim claim{.code = {}, .claimant = {ChainId(1), {}}, .claimed_at = Millis(1793843107000)};
  claim.code =
      *Digest::from(hex("df2ec5cd09ddc02990544e56c07a320423ae478eb600856b4a9094b201d28491"));
  claim.claimant.account = *AccountId::from(hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"));
  claim.nonce = *ClaimNonce::from(hex("101112131415161718191a1b1c1d1e1f"));
  return claim;
}

constexpr std::string_view kGoldenClaim =
    "d2845826a2012604582082316ad6c6598b75d1a8b9fa3bcd2dc704af4de47e6acbfde9b1a89b305fdf45a0"
    "5858a4015820df2ec5cd09ddc02990544e56c07a320423ae478eb600856b4a9094b201d28491"
    "02560001a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3031b000001a1a96194b8"
    "0450101112131415161718191a1b1c1d1e1f5840df88f78080f77d817d88e0b97470f90d18940f9e1b081be1"
    "ac1a93aca0486f88112faaf27b1fb76ae36129377782a968c7d8dd5f3fa90f6916a548c72fdfbed5";
constexpr std::string_view kGoldenId =
    "28d2fc2192b2611ba4cae6101acc5b2bb37320f37ea556ff91a3282315d97064";

// The same bytes as Claim under another purpose.
struct Promise : Claim {
  static constexpr std::string_view kPurpose = "promise";
  static Result<Promise> decode(ByteView payload) {
    ASSIGN(const auto claim, Claim::decode(payload));
    return Promise{claim};
  }
};

// Parsing and verifying in one.
template <typename T>
Result<Verified<Signed<T>>> check(ByteView bytes, const LedgerId& ledger,
                                  const crypto::PublicKey& key) {
  ASSIGN(auto parsed, parse_statement<T>(bytes, ledger));
  return verify_statement(std::move(parsed), crypto::Verifier(key));
}

// docs/reference/formats.md works this example; another implementation (Python) signed it.
TEST(Statement, BytesAreFrozen) {
  const Bytes bytes = hex(kGoldenClaim);
  const auto parsed = must(parse_statement<Claim>(bytes, golden_ledger()));
  EXPECT_EQ(parsed.body(), golden_claim());
  EXPECT_EQ(codec::to_hex(parsed.id()), kGoldenId);
  EXPECT_EQ(statement_id(golden_claim(), golden_key().hash(), golden_ledger()), parsed.id());
  EXPECT_EQ(
      codec::to_hex(assemble_sign1(parsed.signer(), golden_claim().encode(), parsed.signature())),
      kGoldenClaim);
  const auto verified = must(verify_statement(parsed, crypto::Verifier(golden_key())));
  EXPECT_EQ(verified->body, golden_claim());
  EXPECT_EQ(verified->signer, golden_key().hash());
  EXPECT_EQ(verified->encoded, bytes);
}

TEST(Statement, HoldsForOneKeyLedgerAndPurposeAlone) {
  const auto key = crypto::SigningKey::generate();
  const Bytes bytes = must(sign_statement(golden_claim(), golden_ledger(), signer_of(key)));
  EXPECT_EQ(verdict_of(check<Claim>(bytes, golden_ledger(), key.public_key())), Verdict::accepted);

  LedgerId other = golden_ledger();
  other.writable()[31] ^= 1;
  EXPECT_EQ(verdict_of(check<Claim>(bytes, other, key.public_key())), Verdict::bad_signature);
  EXPECT_EQ(verdict_of(check<Promise>(bytes, golden_ledger(), key.public_key())),
            Verdict::bad_signature);
  EXPECT_EQ(verdict_of(check<Claim>(bytes, golden_ledger(), golden_key())), Verdict::bad_signature);

  // Signed by one key in the name of another.
  const auto sign1 = must(parse_sign1(bytes, kMaxStatement));
  const Bytes renamed = assemble_sign1(golden_key().hash(), sign1.payload, sign1.signature);
  EXPECT_EQ(verdict_of(check<Claim>(renamed, golden_ledger(), golden_key())),
            Verdict::bad_signature);
  EXPECT_EQ(verdict_of(check<Claim>(renamed, golden_ledger(), key.public_key())),
            Verdict::bad_signature);
}

TEST(Statement, TheOtherFormOfItsSignatureIsRefusedAndWouldNotChangeItsId) {
  const Bytes bytes = hex(kGoldenClaim);
  const auto sign1 = must(parse_sign1(bytes, kMaxStatement));
  const crypto::Signature twin = other_form(sign1.signature);
  ASSERT_EQ(crypto::to_low_s(twin), sign1.signature);
  const Bytes twisted = assemble_sign1(sign1.key, sign1.payload, twin);
  EXPECT_EQ(verdict_of(parse_statement<Claim>(twisted, golden_ledger())),
            Verdict::bad_signature_form);
  EXPECT_EQ(
      codec::to_hex(statement_digest(sign1.key, sign1.payload, Claim::kPurpose, golden_ledger())),
      kGoldenId);
  const Unverified<Claim> made({golden_claim(), sign1.key, *Digest::from(hex(kGoldenId)), twisted},
                               twin);
  EXPECT_EQ(verdict_of(verify_statement(made, crypto::Verifier(golden_key()))),
            Verdict::bad_signature);
}

TEST(Statement, EveryBitOfItCounts) {
  const Bytes good = hex(kGoldenClaim);
  for_each_flipped_bit(as_text(good), [](const std::string& bad, std::size_t at) {
    EXPECT_FALSE(check<Claim>(as_bytes(bad), golden_ledger(), golden_key())) << "byte " << at;
  });
}

TEST(Statement, SignedTwiceHasTwoSignaturesAndOneId) {
  const auto key = crypto::SigningKey::generate();
  const Bytes one = must(sign_statement(golden_claim(), golden_ledger(), signer_of(key)));
  const Bytes two = must(sign_statement(golden_claim(), golden_ledger(), signer_of(key)));
  EXPECT_NE(one, two);
  EXPECT_EQ(must(parse_statement<Claim>(one, golden_ledger())).id(),
            must(parse_statement<Claim>(two, golden_ledger())).id());
}

// What nobody verified cannot become what somebody did.
static_assert(!std::constructible_from<Verified<Signed<Claim>>, Signed<Claim>>);
static_assert(!std::convertible_to<Unverified<Claim>, Verified<Signed<Claim>>>);

TEST(Statement, APayloadThatIsNotTheRecordIsRefusedByName) {
  const auto key = golden_key().hash();
  const auto signature = must(parse_sign1(hex(kGoldenClaim), kMaxStatement)).signature;
  const auto parsed =
      parse_statement<Claim>(assemble_sign1(key, hex("a0"), signature), golden_ledger());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error(), (Refusal{Verdict::missing_field, "payload.code"}));
}

TEST(Statement, WhatTheSignerRefusesWithIsTheAnswer) {
  const crypto::Signer locked{golden_key(), [](ByteView) -> Result<crypto::Signature> {
                                return refuse(Verdict::element_locked);
                              }};
  EXPECT_EQ(verdict_of(sign_statement(golden_claim(), golden_ledger(), locked)),
            Verdict::element_locked);
}

RC_GTEST_PROP(Statement, IdIsTheHashOfTheSigStructureForAnyPayloadAndPurpose, ()) {
  const auto size =
      *rc::gen::weightedOneOf<std::size_t>({{3, rc::gen::inRange<std::size_t>(0, 300)},
                                            {1, rc::gen::inRange<std::size_t>(65530, 65545)}});
  const Bytes payload(size, 0x5a);
  const std::string purpose(*rc::gen::inRange<std::size_t>(0, 300), 'p');
  const KeyHash key = golden_key().hash();
  RC_ASSERT(statement_digest(key, payload, purpose, golden_ledger()) ==
            crypto::sha256(to_be_signed(key, payload, purpose, golden_ledger())));
}

RC_GTEST_PROP(Statement, WhatIsSignedIsReadAndVerified, ()) {
  static const auto key = crypto::SigningKey::generate();
  Claim claim = golden_claim();
  claim.claimed_at = Millis(*rc::gen::arbitrary<std::uint64_t>());
  claim.claimant.chain = ChainId(*rc::gen::arbitrary<std::uint16_t>());
  claim.nonce.writable()[0] = *rc::gen::arbitrary<std::uint8_t>();
  const Bytes bytes = must(sign_statement(claim, golden_ledger(), signer_of(key)));
  const auto verified = must(check<Claim>(bytes, golden_ledger(), key.public_key()));
  RC_ASSERT(verified->body == claim);
  RC_ASSERT(verified->id == statement_id(claim, key.public_key().hash(), golden_ledger()));
}

}  // namespace
}  // namespace intaglio::proof
