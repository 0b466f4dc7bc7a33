// Signed statements: a record, who signed it, and for which purpose and ledger. Parsing one proves
// nothing; verify_statement() does, and changes the type. Pure functions; any thread.
#pragma once

#include <concepts>

#include "base/verified.h"
#include "crypto/signer.h"
#include "proof/cose.h"

namespace intaglio::proof {

// What can be signed: kPurpose keeps one kind of statement from passing for another, decode() takes
// exactly the bytes that encode() gives, or refuses.
template <typename T>
concept Statement = requires(const T& body, ByteView payload) {
  { T::kPurpose } -> std::convertible_to<std::string_view>;
  { T::decode(payload) } -> std::same_as<Result<T>>;
  { body.encode() } -> std::same_as<Bytes>;
};

// A statement with what identifies it. On its own it says nothing of whether it was verified: that
// is in the type around it, Unverified or Verified.
template <Statement T>
struct Signed {
  T body;
  KeyHash signer;  // hash of the key that signed, or is said to have
  Digest id;       // SHA-256 of the Sig_structure
  Bytes encoded;   // the COSE_Sign1 as it came
};

// Parsed and not verified: may be looked at to decide how to verify it, and for nothing else. Owns
// all of it.
template <Statement T>
class Unverified {
 public:
  Unverified(Signed<T> statement, const crypto::Signature& signature)
      : statement_(std::move(statement)), signature_(signature) {}
  const T& body() const { return statement_.body; }
  const KeyHash& signer() const { return statement_.signer; }
  const Digest& id() const { return statement_.id; }
  const crypto::Signature& signature() const { return signature_; }
  Signed<T> take() && { return std::move(statement_); }

 private:
  Signed<T> statement_;
  crypto::Signature signature_;
};

inline constexpr std::size_t kMaxStatement = 64 * 1024;  // bytes, unless its kind says less

template <Statement T>
Digest statement_id(const T& body, const KeyHash& signer, const LedgerId& ledger) {
  return statement_digest(signer, body.encode(), T::kPurpose, ledger);
}

// Refuses what parse_sign1 and T::decode refuse. A statement that was signed for another ledger or
// purpose parses all the same: its id is another, so it does not verify.
template <Statement T>
Result<Unverified<T>> parse_statement(ByteView bytes, const LedgerId& ledger,
                                      std::size_t limit = kMaxStatement) {
  ASSIGN(const auto sign1, parse_sign1(bytes, limit));
  auto body = T::decode(sign1.payload);
  if (!body) return refuse_within("payload", body.error());
  const Digest id = statement_digest(sign1.key, sign1.payload, T::kPurpose, ledger);
  return Unverified<T>({*std::move(body), sign1.key, id, to_bytes(bytes)}, sign1.signature);
}

// `bad_signature` when the verifier's key is not the one named, or did not sign this.
template <Statement T>
Result<Verified<Signed<T>>> verify_statement(Unverified<T> statement,
                                             const crypto::Verifier& verifier) {
  if (statement.signer() != verifier.key_hash() ||
      !verifier.verify(statement.id(), statement.signature())) {
    return refuse(Verdict::bad_signature);
  }
  return VerificationPass::grant(std::move(statement).take());
}

// The COSE_Sign1, or whatever the signer refuses with.
template <Statement T>
Result<Bytes> sign_statement(const T& body, const LedgerId& ledger, const crypto::Signer& signer) {
  const Bytes payload = body.encode();
  const KeyHash key = signer.key.hash();
  ASSIGN(const auto signature, signer.sign(to_be_signed(key, payload, T::kPurpose, ledger)));
  return assemble_sign1(key, payload, signature);
}

}  // namespace intaglio::proof
