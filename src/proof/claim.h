// A claim: "I scanned this code and want to pay it", signed by the payer. It binds the code to them
// while they confirm.
#pragma once

#include "codec/record.h"

namespace intaglio::proof {

using ClaimNonce = FixedBytes<struct ClaimNonceTag, 16>;

// A statement with the purpose "claim" (proof/statement.h).
struct Claim {
  Digest code;         // SHA-256 of the code's whole text, as it was scanned
  Address claimant;    // who wants to pay
  Millis claimed_at;   // by the payer's clock; freshness is judged by block time
  ClaimNonce nonce{};  // random: no two scans make the same claim

  bool operator==(const Claim&) const = default;

  static constexpr std::string_view kPurpose = "claim";
  static constexpr std::size_t kMaxBytes = 256;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "code", &Claim::code, "SHA-256 of the code's text"),
                      codec::field(2, "claimant", &Claim::claimant, "the payer's address"),
                      codec::field(3, "claimed_at", &Claim::claimed_at, "the payer's clock, ms"),
                      codec::field(4, "nonce", &Claim::nonce, "16 random bytes"));
  }
  static Result<Claim> decode(ByteView payload) {
    return codec::decode_record<Claim>(payload, {.bytes = kMaxBytes});
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

}  // namespace intaglio::proof
