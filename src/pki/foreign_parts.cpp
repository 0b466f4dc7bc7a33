#include "pki/foreign_parts.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "pki/object_ids.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

template <std::size_t kSize>
std::array<std::uint8_t, kSize> digest(const EVP_MD* kind, ByteView message) {
  std::array<std::uint8_t, kSize> out;
  CHECK(EVP_MD_get_size(kind) == static_cast<int>(kSize));
  CHECK(EVP_Digest(message.data(), message.size(), out.data(), nullptr, kind, nullptr) == 1);
  return out;
}

// ECDSA on P-256 takes the first 256 bits of a longer hash (FIPS 186-5 section 6.4.1).
Digest leading_digest(EcdsaHash hash, ByteView message) {
  switch (hash) {
    case EcdsaHash::sha256: return Digest(digest<32>(EVP_sha256(), message));
    case EcdsaHash::sha384:
      return *Digest::from(ByteView(digest<48>(EVP_sha384(), message)).first(Digest::kSize));
    case EcdsaHash::sha512: break;
  }
  return *Digest::from(ByteView(digest<64>(EVP_sha512(), message)).first(Digest::kSize));
}

}  // namespace

Result<Name> read_name(ByteView der) {
  constexpr std::size_t kMaxName = 4096;
  if (der.size() > kMaxName) return refuse(Verdict::too_large, "name");
  const ErrorQueueCleared cleared;
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_NAME, Freed<X509_NAME_free>> native(
      d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  if (native == nullptr || at != der.data() + der.size()) {
    return refuse(Verdict::bad_encoding, "name");
  }
  return name_of(native.get());
}

Result<crypto::PublicKey> read_public_key(ByteView content) {
  der::Reader in(content);
  ASSIGN(const auto algorithm, in.next(der::kSequence, "public key algorithm"));
  ASSIGN(const auto bits, in.next(der::kBitString, "public key"));
  TRY(in.finish("public key"));
  der::Reader parts(algorithm.content);
  ASSIGN(const auto kind, parts.next(der::kObjectId, "public key algorithm"));
  if (!equal(kind.content, object_ids::kEcPublicKey)) {
    return refuse(Verdict::bad_key, "public key algorithm");
  }
  const auto curve = parts.next(der::kObjectId, "curve");
  if (!curve || !equal(curve->content, object_ids::kP256) || !parts.at_end()) {
    return refuse(Verdict::bad_key, "curve");
  }
  ASSIGN(const auto point, der::to_octets(bits, "public key"));
  return crypto::PublicKey::parse(point);
}

Result<EcdsaHash> read_ecdsa_hash(ByteView algorithm_content) {
  const auto kind = der::only_element(algorithm_content, der::kObjectId, "signature algorithm");
  if (!kind) return refuse(Verdict::bad_algorithm, "signature algorithm");
  if (equal(kind->content, object_ids::kEcdsaWithSha256)) return EcdsaHash::sha256;
  if (equal(kind->content, object_ids::kEcdsaWithSha384)) return EcdsaHash::sha384;
  if (equal(kind->content, object_ids::kEcdsaWithSha512)) return EcdsaHash::sha512;
  return refuse(Verdict::bad_algorithm, "signature algorithm");
}

bool verify_ecdsa(const crypto::PublicKey& key, EcdsaHash hash, ByteView message,
                  ByteView signature) {
  const auto decoded = crypto::signature_from_der(signature);
  if (!decoded) return false;
  return crypto::Verifier(key).verify(leading_digest(hash, message), crypto::to_low_s(*decoded));
}

Sha1Digest sha1(ByteView message) { return Sha1Digest(digest<20>(EVP_sha1(), message)); }

Result<SerialNumber> read_serial(ByteView integer_content) {
  ByteView value = integer_content;
  if (value.empty() || (value.front() & 0x80) != 0) return refuse(Verdict::bad_value, "serial");
  if (value.size() > 1 && value.front() == 0) value = value.subspan(1);
  if (value.size() > SerialNumber::kSize) return refuse(Verdict::bad_value, "serial");
  SerialNumber out;
  std::ranges::copy(value, out.writable().last(value.size()).begin());
  return out;
}

Result<std::vector<std::string>> read_uris(ByteView subject_alt_name, std::size_t limit) {
  constexpr std::size_t kMaxUri = 256;
  ASSIGN(const auto names, der::only_element(subject_alt_name, der::kSequence, "names"));
  std::vector<std::string> out;
  der::Reader in(names.content);
  while (!in.at_end()) {
    ASSIGN(const auto name, in.next());
    if (name.tag != der::implicit_tag(6)) continue;  // uniformResourceIdentifier
    if (out.size() == limit || name.content.size() > kMaxUri) {
      return refuse(Verdict::too_large, "URIs");
    }
    out.emplace_back(as_text(name.content));
  }
  return out;
}

}  // namespace intaglio::pki
