// For tests of what is signed: keys made on the spot, and the public test key "11" of the COSE
// working group's examples, with which another implementation made our golden bytes.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "crypto/signer.h"

namespace intaglio::proof {

inline Bytes hex(std::string_view text) { return must(codec::from_hex(text)); }

inline crypto::PublicKey golden_key() {
  return must(crypto::PublicKey::parse(
      hex("04bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
          "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e")));
}

// 00 01 02 .. 1f
inline LedgerId golden_ledger() {
  LedgerId out;
  for (std::size_t i = 0; i < LedgerId::kSize; ++i) {
    out.writable()[i] = static_cast<std::uint8_t>(i);
  }
  return out;
}

inline crypto::Signer signer_of(const crypto::SigningKey& key) {
  return {key.public_key(), [&key](ByteView message) -> Result<crypto::Signature> {
            return key.sign(crypto::sha256(message));
          }};
}

// Signs with the golden key the one message that this is the signature of, and nothing else.
inline crypto::Signer golden_signer(const crypto::Signature& signature) {
  return {golden_key(), [signature](ByteView message) -> Result<crypto::Signature> {
            if (!crypto::Verifier(golden_key()).verify(crypto::sha256(message), signature)) {
              return refuse(Verdict::bad_signature);
            }
            return signature;
          }};
}

// (r, n - s) of (r, s): as good a signature of the same bytes, in the other form.
inline crypto::Signature other_form(const crypto::Signature& signature) {
  const Bytes order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  crypto::Signature out = signature;
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - signature.array()[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    out.writable()[32 + i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  return out;
}

// Calls look(flipped, byte) with every text that differs from `text` in one bit of that byte.
template <typename Look>
void for_each_flipped_bit(std::string_view text, Look&& look) {
  std::string flipped(text);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    const auto flip = [&] {
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    };
    flip();
    look(std::as_const(flipped), bit / 8);
    flip();
  }
}

}  // namespace intaglio::proof
