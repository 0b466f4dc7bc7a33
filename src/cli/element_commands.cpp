// element: keys in any element, by their URI alone.
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/texts.h"
#include "element/element_uri.h"

namespace intaglio::cli {
namespace {

using codec::Json;

// What this home remembers of the key's certificate; nothing when it was never asked for.
Result<std::optional<StoredCertificate>> remembered(const Home& home, const KeyHash& key) {
  auto certificate = home.certificate(proof::KeyId::prefix_of(key));
  if (!certificate) {
    if (certificate.error().verdict == Verdict::unknown_certificate) return std::nullopt;
    return std::unexpected(certificate.error());
  }
  if (certificate->known.certificate.key_hash() != key) return std::nullopt;
  return *std::move(certificate);
}

Result<void> describe_element(Session& session, const element::SecureElement& element,
                              Output& output) {
  const KeyHash key = element.public_key().hash();
  const AccountId account = AccountId::prefix_of(key);
  const std::string address = codec::to_text(Address{kHomeChain, account});
  ASSIGN(const auto scheme, element::scheme_of(element.uri()));
  ASSIGN(const auto certificate, remembered(session.home(), key));
  output.say("{}", element.uri());
  output.say("  scheme      {}", scheme);
  output.say("  key         {}", codec::to_hex(key));
  output.say("  public key  {}", codec::to_hex(element.public_key().view()));
  output.say("  address     {}", address);
  output.say("  simulated   {}",
             element.simulated() ? "yes: only software guards this key"
                                 : "no: another than this program holds the key; whether that is a "
                                   "device, nobody attests");
  Json result = Json::object({{"uri", element.uri()},
                              {"scheme", scheme},
                              {"key", codec::to_hex(key)},
                              {"public_key", codec::to_hex(element.public_key().view())},
                              {"account", codec::to_hex(account)},
                              {"address", address},
                              {"simulated", element.simulated()}});
  if (certificate) {
    const auto& known = certificate->known;
    const std::string serial = codec::to_hex(known.certificate.serial());
    const std::string status(codec::enum_name(known.status));
    output.say("  certificate {} of {}, {} as of {}", serial,
               known.certificate.subject().common_name, status, time_text(known.as_of));
    result.set("certificate", Json::object({{"serial", serial},
                                            {"login", known.certificate.subject().common_name},
                                            {"status", status},
                                            {"as_of", known.as_of.value()}}));
  }
  output.result(result);
  return {};
}

Result<void> element_create(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto* passphrase, session.passphrase(true));
  ASSIGN(const auto element,
         element::create_key(arguments.text("URI"), *passphrase, session.env()));
  return describe_element(session, *element, output);
}

Result<void> element_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto element, session.key(arguments.text("URI")));
  return describe_element(session, *element, output);
}

}  // namespace

std::vector<Command> element_commands() {
  return {
      {"element create",
       "make a key in a file, token or TPM",
       "The key is made inside the element and cannot be taken out again; no command does that. "
       "The passphrase is what a file is encrypted under, a token's PIN, or what a TPM asks for "
       "with every use. docs/element.md says what each element guards.",
       {{OptionKind::positional, "URI", "URI",
         "soft:PATH, tpm:PATH, or pkcs11:token=NAME;object=NAME?module-path=FILE", true}},
       {"intaglio element create "
        "\"pkcs11:token=shop;object=a?module-path=/usr/lib/softhsm/libsofthsm2.so\"",
        "intaglio element create tpm:node.tpm?tcti=device:/dev/tpmrm0"},
       element_create},
      {"element show",
       "open a key and show what is known of it",
       "The element signs once, so that the passphrase and the key are known to be right. Shows "
       "the certificate that this home remembers for the key.",
       {{OptionKind::positional, "URI", "URI", "the key's URI, or its name in this home", true}},
       {"intaglio element show alice", "intaglio element show tpm:handle=0x81000001"},
       element_show}};
}

}  // namespace intaglio::cli
