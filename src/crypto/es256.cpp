#include "crypto/es256.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "crypto/key_file_cost.h"
#include "crypto/p256_point.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

template <auto kFree>
struct Free {
  void operator()(auto* object) const { kFree(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Io = std::unique_ptr<BIO, Free<BIO_free_all>>;
using EncryptedKeyInfo = std::unique_ptr<X509_SIG, Free<X509_SIG_free>>;
using KeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free<PKCS8_PRIV_KEY_INFO_free>>;

constexpr std::size_t kHalf = 32;  // bytes of a coordinate, of r and of s
using Half = std::span<const std::uint8_t, kHalf>;

// P-256 (FIPS 186-4, D.1.2.3): the group's order and half of it.
constexpr std::array<std::uint8_t, kHalf> kOrder = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr std::array<std::uint8_t, kHalf> kHalfOrder = {
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

Half first_half(const Signature& signature) { return std::span(signature.array()).first<kHalf>(); }
Half second_half(const Signature& signature) { return std::span(signature.array()).last<kHalf>(); }

bool is_zero(Half number) {
  return std::ranges::all_of(number, [](std::uint8_t byte) { return byte == 0; });
}

// As big-endian numbers, which have the order of their bytes.
bool less(Half a, Half b) { return std::ranges::lexicographical_compare(a, b); }

// The curve without a key. Copying it and setting the point takes a third of what building a key
// from its parameters does.
EVP_PKEY* curve() {
  static EVP_PKEY* const parameters = [] {
    char name[] = "prime256v1";
    const OSSL_PARAM group[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_end()};
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    CHECK(EVP_PKEY_fromdata_init(context.get()) == 1);
    CHECK(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEY_PARAMETERS,
                            const_cast<OSSL_PARAM*>(group)) == 1);
    return made;
  }();
  return parameters;
}

// A context per call, copied from one that has looked up everything: that costs next to nothing
// beside the curve arithmetic, and makes calls from several threads independent.
KeyContext copy(const KeyContext& ready) {
  KeyContext own(EVP_PKEY_CTX_dup(ready.get()));
  CHECK(own != nullptr);
  return own;
}

void append_integer(Bytes& to, Half number) {
  const auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
  const ByteView digits(first, number.end());
  const bool needs_sign = digits.empty() || digits.front() >= 0x80;
  to.push_back(0x02);
  to.push_back(static_cast<std::uint8_t>(digits.size() + (needs_sign ? 1 : 0)));
  if (needs_sign) to.push_back(0);
  append(to, digits);
}

// Takes one INTEGER from the front of `der` and puts it right-aligned into `out`.
Result<void> take_integer(ByteView& der, std::span<std::uint8_t, kHalf> out) {
  if (der.size() < 2 || der[0] != 0x02) return refuse(Verdict::bad_encoding, "integer");
  const std::size_t length = der[1];
  if (length == 0 || length > 0x7f || length > der.size() - 2) {
    return refuse(Verdict::bad_encoding, "integer length");
  }
  ByteView digits = der.subspan(2, length);
  der = der.subspan(2 + length);
  if ((digits[0] & 0x80) != 0) return refuse(Verdict::bad_signature_form, "negative");
  if (digits[0] == 0 && length > 1) {
    if ((digits[1] & 0x80) == 0) return refuse(Verdict::bad_encoding, "integer not shortest");
    digits = digits.subspan(1);
  }
  if (digits.size() > kHalf) return refuse(Verdict::bad_signature_form, "length");
  std::ranges::copy(digits, out.end() - static_cast<std::ptrdiff_t>(digits.size()));
  return {};
}

// A passphrase is never asked for on a terminal behind our back.
int no_passphrase(char*, int, int, void*) { return -1; }

constexpr std::size_t kMaxPem = 16 * 1024;
// The point of a key that has one.
std::optional<Bytes> point_of(const EVP_PKEY* key) {
  Bytes point(PublicKey::kSize);
  point[0] = 4;
  const char* const names[] = {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y};
  for (std::size_t i = 0; i < 2; ++i) {
    BIGNUM* coordinate = nullptr;
    if (EVP_PKEY_get_bn_param(key, names[i], &coordinate) != 1) return std::nullopt;
    const Number owned(coordinate);
    if (BN_bn2binpad(coordinate, point.data() + 1 + kHalf * i, kHalf) != kHalf) return std::nullopt;
  }
  return point;
}

bool is_p256(const EVP_PKEY* key) {
  char group[32] = {};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                        nullptr) == 1 &&
         std::string_view(group) == "prime256v1";
}

}  // namespace

Result<PublicKey> PublicKey::parse(ByteView point) {
  const auto bytes = FixedBytes<struct PointTag, kSize>::from(point);
  if (!bytes || point[0] != 4) return refuse(Verdict::bad_key);
  const std::span coordinates = std::span(bytes->array()).last<2 * kHalf>();
  // With arithmetic alone: no library's opinion decides what is a key.
  if (!is_p256_point(coordinates.first<kHalf>(), coordinates.last<kHalf>())) {
    return refuse(Verdict::bad_key);
  }
  PublicKey key;
  key.point_ = *bytes;
  return key;
}

KeyHash PublicKey::hash() const { return KeyHash(sha256(view()).array()); }

bool in_canonical_form(const Signature& signature) {
  const Half r = first_half(signature);
  const Half s = second_half(signature);
  return !is_zero(r) && less(r, kOrder) && !is_zero(s) && !less(kHalfOrder, s);
}

struct Verifier::Parsed {
  KeyContext ready;
};

Verifier::Verifier(const PublicKey& key) : key_(key), key_hash_(key.hash()) {
  if (key == PublicKey()) return;
  const Key parsed(EVP_PKEY_dup(curve()));
  CHECK(parsed != nullptr);
  CHECK(EVP_PKEY_set1_encoded_public_key(parsed.get(), key.view().data(), PublicKey::kSize) == 1);
  KeyContext ready(EVP_PKEY_CTX_new_from_pkey(nullptr, parsed.get(), nullptr));
  CHECK(ready != nullptr && EVP_PKEY_verify_init(ready.get()) == 1);
  parsed_ = std::make_unique<const Parsed>(std::move(ready));
}

Verifier::~Verifier() = default;

bool Verifier::verify(const Digest& digest, const Signature& signature) const {
  if (parsed_ == nullptr || !in_canonical_form(signature)) return false;
  const Bytes der = to_der(signature);
  return EVP_PKEY_verify(copy(parsed_->ready).get(), der.data(), der.size(), digest.view().data(),
                         Digest::kSize) == 1;
}

struct SigningKey::Parsed {
  explicit Parsed(Key owned)
      : key(std::move(owned)), ready(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)) {
    CHECK(ready != nullptr && EVP_PKEY_sign_init(ready.get()) == 1);
  }
  Key key;
  KeyContext ready;
};

SigningKey::SigningKey(PublicKey public_key, std::unique_ptr<Parsed> parsed)
    : public_key_(public_key), parsed_(std::move(parsed)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;

SigningKey SigningKey::generate() {
  Key made(EVP_EC_gen("P-256"));
  CHECK(made != nullptr);
  const auto point = point_of(made.get());
  CHECK(point.has_value());
  const auto public_key = PublicKey::parse(*point);
  CHECK(public_key.has_value());
  return {*public_key, std::make_unique<Parsed>(std::move(made))};
}

Result<SigningKey> SigningKey::from_encrypted_pem(ByteView pem, const Secret& passphrase) {
  if (pem.size() > kMaxPem) return refuse(Verdict::too_large, "key file");
  const Io input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(input != nullptr);
  const EncryptedKeyInfo encrypted(
      PEM_read_bio_PKCS8(input.get(), nullptr, no_passphrase, nullptr));
  if (encrypted == nullptr) return refuse(Verdict::bad_encoding, "key file");
  const auto text = as_text(passphrase.reveal());
  const KeyInfo info(PKCS8_decrypt(encrypted.get(), text.data(), static_cast<int>(text.size())));
  if (info == nullptr) return refuse(Verdict::element_locked);
  Key key(EVP_PKCS82PKEY(info.get()));
  if (key == nullptr || !is_p256(key.get())) return refuse(Verdict::bad_key);
  // A file whose two halves do not belong together would sign for nobody.
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const auto point = point_of(key.get());
  if (!point || EVP_PKEY_pairwise_check(check.get()) != 1) return refuse(Verdict::bad_key);
  ASSIGN(const auto public_key, PublicKey::parse(*point));
  return SigningKey(public_key, std::make_unique<Parsed>(std::move(key)));
}

Bytes SigningKey::to_encrypted_pem(const Secret& passphrase) const {
  const KeyInfo info(EVP_PKEY2PKCS8(parsed_->key.get()));
  std::uint8_t salt[16];
  CHECK(RAND_bytes(salt, sizeof salt) == 1);
  const ScryptCost cost = key_file_cost();
  X509_ALGOR* const algorithm =
      PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof salt, nullptr, cost.n, cost.r, cost.p);
  CHECK(info != nullptr && algorithm != nullptr);
  const auto text = as_text(passphrase.reveal());
  const EncryptedKeyInfo encrypted(
      PKCS8_set0_pbe(text.data(), static_cast<int>(text.size()), info.get(), algorithm));
  const Io output(BIO_new(BIO_s_mem()));
  CHECK(encrypted != nullptr && output != nullptr);
  CHECK(PEM_write_bio_PKCS8(output.get(), encrypted.get()) == 1);
  char* content = nullptr;
  const auto size = BIO_get_mem_data(output.get(), &content);
  return to_bytes(as_bytes({content, static_cast<std::size_t>(size)}));
}

Signature SigningKey::sign(const Digest& digest) const {
  Bytes der(80);
  std::size_t size = der.size();
  CHECK(EVP_PKEY_sign(copy(parsed_->ready).get(), der.data(), &size, digest.view().data(),
                      Digest::kSize) == 1);
  const auto signature = signature_from_der(ByteView(der).first(size));
  CHECK(signature.has_value());
  return to_low_s(*signature);
}

Bytes to_der(const Signature& signature) {
  Bytes out{0x30, 0};
  out.reserve(72);
  append_integer(out, first_half(signature));
  append_integer(out, second_half(signature));
  out[1] = static_cast<std::uint8_t>(out.size() - 2);
  return out;
}

Result<Signature> signature_from_der(ByteView der) {
  if (der.size() < 2 || der[0] != 0x30 || der[1] > 0x7f || der[1] != der.size() - 2) {
    return refuse(Verdict::bad_encoding, "sequence");
  }
  ByteView rest = der.subspan(2);
  Signature out;
  TRY(take_integer(rest, out.writable().first<kHalf>()));
  TRY(take_integer(rest, out.writable().last<kHalf>()));
  if (!rest.empty()) return refuse(Verdict::bad_encoding, "sequence");
  return out;
}

Signature to_low_s(const Signature& signature) {
  const Half s = second_half(signature);
  if (!less(kHalfOrder, s) || !less(s, kOrder)) return signature;
  Signature twin = signature;
  const auto out = twin.writable().last<kHalf>();
  int borrow = 0;
  for (std::size_t i = kHalf; i-- > 0;) {
    const int difference = kOrder[i] - s[i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    out[i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  return twin;
}

}  // namespace intaglio::crypto
