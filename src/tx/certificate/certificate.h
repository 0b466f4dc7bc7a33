// Certified keys on the chains: the authority decides about them on the main chain, which tells the
// chains concerned. The certificates are judged at the edge; here stand the rows that verdicts hang
// on, and on the main chain the record of every certificate (ledger/certificates.h).
#pragma once

#include "pki/revocation_reason.h"
#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Makes a certified key known, on the main chain and the chains named, and records its certificate.
// A holder's key opens its account; a display's key is bound to the account it shows codes for.
struct RegisterKey {
  static constexpr std::uint64_t kType = 16;
  static constexpr std::string_view kName = "register_key";
  static constexpr std::string_view kDoc = "makes a certified key known to the chains";

  crypto::PublicKey key;
  ledger::Role role = ledger::Role::holder;
  Millis valid_from;
  Millis valid_until;
  ledger::CertificateId certificate;
  std::optional<AccountId> account;
  std::optional<std::vector<ChainId>> chains;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "key", &RegisterKey::key, "the certified key"),
        field(2, "role", &RegisterKey::role, "holder, issuer, display, service, node or member"),
        field(3, "valid_from", &RegisterKey::valid_from, "the certificate's notBefore"),
        field(4, "valid_until", &RegisterKey::valid_until, "the certificate's notAfter"),
        field(5, "certificate", &RegisterKey::certificate, "issuer, serial number and hash"),
        field(6, "account", &RegisterKey::account, "for a display: the payee of its codes"),
        field(7, "chains", &RegisterKey::chains, "beside the main chain; none: all there are"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Whether a key may sign, on every chain that knows it: suspends it, lets it go on, or ends its
// rights for good. The record of its certificate says the same.
struct SetKeyStatus {
  static constexpr std::uint64_t kType = 17;
  static constexpr std::string_view kName = "set_key_status";
  static constexpr std::string_view kDoc = "suspends a key, lets it go on, or revokes it for good";

  KeyHash key;
  ledger::KeyStatus status = ledger::KeyStatus::active;
  std::optional<pki::RevocationReason> reason;

  static constexpr auto fields() {
    return std::tuple(field(1, "key", &SetKeyStatus::key, "hash of the key"),
                      field(2, "status", &SetKeyStatus::status, "active, suspended or revoked"),
                      field(3, "reason", &SetKeyStatus::reason, "of a revocation (RFC 5280)"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Makes a key known to more chains, with the account that it has on the main chain.
struct ExtendKey {
  static constexpr std::uint64_t kType = 18;
  static constexpr std::string_view kName = "extend_key";
  static constexpr std::string_view kDoc = "makes a known key known to more chains";

  KeyHash key;
  AccountId account;
  std::vector<ChainId> chains;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "key", &ExtendKey::key, "hash of the key"),
        field(2, "account", &ExtendKey::account, "a holder's own, or a display's payee"),
        field(3, "chains", &ExtendKey::chains, "which know it from now on"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Lets another certified key sign for an account: after a loss, or before a certificate ends. The
// key before is revoked, its certificate as superseded; the account, its money and its history
// stay.
struct ReplaceKey {
  static constexpr std::uint64_t kType = 19;
  static constexpr std::string_view kName = "replace_key";
  static constexpr std::string_view kDoc = "lets another certified key sign for an account";

  AccountId account;
  crypto::PublicKey key;
  Millis valid_from;
  Millis valid_until;
  ledger::CertificateId certificate;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "account", &ReplaceKey::account, "whose key it is from now on"),
        field(2, "key", &ReplaceKey::key, "the certified key"),
        field(3, "valid_from", &ReplaceKey::valid_from, "the certificate's notBefore"),
        field(4, "valid_until", &ReplaceKey::valid_until, "the certificate's notAfter"),
        field(5, "certificate", &ReplaceKey::certificate, "issuer, serial number and hash"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Freezes an account on every chain, or lets it go on.
struct SetAccountStatus {
  static constexpr std::uint64_t kType = 20;
  static constexpr std::string_view kName = "set_account_status";
  static constexpr std::string_view kDoc = "freezes an account, or lets it go on";

  AccountId account;
  ledger::AccountStatus status = ledger::AccountStatus::active;

  static constexpr auto fields() {
    return std::tuple(field(1, "account", &SetAccountStatus::account, "which account"),
                      field(2, "status", &SetAccountStatus::status, "active or frozen"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
