// What of the authority stands on the main chain, and what is brought there by and by.
#include <algorithm>

#include "base/log.h"
#include "base/whole_seconds.h"
#include "service/certificate/authority.h"

namespace intaglio::service {
namespace {

// Issued, and the main chain did not say yet that it has it.
constexpr std::string_view kUnrecorded = "unrecorded/";

Result<void> check_row(const std::optional<ledger::CertificateRow>& row,
                       const pki::Certificate& certificate) {
  const std::string where = codec::to_hex(certificate.key_hash());
  if (!row) return refuse(Verdict::unknown_certificate, where);
  return ledger::check_standing(*row, where);
}

// Of what the chain or the books will never say otherwise.
bool is_final(Verdict refused) {
  return refused == Verdict::key_exists || refused == Verdict::serial_exists ||
         refused == Verdict::path_invalid || refused == Verdict::unknown_certificate ||
         refused == Verdict::certificate_revoked || refused == Verdict::bad_value;
}

// Whether nothing is left to do for the next time.
bool is_settled(const Result<void>& recorded, std::string_view what) {
  if (recorded) return true;
  log::warning("{}: not recorded on the main chain: {}", what, to_string(recorded.error()));
  return is_final(recorded.error().verdict);
}

}  // namespace

std::string Authority::unrecorded_key(const KeyHash& key) {
  return std::string(kUnrecorded) + codec::to_hex(key);
}

const ledger::View& Authority::main_chain() const {
  return ledger_.gateway().chain(kMainChain)->store();
}

Result<void> Authority::check_key(const KeyHash& key) const {
  const auto row = main_chain().find<ledger::KeyRow>(key);
  return row ? ledger::check_standing(*row, codec::to_hex(key)) : Result<void>();
}

std::optional<ledger::CertificateId> Authority::id_of(const pki::Certificate& certificate) const {
  const auto issuer = issuers_.key_that_signed(certificate);
  if (!issuer) return std::nullopt;
  return ledger::certificate_id(certificate, *issuer);
}

std::optional<ledger::CertificateRow> Authority::logged(const pki::Certificate& certificate) const {
  const auto id = id_of(certificate);
  if (!id) return std::nullopt;
  return ledger::find_certificate(main_chain(), *id);
}

std::optional<ledger::CertificateRow> Authority::logged(const Issuer& issuer,
                                                        const SerialNumber& serial) const {
  return main_chain().find<ledger::CertificateRow>({issuer.certificate.key_hash(), serial});
}

ledger::IssuerRow Authority::logged_count(const Issuer& issuer) const {
  return main_chain()
      .find<ledger::IssuerRow>(issuer.certificate.key_hash())
      .value_or(ledger::IssuerRow{});
}

void Authority::for_each_logged(
    const Issuer& issuer,
    const std::function<void(const SerialNumber&, const ledger::CertificateRow&)>& visit) const {
  ledger::for_each_certificate(main_chain(), issuer.certificate.key_hash(), visit);
}

std::optional<pki::RevokedCertificate> Authority::revocation_of(const Issuer& issuer) const {
  if (issuer.revocation) return issuer.revocation;
  const auto key = main_chain().find<ledger::KeyRow>(issuer.certificate.key_hash());
  if (!key || !key->certificate) return std::nullopt;
  const auto row = ledger::find_certificate(main_chain(), *key->certificate);
  if (!row || row->status != ledger::KeyStatus::revoked) return std::nullopt;
  return pki::RevokedCertificate{issuer.certificate.serial(), whole_seconds(row->since),
                                 row->reason.value_or(pki::RevocationReason::unspecified)};
}

std::optional<ledger::CertificateRow> Authority::standing_of(
    const pki::Certificate& certificate) const {
  const Issuer* issuer = issuers_.issuer_of(certificate);
  if (issuer == nullptr) return logged(certificate);
  auto row = ledger::find_certificate(
      main_chain(), ledger::certificate_id(certificate, issuer->certificate.key_hash()));
  if (!row || row->status == ledger::KeyStatus::revoked) return row;
  if (const auto revocation = revocation_of(*issuer)) {
    row->status = ledger::KeyStatus::revoked;
    row->since = revocation->revoked_at;
    row->reason = revocation->reason;
  }
  return row;
}

Result<void> Authority::check_standing(const pki::Certificate& certificate) const {
  return check_row(standing_of(certificate), certificate);
}

Result<void> Authority::check_own_standing(const pki::Certificate& certificate) const {
  return check_row(logged(certificate), certificate);
}

Result<void> Authority::record_own(const pki::Certificate& certificate) {
  const auto id = id_of(certificate);
  if (!id) return refuse(Verdict::path_invalid);
  const auto is_there = [&] { return ledger::find_certificate(main_chain(), *id).has_value(); };
  if (is_there()) return {};
  const auto receipt =
      ledger_.send_and_wait(kMainChain, {registration_of(certificate, *id, ledger::Role::member)});
  // Another thread may have been quicker.
  if (!receipt && !is_there()) return std::unexpected(receipt.error());
  return {};
}

Result<void> Authority::record_revoked(const Issuer& issuer) {
  const auto row = logged(issuer.certificate);
  if (!issuer.revocation || !row || row->status == ledger::KeyStatus::revoked) return {};
  const auto receipt = ledger_.send_and_wait(
      kMainChain, {tx::SetKeyStatus{issuer.certificate.key_hash(), ledger::KeyStatus::revoked,
                                    issuer.revocation->reason}});
  if (!receipt && receipt.error().verdict != Verdict::key_revoked) {
    return std::unexpected(receipt.error());
  }
  return {};
}

bool Authority::record_rest(Unrecorded& rest, const std::stop_token& stop) {
  while (!rest.own.empty()) {
    const pki::Certificate& next = rest.own.front();
    if (stop.stop_requested() || !is_settled(record_own(next), next.subject().common_name)) {
      return false;
    }
    rest.own.erase(rest.own.begin());
  }
  if (rest.revoked_issuers) {
    for (const Issuer& each : issuers_.all()) {
      if (!is_settled(record_revoked(each), each.name)) return false;
    }
    rest.revoked_issuers = false;
  }
  return record_issued(stop);
}

bool Authority::record_issued(const std::stop_token& stop) {
  constexpr std::size_t kAtOnce = 1000;
  std::vector<KeyHash> waiting;
  const auto scanned = records_.scan(kUnrecorded, [&](std::string_view name, ByteView) {
    const auto bytes = codec::from_hex(name.substr(kUnrecorded.size()));
    const auto key = bytes ? KeyHash::from(*bytes) : std::nullopt;
    CHECK(key.has_value());
    waiting.push_back(*key);
    return waiting.size() < kAtOnce;
  });
  if (!scanned) return false;
  std::vector<store::RecordWrite> settled;
  for (const KeyHash& key : waiting) {
    if (stop.stop_requested()) break;
    const auto finished = finish_late(key);
    if (is_settled(finished, codec::to_hex(key))) {
      settled.push_back({unrecorded_key(key), std::nullopt});
    } else if (describe(finished.error().verdict).kind == VerdictKind::later) {
      break;  // as the next would be answered
    }
  }
  const bool are_all = settled.size() == waiting.size() && waiting.size() < kAtOnce;
  return records_.write(settled).has_value() && are_all;
}

Result<void> Authority::finish_late(const KeyHash& key) {
  ASSIGN(const auto record, find(key));
  ASSIGN(const auto certificate, pki::Certificate::parse(record.der));
  if (env_.now() >= certificate.validity().not_after) return {};  // of use to nobody any more
  // What is followed must not be revoked between the look at it and what follows. Nothing else
  // keeps others from the authority while a chain stands still.
  std::unique_lock lock(issuing_now_, std::defer_lock);
  if (record.renews) lock.lock();
  TRY(finish(record));
  return {};
}

}  // namespace intaglio::service
