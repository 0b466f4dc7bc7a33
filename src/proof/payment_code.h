// Payment codes: EMVCo merchant-presented text that a display's element signed, so that anybody who
// holds the certificate can check it offline. To a wallet that knows nothing of us it is a plain
// EMVCo code. Pure functions; any thread.
//
//   26..51  GUID, 01 the payee's account (text)     merchant account information
//   52 53 [54] 58 59 60 [62: 05 reference, 07 terminal]
//   80      GUID, 01 profile "1", 02 key id, 03 time step, 04 counter, [08 security value]
//   81, 82  GUID, 01 the signature's base64url characters 1..43 and 44..86
//   63      CRC
// Signed is "PAY-MPM1", a zero byte, and the text before the first signature template, as it
// stands. A reader finds our templates by their GUID, whatever their numbers, and takes either of
// the two forms of a signature, (r, s) and (r, n - s): EMVCo text is a foreign format, and a code
// is one code by its key, step and counter, never by its signature's bytes.
#pragma once

#include <optional>
#include <string>

#include "base/verified.h"
#include "codec/address.h"
#include "crypto/es256.h"
#include "proof/display_security.h"

namespace intaglio::proof {

inline constexpr std::string_view kCodeProfile = "1";
using KeyId = FixedBytes<struct KeyIdTag, 8>;  // the first bytes of a KeyHash

// What a code says. Amounts are in minor units of the currency's asset.
struct PaymentCode {
  std::string account;                   // the payee, as text: see payee()
  AssetId currency;                      // ISO 4217 number
  std::optional<std::string> amount;     // "12.50"; without it the payer chooses
  std::string category;                  // merchant category code, four digits (ISO 18245)
  std::string country;                   // ISO 3166-1 alpha-2
  std::string merchant;                  // at most 25 characters
  std::string city;                      // at most 15 characters
  std::optional<std::string> reference;  // 62-05, at most 25 characters
  std::optional<std::string> terminal;   // 62-07, at most 25 characters
  KeyId key;                             // whose signature it should bear
  TimeStep step;
  std::uint32_t counter = 0;              // grows with every code of this display
  std::optional<SecurityValue> security;  // display_security.h

  bool operator==(const PaymentCode&) const = default;

  // The payee's address: our accounts are bech32m; `code_not_ours` for another form.
  Result<Address> payee() const;
  // The amount in minor units of an asset of this scale: `bad_value` when it has more decimals or
  // does not fit.
  Result<std::optional<Amount>> minor_units(unsigned scale) const;
};

// Everything before the signature, which is what the display's processor makes and its element
// signs. Our templates name themselves by `guid`, 1 to 32 characters. A refusal names the object:
// `bad_value`, `bad_encoding`, `too_large`.
Result<std::string> code_information(const PaymentCode& code, std::string_view guid);

// The bytes that are signed: the prefix and the code information.
Bytes code_to_be_signed(std::string_view code_information);

// The finished text: code_information(), byte for byte, with its signature and the CRC behind it.
// `duplicate_field` when one of those is there already, `bad_version` when 00 "01" is not first,
// `too_large` past 512 characters; otherwise what codec::parse_emv_objects refuses.
Result<std::string> assemble_code(std::string_view code_information,
                                  const crypto::Signature& signature, std::string_view guid);

// A code that was read and not verified: may be shown as such, or looked at to find its key. Owns
// all of it; `digest` is SHA-256 of the signed bytes.
class UnverifiedPaymentCode {
 public:
  UnverifiedPaymentCode(PaymentCode code, const Digest& digest, const crypto::Signature& signature)
      : code_(std::move(code)), digest_(digest), signature_(signature) {}
  const PaymentCode& code() const { return code_; }
  const Digest& digest() const { return digest_; }
  const crypto::Signature& signature() const { return signature_; }

 private:
  PaymentCode code_;
  Digest digest_;
  crypto::Signature signature_;
};

// One code, so one header and one signature of ours: `code_not_ours` for EMVCo text without our
// templates, `missing_field` and `duplicate_field` for fewer and more of them, `bad_encoding` when
// anything but 63 stands behind the signature, `bad_version` for another profile, `unknown_field`
// for an object in our templates that the profile does not have, `bad_value` for one of another
// form, `bad_signature_form` for a signature out of range; otherwise what codec/emv_text.h refuses.
// Objects of EMVCo's that are not in PaymentCode are left to those who know them, but for fees and
// tips (55 to 57), which would change the amount: `unknown_field`.
Result<UnverifiedPaymentCode> parse_payment_code(std::string_view text, std::string_view guid);

// `code_bad_signature` when the key is not the one named or did not sign this text. Whether the
// code is fresh, and the key a display's with a certificate, is still to be judged.
Result<Verified<PaymentCode>> verify_payment_code(const UnverifiedPaymentCode& code,
                                                  const crypto::Verifier& verifier);

// The time step a moment lies in. A step has a length.
TimeStep time_step(Millis at, Duration step_length);

// `code_stale` unless the code's step is at most `window` steps before or after that of `now`.
Result<void> judge_freshness(TimeStep step, Millis now, Duration step_length, unsigned window);

}  // namespace intaglio::proof
