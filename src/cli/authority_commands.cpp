// authority: the root's ceremony, issuing keys that follow one another, and what there is of both.
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"
#include "service/certificate/ceremony.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr std::uint64_t kMaxYears = 50;

Result<Duration> years_of(const Arguments& arguments, std::uint64_t fallback) {
  ASSIGN(const auto years, arguments.number_or("years", fallback, kMaxYears));
  if (years == 0) return refuse(Verdict::bad_usage, "--years 0");
  return Duration(service::kYear.value() * years);
}

std::string name_text(const pki::Name& name) {
  return name.organization.empty() ? name.common_name : name.organization + ", " + name.common_name;
}

Json authority_json(const pki::Certificate& certificate) {
  return Json::object({{"subject", certificate.subject().common_name},
                       {"serial", codec::to_hex(certificate.serial())},
                       {"key", codec::to_hex(certificate.key_hash())},
                       {"valid_until", certificate.validity().not_after.value()},
                       {"certificate", certificate.to_pem()}});
}

void say(const pki::Certificate& certificate, Output& output) {
  output.say("  subject  {}", name_text(certificate.subject()));
  output.say("  key      {}", codec::to_hex(certificate.key_hash()));
  output.say("  serial   {}", codec::to_hex(certificate.serial()));
  output.say("  valid    until {}", time_text(certificate.validity().not_after));
  output.result(authority_json(certificate));
}

Result<void> authority_root(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  service::RootOptions options;
  options.name = arguments.text_or("name", options.name);
  ASSIGN(options.validity, years_of(arguments, 20));
  options.key_place = arguments.text_or("keys", "");
  const std::string& folder = arguments.text("out");
  ASSIGN(const Secret* passphrase, session.passphrase(true));
  ASSIGN(const auto root, service::create_root(folder, options, *passphrase, session.env()));
  output.say("root in {}", folder);
  say(root, output);
  output.say("A node is made for it with: intaglio init --root {}/authority/root.pem", folder);
  return {};
}

Result<void> authority_request(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const Secret* passphrase, session.passphrase());
  ASSIGN(const auto made,
         service::request_issuer(arguments.text("data"), arguments.text_or("keys", ""), *passphrase,
                                 session.env()));
  output.say("request {}", made.path);
  output.say("  subject  {}", name_text(made.subject));
  output.say("  key      {}", codec::to_hex(made.key));
  output.result(Json::object({{"request", made.path},
                              {"name", made.name},
                              {"subject", made.subject.common_name},
                              {"key", codec::to_hex(made.key)}}));
  return {};
}

Result<void> authority_certify(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto validity, years_of(arguments, 10));
  ASSIGN(const auto request, session.env().read_file(arguments.text("REQUEST"), kMaxFile));
  ASSIGN(const Secret* passphrase, session.passphrase());
  ASSIGN(const auto certificate, service::certify_issuer(arguments.text("root"), request, validity,
                                                         *passphrase, session.env()));
  const std::string& out = arguments.text("out");
  TRY(session.env().create_file(out, as_bytes(certificate.to_pem()), 0644));
  output.say("certificate in {}", out);
  say(certificate, output);
  output.line("The key must be the one that the node showed: compare before it is installed.");
  return {};
}

void say_list(const pki::RevocationList& list, Output& output) {
  output.say("  number   {}", list.content().number);
  output.say("  good     until {}", time_text(list.content().next_update));
  Json::Array revoked;
  for (const auto& each : list.content().revoked) {
    output.say("  revoked  {}  {}, {}", codec::to_hex(each.serial), time_text(each.revoked_at),
               codec::enum_name(each.reason));
    revoked.push_back(Json::object({{"serial", codec::to_hex(each.serial)},
                                    {"revoked_at", each.revoked_at.value()},
                                    {"reason", codec::enum_name(each.reason)}}));
  }
  output.result(Json::object({{"number", list.content().number},
                              {"good_until", list.content().next_update.value()},
                              {"revoked", std::move(revoked)}}));
}

// A certificate of an issuing key, or the root's list.
Result<void> authority_install(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& data = arguments.text("data");
  ASSIGN(const auto pem, session.env().read_file(arguments.text("FILE"), kMaxFile));
  if (as_text(pem).find("-----BEGIN X509 CRL-----") != std::string_view::npos) {
    ASSIGN(const auto list, service::install_root_list(data, pem, session.env()));
    output.line("the root's list holds from the node's next start on");
    say_list(list, output);
    return {};
  }
  ASSIGN(const Secret* passphrase, session.passphrase());
  ASSIGN(const auto installed, service::install_issuer(data, pem, *passphrase, session.env()));
  output.say("{} signs from the node's next start on", installed.name());
  say(installed.certificate, output);
  return {};
}

Result<void> authority_revoke(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string text = arguments.text_or("reason", "unspecified");
  const auto reason = codec::enum_from_name<pki::RevocationReason>(text);
  if (!reason || *reason == pki::RevocationReason::hold) {
    return refuse(Verdict::bad_usage, "--reason " + text);
  }
  Bytes pem;
  if (arguments.has("CERTIFICATE")) {
    ASSIGN(pem, session.env().read_file(arguments.text("CERTIFICATE"), kMaxFile));
  }
  const std::string& root = arguments.text("root");
  ASSIGN(const Secret* passphrase, session.passphrase());
  ASSIGN(const auto list,
         service::revoke_issuer(root, pem.empty() ? std::nullopt : std::optional<ByteView>(pem),
                                *reason, *passphrase, session.env()));
  output.say("list in {}/authority/root.crl", root);
  say_list(list, output);
  return {};
}

Result<void> authority_tls(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& data = arguments.text("data");
  ASSIGN(const Secret* passphrase, session.passphrase());
  ASSIGN(const auto certificate,
         service::renew_tls(data, arguments.list("host"), *passphrase, session.env()));
  output.say("certificate in {}/tls/certificate.pem, from the node's next start on", data);
  say(certificate, output);
  output.line("Clients have to connect again, with this one.");
  return {};
}

Result<void> say_listed(const Json& listed, std::string_view title, Output& output) {
  ASSIGN(const auto subject, listed.text_at("subject"));
  ASSIGN(const auto serial, listed.text_at("serial"));
  ASSIGN(const auto until, listed.uint_at("valid_until"));
  output.say("{:<10} {}", title, subject);
  output.say("  serial   {}", serial);
  output.say("  valid    until {}", time_text(Millis(until)));
  return {};
}

Result<void> authority_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto found, node->authority(element::signer_of(*node_operator)));
  const Json* root = found.find("root");
  const Json* issuing = found.find("issuing");
  if (root == nullptr || issuing == nullptr || issuing->items() == nullptr) {
    return refuse(Verdict::bad_value, "the node's answer");
  }
  TRY(say_listed(*root, "root", output));
  for (const Json& each : *issuing->items()) {
    ASSIGN(const auto name, each.text_at("name"));
    ASSIGN(const auto status, each.text_at("status"));
    ASSIGN(const auto valid, each.uint_at("valid"));
    TRY(say_listed(each, name, output));
    output.say("  status   {}, {} valid certificates", status, valid);
  }
  output.result(found);
  return {};
}

}  // namespace

std::vector<Command> authority_commands() {
  const Option data{OptionKind::value, "data", "DIR", "the node's folder", true};
  const Option keys{OptionKind::value, "keys", "URI",
                    "where the key is made, by an element's URI that names no key (a file)"};
  return {
      {"authority root",
       "make a root: the key that certifies issuing keys, on a machine of its own",
       "The folder stays there. A node gets its certificate, authority/root.pem, and never its "
       "key, whose passphrase is another than the node's.",
       {{OptionKind::value, "out", "DIR", "the root's folder", true},
        {OptionKind::value, "name", "NAME", "of the authority (intaglio)"},
        {OptionKind::value, "years", "N", "how long it is good (20)"},
        keys},
       {"intaglio authority root --out root --name example"},
       authority_root},
      {"authority request",
       "make a node's next issuing key, and ask for its certificate",
       "The node may run. Until the certificate is installed, the same request again.",
       {data, keys},
       {"intaglio authority request --data /srv/intaglio"},
       authority_request},
      {"authority certify",
       "certify a node's issuing key, where the root is",
       "",
       {{OptionKind::positional, "REQUEST", "FILE", "the node's request", true},
        {OptionKind::value, "root", "DIR", "the root's folder", true},
        {OptionKind::value, "out", "FILE", "where the certificate goes: a new file", true},
        {OptionKind::value, "years", "N", "how long it is good, no longer than the root (10)"}},
       {"intaglio authority certify issuing-2.csr --root root --out issuing-2.pem"},
       authority_certify},
      {"authority install",
       "give a node the certificate of its issuing key",
       "From its next start on the node signs with that key. Certificates of the one before stay "
       "good: their key is kept for lists and OCSP until the last of them has ended.",
       {{OptionKind::positional, "FILE", "FILE", "what certify wrote, or the root's list", true},
        data},
       {"intaglio authority install issuing-2.pem --data /srv/intaglio",
        "intaglio authority install root.crl --data /srv/intaglio"},
       authority_install},
      {"authority revoke",
       "put an issuing key's certificate on the root's list, where the root is",
       "For good. Without a certificate the list is made anew and says the same: it is good for a "
       "year. A node hands it out, and issues nothing with what is on it, once it is installed.",
       {{OptionKind::positional, "CERTIFICATE", "FILE", "of the issuing key, e.g. issuing.pem"},
        {OptionKind::value, "root", "DIR", "the root's folder", true},
        {OptionKind::value, "reason", "REASON",
         "unspecified, key_compromise, authority_compromise, superseded or cessation "
         "(unspecified)"}},
       {"intaglio authority revoke issuing.pem --root root --reason key_compromise"},
       authority_revoke},
      {"authority tls",
       "give a node another TLS key",
       "The certificate is the node's own: clients that pinned the one before must be given it.",
       {data,
        {OptionKind::list, "host", "NAME",
         "a host name or address in the certificate, may be repeated"}},
       {"intaglio authority tls --data /srv/intaglio --host node.example"},
       authority_tls},
      {"authority show",
       "show the root, the issuing authorities, and how many certificates of each are good "
       "(operator)",
       "",
       {key_option()},
       {"intaglio authority show --key soft:data/keys/authority.key"},
       authority_show},
  };
}

}  // namespace intaglio::cli
