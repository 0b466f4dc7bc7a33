// A signing key that follows from a seed, and signatures that follow from key and message (RFC
// 6979): what simulations need to be repeated to the bit. For tests alone: whoever knows the seed
// has the key.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "base/check.h"
#include "crypto/sha256.h"
#include "crypto/signer.h"

namespace intaglio::crypto {

class SeededKey {
 public:
  // The private number is SHA-256 of the seed, hashed again until it is one.
  static SeededKey of(ByteView seed) {
    for (Digest number = sha256(seed);; number = sha256(number.view())) {
      SeededKey key(number);
      if (key.is_valid()) return key;
    }
  }
  // Of this very private number, which must be one.
  static SeededKey from_number(const Digest& number) {
    SeededKey key(number);
    CHECK(key.is_valid());
    return key;
  }

  const PublicKey& public_key() const { return public_key_; }

  // RFC 6979 section 3.2 with SHA-256; as it comes out, high or low s.
  Signature sign_as_is(const Digest& digest) const;
  Signature sign(const Digest& digest) const { return to_low_s(sign_as_is(digest)); }

  // The key must outlive it.
  Signer signer() const {
    return {public_key_,
            [this](ByteView message) -> Result<Signature> { return sign(sha256(message)); }};
  }

 private:
  struct Free {
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
    void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  };
  using Number = std::unique_ptr<BIGNUM, Free>;
  using Context = std::unique_ptr<BN_CTX, Free>;
  using Point = std::unique_ptr<EC_POINT, Free>;

  static const EC_GROUP* curve() {
    static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    CHECK(group != nullptr);
    return group;
  }
  static const BIGNUM* order() { return EC_GROUP_get0_order(curve()); }
  static Number number_of(ByteView bytes) {
    Number out(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    CHECK(out != nullptr);
    return out;
  }
  static void write(const BIGNUM* number, std::span<std::uint8_t> out) {
    const int size = static_cast<int>(out.size());
    CHECK(BN_bn2binpad(number, out.data(), size) == size);
  }

  explicit SeededKey(const Digest& number) : number_(number) {
    const Number secret = number_of(number.view());
    if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), order()) >= 0) return;
    const Context context(BN_CTX_new());
    const Point point(EC_POINT_new(curve()));
    CHECK(EC_POINT_mul(curve(), point.get(), secret.get(), nullptr, nullptr, context.get()) == 1);
    std::array<std::uint8_t, PublicKey::kSize> bytes{};
    CHECK(EC_POINT_point2oct(curve(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                             bytes.size(), context.get()) == bytes.size());
    const auto parsed = PublicKey::parse(bytes);
    CHECK(parsed.has_value());
    public_key_ = *parsed;
  }
  bool is_valid() const { return public_key_ != PublicKey(); }

  // The nonces that RFC 6979 tries for this digest, one after the other.
  class Nonces;

  Digest number_;
  PublicKey public_key_;
};

class SeededKey::Nonces {
 public:
  Nonces(const Digest& number, const Digest& digest) {
    Digest reduced = digest;
    const Number value = number_of(digest.view());
    if (BN_cmp(value.get(), order()) >= 0) {
      CHECK(BN_sub(value.get(), value.get(), order()) == 1);
      write(value.get(), reduced.writable());
    }
    v_.fill(1);
    for (const std::uint8_t step : {std::uint8_t{0}, std::uint8_t{1}}) {
      Bytes message = to_bytes(v_);
      message.push_back(step);
      append(message, number.view());
      append(message, reduced.view());
      rekey(message);
    }
  }

  Digest next() {
    while (true) {
      if (std::exchange(is_used_, true)) {
        Bytes message = to_bytes(v_);
        message.push_back(0);
        rekey(message);
      }
      v_ = hmac_sha256(k_, v_).array();
      const Number candidate = number_of(v_);
      if (!BN_is_zero(candidate.get()) && BN_cmp(candidate.get(), order()) < 0) return Digest(v_);
    }
  }

 private:
  void rekey(ByteView message) {
    k_ = hmac_sha256(k_, message).array();
    v_ = hmac_sha256(k_, v_).array();
  }
  std::array<std::uint8_t, Digest::kSize> k_{};
  std::array<std::uint8_t, Digest::kSize> v_{};
  bool is_used_ = false;  // v_ was a candidate
};

inline Signature SeededKey::sign_as_is(const Digest& digest) const {
  const Context context(BN_CTX_new());
  const Number secret = number_of(number_.view());
  const Number message = number_of(digest.view());
  const Point point(EC_POINT_new(curve()));
  const Number r(BN_new());
  const Number s(BN_new());
  Nonces nonces(number_, digest);
  while (true) {
    const Number nonce = number_of(nonces.next().view());
    CHECK(EC_POINT_mul(curve(), point.get(), nonce.get(), nullptr, nullptr, context.get()) == 1);
    CHECK(EC_POINT_get_affine_coordinates(curve(), point.get(), r.get(), nullptr, context.get()) ==
          1);
    CHECK(BN_nnmod(r.get(), r.get(), order(), context.get()) == 1);
    // s = (message + r secret) / nonce
    CHECK(BN_mod_mul(s.get(), r.get(), secret.get(), order(), context.get()) == 1);
    CHECK(BN_mod_add(s.get(), s.get(), message.get(), order(), context.get()) == 1);
    const Number inverse(BN_mod_inverse(nullptr, nonce.get(), order(), context.get()));
    CHECK(BN_mod_mul(s.get(), s.get(), inverse.get(), order(), context.get()) == 1);
    if (!BN_is_zero(r.get()) && !BN_is_zero(s.get())) break;
  }
  Signature out;
  write(r.get(), out.writable().first(32));
  write(s.get(), out.writable().last(32));
  return out;
}

}  // namespace intaglio::crypto
