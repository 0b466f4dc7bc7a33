// cert audit, cert member: what the main chain proves of certificates.
#include <algorithm>
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

void add_new(std::vector<pki::Certificate>& out, const pki::Certificate& certificate) {
  if (std::ranges::find(out, certificate) == out.end()) out.push_back(certificate);
}

// Every issuing authority that this home ever met, and those that the node says there are: it does
// not choose which are looked for. Each leads to the root that was pinned, or is nobody.
Result<std::vector<pki::Certificate>> issuing_ones(Session& session, const LedgerInfo& pinned,
                                                   NodeClient& node) {
  std::vector<pki::Certificate> out;
  ASSIGN(const auto fresh, node.ledger());
  for (const pki::Certificate& each : fresh.issuing) add_new(out, each);
  for (const pki::Certificate& each : pinned.issuing) add_new(out, each);
  ASSIGN(const auto known, session.home().certificates());
  for (const StoredCertificate& each : known) add_new(out, each.known.issuing);
  return out;
}

// Those of the file, or all that this home has met, and the ledger's authorities themselves.
Result<std::vector<pki::Certificate>> audited(Session& session, const pki::Certificate& root,
                                              const std::vector<pki::Certificate>& issuing,
                                              const Arguments& arguments) {
  if (!arguments.has("FILE")) {
    std::vector<pki::Certificate> out = {root};
    out.insert(out.end(), issuing.begin(), issuing.end());
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
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto issuing, issuing_ones(session, ledger, *node));
  ASSIGN(const auto certificates, audited(session, ledger.root, issuing, arguments));
  tx::Trust trust(genesis);
  Json::Array findings;
  std::optional<tx::ProvenBlock> as_of;
  std::vector<std::string> unlogged;
  for (const pki::Certificate& each : certificates) {
    const std::string name =
        format("{}  {}", codec::to_hex(each.serial()), each.subject().common_name);
    const auto id = certificate_id(each, ledger.root, issuing);
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
  std::uint64_t logged = 0;
  for (const pki::Certificate& each : issuing) {
    ASSIGN(const auto of_it, prove_logged_count(*node, trust, each.key_hash()));
    logged += of_it;
  }
  if (as_of) {
    output.say("{} looked at, by block {} of the main chain, at {}", certificates.size(),
               as_of->header.height.value(), time_text(as_of->header.time));
  }
  output.say("the issuing authorities have {} certificates on the main chain", logged);
  output.result(Json::object({{"certificates", std::move(findings)}, {"logged", logged}}));
  if (unlogged.empty()) return {};
  return refuse(Verdict::certificate_unlogged, unlogged.front());
}

// A member in good standing: what the main chain proves, of the issuing authority too, the
// certificate's own validity, its path.
Result<void> judge(const KnownCertificate& known, const ledger::CertificateRow& row,
                   const ProvenCertificate& issuer, const LedgerInfo& ledger, Millis now) {
  TRY(ledger::check_standing(row, codec::to_hex(known.certificate.key_hash())));
  const std::string& name = known.issuing.subject().common_name;
  if (!issuer.row) return refuse(Verdict::certificate_unlogged, name);
  TRY(ledger::check_standing(*issuer.row, name));
  return check_path(known, ledger, std::nullopt, now);
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
  ASSIGN(const auto id, certificate_id(certificate, ledger.root, {member.known.issuing}));
  ASSIGN(const auto issuing_id, certificate_id(member.known.issuing, ledger.root, {}));
  tx::Trust trust(genesis);
  ASSIGN(const auto proven, check_certificate_proof(trust, member.proof, id));
  if (!proven.row) {
    return refuse(Verdict::certificate_unlogged, codec::to_hex(certificate.serial()));
  }
  ASSIGN(const auto issuer, prove_certificate(*node, trust, issuing_id));
  // The main chain makes blocks more often than this: an older one hides what came since.
  const Millis now = session.env().now();
  const Millis oldest = std::min(proven.as_of.header.time, issuer.as_of.header.time);
  if (oldest + genesis.params.control_max_age < now) {
    return refuse(Verdict::control_stale, time_text(oldest));
  }
  const auto standing = judge(member.known, *proven.row, issuer, ledger, now);
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
