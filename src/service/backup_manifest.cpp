// What is in a backup and what may be: no I/O here.
#include <algorithm>

#include "base/format.h"
#include "service/backup.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kMaxPath = 256;
constexpr std::uint64_t kMaxTotal = std::uint64_t{1} << 50;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    out.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, allowed);
}

// "chain-12"
bool is_numbered(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind)) return false;
  return codec::uint_from_digits(name.substr(kind.size())).has_value();
}

bool is_store(std::string_view name) { return name == "records" || is_numbered(name, "chain-"); }

bool ends_with_one_of(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view each) { return name.ends_with(each); });
}

// RocksDB's lock and its own log say nothing of what is stored.
bool is_of_store(std::string_view name) {
  return name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old.");
}

// What a node of CometBFT needs to go on, its place below `comet-N`. Not the key that it votes
// with, nor what it voted for last: from a copy of those it would vote twice.
bool is_of_comet(std::span<const std::string_view> parts) {
  if (parts.size() == 2 && parts[0] == "config") {
    return parts[1] == "config.toml" || parts[1] == "genesis.json" || parts[1] == "node_key.json";
  }
  return parts.size() == 3 && parts[0] == "data" && parts[1].ends_with(".db") &&
         (parts[2] == "CURRENT" || parts[2].starts_with("MANIFEST-") ||
          ends_with_one_of(parts[2], {".ldb", ".log"}));
}

bool is_part(std::string_view folder, std::string_view name) {
  if (is_store(folder)) return is_of_store(name);
  if (folder == "keys") return ends_with_one_of(name, {".key", ".uri", ".secret", ".tpm"});
  if (folder == "authority") return ends_with_one_of(name, {".pem", ".csr", ".crl"});
  return folder == "tls" && name.ends_with(".pem");
}

Result<void> check(const BackupManifest& manifest) {
  for (std::size_t i = 1; i < manifest.chains.size(); ++i) {
    if (manifest.chains[i - 1].chain >= manifest.chains[i].chain) {
      return refuse(Verdict::bad_value, format("chains[{}]", i));
    }
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < manifest.files.size(); ++i) {
    const BackedUpFile& file = manifest.files[i];
    const bool ascends = i == 0 || manifest.files[i - 1].path < file.path;
    if (!ascends || !is_part_of_data_folder(file.path) || file.size > kMaxTotal - total) {
      return refuse(Verdict::bad_value, format("files[{}]", i));
    }
    total += file.size;
  }
  return {};
}

}  // namespace

bool is_part_of_data_folder(std::string_view path) {
  if (path.size() > kMaxPath) return false;
  auto parts = split(path);
  if (!std::ranges::all_of(parts, is_name)) return false;
  if (parts.size() > 1 && is_numbered(parts.front(), "consensus-")) parts.erase(parts.begin());
  if (parts.size() == 1) {
    return parts[0] == "genesis.cbor" || parts[0] == "network.json" || parts[0] == "serve.toml";
  }
  if (is_numbered(parts[0], "comet-")) return is_of_comet(std::span(parts).subspan(1));
  return parts.size() == 2 && is_part(parts[0], parts[1]);
}

Bytes BackupManifest::encode() const {
  codec::CborWriter out;
  out.array(4);
  codec::FieldType<LedgerId>::write(out, ledger);
  codec::FieldType<Millis>::write(out, made_at);
  codec::FieldType<std::vector<BackedUpChain>>::write(out, chains);
  out.array(files.size());  // there may be more than a field of a record takes
  for (const BackedUpFile& file : files) codec::write_record(out, file);
  return out.take();
}

Result<BackupManifest> BackupManifest::decode(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxBytes, .depth = 4, .items = kMaxFiles});
  BackupManifest out;
  ASSIGN(const auto parts, in.array());
  if (parts != 4) return refuse(Verdict::bad_value, "parts");
  ASSIGN(out.ledger, codec::FieldType<LedgerId>::read(in));
  ASSIGN(out.made_at, codec::FieldType<Millis>::read(in));
  ASSIGN(out.chains, codec::FieldType<std::vector<BackedUpChain>>::read(in));
  ASSIGN(const auto count, in.array());
  for (std::size_t i = 0; i < count; ++i) {
    auto file = codec::read_record<BackedUpFile>(in);
    if (!file) return refuse_within(format("files[{}]", i), file.error());
    out.files.push_back(*std::move(file));
  }
  TRY(in.finish());
  TRY(check(out));
  return out;
}

}  // namespace intaglio::service
