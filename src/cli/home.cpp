#include "cli/home.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/format.h"
#include "element/soft_element.h"

namespace intaglio::cli {
namespace {

using codec::Json;
namespace fs = std::filesystem;

constexpr unsigned kOwnerOnly = 0600;
constexpr std::size_t kMaxFile = 256 * 1024;
constexpr std::size_t kMaxName = 64;
constexpr const char* kGenesisFile = "/genesis.cbor";

std::string certificate_file(const proof::KeyId& key) {
  return "certificates/" + codec::to_hex(key) + ".json";
}
std::string answer_file(const crypto::PublicKey& key) {
  return "enrolments/" + codec::to_hex(proof::KeyId::prefix_of(key.hash())) + ".json";
}
std::string signed_file(const ClientId& client) {
  return "signed/" + codec::to_hex(client) + ".cose";
}

template <codec::Record T>
Result<T> record_in(const Json& json, const std::string& file) {
  auto record = codec::record_from_json<T>(json);
  if (!record) return refuse_within(file, record.error());
  return record;
}

}  // namespace

Result<void> check_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  const bool good = !name.empty() && name.size() <= kMaxName && name.front() != '-' &&
                    std::ranges::all_of(name, is_plain);
  if (!good) return refuse(Verdict::bad_value, "name: letters, digits, - and _ only");
  if (codec::address_from_text(name)) return refuse(Verdict::bad_value, "name: an address");
  return {};
}

Result<std::string> Home::default_folder() {
  if (const char* folder = std::getenv("INTAGLIO_HOME"); folder != nullptr && *folder != '\0') {
    return std::string(folder);
  }
  if (const char* user = std::getenv("HOME"); user != nullptr && *user != '\0') {
    return std::string(user) + "/.intaglio";
  }
  return refuse(Verdict::bad_setting, "no --home, $INTAGLIO_HOME or $HOME");
}

Result<Json> Home::read_json(const std::string& path) const {
  ASSIGN(const auto bytes, env_->read_file(folder_ + '/' + path, kMaxFile));
  auto json = codec::parse_json(as_text(bytes), {.bytes = kMaxFile});
  if (!json) return refuse_within(folder_ + '/' + path, json.error());
  return json;
}

Result<void> Home::make_folder(const std::string& name) {
  std::error_code error;
  for (const auto& folder : {folder_, folder_ + '/' + name}) {
    if (fs::is_directory(folder, error)) continue;
    fs::create_directories(folder, error);
    if (!error) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return refuse(Verdict::file_failed, format("{} ({})", folder, error.message()));
  }
  return {};
}

Result<void> Home::write_json(const std::string& path, const Json& value) {
  const std::size_t slash = path.find('/');
  TRY(make_folder(slash == std::string::npos ? "" : path.substr(0, slash)));
  return env_->write_file(folder_ + '/' + path, as_bytes(value.pretty() + '\n'), kOwnerOnly);
}

std::vector<std::string> Home::names_in(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_ + '/' + folder, error)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem().string();
    if (check_name(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Result<NodeSettings> Home::node() const {
  std::error_code error;
  if (!fs::exists(folder_ + "/node.json", error)) {
    return refuse(Verdict::bad_setting,
                  folder_ + " knows no node: intaglio connect URL --trust FILE");
  }
  ASSIGN(const auto json, read_json("node.json"));
  return record_in<NodeSettings>(json, "node.json");
}

Result<std::optional<http::Trust>> Home::trust() const {
  std::error_code error;
  if (!fs::exists(folder_ + "/node.pem", error)) return std::nullopt;
  ASSIGN(const auto pem, env_->read_file(folder_ + "/node.pem", kMaxFile));
  ASSIGN(auto trust, trust_from_pem(as_text(pem)));
  return trust;
}

Result<StoredLedger> Home::ledger() const {
  TRY(node());
  ASSIGN(const auto json, read_json("ledger.json"));
  const Json* said = json.find("ledger");
  if (said == nullptr) return refuse(Verdict::missing_field, "ledger.json.ledger");
  auto info = LedgerInfo::from_json(*said);
  if (!info) return refuse_within("ledger.json", info.error());
  ASSIGN(const auto fetched_at, json.uint_at("fetched_at"));
  return StoredLedger{*std::move(info), Millis(fetched_at)};
}

Result<void> Home::connect(const NodeSettings& settings, std::string_view trust_pem,
                           const LedgerInfo& ledger) {
  TRY(write_json("ledger.json",
                 Json::object({{"fetched_at", env_->now().value()}, {"ledger", ledger.json}})));
  std::error_code absent;
  fs::remove(folder_ + kGenesisFile, absent);  // maybe another ledger's
  if (trust_pem.empty()) {
    std::error_code ignored;
    fs::remove(folder_ + "/node.pem", ignored);
  } else {
    TRY(env_->write_file(folder_ + "/node.pem", as_bytes(trust_pem), kOwnerOnly));
  }
  return write_json("node.json", codec::record_to_json(settings));
}

Result<std::optional<ledger::Genesis>> Home::genesis() const {
  std::error_code error;
  const std::string path = folder_ + kGenesisFile;
  if (!fs::exists(path, error)) return std::nullopt;
  ASSIGN(const auto settings, node());
  ASSIGN(const auto bytes, env_->read_file(path, ledger::kMaxGenesis));
  auto genesis = ledger::genesis_from_bytes(bytes);
  if (!genesis) return refuse_within(path, genesis.error());
  if (ledger::ledger_id(*genesis) != settings.ledger) return refuse(Verdict::wrong_ledger, path);
  return *std::move(genesis);
}

Result<void> Home::keep_genesis(ByteView genesis) {
  TRY(make_folder(""));
  return env_->write_file(folder_ + kGenesisFile, genesis, kOwnerOnly);
}

Result<StoredKey> Home::key(const std::string& name) const {
  TRY(check_name(name));
  const auto json = read_json("keys/" + name + ".json");
  if (!json) return refuse(Verdict::unknown_element, format("key {} in {}", name, folder_));
  return record_in<StoredKey>(*json, "keys/" + name + ".json");
}

Result<void> Home::add_key(const std::string& name, const StoredKey& key) {
  TRY(check_name(name));
  if (this->key(name)) return refuse(Verdict::conflict, format("key {} in {}", name, folder_));
  return write_json("keys/" + name + ".json", codec::record_to_json(key));
}

std::vector<std::string> Home::key_names() const { return names_in("keys"); }

Result<std::string> Home::new_key_uri(const std::string& name) {
  TRY(check_name(name));
  TRY(make_folder("keys"));
  // Absolute, so that the key is found from any working directory.
  std::error_code failed;
  const auto folder = std::filesystem::absolute(folder_, failed);
  if (failed) return refuse(Verdict::file_failed, folder_ + ": " + failed.message());
  return format("soft:{}/keys/{}.key", folder.string(), name);
}

Result<StoredDisplay> Home::display(const std::string& name) const {
  TRY(check_name(name));
  const auto json = read_json("displays/" + name + ".json");
  if (!json) return refuse(Verdict::unknown_display, format("display {} in {}", name, folder_));
  return record_in<StoredDisplay>(*json, "displays/" + name + ".json");
}

Result<void> Home::save_display(const std::string& name, const StoredDisplay& display) {
  TRY(check_name(name));
  return write_json("displays/" + name + ".json", codec::record_to_json(display));
}

std::vector<std::string> Home::display_names() const { return names_in("displays"); }

Result<std::string> Home::new_display_uri(const std::string& name) {
  TRY(check_name(name));
  TRY(make_folder("displays"));
  return format("soft:{}/displays/{}.key", folder_, name);
}

Result<KeyReference> Home::key_reference(const std::string& text) const {
  if (const auto whole = codec::id_from_hex<KeyHash>(text)) {
    return KeyReference{proof::KeyId::prefix_of(*whole), *whole};
  }
  if (const auto prefix = codec::id_from_hex<proof::KeyId>(text)) {
    return KeyReference{*prefix, std::nullopt};
  }
  if (const auto known = display(text)) {
    const KeyHash whole = known->key.hash();
    return KeyReference{proof::KeyId::prefix_of(whole), whole};
  }
  ASSIGN(const auto stored, key(text));
  const KeyHash whole = stored.key.hash();
  return KeyReference{proof::KeyId::prefix_of(whole), whole};
}

Result<StoredCertificate> Home::certificate(const proof::KeyId& key) const {
  const auto json = read_json(certificate_file(key));
  if (!json) return refuse(Verdict::unknown_certificate, codec::to_hex(key));
  const Json* said = json->find("certificate");
  if (said == nullptr) return refuse(Verdict::missing_field, certificate_file(key));
  auto known = KnownCertificate::from_json(*said);
  if (!known) return refuse_within(certificate_file(key), known.error());
  ASSIGN(const auto fetched_at, json->uint_at("fetched_at"));
  return StoredCertificate{*std::move(known), Millis(fetched_at)};
}

Result<std::vector<StoredCertificate>> Home::certificates() const {
  std::vector<StoredCertificate> out;
  for (const std::string& name : names_in("certificates")) {
    const auto key = codec::id_from_hex<proof::KeyId>(name);
    if (!key) continue;
    ASSIGN(auto stored, certificate(*key));
    out.push_back(std::move(stored));
  }
  return out;
}

Result<void> Home::remember(const KnownCertificate& certificate) {
  const auto key = proof::KeyId::prefix_of(certificate.certificate.key_hash());
  return write_json(certificate_file(key), Json::object({{"fetched_at", env_->now().value()},
                                                         {"certificate", certificate.json}}));
}

std::optional<KeptAnswer> Home::kept_answer(const crypto::PublicKey& key) const {
  const auto json = read_json(answer_file(key));
  if (!json) return std::nullopt;
  auto answer = codec::record_from_json<KeptAnswer>(*json);
  if (!answer || answer->key != key) return std::nullopt;
  return *std::move(answer);
}

Result<void> Home::keep_answer(const KeptAnswer& answer) {
  return write_json(answer_file(answer.key), codec::record_to_json(answer));
}

void Home::forget_answer(const crypto::PublicKey& key) {
  std::error_code absent;
  fs::remove(folder_ + '/' + answer_file(key), absent);
}

std::optional<Bytes> Home::signed_before(const ClientId& client) const {
  auto bytes = env_->read_file(folder_ + '/' + signed_file(client), kMaxFile);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

Result<void> Home::remember_signed(const ClientId& client, ByteView transaction) {
  TRY(make_folder("signed"));
  return env_->write_file(folder_ + '/' + signed_file(client), transaction, kOwnerOnly);
}

Result<http::Trust> trust_from_pem(std::string_view pem) {
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) {
    return refuse(Verdict::bad_setting, "no certificate in PEM");
  }
  const auto one = pki::Certificate::from_pem(pem);
  if (one && !one->is_authority()) return http::PinnedCertificate{std::string(pem)};
  return http::TrustedAuthorities{std::string(pem)};
}

Result<Address> address_from_name(const Home& home, std::string_view text) {
  auto address = codec::address_from_text(text);
  if (address) return address;
  // Mistyped, and no name by any chance: what is wrong with it as an address says more.
  if (address.error().verdict == Verdict::bad_checksum) {
    return refuse(Verdict::bad_checksum, "address " + std::string(text.substr(0, 60)));
  }
  const std::size_t at = text.find('@');
  const std::string name(text.substr(0, at));
  ChainId chain = kHomeChain;
  if (at != std::string_view::npos) {
    const auto number = codec::uint_from_digits(text.substr(at + 1));
    if (!number || *number > UINT16_MAX) return refuse(Verdict::bad_value, "chain behind the @");
    chain = ChainId(static_cast<std::uint16_t>(*number));
  }
  if (!check_name(name)) {
    return refuse(Verdict::bad_value,
                  "neither address nor name: " + std::string(text.substr(0, 60)));
  }
  ASSIGN(const auto key, home.key(name));
  return Address{chain, key.account()};
}

}  // namespace intaglio::cli
