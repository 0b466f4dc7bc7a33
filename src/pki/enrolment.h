// Enrolment: how the holder of a key asks for a certificate without PKCS#10.
//
//   desk -> client, authority    ApplicationInformation (the enrolment challenge)
//   element                      signs application_message(information) and packs its answer in
//                                the profile that the information names (pki/enrolment_answer.h)
//   client -> desk               those bytes: public key, identifier, signature
//   desk -> authority            CertificateRequest: four items, nothing else
//
// Two profiles, whose answers say the same: the compact one is as short as it can be, the framed
// one 265 bytes long, always.
//
// The desk and the authority each check with verify_application and verify_request; the authority
// with its own copy of the information. A valid proof shows that somebody holds the key, not that a
// genuine secure element does. Nothing here keeps state: whether an identifier was answered before
// is for the desk and the authority to know.
#pragma once

#include "base/verified.h"
#include "codec/record.h"
#include "crypto/field_types.h"
#include "crypto/signer.h"
#include "pki/capabilities.h"

namespace intaglio::pki {

using ApplicationId = FixedBytes<struct ApplicationIdTag, 16>;  // random, of one application

inline constexpr std::string_view kKeyAlgorithm = "P-256";
inline constexpr std::string_view kSignatureAlgorithm = "ES256";
inline constexpr std::size_t kMaxLogin = 64;  // bytes; a common name holds no more

// How the answer is packed. Signed and stored: append-only.
enum class EnrolmentProfile : std::uint8_t {
  compact = 1,
  framed = 2,
};

// What the desk and the authority agree on before the element answers. The element signs all of it.
struct ApplicationInformation {
  ApplicationId id;
  std::string key_algorithm{kKeyAlgorithm};
  std::string signature_algorithm{kSignatureAlgorithm};
  Millis issued_at;
  Millis expires_at;  // the first moment at which it is expired
  std::string login;  // who asked
  CertificateUsage usage = CertificateUsage::holder;
  LedgerId ledger;
  EnrolmentProfile profile = EnrolmentProfile::compact;
  bool simulated_element = true;  // what the applicant says: only software guards the key
  bool operator==(const ApplicationInformation&) const = default;
  static constexpr auto fields() {
    using T = ApplicationInformation;
    return std::tuple(
        codec::field(1, "id", &T::id, "the application identifier, random"),
        codec::field(2, "key_algorithm", &T::key_algorithm, "of the key pair: P-256"),
        codec::field(3, "signature_algorithm", &T::signature_algorithm, "of the answer: ES256"),
        codec::field(4, "issued_at", &T::issued_at, "in ms since 1970"),
        codec::field(5, "expires_at", &T::expires_at, "in ms since 1970, exclusive"),
        codec::field(6, "login", &T::login, "the login that asked"),
        codec::field(7, "usage", &T::usage, "what the certificate is for"),
        codec::field(8, "ledger", &T::ledger, "the ledger it is for"),
        codec::field(9, "profile", &T::profile, "how the answer is packed"),
        codec::field(10, "simulated_element", &T::simulated_element,
                     "what the applicant says: true when only software guards the key"));
  }
};

// `bad_algorithm` for any algorithm but ours (weak, unknown or misspelt: it is never replaced by
// another), `bad_value` for times in the wrong order or a login that is empty or too long.
Result<void> check(const ApplicationInformation& information);

// What the element signs: "INTAGLIO-ENROL1", a zero byte, the information in deterministic CBOR.
Bytes application_message(const ApplicationInformation& information);

// The element's answer, in whichever profile it came. The signature is in canonical form.
struct EnrolmentAnswer {
  crypto::PublicKey public_key;
  ApplicationId id;
  crypto::Signature signature;
  bool operator==(const EnrolmentAnswer&) const = default;
};

// The sizes of the two, in bytes (docs/reference/formats.md).
inline constexpr std::size_t kCompactAnswer = 154;
inline constexpr std::size_t kFramedAnswer = 265;
inline constexpr std::size_t kMaxAnswer = 512;  // bytes that the decoders look at

// BER-TLV in the private class; one answer, one encoding: fixed order, shortest lengths.
//   compact: E1 { C1 public key (65), C2 identifier (16), C3 signature (64) }
//   framed:  E2 { C1, C2, C3 as above, C0 padding (108 zeros) }
// `truncated`, `trailing_bytes`, `unknown_field`, `duplicate_field`, `missing_field`,
// `bad_encoding` (a length that is not shortest, fields out of order), `bad_value` (a field's
// size, padding that is not zeros), `bad_key`, `bad_signature_form`, `too_large`.
Result<EnrolmentAnswer> decode_compact(ByteView bytes);
Result<EnrolmentAnswer> decode_framed(ByteView bytes);

// An answer in the profile that was asked for: `challenge_mismatch` for one in the other, so that
// nobody on the way exchanges one for the other. Otherwise as above.
Result<EnrolmentAnswer> decode_answer(ByteView bytes, EnrolmentProfile profile);

// An application whose proof was checked.
struct Application {
  ApplicationInformation information;
  crypto::PublicKey public_key;
  crypto::Signature signature;
  bool operator==(const Application&) const = default;
};

// The desk's check of an answer against the information it gave out for that identifier, at `now`:
// the algorithms (as check() above), `challenge_mismatch` for another identifier,
// `challenge_expired`, and `no_possession` when the enclosed key did not sign exactly this
// information.
Result<Verified<Application>> verify_application(const EnrolmentAnswer& answer,
                                                 const ApplicationInformation& information,
                                                 Millis now);

// What the terminal made, without the key: the identifier and the signature over it.
struct TerminalSignatureData {
  ApplicationId id;
  crypto::Signature signature;
  bool operator==(const TerminalSignatureData&) const = default;
  static constexpr auto fields() {
    using T = TerminalSignatureData;
    return std::tuple(codec::field(1, "id", &T::id, "the application identifier"),
                      codec::field(2, "signature", &T::signature, "r and s, low-s"));
  }
};

// All that goes from the desk to the authority: exactly these four items.
struct CertificateRequest {
  crypto::PublicKey public_key;
  TerminalSignatureData terminal_signature;
  std::string login;
  CertificateUsage usage = CertificateUsage::holder;
  bool operator==(const CertificateRequest&) const = default;
  static constexpr auto fields() {
    using T = CertificateRequest;
    return std::tuple(codec::field(1, "public_key", &T::public_key, "the element's key"),
                      codec::field(2, "terminal_signature", &T::terminal_signature,
                                   "identifier and signature, as the terminal sent them"),
                      codec::field(3, "login", &T::login, "the login that asked"),
                      codec::field(4, "usage", &T::usage, "what the certificate is for"));
  }
};

// Only what was verified can be asked for.
CertificateRequest request_for(const Verified<Application>& application);

// The authority's check, against its own copy of the information: all that verify_application
// checks, `challenge_foreign` for another login, `challenge_mismatch` for another usage.
Result<Verified<Application>> verify_request(const CertificateRequest& request,
                                             const ApplicationInformation& own_copy, Millis now);

}  // namespace intaglio::pki

namespace intaglio::codec {

template <>
struct EnumNames<pki::EnrolmentProfile> {
  static constexpr std::pair<pki::EnrolmentProfile, std::string_view> kNames[] = {
      {pki::EnrolmentProfile::compact, "compact"},
      {pki::EnrolmentProfile::framed, "framed"},
  };
};

}  // namespace intaglio::codec
