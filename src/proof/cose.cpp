#include "proof/cose.h"

#include "codec/cbor.h"
#include "crypto/sha256.h"

namespace intaglio::proof {
namespace {

constexpr std::uint64_t kSign1Tag = 18;  // RFC 9052 table 1
constexpr std::uint64_t kAlgorithm = 1;  // header labels, RFC 9052 table 3
constexpr std::uint64_t kKeyId = 4;
constexpr std::int64_t kEs256 = -7;  // RFC 9053 table 1
constexpr std::string_view kContext = "Signature1";

void write_protected(codec::CborWriter& out, const KeyHash& key) {
  codec::CborWriter header;
  header.map(2);
  header.uint(kAlgorithm).integer(kEs256);
  header.uint(kKeyId).bytes(key.view());
  out.bytes(header.view());
}

Result<KeyHash> read_protected(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = 64, .depth = 2, .items = 8});
  ASSIGN(const auto pairs, in.map());
  ASSIGN(const auto first, in.uint());
  if (first != kAlgorithm) return refuse(Verdict::bad_value);
  ASSIGN(const auto algorithm, in.integer());
  if (algorithm != kEs256) return refuse(Verdict::bad_algorithm);
  if (pairs != 2) return refuse(Verdict::bad_value);
  ASSIGN(const auto second, in.uint());
  if (second != kKeyId) return refuse(Verdict::bad_value);
  ASSIGN(const auto kid, in.bytes());
  TRY(in.finish());
  const auto key = KeyHash::from(kid);
  if (!key) return refuse(Verdict::bad_value, "kid");
  return *key;
}

// The Sig_structure up to the payload's own bytes.
void write_head(codec::CborWriter& out, const KeyHash& key, std::string_view purpose,
                const LedgerId& ledger) {
  codec::CborWriter aad;
  aad.array(2);
  aad.text(purpose);
  aad.bytes(ledger.view());
  out.array(4);
  out.text(kContext);
  write_protected(out, key);
  out.bytes(aad.view());
}

// The head of a CBOR byte string of this size: what stands before its bytes.
struct StringHead {
  std::array<std::uint8_t, 9> bytes{};
  std::size_t size = 1;
  ByteView view() const { return ByteView(bytes).first(size); }
};

StringHead head_of_bytes(std::uint64_t length) {
  constexpr std::uint8_t kByteString = 2 << 5;
  StringHead out;
  if (length < 24) {
    out.bytes[0] = static_cast<std::uint8_t>(kByteString | length);
    return out;
  }
  // 24, 25, 26 and 27 say that 1, 2, 4 and 8 bytes of length follow.
  std::size_t width = 1;
  std::uint8_t information = 24;
  while (width < 8 && length >> (8 * width) != 0) {
    width *= 2;
    ++information;
  }
  out.bytes[0] = static_cast<std::uint8_t>(kByteString | information);
  for (std::size_t i = 0; i < width; ++i) {
    out.bytes[1 + i] = static_cast<std::uint8_t>(length >> (8 * (width - 1 - i)));
  }
  out.size = 1 + width;
  return out;
}

}  // namespace

Result<Sign1> parse_sign1(ByteView bytes, std::size_t limit) {
  codec::CborReader in(bytes, {.bytes = limit, .depth = 3, .items = 4});
  ASSIGN(const auto tag, in.tag());
  if (tag != kSign1Tag) return refuse(Verdict::bad_value, "tag");
  ASSIGN(const auto parts, in.array());
  if (parts != 4) return refuse(Verdict::bad_value, "array");
  ASSIGN(const auto header, in.bytes());
  auto key = read_protected(header);
  if (!key) return refuse_within("protected", key.error());
  ASSIGN(const auto unprotected, in.map());
  if (unprotected != 0) return refuse(Verdict::unknown_field, "unprotected");
  ASSIGN(const auto payload, in.bytes());
  ASSIGN(const auto signature_bytes, in.bytes());
  TRY(in.finish());
  const auto signature = crypto::Signature::from(signature_bytes);
  if (!signature || !crypto::in_canonical_form(*signature)) {
    return refuse(Verdict::bad_signature_form, "signature");
  }
  return Sign1{*key, payload, *signature};
}

Bytes assemble_sign1(const KeyHash& key, ByteView payload, const crypto::Signature& signature) {
  codec::CborWriter out;
  out.tag(kSign1Tag);
  out.array(4);
  write_protected(out, key);
  out.map(0);
  out.bytes(payload);
  out.bytes(signature.view());
  return out.take();
}

Bytes to_be_signed(const KeyHash& key, ByteView payload, std::string_view purpose,
                   const LedgerId& ledger) {
  codec::CborWriter out;
  write_head(out, key, purpose, ledger);
  out.bytes(payload);
  return out.take();
}

Digest statement_digest(const KeyHash& key, ByteView payload, std::string_view purpose,
                        const LedgerId& ledger) {
  codec::CborWriter out;
  write_head(out, key, purpose, ledger);
  return crypto::sha256({out.view(), head_of_bytes(payload.size()).view(), payload});
}

}  // namespace intaglio::proof
