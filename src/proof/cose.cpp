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
  out.map(2);
  out.uint(kAlgorithm).integer(kEs256);
  out.uint(kKeyId).bytes(key.view());
}

void write_external_aad(codec::CborWriter& out, std::string_view purpose, const LedgerId& ledger) {
  out.array(2);
  out.text(purpose);
  out.bytes(ledger.view());
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

// The Sig_structure up to the payload.
void write_head(codec::CborWriter& out, ByteView protected_header, ByteView external_aad) {
  out.array(4);
  out.text(kContext);
  out.bytes(protected_header);
  out.bytes(external_aad);
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
  codec::CborWriter header;
  write_protected(header, key);
  codec::CborWriter out;
  out.tag(kSign1Tag);
  out.array(4);
  out.bytes(header.view());
  out.map(0);
  out.bytes(payload);
  out.bytes(signature.view());
  return out.take();
}

Bytes sig_structure(ByteView protected_header, ByteView external_aad, ByteView payload) {
  codec::CborWriter out;
  write_head(out, protected_header, external_aad);
  out.bytes(payload);
  return out.take();
}

Bytes to_be_signed(const KeyHash& key, ByteView payload, std::string_view purpose,
                   const LedgerId& ledger) {
  codec::CborWriter header;
  write_protected(header, key);
  codec::CborWriter aad;
  write_external_aad(aad, purpose, ledger);
  return sig_structure(header.view(), aad.view(), payload);
}

Digest statement_digest(const KeyHash& key, ByteView payload, std::string_view purpose,
                        const LedgerId& ledger) {
  codec::CborWriter header;
  write_protected(header, key);
  codec::CborWriter aad;
  write_external_aad(aad, purpose, ledger);
  codec::CborWriter head;
  write_head(head, header.view(), aad.view());
  return crypto::sha256({head.view(), head_of_bytes(payload.size()).view(), payload});
}

}  // namespace intaglio::proof
