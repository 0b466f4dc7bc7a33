#include "service/keys.h"

#include <filesystem>

#include "base/format.h"
#include "crypto/passphrase.h"
#include "element/element_uri.h"
#include "service/setup.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kSecretSize = 32;

std::string secret_path(const std::string& folder, std::string_view desk) {
  return format("{}/keys/{}.secret", folder, desk);
}
// So that one desk's secret is nothing to another.
std::string secret_context(std::string_view desk) { return format("intaglio {} secret", desk); }

}  // namespace

std::string key_path(const std::string& folder, std::string_view name) {
  return format("{}/keys/{}.key", folder, name);
}

std::string key_uri_path(const std::string& folder, std::string_view name) {
  return format("{}/keys/{}.uri", folder, name);
}

bool has_key(const std::string& folder, std::string_view name) {
  return std::filesystem::exists(key_path(folder, name)) ||
         std::filesystem::exists(key_uri_path(folder, name));
}

Result<std::string> uri_of_key(const std::string& folder, std::string_view name, Env& env) {
  const std::string path = key_path(folder, name);
  const std::string uri_path = key_uri_path(folder, name);
  const auto uri = env.read_file(uri_path, element::kMaxElementUri + 1);
  if (!uri) {
    // One that is there and cannot be read is not passed over for the other.
    if (std::filesystem::exists(uri_path)) return std::unexpected(uri.error());
    return "soft:" + path;
  }
  if (std::filesystem::exists(path)) {
    return refuse(Verdict::bad_setting, format("{} and {}: one of them is wanted", path, uri_path));
  }
  const std::string_view text = as_text(*uri);
  return std::string(text.substr(0, text.find('\n')));
}

Result<std::unique_ptr<element::SecureElement>> open_key(const std::string& folder,
                                                         std::string_view name,
                                                         const Secret& passphrase, Env& env) {
  ASSIGN(const auto uri, uri_of_key(folder, name, env));
  return element::open_key(uri, passphrase, env);
}

Result<std::unique_ptr<element::SecureElement>> make_key(const std::string& folder,
                                                         std::string_view name,
                                                         const std::string& place,
                                                         const Secret& passphrase, Env& env) {
  const std::string uri_path = key_uri_path(folder, name);
  std::error_code ignored;
  std::filesystem::remove(key_path(folder, name), ignored);
  if (place.empty()) {
    std::filesystem::remove(uri_path, ignored);
    return element::create_key("soft:" + key_path(folder, name), passphrase, env);
  }
  ASSIGN(const auto uri, element::key_uri(place, name));
  const Bytes line = to_bytes(as_bytes(uri + '\n'));
  const auto before = env.read_file(uri_path, element::kMaxElementUri + 1);
  if (!before || *before != line) {
    // Where the line stands there was no key before, so that one under this URI is of this folder.
    const auto there = element::open_key(uri, passphrase, env);
    if (there) return refuse(Verdict::element_taken, uri);
    if (there.error().verdict != Verdict::unknown_element) return std::unexpected(there.error());
    TRY(env.write_file(uri_path, line, 0600));
  }
  auto made = element::create_key(uri, passphrase, env);
  if (made || made.error().verdict != Verdict::element_taken) return made;
  return element::open_key(uri, passphrase, env);
}

Result<void> make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return refuse(Verdict::file_failed, path + " (" + failed.message() + ')');
  return {};
}

std::string consensus_folder(const std::string& folder, std::size_t number) {
  return folder + "/consensus-" + std::to_string(number);
}

Result<void> create_desk_secret(const std::string& folder, std::string_view desk,
                                const Secret& passphrase, Env& env) {
  Bytes fresh(kSecretSize);
  env.random(fresh);
  const Secret secret(std::move(fresh));
  return env.write_file(secret_path(folder, desk),
                        crypto::seal_under_passphrase(passphrase, as_bytes(secret_context(desk)),
                                                      secret.reveal(), env),
                        0600);
}

Result<Secret> open_desk_secret(const std::string& folder, std::string_view desk,
                                const Secret& passphrase, Env& env) {
  const std::string path = secret_path(folder, desk);
  ASSIGN(const auto sealed, env.read_file(path, 1024));
  auto secret = crypto::open_under_passphrase(passphrase, as_bytes(secret_context(desk)), sealed);
  if (!secret) return refuse(Verdict::element_locked, path);
  return *std::move(secret);
}

}  // namespace intaglio::service
