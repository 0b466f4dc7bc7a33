#include "cli/certificate_log.h"

#include <algorithm>

#include "base/format.h"
#include "http/request_target.h"
#include "pki/path.h"

namespace intaglio::cli {
namespace {

std::string row_target(const std::string& row) {
  return format("/v1/chains/{}/rows/{}/proof", kMainChain.value(), http::percent_encode(row));
}

struct MainChainRow {
  std::optional<Bytes> row;
  tx::ProvenBlock as_of;
};
// Of the main chain's state, and in that slot.
Result<MainChainRow> check_row(tx::Trust& trust, ByteView bytes, const ledger::Slot& slot) {
  ASSIGN(const auto proof, tx::LedgerProof::decode(bytes));
  ASSIGN(auto proven, trust.check(proof));
  const bool is_it =
      proven.block.header.chain == kMainChain && proven.row && proven.row->slot == slot;
  if (!is_it) return refuse(Verdict::bad_proof, "of another row");
  return MainChainRow{std::move(proven.row->row), proven.block};
}

}  // namespace

Result<ledger::CertificateId> certificate_id(const pki::Certificate& certificate,
                                             const pki::Certificate& root,
                                             const std::vector<pki::Certificate>& issuing) {
  if (certificate == root) return ledger::certificate_id(certificate, root.key_hash());
  const auto named = std::ranges::find_if(
      issuing, [&](const auto& each) { return pki::names_issuer(certificate, each); });
  const pki::Certificate& issuer = named == issuing.end() ? root : *named;
  // Whether it is valid today is another question than who issued it.
  const Millis at = std::max(certificate.validity().not_before, issuer.validity().not_before);
  const pki::PathMaterial material{.intermediates = {issuer}, .anchors = {root}, .lists = {}};
  TRY(pki::validate_path(certificate, material, {.at = at, .usage = {}}));
  return ledger::certificate_id(certificate, issuer.key_hash());
}

Result<ProvenCertificate> check_certificate_proof(tx::Trust& trust, ByteView proof,
                                                  const ledger::CertificateId& id) {
  ASSIGN(auto found, check_row(trust, proof, ledger::CertificateRow::slot({id.issuer, id.serial})));
  ProvenCertificate out{.row = {}, .as_of = found.as_of};
  if (!found.row) return out;
  ASSIGN(auto row, codec::decode_record<ledger::CertificateRow>(*found.row));
  // Another certificate under the same serial number is no record of this one.
  if (row.hash == id.hash) out.row = row;
  return out;
}

Result<ProvenCertificate> prove_certificate(NodeClient& node, tx::Trust& trust,
                                            const ledger::CertificateId& id) {
  ASSIGN(const auto proof,
         node.bytes(row_target(
             format("certificate:{}:{}", codec::to_hex(id.issuer), codec::to_hex(id.serial)))));
  return check_certificate_proof(trust, proof, id);
}

Result<std::uint64_t> prove_logged_count(NodeClient& node, tx::Trust& trust,
                                         const KeyHash& issuer) {
  ASSIGN(const auto proof, node.bytes(row_target("issuer:" + codec::to_hex(issuer))));
  ASSIGN(const auto found, check_row(trust, proof, ledger::IssuerRow::slot(issuer)));
  if (!found.row) return 0;
  ASSIGN(const auto row, codec::decode_record<ledger::IssuerRow>(*found.row));
  return row.logged;
}

}  // namespace intaglio::cli
