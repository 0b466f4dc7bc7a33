// login, enrol, cert: who may have a certificate, getting one, looking at them, ending them.
#include "cli/certificate.h"
#include "cli/certificate_texts.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"
#include "element/element_socket.h"

namespace intaglio::cli {
namespace {

using codec::Json;

// A public key in hex, or the one of a key in this home.
Result<crypto::PublicKey> public_key_of(const Session& session, const std::string& text) {
  if (const auto point = codec::from_hex(text); point && point->size() > 1) {
    return crypto::PublicKey::parse(*point);
  }
  ASSIGN(const auto stored, session.home().key(text));
  return stored.key;
}

Result<pki::CertificateUsage> usage_from(const std::string& text) {
  const auto usage = codec::enum_from_name<pki::CertificateUsage>(text);
  if (!usage) return refuse(Verdict::bad_usage, "--usage " + text);
  return *usage;
}

// A JSON list, as the HTTP API takes it.
Result<std::vector<service::Grant>> grants_from(const std::string& path, Env& env) {
  constexpr std::size_t kMaxBytes = 64 * 1024;
  ASSIGN(const auto bytes, env.read_file(path, kMaxBytes));
  const auto read = [&]() -> Result<std::vector<service::Grant>> {
    ASSIGN(const auto json, codec::parse_json(as_text(bytes)));
    if (json.items() == nullptr) return refuse(Verdict::bad_value, "not a list");
    std::vector<service::Grant> out;
    for (const Json& each : *json.items()) {
      ASSIGN(auto grant, codec::record_from_json<service::Grant>(each));
      out.push_back(std::move(grant));
    }
    return out;
  };
  auto grants = read();
  if (!grants) return refuse_within(path, grants.error());
  return *std::move(grants);
}

// "2", for every usage of the login, or "issuer:2".
Result<std::vector<service::ApprovalRule>> approvals_from(
    const std::vector<std::string>& texts, const std::vector<pki::CertificateUsage>& usages) {
  std::vector<service::ApprovalRule> out;
  for (const auto& text : texts) {
    const std::size_t colon = text.find(':');
    const bool for_one = colon != std::string::npos;
    const auto officers = codec::uint_from_digits(for_one ? text.substr(colon + 1) : text);
    if (!officers || *officers < 1 || *officers > service::kMostApprovals) {
      return refuse(Verdict::bad_usage, "--approvals " + text + ": 1 to 3 officers");
    }
    std::vector<pki::CertificateUsage> of = usages;
    if (for_one) {
      ASSIGN(const auto usage, usage_from(text.substr(0, colon)));
      of = {usage};
    }
    for (const auto usage : of) out.push_back({usage, static_cast<std::uint8_t>(*officers)});
  }
  return out;
}

Result<void> login_add(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  NodeClient::NewLogin login;
  login.name = arguments.text("NAME");
  ASSIGN(login.key, public_key_of(session, arguments.text("public-key")));
  for (const auto& text : arguments.list("usage")) {
    ASSIGN(const auto usage, usage_from(text));
    login.usages.push_back(usage);
  }
  login.officer = arguments.has("officer");
  if (login.usages.empty() && !login.officer) {
    return refuse(Verdict::bad_usage, "--usage or --officer");
  }
  if (arguments.has("approvals")) {
    ASSIGN(login.approvals, approvals_from(arguments.list("approvals"), login.usages));
  }
  if (arguments.has("account")) {
    ASSIGN(const auto account, address_from_name(session.home(), arguments.text("account")));
    login.account = account.account;
  }
  login.genuine_elements = arguments.has("genuine-elements");
  if (arguments.has("grants")) {
    ASSIGN(login.grants, grants_from(arguments.text("grants"), session.env()));
  }
  if (arguments.has("hours")) {
    ASSIGN(const auto hours, arguments.number_or("hours", 0, 365 * 24));
    login.validity = seconds(hours * 3600);
  }
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto added, node->add_login(login, element::signer_of(*node_operator)));
  const std::string key = codec::to_hex(login.key.hash());
  if (!login.usages.empty()) {
    output.say("login {} may apply for certificates, signed by key {}", login.name, key);
  }
  if (login.approvals) {
    for (const auto& rule : *login.approvals) {
      output.say("  usage {}: approved by {} officers first", codec::enum_name(rule.usage),
                 rule.officers);
    }
  }
  if (login.officer) output.say("officer {} approves certificates by key {}", login.name, key);
  output.result(added);
  return {};
}

Result<void> login_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reader, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto login, node->login(arguments.text("NAME"), element::signer_of(*reader)));
  output.line(login.pretty());
  output.result(login);
  return {};
}

Json certificate_json(const pki::Certificate& certificate) {
  return Json::object(
      {{"key", codec::to_hex(certificate.key_hash())},
       {"serial", codec::to_hex(certificate.serial())},
       {"subject", certificate.subject().common_name},
       {"address", certificate.account() ? codec::to_text(*certificate.account()) : std::string()},
       {"valid_from", certificate.validity().not_before.value()},
       {"valid_until", certificate.validity().not_after.value()},
       {"certificate", certificate.to_pem()}});
}

Json enrolled_json(const Enrolled& enrolled) {
  Json out = certificate_json(enrolled.certificate);
  out.set("profile", codec::enum_name(enrolled.information.profile));
  out.set("answer_bytes", enrolled.answer_bytes);
  return out;
}

void say_enrolled(Output& output, const Enrolled& enrolled) {
  output.say("challenge {} answered with a frame of {} bytes ({} profile)",
             codec::to_hex(enrolled.information.id), enrolled.answer_bytes,
             codec::enum_name(enrolled.information.profile));
  output.say("certificate {} for key {}", codec::to_hex(enrolled.certificate.serial()),
             codec::to_hex(enrolled.certificate.key_hash()));
  output.say("  valid until {}", time_text(enrolled.certificate.validity().not_after));
}

Result<pki::EnrolmentProfile> profile_of(const Arguments& arguments) {
  const std::string text = arguments.text_or("profile", "compact");
  const auto named = codec::enum_from_name<pki::EnrolmentProfile>(text);
  if (!named) return refuse(Verdict::bad_usage, "--profile " + text + ": compact or framed");
  return *named;
}

// The element that is to answer: in another process (--socket), or opened here.
struct Answering {
  std::unique_ptr<element::SecureElement> own;
  std::unique_ptr<element::ApduChannel> channel;
};
Result<Answering> answering(Session& session, const Arguments& arguments) {
  Answering out;
  if (arguments.has("socket")) {
    ASSIGN(out.channel, element::SocketChannel::connect(arguments.text("socket")));
    return out;
  }
  ASSIGN(out.own, session.key(arguments.text("NAME")));
  out.channel = std::make_unique<element::InProcessChannel>(*out.own);
  return out;
}

Result<void> enrol_key(Session& session, pki::CertificateUsage usage, const Arguments& arguments,
                       Output& output) {
  const std::string& name = arguments.text("NAME");
  AccountWish wish{.usage = usage, .profile = {}, .key = {}};
  ASSIGN(wish.profile, profile_of(arguments));
  if (const auto stored = session.home().key(name)) wish.key = stored->key;
  ASSIGN(const auto login, session.key(arguments.text_or("login", name)));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto element, answering(session, arguments));
  ASSIGN(const auto enrolled, enrol_account(*node, ledger, wish, element::signer_of(*login),
                                            *element.channel, session.home()));
  ASSIGN(const auto known, node->certificate(enrolled.certificate.key_hash()));
  TRY(session.home().remember(known));
  say_enrolled(output, enrolled);
  if (const auto& account = enrolled.certificate.account()) {
    output.say("  address     {}", codec::to_text(*account));
  }
  output.result(enrolled_json(enrolled));
  return {};
}

// What was said of the shop, over what was said before.
Result<service::Merchant> merchant_from(const Arguments& arguments, service::Merchant merchant,
                                        const LedgerInfo& ledger) {
  merchant.name = arguments.text_or("merchant", merchant.name);
  merchant.city = arguments.text_or("city", merchant.city);
  merchant.country = arguments.text_or("country", merchant.country);
  merchant.category = arguments.text_or("category", merchant.category);
  if (arguments.has("terminal")) merchant.terminal = arguments.text("terminal");
  if (arguments.has("asset")) {
    ASSIGN(const auto asset, ledger.asset(arguments.text("asset")));
    merchant.currency = asset.id;
  }
  return merchant;
}

Result<std::unique_ptr<element::PaymentCodeApplet>> open_or_make_applet(Session& session,
                                                                        const Arguments& arguments,
                                                                        const LedgerInfo& ledger) {
  const std::string& name = arguments.text("NAME");
  if (const auto stored = session.home().display(name)) return session.applet(*stored);
  ASSIGN(auto uri, session.home().new_display_uri(name));
  uri = arguments.text_or("uri", uri);
  ASSIGN(const auto* passphrase, session.passphrase(true));
  return element::PaymentCodeApplet::create({uri, session.home().display_folder()}, *passphrase,
                                            applet_trust(ledger), session.env());
}

Result<void> enrol_counter(Session& session, const Arguments& arguments, Output& output) {
  const std::string& name = arguments.text("NAME");
  ASSIGN(const auto profile, profile_of(arguments));
  if (arguments.has("socket")) return refuse(Verdict::bad_usage, "--socket: not for displays");
  ASSIGN(const auto ledger, session.ledger());
  const auto before = session.home().display(name);
  service::Merchant merchant{.name = name, .city = "-", .country = "XX"};
  merchant.currency = ledger.default_asset().id;
  ASSIGN(merchant, merchant_from(arguments, before ? before->merchant : merchant, ledger));
  std::string login_name = arguments.text_or("login", before ? before->login : "");
  if (login_name.empty()) {
    ASSIGN(login_name, session.key_name(arguments));
  }
  ASSIGN(const auto login, session.key(login_name));
  ASSIGN(const auto applet, open_or_make_applet(session, arguments, ledger));
  // Whether codes can say all this is found out now and not at the counter.
  TRY(service::Display::make(*applet, merchant, {}, session.env()));
  TRY(session.home().save_display(name,
                                  {applet->uri(), applet->public_key(), login_name, merchant}));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto enrolled, enrol_display(*node, ledger, element::signer_of(*login), *applet,
                                            session.home(), profile));
  if (enrolled.enrolled) {
    say_enrolled(output, *enrolled.enrolled);
  } else {
    output.say("display {} has its certificate already", name);
  }
  output.say("display {} shows payment codes for {}", name, codec::to_text(enrolled.account));
  if (applet->simulated()) output.line("  Only software guards its key (a simulated element).");
  Json result = enrolled.enrolled ? enrolled_json(*enrolled.enrolled)
                                  : certificate_json(enrolled.certificate);
  result.set("display", name);
  result.set("account", codec::to_text(enrolled.account));
  result.set("epoch", enrolled.epoch);
  output.result(result);
  return {};
}

Result<void> enrol_for(Session& session, const std::string& usage, const Arguments& arguments,
                       Output& output) {
  if (usage == "display") return enrol_counter(session, arguments, output);
  ASSIGN(const auto named, usage_from(usage));
  return enrol_key(session, named, arguments, output);
}

Result<void> enrol(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  auto enrolled = enrol_for(session, arguments.text("usage"), arguments, output);
  if (enrolled || enrolled.error().verdict != Verdict::approval_pending) return enrolled;
  // The node says which digest they approve, and how many did.
  const std::string& awaited = enrolled.error().where;
  const std::string digest = awaited.substr(0, awaited.find(':'));
  output.say("The application is with the node and waits for officers: each of them runs");
  output.say("  intaglio cert approve {}", digest);
  output.say("Then run this command again. It hands in the same answer and gets the certificate.");
  output.about("digest", digest);
  return enrolled;
}

Result<void> cert_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reference, session.home().key_reference(arguments.text("KEY")));
  NodeClient* node = nullptr;
  if (!arguments.has("offline")) {
    ASSIGN(node, session.node());
  }
  ASSIGN(const auto found, look_up_certificate(session.home(), node, reference.prefix));
  const pki::Certificate& certificate = found.known.certificate;
  ASSIGN(const auto ledger, session.ledger());
  const auto path = check_path(found.known, ledger, std::nullopt, session.env().now());
  const std::string usage(certificate.usage() ? codec::enum_name(*certificate.usage()) : "none");
  output.say("certificate {}", codec::to_hex(certificate.serial()));
  output.say("  key          {}", codec::to_hex(certificate.key_hash()));
  output.say("  login        {}", certificate.subject().common_name);
  output.say("  usage        {}", usage);
  if (certificate.account())
    output.say("  account      {}", codec::to_text(*certificate.account()));
  output.say("  valid        {} to {}", time_text(certificate.validity().not_before),
             time_text(certificate.validity().not_after));
  output.say("  path         {}", path ? "leads to the ledger's root" : to_string(path.error()));
  if (certificate.capabilities()) {
    for (const auto& [name, said] : capability_texts(*certificate.capabilities(), ledger.assets)) {
      output.say("  {:<12} {}", name, said);
    }
  }
  const auto reason = found.known.json.text_at("reason");
  const std::string status(codec::enum_name(found.known.status));
  output.say("  status       {} since {}{}", status, time_text(found.known.since),
             reason ? ", " + *reason : "");
  output.say("  known as of  {}{}", time_text(found.known.as_of),
             found.age ? ", fetched " + age_text(*found.age) + " ago" : "");
  if (arguments.has("pem")) output.line(certificate.to_pem());
  Json result = certificate_json(certificate);
  result.set("usage", usage);
  result.set("status", status);
  result.set("since", found.known.since.value());
  if (reason) result.set("reason", *reason);
  if (certificate.capabilities()) {
    result.set("capabilities", codec::record_to_json(*certificate.capabilities()));
  }
  result.set("as_of", found.known.as_of.value());
  if (found.age) result.set("age", found.age->value());
  result.set("path", path ? describe(Verdict::accepted).name : describe(path.error().verdict).name);
  output.result(result);
  return {};
}

// By the operator, and what it is then.
Result<KnownCertificate> set_status(const Arguments& arguments, ledger::KeyStatus status,
                                    std::optional<pki::RevocationReason> reason) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reference, session.home().key_reference(arguments.text("KEY")));
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  std::optional<KeyHash> key = reference.whole;
  if (!key) {
    ASSIGN(const auto known, node->certificate(reference.prefix));
    key = known.certificate.key_hash();
  }
  ASSIGN(auto known,
         node->set_certificate_status(*key, status, reason, element::signer_of(*node_operator)));
  TRY(session.home().remember(known));
  return known;
}

void show_status(const KnownCertificate& known, std::string_view said, Output& output) {
  const std::string key = codec::to_hex(known.certificate.key_hash());
  output.say("{}: key {}", said, key);
  output.result(Json::object(
      {{"key", key}, {"status", codec::enum_name(known.status)}, {"since", known.since.value()}}));
}

Result<void> cert_revoke(const Arguments& arguments, Output& output) {
  const std::string text = arguments.text_or("reason", "unspecified");
  const auto reason = codec::enum_from_name<pki::RevocationReason>(text);
  if (!reason) return refuse(Verdict::bad_usage, "--reason " + text);
  ASSIGN(const auto known, set_status(arguments, ledger::KeyStatus::revoked, *reason));
  show_status(known, "revoked for good", output);
  return {};
}

Result<void> cert_suspend(const Arguments& arguments, Output& output) {
  ASSIGN(const auto known, set_status(arguments, ledger::KeyStatus::suspended, {}));
  show_status(known, "suspended, until cert resume or cert revoke", output);
  return {};
}

Result<void> cert_resume(const Arguments& arguments, Output& output) {
  ASSIGN(const auto known, set_status(arguments, ledger::KeyStatus::active, {}));
  show_status(known, "active again", output);
  return {};
}

Result<void> cert_secret(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto usage, usage_from(arguments.text("usage")));
  constexpr std::uint64_t kDay = 24;
  ASSIGN(const auto hours, arguments.number_or("hours", kDay, 30 * kDay));
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto made,
         node->one_time_secret(arguments.text("LOGIN"), usage, seconds(hours * 3600),
                               element::signer_of(*node_operator)));
  ASSIGN(const auto reference, made.text_at("reference"));
  ASSIGN(const auto secret, made.text_at("secret"));
  ASSIGN(const auto expires_at, made.uint_at("expires_at"));
  output.say("one certificate for login {}, usage {}, until {}", arguments.text("LOGIN"),
             codec::enum_name(usage), time_text(Millis(expires_at)));
  output.say("  reference  {}", reference);
  output.say("  secret     {}", secret);
  output.say("It is not shown again. The node takes it at /.well-known/cmp and /.well-known/est.");
  output.result(made);
  return {};
}

Result<void> cert_list(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto list, node->certificates(element::signer_of(*node_operator)));
  const Json* wrapped = list.find("certificates");
  const auto* items = wrapped != nullptr ? wrapped->items() : list.items();
  if (items == nullptr) return refuse(Verdict::bad_value, "the node's answer");
  for (const auto& each : *items) {
    ASSIGN(const auto key, each.text_at("key"));
    output.say("{}  {:<8} {:<8} {}", key, each.text_at("usage").value_or(""),
               each.text_at("status").value_or(""), each.text_at("login").value_or(""));
  }
  if (items->empty()) output.line("no certificates yet");
  output.result(list);
  return {};
}

std::vector<Option> enrol_options() {
  return {{OptionKind::positional, "NAME", "NAME", "the key, or the display to make", true},
          {OptionKind::value, "usage", "USAGE",
           "holder, display, issuer, bank, terminal, instrument, member, supervisor, node or "
           "meeting_provider",
           true},
          {OptionKind::value, "login", "KEY",
           "the key that applies, by name or URI; default: NAME itself, or the only key"},
          {OptionKind::value, "uri", "URI",
           "display: another element for its key, e.g. tpm:/media/stick/counter.tpm"},
          {OptionKind::value, "profile", "PROFILE",
           "how the element packs its answer: compact (154 bytes) or framed (265) (compact)"},
          {OptionKind::value, "socket", "PATH",
           "the key's element runs as a process of its own (element run)"},
          {OptionKind::value, "merchant", "TEXT", "display: the shop's name in its codes"},
          {OptionKind::value, "city", "TEXT", "display: the shop's city"},
          {OptionKind::value, "country", "CC", "display: two letters (ISO 3166-1)"},
          {OptionKind::value, "category", "NNNN", "display: merchant category code (ISO 18245)"},
          {OptionKind::value, "terminal", "TEXT", "display: which counter"},
          {OptionKind::value, "asset", "CODE", "display: what its codes ask for, e.g. EUR"}};
}

std::vector<Command> login_commands() {
  const Option name{OptionKind::positional, "NAME", "NAME", "the login", true};
  return {
      {"login add",
       "let a key apply for certificates (operator)",
       "Signed by the operator, whose key is the node's keys/authority.key. A display's login "
       "names the account whose codes it shows. A login with --officer and no usage only "
       "approves.",
       {name,
        {OptionKind::value, "public-key", "KEY", "65 bytes in hex, or a key's name", true},
        {OptionKind::list, "usage", "USAGE", "holder, display, ...; may stand again"},
        {OptionKind::value, "account", "ADDRESS", "for displays: the payee of their codes"},
        {OptionKind::value, "grants", "FILE",
         "what its certificates allow: a JSON list, see docs/certificate.md"},
        {OptionKind::value, "hours", "N", "how long its certificates last (8760, a year)"},
        {OptionKind::flag, "genuine-elements", "",
         "you vouch that its elements are what they say: certificates then say so too"},
        {OptionKind::list, "approvals", "[USAGE:]N",
         "how many officers approve its certificates first, 1 to 3; may stand again"},
        {OptionKind::flag, "officer", "", "it approves others' certificates"},
        key_option()},
       {"intaglio login add alice --public-key alice --usage holder "
        "--key soft:data/keys/authority.key",
        "intaglio login add shop --public-key shop --usage holder --usage display \\\n"
        "    --account shop --key soft:data/keys/authority.key",
        "intaglio login add anna --public-key anna --officer --key soft:data/keys/authority.key",
        "intaglio login add mint --public-key mint --usage issuer --approvals 2 \\\n"
        "    --key soft:data/keys/authority.key"},
       login_add},
      {"login show",
       "show a login, to itself or the operator",
       "",
       {name, key_option()},
       {"intaglio login show alice --key alice"},
       login_show}};
}

}  // namespace

std::vector<Command> certificate_commands() {
  const Option key{OptionKind::positional, "KEY", "KEY",
                   "a key's or display's name, or its key hash (64 or 16 hex digits)", true};
  auto out = login_commands();
  out.push_back(
      {"enrol",
       "get a certificate for a key or for a new counter display",
       "The element answers the node's challenge and packs the answer itself; there is no "
       "certificate request. With --usage display an element with the payment code "
       "applet is made, enrolled, given its certificate and bound to its account. "
       "Running it again finishes what was interrupted, and hands in the same answer as long as "
       "officers have to approve it.",
       enrol_options(),
       {"intaglio enrol alice --usage holder",
        "intaglio enrol till --usage holder --login alice --profile framed "
        "--socket till.sock",
        "intaglio enrol counter --usage display --login shop --merchant Kohvik "
        "--city Tallinn --country EE"},
       enrol});
  out.push_back({"cert show",
                 "show a certificate, whether it holds, and how old that knowledge is",
                 "",
                 {key,
                  {OptionKind::flag, "offline", "", "by what this home remembers"},
                  {OptionKind::flag, "pem", "", "print the certificate too"}},
                 {"intaglio cert show alice", "intaglio cert show 0123456789abcdef --offline"},
                 cert_show});
  out.push_back({"cert revoke",
                 "end a key's certificate, for good (operator)",
                 "",
                 {key,
                  {OptionKind::value, "reason", "REASON",
                   "unspecified, key_compromise, affiliation_changed, superseded, cessation or "
                   "privilege_withdrawn (unspecified)"},
                  key_option()},
                 {"intaglio cert revoke counter --reason key_compromise "
                  "--key soft:data/keys/authority.key"},
                 cert_revoke});
  out.push_back(
      {"cert suspend",
       "suspend a certificate, until it goes on or is revoked (operator)",
       "Every chain takes nothing from its key from then on. Its account is paid as ever.",
       {key, key_option()},
       {"intaglio cert suspend counter --key soft:data/keys/authority.key"},
       cert_suspend});
  out.push_back({"cert resume",
                 "let a suspended certificate go on (operator)",
                 "",
                 {key, key_option()},
                 {"intaglio cert resume counter --key soft:data/keys/authority.key"},
                 cert_resume});
  out.push_back({"cert secret",
                 "let a program that speaks CMP or EST get one certificate (operator)",
                 "Whoever shows the secret and proves possession of a key gets one certificate for "
                 "the login. docs/certificate.md has the commands of openssl and strongSwan.",
                 {{OptionKind::positional, "LOGIN", "LOGIN", "whom the certificate is for", true},
                  {OptionKind::value, "usage", "USAGE", "as enrol has them", true},
                  {OptionKind::value, "hours", "N", "how long it is good, at most 720 (24)"},
                  key_option()},
                 {"intaglio cert secret shop --usage holder --key soft:data/keys/authority.key"},
                 cert_secret});
  out.push_back({"cert list",
                 "list what was issued (operator)",
                 "",
                 {key_option()},
                 {"intaglio cert list --key soft:data/keys/authority.key"},
                 cert_list});
  return out;
}

}  // namespace intaglio::cli
