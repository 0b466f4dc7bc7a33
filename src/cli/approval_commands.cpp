// cert pending, approve, refuse: what officers say before something is certified.
#include "cli/certificate_texts.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

using codec::Json;

void say_approval(Output& output, const AwaitedApproval& approval, const LedgerInfo& ledger) {
  const auto& intended = approval.intended;
  output.line(codec::to_hex(approval.digest));
  output.say("  login        {}", intended.login);
  output.say("  usage        {}", codec::enum_name(intended.usage));
  output.say("  key          {}", codec::to_hex(intended.public_key.hash()));
  if (intended.account) {
    output.say("  account      {}", codec::to_text(Address{kHomeChain, *intended.account}));
  }
  for (const auto& [name, said] : capability_texts(intended.capabilities, ledger.assets)) {
    output.say("  {:<12} {}", name, said);
  }
  output.say("  lasts        {}", age_text(intended.validity));
  if (intended.renews) output.say("  renews       {}", codec::to_hex(*intended.renews));
  std::string names;
  for (const auto& each : approval.approved_by) names += (names.empty() ? ": " : ", ") + each;
  output.say("  approved     {} of {}{}", approval.approved_by.size(), approval.needed, names);
  output.say("  waits until  {}", time_text(approval.lapses_at));
}

Result<void> cert_pending(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reader, session.own_key(arguments));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto waiting, node->approvals(element::signer_of(*reader)));
  Json list = Json::array();
  for (const auto& each : waiting) {
    say_approval(output, each, ledger);
    list.push(each.json);
  }
  if (waiting.empty()) output.line("nothing waits for approval");
  output.result(Json::object({{"approvals", std::move(list)}}));
  return {};
}

// Its digest is made anew of what the node shows before anything is signed.
Result<void> decide(service::ApprovalDecision decision, const Arguments& arguments,
                    Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const auto digest = codec::id_from_hex<Digest>(arguments.text("DIGEST"));
  if (!digest) return refuse(Verdict::bad_usage, "DIGEST: 64 hex digits");
  ASSIGN(const auto officer, session.own_key(arguments));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(auto* node, session.node());
  const auto signer = element::signer_of(*officer);
  ASSIGN(const auto shown, node->approval(*digest, signer));
  if (shown.digest != *digest) return refuse(Verdict::bad_value, "the node's answer: another one");
  ASSIGN(const auto decided, node->decide(*digest, decision, signer));
  say_approval(output, decided, ledger);
  if (decision == service::ApprovalDecision::refuse) {
    output.line("refused for good");
  } else if (decided.approved_by.size() < decided.needed) {
    output.say("approved; {} more to come", decided.needed - decided.approved_by.size());
  } else {
    output.say("approved; {} gets the certificate by applying again", decided.intended.login);
  }
  output.result(decided.json);
  return {};
}

Result<void> cert_approve(const Arguments& arguments, Output& output) {
  return decide(service::ApprovalDecision::approve, arguments, output);
}

Result<void> cert_refuse(const Arguments& arguments, Output& output) {
  return decide(service::ApprovalDecision::refuse, arguments, output);
}

}  // namespace

std::vector<Command> approval_commands() {
  const Option digest{OptionKind::positional, "DIGEST", "DIGEST",
                      "of what would be certified, as cert pending shows it", true};
  return {{"cert pending",
           "list what waits for officers before it is certified (officer or operator)",
           "",
           {key_option()},
           {"intaglio cert pending --key anna"},
           cert_pending},
          {"cert approve",
           "approve what waits (officer)",
           "What you approve is exactly what the digest is of. When the login is changed before "
           "the certificate is issued, the digest is another and your approval counts for "
           "nothing. Nobody approves what they applied for.",
           {digest, key_option()},
           {"intaglio cert approve 3f0c...9a --key anna"},
           cert_approve},
          {"cert refuse",
           "refuse what waits, for good (officer)",
           "One refusal is enough.",
           {digest, key_option()},
           {"intaglio cert refuse 3f0c...9a --key anna"},
           cert_refuse}};
}

}  // namespace intaglio::cli
