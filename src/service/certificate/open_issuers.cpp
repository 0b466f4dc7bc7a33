#include "service/certificate/open_issuers.h"

#include <algorithm>
#include <future>

#include "base/format.h"
#include "base/log.h"
#include "service/keys.h"

namespace intaglio::service {
namespace {

using Key = std::unique_ptr<element::SecureElement>;

IssuerState state_of(const Issuer& issuer, bool has_voice, Millis now) {
  if (issuer.revocation) return IssuerState::revoked;
  if (now >= issuer.certificate.validity().not_after) return IssuerState::ended;
  return has_voice ? IssuerState::kept : IssuerState::key_gone;
}

// Of one that issues no more: what is not there is missed by nobody but who asks of its own.
Result<Key> open_kept(const std::string& folder, const Issuer& issuer, const Secret& passphrase,
                      Env& env) {
  if (env.now() >= issuer.certificate.validity().not_after) return Key();
  auto key = open_key(folder, issuer.name, passphrase, env);
  if (key) return key;
  log::warning("{}: {}: nothing is said of its certificates", issuer.name, to_string(key.error()));
  return Key();
}

}  // namespace

Result<OpenIssuers> open_issuers(const std::string& folder, const Secret& passphrase, Env& env) {
  ASSIGN(auto root, read_certificate(folder + "/authority/root.pem", env));
  ASSIGN(auto list, installed_root_list(folder, env));
  ASSIGN(const auto installed, installed_issuers(folder, env));
  if (installed.empty()) {
    return refuse(Verdict::file_failed, folder + "/authority/issuing.pem (not certified yet)");
  }
  std::vector<Issuer> all;
  for (const InstalledIssuer& each : installed) {
    all.push_back({.name = each.name(),
                   .certificate = each.certificate,
                   .revocation = list ? find_on(*list, each.certificate) : std::nullopt});
  }
  const auto current =
      std::ranges::find_if(all, [](const Issuer& each) { return !each.revocation; });
  if (current == all.end()) return refuse(Verdict::certificate_revoked, all.front().name);
  const std::string cmp_name =
      numbered("cmp", installed[static_cast<std::size_t>(current - all.begin())].number);
  std::rotate(all.begin(), current, std::next(current));

  // Each takes a fifth of a second on purpose: side by side.
  auto cmp_opened =
      std::async(std::launch::async, [&] { return open_key(folder, cmp_name, passphrase, env); });
  std::vector<std::future<Result<Key>>> opened;
  for (const Issuer& each : all) {
    opened.push_back(std::async(std::launch::async, [&, is_current = &each == &all.front()] {
      return is_current ? open_key(folder, each.name, passphrase, env)
                        : open_kept(folder, each, passphrase, env);
    }));
  }
  std::vector<Key> keys;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSIGN(auto key, opened[i].get());
    if (i > 0) all[i].state = state_of(all[i], key != nullptr, env.now());
    if (key == nullptr) continue;
    all[i].signer = element::signer_of(*key);
    keys.push_back(std::move(key));
  }
  ASSIGN(auto cmp_key, cmp_opened.get());
  ASSIGN(auto cmp, read_certificate(format("{}/authority/{}.pem", folder, cmp_name), env));
  return OpenIssuers{std::move(keys), Issuers(std::move(root), std::move(list), std::move(all)),
                     std::move(cmp_key), std::move(cmp)};
}

}  // namespace intaglio::service
