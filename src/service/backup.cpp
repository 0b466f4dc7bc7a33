#include "service/backup.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file_stream.h"
#include "base/format.h"
#include "crypto/sha256.h"
#include "crypto/sha256_pieces.h"
#include "service/comet_key.h"
#include "service/setup.h"
#include "store/chain_store.h"
#include "store/store_lock.h"

namespace intaglio::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "intaglio backup 1\n";
constexpr std::size_t kSizeBytes = 4;  // of the manifest's size, big-endian
constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr unsigned kOwnerOnly = 0600;
constexpr std::size_t kMaxKeyFile = 64 * 1024;

std::unexpected<Refusal> failed_at(const std::string& path, std::string_view why) {
  return refuse(Verdict::file_failed, format("{} ({})", path, why));
}

// The names in a folder, also in those below, relative to it.
struct Listing {
  std::vector<std::string> files;
  std::vector<std::string> folders;
};
Result<Listing> list(const std::string& folder) {
  Listing out;
  std::error_code failed;
  fs::recursive_directory_iterator each(folder, fs::directory_options::follow_directory_symlink,
                                        failed);
  for (; !failed && each != fs::recursive_directory_iterator(); each.increment(failed)) {
    const std::string path = each->path().lexically_relative(folder).string();
    (each->is_directory(failed) ? out.folders : out.files).push_back(path);
  }
  if (failed) return failed_at(folder, failed.message());
  std::ranges::sort(out.files);
  std::ranges::sort(out.folders);
  return out;
}

// Of CometBFT: it has stores of another kind, and lets go of them when its application is gone.
bool is_of_comet(const std::string& path) { return path.starts_with("comet-"); }

bool is_store(const std::string& path) {
  return !is_of_comet(path) && is_part_of_data_folder(path + "/CURRENT");
}

// What follows a name, e.g. "12" of "chain-12".
std::optional<ChainId> chain_in(const std::string& path) {
  constexpr std::string_view kChain = "chain-";
  if (!path.starts_with(kChain)) return std::nullopt;
  const auto number = codec::uint_from_digits(std::string_view(path).substr(kChain.size()));
  if (!number || *number > UINT16_MAX) return std::nullopt;
  return ChainId(static_cast<std::uint16_t>(*number));
}

Result<std::vector<BackedUpChain>> heights_in(const std::string& folder, const Listing& listing) {
  std::vector<BackedUpChain> out;
  for (const std::string& each : listing.folders) {
    if (!is_store(each) || each.ends_with("records")) continue;
    // Those of consensus nodes are looked at too: a store that does not open is no backup.
    ASSIGN(const auto tip, store::ChainStore::tip_in(folder + '/' + each));
    if (const auto chain = chain_in(each); chain && tip) out.push_back({*chain, tip->height});
  }
  std::ranges::sort(out, {}, &BackedUpChain::chain);
  return out;
}

// A key in a file is under the passphrase, or wrapped by a TPM.
Result<void> check_key(const std::string& path, Env& env) {
  ASSIGN(const auto content, env.read_file(path, kMaxKeyFile));
  const std::string_view text = as_text(content);
  for (const std::string_view kind : {"ENCRYPTED", "TSS2"}) {
    if (text.starts_with(format("-----BEGIN {} PRIVATE KEY-----", kind))) return {};
  }
  return failed_at(path, "not an encrypted key: it would be in the backup for all to read");
}

// Passes `size` bytes on, or looks at them alone, and says what they hash to. `truncated` when
// there are fewer.
Result<Digest> pass_on(OpenFile& from, std::uint64_t size, OpenFile* to) {
  Bytes piece(kPiece);
  crypto::Sha256Pieces hash;
  while (size > 0) {
    const std::span<std::uint8_t> wanted =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(size, kPiece)));
    ASSIGN(const auto got, from.read(wanted));
    if (got < wanted.size()) return refuse(Verdict::truncated);
    hash.take(wanted);
    if (to != nullptr) TRY(to->write(wanted));
    size -= got;
  }
  return hash.finish();
}

Result<BackedUpFile> look_at(const std::string& folder, const std::string& path) {
  const std::string whole = folder + '/' + path;
  std::error_code failed;
  const std::uint64_t size = fs::file_size(whole, failed);
  if (failed) return failed_at(whole, failed.message());
  ASSIGN(auto file, OpenFile::read(whole));
  ASSIGN(const auto digest, pass_on(file, size, nullptr));
  return BackedUpFile{path, size, digest};
}

Result<void> write_backup(const std::string& folder, const BackupManifest& manifest,
                          OpenFile& out) {
  const Bytes encoded = manifest.encode();
  if (encoded.size() > BackupManifest::kMaxBytes) return refuse(Verdict::too_large, "manifest");
  Bytes head = to_bytes(as_bytes(kHead));
  for (std::size_t i = kSizeBytes; i-- > 0;) {
    head.push_back(static_cast<std::uint8_t>(encoded.size() >> (8 * i)));
  }
  TRY(out.write(head));
  TRY(out.write(encoded));
  TRY(out.write(crypto::sha256(encoded).view()));
  for (const BackedUpFile& file : manifest.files) {
    ASSIGN(auto in, OpenFile::read(folder + '/' + file.path));
    ASSIGN(const auto digest, pass_on(in, file.size, &out));
    if (digest != file.digest) return failed_at(file.path, "it changed meanwhile");
  }
  return out.sync();
}

// Under its own name only when it is whole; never in the place of another.
Result<void> put_in_place(const std::string& draft, const std::string& place) {
  std::error_code failed;
  fs::create_hard_link(draft, place, failed);
  if (failed) return failed_at(place, failed.message());
  fs::remove(draft, failed);
  failed = sync_folder(fs::path(place).parent_path());
  if (failed) return failed_at(place, failed.message());
  return {};
}

// At the beginning of the file's bytes when it returns.
Result<BackedUp> read_manifest(OpenFile& in) {
  Bytes head(kHead.size() + kSizeBytes);
  ASSIGN(const auto got, in.read(head));
  const ByteView begin = ByteView(head).first(std::min(got, kHead.size()));
  if (!kHead.starts_with(as_text(begin)) || begin.empty()) {
    return refuse(Verdict::bad_encoding, "not a backup");
  }
  if (got < head.size()) return refuse(Verdict::truncated, "manifest");
  std::size_t size = 0;
  for (std::size_t i = 0; i < kSizeBytes; ++i) size = size << 8 | head[kHead.size() + i];
  if (size > BackupManifest::kMaxBytes) return refuse(Verdict::too_large, "manifest");
  Bytes encoded(size + Digest::kSize);
  ASSIGN(const auto read, in.read(encoded));
  if (read < encoded.size()) return refuse(Verdict::truncated, "manifest");
  const ByteView bytes = ByteView(encoded).first(size);
  const Digest digest = crypto::sha256(bytes);
  if (!equal(digest.view(), ByteView(encoded).subspan(size)))
    return failed_at("manifest", "damaged");
  auto manifest = BackupManifest::decode(bytes);
  if (!manifest) return refuse_within("manifest", manifest.error());
  return BackedUp{*std::move(manifest), digest, {}};
}

// Each file of it, handed to `take` to be read from `in`, which stands at its first byte.
template <typename Take>
Result<BackedUp> read_backup(const std::string& file, const Take& take) {
  ASSIGN(auto in, OpenFile::read(file));
  const auto read = [&]() -> Result<BackedUp> {
    ASSIGN(auto out, read_manifest(in));
    for (const BackedUpFile& each : out.manifest.files) {
      const Result<Digest> digest = take(in, each);
      if (!digest) return refuse_within(each.path, digest.error());
      if (*digest != each.digest) return failed_at(each.path, "damaged");
    }
    std::uint8_t more[1];
    ASSIGN(const auto left, in.read(more));
    if (left > 0) return refuse(Verdict::trailing_bytes);
    return out;
  };
  auto out = read();
  if (out) return out;
  const Refusal& why = out.error();
  return refuse(why.verdict, why.where.empty() ? file : format("{}: {}", file, why.where));
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return failed_at(folder.string(), failed.message());
  return {};
}

// All names in it, those below first.
Result<void> sync_names(const std::string& folder) {
  ASSIGN(const auto listing, list(folder));
  std::error_code failed;
  for (auto each = listing.folders.rbegin(); !failed && each != listing.folders.rend(); ++each) {
    failed = sync_folder(fs::path(folder) / *each);
  }
  if (!failed) failed = sync_folder(folder);
  if (failed) return failed_at(folder, failed.message());
  return {};
}

// New ones for each home of CometBFT in it, by chain.
Result<std::vector<crypto::Ed25519Key>> make_validator_keys(const std::string& folder, Env& env) {
  std::vector<crypto::Ed25519Key> out;
  for (std::string home = folder + "/comet-0"; fs::exists(home);
       home = format("{}/comet-{}", folder, out.size())) {
    const CometKey key = CometKey::make(env);
    TRY(write_validator_key(home, key, env));
    out.push_back(key.key);
  }
  return out;
}

Result<Restored> restore_into(const std::string& file, const std::string& draft, Env& env) {
  TRY(make_folders(draft));
  std::error_code failed;
  fs::permissions(draft, fs::perms::owner_all, failed);
  if (failed) return failed_at(draft, failed.message());
  const auto write = [&](OpenFile& in, const BackedUpFile& each) -> Result<Digest> {
    const fs::path place = fs::path(draft) / each.path;
    TRY(make_folders(place.parent_path()));
    const bool is_key =
        place.parent_path().filename() == "keys" || place.filename() == "node_key.json";
    ASSIGN(auto to, OpenFile::create(place.string(), is_key ? kOwnerOnly : 0644));
    ASSIGN(const auto digest, pass_on(in, each.size, &to));
    TRY(to.sync());
    return digest;
  };
  Restored out;
  ASSIGN(out.backup, read_backup(file, write));
  ASSIGN(out.validators, make_validator_keys(draft, env));
  TRY(sync_names(draft));
  return out;
}

}  // namespace

Result<BackedUp> make_backup(const std::string& folder, const std::string& file, Env& env) {
  if (fs::exists(file)) return failed_at(file, "there is one");
  ASSIGN(const auto genesis, read_genesis(folder, env));
  ASSIGN(const auto before, list(folder));
  std::vector<store::StoreLock> locks;
  for (const std::string& each : before.folders) {
    if (!is_store(each)) continue;
    ASSIGN(auto lock, store::StoreLock::take(folder + '/' + each));
    locks.push_back(std::move(lock));
  }
  BackedUp out{.manifest = {.ledger = ledger::ledger_id(genesis),
                            .made_at = env.now(),
                            .chains = {},
                            .files = {}},
               .digest = {},
               .left_out = {}};
  ASSIGN(const auto listing, list(folder));
  ASSIGN(out.manifest.chains, heights_in(folder, listing));
  for (const std::string& each : listing.files) {
    if (!is_part_of_data_folder(each)) {
      const bool of_store = is_store(fs::path(each).parent_path().string());
      if (!of_store && !is_of_comet(each)) out.left_out.push_back(each);
      continue;
    }
    if (each.ends_with(".key")) TRY(check_key(folder + '/' + each, env));
    ASSIGN(auto looked_at, look_at(folder, each));
    out.manifest.files.push_back(std::move(looked_at));
  }
  if (out.manifest.files.size() > BackupManifest::kMaxFiles) {
    return refuse(Verdict::too_large, "files");
  }
  out.digest = crypto::sha256(out.manifest.encode());
  const std::string draft = file + ".new";
  std::error_code ignored;
  fs::remove(draft, ignored);
  const auto made = [&]() -> Result<void> {
    ASSIGN(auto to, OpenFile::create(draft, kOwnerOnly));
    TRY(write_backup(folder, out.manifest, to));
    return put_in_place(draft, file);
  }();
  if (!made) {
    fs::remove(draft, ignored);
    return std::unexpected(made.error());
  }
  return out;
}

Result<BackedUp> check_backup(const std::string& file) {
  return read_backup(
      file, [](OpenFile& in, const BackedUpFile& each) { return pass_on(in, each.size, nullptr); });
}

Result<Restored> restore_backup(const std::string& file, const std::string& folder, Env& env) {
  std::error_code failed;
  if (fs::exists(folder + "/genesis.cbor")) return failed_at(folder, "it has a ledger");
  if (fs::exists(folder) && !fs::is_empty(folder, failed)) return failed_at(folder, "not empty");
  const fs::path place = fs::path(folder + '/').parent_path();
  const std::string draft = place.string() + ".restoring";
  fs::remove_all(draft, failed);
  if (failed) return failed_at(draft, failed.message());
  auto out = restore_into(file, draft, env);
  if (!out) {
    fs::remove_all(draft, failed);
    return out;
  }
  // Over an empty folder or nothing, in one step.
  fs::rename(draft, place, failed);
  if (!failed) failed = sync_folder(place.parent_path());
  if (failed) return failed_at(folder, failed.message());
  return out;
}

}  // namespace intaglio::service
