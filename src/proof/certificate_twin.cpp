#include "proof/certificate_twin.h"

#include "base/whole_seconds.h"
#include "codec/cbor.h"

namespace intaglio::proof {

namespace {

// CWT claims by their registered numbers, and ours from the private range (RFC 8392 section 9.1).
constexpr std::int64_t kIssuer = 1;
constexpr std::int64_t kSubject = 2;
constexpr std::int64_t kExpires = 4;
constexpr std::int64_t kNotBefore = 5;
constexpr std::int64_t kId = 7;
constexpr std::int64_t kConfirmation = 8;
constexpr std::int64_t kCertificate = -65537;
constexpr std::int64_t kCapabilities = -65538;
constexpr std::size_t kClaims = 8;

// COSE_Key (RFC 9053 section 7.1) of a point on P-256.
constexpr std::int64_t kKeyType = 1;
constexpr std::int64_t kCurve = -1;
constexpr std::int64_t kX = -2;
constexpr std::int64_t kY = -3;
constexpr std::uint64_t kEc2 = 2;
constexpr std::uint64_t kP256 = 1;
constexpr std::size_t kCoordinate = 32;

Result<void> expect(codec::CborReader& in, std::int64_t key, const char* what) {
  ASSIGN(const auto number, in.integer());
  if (number != key) return refuse(Verdict::missing_field, what);
  return {};
}

Result<void> expect_map(codec::CborReader& in, std::size_t pairs, const char* what) {
  ASSIGN(const auto count, in.map());
  if (count != pairs) return refuse(Verdict::bad_value, what);
  return {};
}

Result<std::string> name_at(codec::CborReader& in, std::int64_t key, const char* what) {
  TRY(expect(in, key, what));
  ASSIGN(const auto text, in.text());
  if (text.size() > pki::kMaxCommonName) return refuse(Verdict::bad_value, what);
  return std::string(text);
}

Result<Millis> seconds_at(codec::CborReader& in, std::int64_t key, const char* what) {
  TRY(expect(in, key, what));
  ASSIGN(const auto value, in.uint());
  constexpr std::uint64_t kEndOfYear9999 = 253402300800;
  if (value >= kEndOfYear9999) return refuse(Verdict::bad_value, what);
  return Millis(value * 1000);
}

template <typename Fixed>
Result<Fixed> fixed_at(codec::CborReader& in, std::int64_t key, const char* what) {
  TRY(expect(in, key, what));
  ASSIGN(const auto bytes, in.bytes());
  const auto value = Fixed::from(bytes);
  if (!value) return refuse(Verdict::bad_value, what);
  return *value;
}

Result<std::uint64_t> number_at(codec::CborReader& in, std::int64_t key, std::uint64_t wanted) {
  TRY(expect(in, key, "key"));
  ASSIGN(const auto value, in.uint());
  if (value != wanted) return refuse(Verdict::bad_value, "key");
  return value;
}

// { 1: COSE_Key }, RFC 8747 section 3.2.
Result<crypto::PublicKey> key_at(codec::CborReader& in) {
  TRY(expect(in, kConfirmation, "confirmation"));
  TRY(expect_map(in, 1, "confirmation"));
  TRY(expect(in, 1, "confirmation"));
  TRY(expect_map(in, 4, "key"));
  TRY(number_at(in, kKeyType, kEc2));
  TRY(number_at(in, kCurve, kP256));
  Bytes point{0x04};
  for (const std::int64_t coordinate : {kX, kY}) {
    TRY(expect(in, coordinate, "key"));
    ASSIGN(const auto bytes, in.bytes());
    if (bytes.size() != kCoordinate) return refuse(Verdict::bad_value, "key");
    append(point, bytes);
  }
  return crypto::PublicKey::parse(point);
}

}  // namespace

Bytes CertificateTwin::encode() const {
  codec::CborWriter out;
  out.map(kClaims);
  out.integer(kIssuer).text(issuer);
  out.integer(kSubject).text(subject);
  out.integer(kExpires).uint(validity.not_after.value() / 1000);
  out.integer(kNotBefore).uint(validity.not_before.value() / 1000);
  out.integer(kId).bytes(serial.view());
  out.integer(kConfirmation).map(1).integer(1).map(4);
  out.integer(kKeyType).uint(kEc2);
  out.integer(kCurve).uint(kP256);
  out.integer(kX).bytes(key.view().subspan(1, kCoordinate));
  out.integer(kY).bytes(key.view().last(kCoordinate));
  out.integer(kCertificate).bytes(certificate.view());
  out.integer(kCapabilities).bytes(pki::encode_capabilities(capabilities));
  return out.take();
}

Result<CertificateTwin> CertificateTwin::decode(ByteView payload) {
  codec::CborReader in(payload, {.bytes = kMaxBytes});
  TRY(expect_map(in, kClaims, "claims"));
  CertificateTwin out;
  ASSIGN(out.issuer, name_at(in, kIssuer, "issuer"));
  ASSIGN(out.subject, name_at(in, kSubject, "subject"));
  ASSIGN(out.validity.not_after, seconds_at(in, kExpires, "not_after"));
  ASSIGN(out.validity.not_before, seconds_at(in, kNotBefore, "not_before"));
  ASSIGN(out.serial, fixed_at<pki::SerialNumber>(in, kId, "serial"));
  ASSIGN(out.key, key_at(in));
  ASSIGN(out.certificate, fixed_at<pki::Fingerprint>(in, kCertificate, "certificate"));
  TRY(expect(in, kCapabilities, "capabilities"));
  ASSIGN(const auto bytes, in.bytes());
  auto capabilities = pki::decode_capabilities(bytes);
  if (!capabilities) return refuse_within("capabilities", capabilities.error());
  out.capabilities = *std::move(capabilities);
  TRY(in.finish());
  return out;
}

Result<CertificateTwin> twin_of(const pki::Certificate& certificate) {
  if (!certificate.capabilities()) return refuse(Verdict::missing_field, "capabilities");
  if (certificate.issuer().common_name.size() > pki::kMaxCommonName ||
      certificate.subject().common_name.size() > pki::kMaxCommonName) {
    return refuse(Verdict::bad_value, "common_name");
  }
  const auto& [not_before, not_after] = certificate.validity();
  return CertificateTwin{certificate.issuer().common_name,
                         certificate.subject().common_name,
                         {whole_seconds(not_before), whole_seconds(not_after)},
                         certificate.serial(),
                         certificate.public_key(),
                         certificate.fingerprint(),
                         *certificate.capabilities()};
}

Result<Verified<Signed<CertificateTwin>>> verify_twin(ByteView bytes, const LedgerId& ledger,
                                                      const crypto::Verifier& issuing, Millis at) {
  ASSIGN(auto parsed, parse_statement<CertificateTwin>(bytes, ledger, CertificateTwin::kMaxBytes));
  ASSIGN(auto verified, verify_statement(std::move(parsed), issuing));
  const pki::Validity& validity = verified->body.validity;
  if (at < validity.not_before || at >= validity.not_after) {
    return refuse(Verdict::certificate_not_valid_now, "twin");
  }
  return verified;
}

Result<void> check_twin(const Verified<Signed<CertificateTwin>>& twin,
                        const Verified<pki::Certificate>& certificate) {
  const auto own = twin_of(*certificate);
  if (!own || *own != twin->body) return refuse(Verdict::path_invalid, "twin");
  return {};
}

}  // namespace intaglio::proof
