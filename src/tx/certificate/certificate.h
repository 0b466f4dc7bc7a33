// Certified keys on the chain: the authority registers and revokes them. The certificates are
// judged at the edge; here stand only the rows that verdicts hang on.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Makes a certified key known to this chain. A holder's key opens its account; a display's key is
// bound to the account it shows codes for.
struct RegisterKey {
  static constexpr std::uint64_t kType = 16;
  static constexpr std::string_view kName = "register_key";
  static constexpr std::string_view kDoc = "makes a certified key known to the chain";

  crypto::PublicKey key;
  ledger::Role role = ledger::Role::holder;
  Millis valid_from;
  Millis valid_until;
  Digest certificate;
  std::optional<AccountId> account;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "key", &RegisterKey::key, "the certified key"),
        field(2, "role", &RegisterKey::role, "holder, display or service"),
        field(3, "valid_from", &RegisterKey::valid_from, "the certificate's notBefore"),
        field(4, "valid_until", &RegisterKey::valid_until, "the certificate's notAfter"),
        field(5, "certificate", &RegisterKey::certificate, "SHA-256 of its DER"),
        field(6, "account", &RegisterKey::account, "for a display: the payee of its codes"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// Ends a key's rights on this chain, for good.
struct RevokeKey {
  static constexpr std::uint64_t kType = 17;
  static constexpr std::string_view kName = "revoke_key";
  static constexpr std::string_view kDoc = "ends a key's rights, for good";

  KeyHash key;

  static constexpr auto fields() {
    return std::tuple(field(1, "key", &RevokeKey::key, "hash of the key"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
