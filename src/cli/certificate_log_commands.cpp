// cert audit, cert member: what the main chain proves of certificates.
#include <map>

#include "cli/certificate.h"
#include "cli/certificate_log.h"
#include "cli/certificate_texts.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMaxPem = std::size_t{256} << 10;

// Those of the file, or all that this home has met, and the ledger's authorities themselves.
Result<std::vector<pki::Certificate>> audited(Session& session, const LedgerInfo& ledger,
                                              const Arguments& arguments) {
  if (!arguments.has("FILE")) {
    std::vector<pki::Certificate> out = {ledger.root, ledger.issuing};
    ASSIGN(const auto known, session.home().certificates());
    for (const StoredCertificate& each : known) out.push_back(each.known.certificate);
    return out;
  }
  const std::string& path = arguments.text("FILE");
  ASSIGN(const auto pem, session.env().read_file(path, kMaxPem));
  auto found = pki::certificates_from_pem(as_text(pem));
  if (!found) return refuse_within(path, found.error());
  if (found->empty()) return refuse(Verdict::missing_field, path + " (no certificate in it)");
  return *std::move(found);
}

Json finding_json(const pki::Certificate& certificate, std::string_view found) {
  return Json::object({{"serial", codec::to_hex(certificate.serial())},
                       {"key", codec::to_hex(certificate.key_hash())},
                       {"subject", certificate.subject().common_name},
                       {"found", found}});
}

Result<void> cert_audit(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(const auto genesis, session.genesis());
  ASSIGN(const auto certificates, audited(session, ledger, arguments));
  ASSIGN(auto* node, session.node());
  tx::Trust trust(genesis);
  Json::Array findings;
  std::optional<tx::ProvenBlock> as_of;
  std::vector<std::string> unlogged;
  for (const pki::Certificate& each : certificates) {
    const std::string name =
        format("{}  {}", codec::to_hex(each.serial()), each.subject().common_name);
    const auto id = certificate_id(each, ledger);
    if (!id) {
      output.say("foreign     {}: {}", name, to_string(id.error()));
      findings.push_back(finding_json(each, "foreign"));
      continue;
    }
    ASSIGN(const auto proven, prove_certificate(*node, trust, *id));
    if (proven.row) {
      output.say("logged      {}, {} since {}", name, codec::enum_name(proven.row->status),
                 time_text(proven.row->since));
      Json finding = finding_json(each, "logged");
      finding.set("row", codec::record_to_json(*proven.row));
      findings.push_back(std::move(finding));
    } else {
      output.say("NOT LOGGED  {}", name);
      findings.push_back(finding_json(each, "unlogged"));
      unlogged.push_back(codec::to_hex(each.serial()));
    }
    as_of = proven.as_of;
  }
  ASSIGN(const auto logged, prove_logged_count(*node, trust, ledger.issuing.key_hash()));
  if (as_of) {
    output.say("{} looked at, by block {} of the main chain, at {}", certificates.size(),
               as_of->header.height.value(), time_text(as_of->header.time));
  }
  output.say("the issuing authority has {} certificates on the main chain", logged);
  output.result(Json::object({{"certificates", std::move(findings)}, {"logged", logged}}));
  if (unlogged.empty()) return {};
  return refuse(Verdict::certificate_unlogged, unlogged.front());
}

// A member in good standing: what the main chain proves, the certificate's own validity, its path.
Result<void> judge(const pki::Certificate& certificate, const ledger::CertificateRow& row,
                   const LedgerInfo& ledger, Millis now) {
  TRY(ledger::check_standing(row, codec::to_hex(certificate.key_hash())));
  return check_path(certificate, ledger, std::nullopt, now);
}

Result<void> cert_member(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reference, session.home().key_reference(arguments.text("KEY")));
  ASSIGN(const auto asking, session.own_key(arguments));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(const auto genesis, session.genesis());
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto member, node->membership(reference.prefix, element::signer_of(*asking)));
  const pki::Certificate& certificate = member.known.certificate;
  const KeyHash found = certificate.key_hash();
  const bool is_asked_for = proof::KeyId::prefix_of(found) == reference.prefix &&
                            reference.whole.value_or(found) == found;
  if (!is_asked_for) return refuse(Verdict::bad_value, "the node's answer is about another key");
  ASSIGN(const auto id, certificate_id(certificate, ledger));
  tx::Trust trust(genesis);
  ASSIGN(const auto proven, check_certificate_proof(trust, member.proof, id));
  if (!proven.row) {
    return refuse(Verdict::certificate_unlogged, codec::to_hex(certificate.serial()));
  }
  // The main chain makes blocks more often than this: an older one hides what came since.
  const Millis now = session.env().now();
  if (proven.as_of.header.time + genesis.params.control_max_age < now) {
    return refuse(Verdict::control_stale, time_text(proven.as_of.header.time));
  }
  const auto standing = judge(certificate, *proven.row, ledger, now);
  output.say("{} {}", certificate.subject().common_name,
             standing ? "is a member in good standing" : "is no member now");
  output.say("  key          {}", codec::to_hex(certificate.key_hash()));
  output.say("  serial       {}", codec::to_hex(certificate.serial()));
  output.say("  valid        {} to {}", time_text(certificate.validity().not_before),
             time_text(certificate.validity().not_after));
  output.say("  status       {} since {}{}", codec::enum_name(proven.row->status),
             time_text(proven.row->since),
             proven.row->reason ? format(", {}", codec::enum_name(*proven.row->reason)) : "");
  Json result = Json::object({{"key", codec::to_hex(certificate.key_hash())},
                              {"row", codec::record_to_json(*proven.row)}});
  if (certificate.capabilities()) {
    for (const auto& [name, said] : capability_texts(*certificate.capabilities(), ledger.assets)) {
      output.say("  {:<12} {}", name, said);
    }
    result.set("capabilities", codec::record_to_json(*certificate.capabilities()));
  }
  output.say("  proven by    block {} of the main chain, at {}", proven.as_of.header.height.value(),
             time_text(proven.as_of.header.time));
  result.set("height", proven.as_of.header.height.value());
  result.set("time", proven.as_of.header.time.value());
  result.set("standing", describe(standing ? Verdict::accepted : standing.error().verdict).name);
  output.result(result);
  return standing;
}

}  // namespace

std::vector<Command> certificate_log_commands() {
  return {
      {"cert audit",
       "find certificates that the main chain has no record of",
       "Every certificate of the ledger's authorities stands on the main chain, by issuer, serial "
       "number and hash. What does not was issued in secret: certificate_unlogged. The node's "
       "answers are proofs, checked against this home's genesis.",
       {{OptionKind::positional, "FILE", "FILE",
         "up to 16 certificates in PEM; default: all that this home has met, and the authorities' "
         "own"}},
       {"intaglio cert audit", "intaglio cert audit shown-to-me.pem"},
       cert_audit},
      {"cert member",
       "ask whether a key's holder is a member in good standing, with proof",
       "Signed by a member: who asks about another can be asked about. Says status, validity and "
       "capabilities as of a block, proven against this home's genesis. Refused when the "
       "certificate is revoked, suspended, out of its time, or unlogged.",
       {{OptionKind::positional, "KEY", "KEY",
         "a key's or display's name, or its key hash (64 or 16 hex digits)", true},
        key_option()},
       {"intaglio cert member 0123456789abcdef --key alice"},
       cert_member},
  };
}

}  // namespace intaglio::cli
