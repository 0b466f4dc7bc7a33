// What the main chain knows of certificates: of every one that the authority issued, by hash,
// serial number, issuer and expiry, and what became of it. No names. An authority cannot issue in
// secret: a certificate without its row here is not this ledger's.
#pragma once

#include <functional>

#include "ledger/rows.h"
#include "ledger/stage.h"
#include "pki/certificate.h"
#include "pki/revocation_reason.h"

namespace intaglio::ledger {

// On the main chain alone, for ever.
struct CertificateRow {
  struct Key {
    KeyHash issuer;
    SerialNumber serial;
    static constexpr auto fields() {
      return std::tuple(field(1, "issuer", &Key::issuer, "hash of its issuer's key"),
                        field(2, "serial", &Key::serial, "its serial number"));
    }
  };
  static constexpr RowKind kKind = RowKind::certificate;
  static Slot slot(const Key& key) {
    return Slot(kKind).put(key.issuer.view()).put(key.serial.view());
  }

  Digest hash;  // SHA-256 of its DER
  KeyHash key;  // that it certifies
  Millis valid_until;
  Millis logged;  // block time
  KeyStatus status = KeyStatus::active;
  Millis since;                                 // block time; of the status
  std::optional<pki::RevocationReason> reason;  // of a revoked one, where one was given

  static constexpr auto fields() {
    return std::tuple(field(1, "hash", &CertificateRow::hash, "SHA-256 of its DER"),
                      field(2, "key", &CertificateRow::key, "hash of the key it certifies"),
                      field(3, "valid_until", &CertificateRow::valid_until, "its notAfter"),
                      field(4, "logged", &CertificateRow::logged, "block time"),
                      field(5, "status", &CertificateRow::status, "active, revoked or suspended"),
                      field(6, "since", &CertificateRow::since, "block time of the status"),
                      field(7, "reason", &CertificateRow::reason, "why it was revoked"));
  }
};

// How much was said of an issuer's certificates, so that who has read all of them knows it, and who
// made a list of those that ended knows whether it is still true.
struct IssuerRow {
  using Key = KeyHash;  // of the key that signs them
  static constexpr RowKind kKind = RowKind::issuer;
  static Slot slot(const Key& key) { return Slot(kKind).put(key.view()); }

  std::uint64_t logged = 0;   // certificates, ever
  std::uint64_t changes = 0;  // of a status, ever

  static constexpr auto fields() {
    return std::tuple(field(1, "logged", &IssuerRow::logged, "certificates, ever"),
                      field(2, "changes", &IssuerRow::changes, "of a certificate's status, ever"));
  }
};

// `issuer` is the hash of the key that signed it.
CertificateId certificate_id(const pki::Certificate& certificate, const KeyHash& issuer);

// The row of that certificate; nothing when it was never logged, or another one was under its
// serial number.
std::optional<CertificateRow> find_certificate(const View& state, const CertificateId& id);

// Whether its holder may act as one: `certificate_revoked`, `certificate_suspended`, at that place.
Result<void> check_standing(const CertificateRow& certificate, std::string_view where);

// Calls visit(serial, row) for each certificate of an issuer, by serial number.
void for_each_certificate(
    const View& state, const KeyHash& issuer,
    const std::function<void(const SerialNumber&, const CertificateRow&)>& visit);

// Makes the record of a key's certificate, which it must have: `serial_exists` at
// "certificate.serial", and nothing is changed.
Result<void> log_certificate(Stage& stage, const KeyRow& key, Millis time);

// What became of a key's certificate, if it has one. A revoked one stays as it is.
void set_certificate_status(Stage& stage, const KeyRow& key, KeyStatus status,
                            std::optional<pki::RevocationReason> reason, Millis time);

}  // namespace intaglio::ledger
