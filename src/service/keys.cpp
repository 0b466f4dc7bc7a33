#include "service/keys.h"

#include "base/format.h"
#include "crypto/passphrase.h"

namespace intaglio::service {
namespace {

constexpr std::string_view kContext = "intaglio display secret";
constexpr std::size_t kSecretSize = 32;

std::string display_secret_path(const std::string& folder) {
  return folder + "/keys/display.secret";
}

}  // namespace

std::string key_path(const std::string& folder, std::string_view name) {
  return format("{}/keys/{}.key", folder, name);
}

std::string consensus_folder(const std::string& folder, std::size_t number) {
  return folder + "/consensus-" + std::to_string(number);
}

Result<void> create_display_secret(const std::string& folder, const Secret& passphrase, Env& env) {
  Bytes fresh(kSecretSize);
  env.random(fresh);
  const Secret secret(std::move(fresh));
  return env.write_file(
      display_secret_path(folder),
      crypto::seal_under_passphrase(passphrase, as_bytes(kContext), secret.reveal(), env), 0600);
}

Result<Secret> open_display_secret(const std::string& folder, const Secret& passphrase, Env& env) {
  const std::string path = display_secret_path(folder);
  ASSIGN(const auto sealed, env.read_file(path, 1024));
  auto secret = crypto::open_under_passphrase(passphrase, as_bytes(kContext), sealed);
  if (!secret) return refuse(Verdict::element_locked, path);
  return *std::move(secret);
}

}  // namespace intaglio::service
