#include "ledger/certificates.h"

#include "base/check.h"

namespace intaglio::ledger {
namespace {

CertificateRow::Key key_of(const CertificateId& id) { return {id.issuer, id.serial}; }

IssuerRow issuer_of(const View& state, const CertificateId& id) {
  return state.find<IssuerRow>(id.issuer).value_or(IssuerRow{});
}

}  // namespace

CertificateId certificate_id(const pki::Certificate& certificate, const KeyHash& issuer) {
  return {.issuer = issuer,
          .serial = certificate.serial(),
          .hash = *Digest::from(certificate.fingerprint().view())};
}

std::optional<CertificateRow> find_certificate(const View& state, const CertificateId& id) {
  auto row = state.find<CertificateRow>(key_of(id));
  if (row && row->hash != id.hash) row.reset();
  return row;
}

Result<void> check_standing(const CertificateRow& certificate, std::string_view where) {
  switch (certificate.status) {
    case KeyStatus::active: return {};
    case KeyStatus::suspended: return refuse(Verdict::certificate_suspended, std::string(where));
    case KeyStatus::revoked: break;
  }
  return refuse(Verdict::certificate_revoked, std::string(where));
}

void for_each_certificate(
    const View& state, const KeyHash& issuer,
    const std::function<void(const SerialNumber&, const CertificateRow&)>& visit) {
  for (auto row = state.first_from(CertificateRow::slot({issuer, {}})); row;
       row = state.first_from(row->first.next())) {
    SlotReader reader(row->first);
    if (reader.take_id<KeyHash>() != issuer) return;
    visit(reader.take_id<SerialNumber>(), View::decode_row<CertificateRow>(row->second));
  }
}

Result<void> log_certificate(Stage& stage, const KeyRow& key, Millis time) {
  CHECK(key.certificate.has_value());
  const CertificateId& id = *key.certificate;
  if (stage.find<CertificateRow>(key_of(id))) {
    return refuse(Verdict::serial_exists, "certificate.serial");
  }
  stage.add<CertificateRow>(key_of(id), {.hash = id.hash,
                                         .key = key.public_key.hash(),
                                         .valid_until = key.valid_until,
                                         .logged = time,
                                         .status = key.status,
                                         .since = time,
                                         .reason = {}});
  IssuerRow issuer = issuer_of(stage, id);
  ++issuer.logged;
  stage.put<IssuerRow>(id.issuer, issuer);
  return {};
}

void set_certificate_status(Stage& stage, const KeyRow& key, KeyStatus status,
                            std::optional<pki::RevocationReason> reason, Millis time) {
  if (!key.certificate) return;
  const CertificateId& id = *key.certificate;
  auto row = find_certificate(stage, id);
  CHECK(row.has_value());
  if (row->status == KeyStatus::revoked || row->status == status) return;
  row->status = status;
  row->since = time;
  row->reason = reason;
  stage.put<CertificateRow>(key_of(id), *row);
  IssuerRow issuer = issuer_of(stage, id);
  ++issuer.changes;
  stage.put<IssuerRow>(id.issuer, issuer);
}

}  // namespace intaglio::ledger
