#include "element/applet_key.h"

#include "base/format.h"
#include "codec/hex.h"
#include "element/element_uri.h"
#include "element/pkcs11_element.h"
#include "element/soft_element.h"
#include "element/tpm_element.h"

namespace intaglio::element {
namespace {

constexpr std::size_t kAnySize = std::size_t{1} << 30;
constexpr std::size_t kNameBytes = 8;

std::unexpected<Refusal> no_such_scheme(const std::string& scheme) {
  return refuse(Verdict::unknown_element,
                format("scheme '{}' (soft, pkcs11 and tpm are known)", scheme));
}

}  // namespace

Result<std::unique_ptr<SecureElement>> create_key_for(KeyUser user, const std::string& uri,
                                                      const Secret& passphrase, Env& env) {
  ASSIGN(const auto scheme, scheme_of(uri));
  if (scheme == "soft") {
    ASSIGN(const auto path, soft_path(uri));
    return create_soft_key(path, passphrase, env);
  }
  if (scheme == "pkcs11") {
    ASSIGN(const auto parsed, parse_pkcs11_uri(uri));
    return create_pkcs11_key(user, parsed, passphrase, env);
  }
  if (scheme == "tpm") {
    ASSIGN(const auto parsed, parse_tpm_uri(uri));
    return create_tpm_key(parsed, passphrase, env);
  }
  return no_such_scheme(scheme);
}

Result<std::unique_ptr<SecureElement>> open_key_for(KeyUser user, const std::string& uri,
                                                    const Secret& passphrase, Env& env) {
  ASSIGN(const auto scheme, scheme_of(uri));
  if (scheme == "soft") {
    ASSIGN(const auto path, soft_path(uri));
    return open_soft_key(user, path, passphrase, env);
  }
  if (scheme == "pkcs11") {
    ASSIGN(const auto parsed, parse_pkcs11_uri(uri));
    return open_pkcs11_key(user, parsed, passphrase);
  }
  if (scheme == "tpm") {
    ASSIGN(const auto parsed, parse_tpm_uri(uri));
    return open_tpm_key(user, parsed, passphrase, env);
  }
  return no_such_scheme(scheme);
}

Result<void> check_user(KeyUser user, const std::string& path, Env& env) {
  if (user == KeyUser::anybody && env.read_file(path + std::string(kAppletEnding), kAnySize)) {
    return refuse(Verdict::unknown_element, path + " (the key of a payment code applet)");
  }
  return {};
}

Result<std::string> memory_path(const SecureElement& key, const std::string& folder) {
  const auto beside = [](const std::string& path) { return path + std::string(kAppletEnding); };
  if (const auto path = soft_path(key.uri())) return beside(*path);
  if (const auto tpm = parse_tpm_uri(key.uri()); tpm && !tpm->handle) return beside(tpm->path);
  if (folder.empty()) return refuse(Verdict::unknown_element, "no folder for an applet's memory");
  const KeyHash hash = key.public_key().hash();
  return format("{}/{}{}", folder, codec::to_hex(hash.view().first(kNameBytes)), kAppletEnding);
}

}  // namespace intaglio::element
