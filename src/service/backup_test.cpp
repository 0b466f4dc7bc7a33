#include "service/backup.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

namespace fs = std::filesystem;

BackupManifest manifest_of(std::vector<BackedUpFile> files) {
  return {.ledger = {},
          .made_at = Millis(1000),
          .chains = {{ChainId(1), Height(7)}},
          .files = std::move(files)};
}

// docs/reference/formats.md works this example.
TEST(BackupManifest, HasItsFrozenBytes) {
  const std::string zeros(64, '0');
  EXPECT_EQ(codec::to_hex(manifest_of({{"keys/node.key", 300, {}}}).encode()),
            "84"
            "5820" +
                zeros +
                "1903e8"
                "81"
                "a201010207"
                "81"
                "a3"
                "016d6b6579732f6e6f64652e6b6579"
                "0219012c"
                "035820" +
                zeros);
}

TEST(BackupManifest, DecodesWhatItEncodesAndNothingThatLeadsElsewhere) {
  const auto right = manifest_of({{"chain-1/000012.sst", 5, {}}, {"genesis.cbor", 1, {}}});
  EXPECT_EQ(must(BackupManifest::decode(right.encode())), right);
  EXPECT_EQ(verdict_of(BackupManifest::decode(manifest_of({{"b", 0, {}}}).encode())),
            Verdict::bad_value);
  const auto refused = [](std::vector<BackedUpFile> files) {
    const auto decoded = BackupManifest::decode(manifest_of(std::move(files)).encode());
    return decoded ? "decoded" : to_string(decoded.error()).substr(0, 20);
  };
  EXPECT_EQ(refused({{"genesis.cbor", 0, {}}, {"genesis.cbor", 0, {}}}), "bad_value at files[1");
  EXPECT_EQ(refused({{"genesis.cbor", std::uint64_t{1} << 51, {}}}), "bad_value at files[0");
}

TEST(BackupManifest, KnowsWhatIsPartOfADataFolder) {
  for (const char* path :
       {"genesis.cbor", "keys/node.key", "keys/node.uri", "keys/client.secret",
        "authority/issuing.pem", "tls/certificate.pem", "records/CURRENT",
        "chain-0/MANIFEST-000004", "chain-12/000007.sst", "consensus-1/genesis.cbor",
        "consensus-2/chain-0/000003.log", "network.json", "serve.toml",
        "comet-0/config/config.toml", "comet-0/config/genesis.json",
        "comet-12/config/node_key.json", "comet-0/data/state.db/CURRENT",
        "comet-0/data/blockstore.db/MANIFEST-000000", "comet-0/data/blockstore.db/000001.ldb"}) {
    EXPECT_TRUE(is_part_of_data_folder(path)) << path;
  }
  for (const char* path : {"",
                           "/genesis.cbor",
                           "passphrase",
                           "keys",
                           "keys/passphrase",
                           "keys/.key",
                           "keys/a/b.key",
                           "../genesis.cbor",
                           "keys/../a.key",
                           "keys/a b.key",
                           "chain-0/LOCK",
                           "chain-0/LOG",
                           "records/LOG.old.1",
                           "chain-/CURRENT",
                           "chain-0.beginning/CURRENT",
                           "chain-0/a/CURRENT",
                           "consensus-1/consensus-2/genesis.cbor",
                           "consensus-1",
                           "authority/node.key",
                           "comet-0/config/priv_validator_key.json",
                           "comet-0/data/priv_validator_state.json",
                           "comet-0/config/addrbook.json",
                           "comet-0/data/cs.wal/wal",
                           "comet-0/data/state.db/LOCK",
                           "comet-0/data/state.db/LOG",
                           "comet-/config/config.toml",
                           "comet-0/config.toml",
                           "comet-0/data/state/CURRENT",
                           "consensus-1/network.json/x"}) {
    EXPECT_FALSE(is_part_of_data_folder(path)) << path;
  }
}

Bytes content(const std::string& path) {
  return must(system_env().read_file(path, std::size_t{1} << 30));
}

void write(const std::string& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

class Backups : public ::testing::Test {
 protected:
  Result<BackedUp> make(const std::string& name = "a.backup") {
    return make_backup(node_.folder(), away_ / name, system_env());
  }
  // Why the backup with these bytes is none.
  std::string refusal_of(const Bytes& bytes) {
    const std::string file = away_ / "altered.backup";
    write(file, bytes);
    const auto checked = check_backup(file);
    if (checked) return "whole";
    return format("{} at {}", describe(checked.error().verdict).name,
                  checked.error().where.substr(file.size() + 2));
  }
  // A restore of the same refuses it too, and leaves nothing.
  Verdict restored() {
    const auto done = restore_backup(away_ / "altered.backup", away_ / "none", system_env());
    EXPECT_FALSE(fs::exists(away_ / "none"));
    EXPECT_FALSE(fs::exists(away_ / "none.restoring"));
    return verdict_of(done);
  }

  NodeForTest node_;
  FolderForTest away_;
};

TEST_F(Backups, GiveBackTheWholeFolderAndTheNodeGoesOn) {
  const auto alice = element::make_passing_key();
  const auto bob = element::make_passing_key();
  const Login login = node_.login("alice", *alice);
  const auto first = must(node_.enrol(login, pki::CertificateUsage::holder, *alice));
  const auto second =
      must(node_.enrol(node_.login("bob", *bob), pki::CertificateUsage::holder, *bob));
  ASSERT_TRUE(node_->authority().set_status(second.key_hash(), ledger::KeyStatus::revoked,
                                            pki::RevocationReason::key_compromise));
  const std::uint64_t list = must(node_->status_desk().list()).content().number;
  const auto secret =
      must(node_->client_desk().expect("alice", pki::CertificateUsage::holder, seconds(60)));
  EXPECT_EQ(verdict_of(make()), Verdict::folder_taken) << "it runs";
  EXPECT_FALSE(fs::exists(away_ / "a.backup"));
  const Height height = node_->gateway().chain(ChainId(0))->store().tip().height;
  node_.close();

  write(node_.folder() + "/passphrase", as_bytes("correct horse"));
  const auto made = must(make());
  EXPECT_EQ(made.left_out, std::vector<std::string>{"passphrase"});
  ASSERT_EQ(made.manifest.chains.size(), 3U);
  EXPECT_GE(made.manifest.chains.front().height, height);
  EXPECT_EQ(as_text(content(away_ / "a.backup")).find("correct horse"), std::string_view::npos);
  EXPECT_EQ(verdict_of(make()), Verdict::file_failed) << "there is one";
  EXPECT_EQ(must(check_backup(away_ / "a.backup")).digest, made.digest);

  const std::string again = away_ / "again";
  const auto restored = must(restore_backup(away_ / "a.backup", again, system_env()));
  EXPECT_EQ(restored.backup.manifest, made.manifest);
  EXPECT_TRUE(restored.validators.empty());
  for (const BackedUpFile& file : made.manifest.files) {
    EXPECT_EQ(content(again + '/' + file.path), content(node_.folder() + '/' + file.path));
  }
  const auto is_for_others = [](const std::string& path) {
    return (fs::status(path).permissions() & fs::perms(077)) != fs::perms::none;
  };
  EXPECT_FALSE(is_for_others(again));
  EXPECT_FALSE(is_for_others(again + "/keys/node.key"));
  EXPECT_FALSE(is_for_others(away_ / "a.backup"));
  EXPECT_EQ(verdict_of(restore_backup(away_ / "a.backup", again, system_env())),
            Verdict::file_failed);

  auto node = must(Node::open(again, test_passphrase(), system_env()));
  node->start();
  EXPECT_EQ(must(node->authority().find(first.key_hash())).der, first.der());
  EXPECT_EQ(verdict_of(node->authority().check_standing(second)), Verdict::certificate_revoked);
  EXPECT_GT(must(node->status_desk().list()).content().number, list);
  EXPECT_TRUE(equal(must(node->client_desk().secret_of(secret.reference)).reveal(),
                    secret.secret.reveal()));
  EXPECT_EQ(must(node->authority().login_named("alice")).key, login.key);
}

TEST_F(Backups, NameTheFileThatIsDamagedOrWhereTheyEnd) {
  node_.close();
  const auto made = must(make());
  const Bytes whole = content(away_ / "a.backup");
  std::uint64_t contents = 0;
  for (const BackedUpFile& file : made.manifest.files) contents += file.size;
  std::uint64_t at = whole.size() - contents;

  Bytes altered = whole;
  altered[at - 1] ^= 1;  // of the manifest's digest
  EXPECT_EQ(refusal_of(altered), "file_failed at manifest (damaged)");
  EXPECT_EQ(refusal_of(Bytes(whole.begin(), whole.begin() + 100)), "truncated at manifest");
  for (const BackedUpFile& file : made.manifest.files) {
    if (file.size == 0) continue;
    altered = whole;
    altered[at + file.size / 2] ^= 1;
    EXPECT_EQ(refusal_of(altered), format("file_failed at {} (damaged)", file.path));
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(at + file.size - 1);
    EXPECT_EQ(refusal_of(Bytes(whole.begin(), end)), format("truncated at {}", file.path));
    at += file.size;
  }
  EXPECT_EQ(restored(), Verdict::truncated);
  refusal_of(altered);
  EXPECT_EQ(restored(), Verdict::file_failed);
  EXPECT_EQ(refusal_of(whole), "whole");
}

TEST_F(Backups, AreOfNothingElse) {
  node_.close();
  must(make());
  Bytes more = content(away_ / "a.backup");
  more.push_back(0);
  write(away_ / "more", more);
  EXPECT_EQ(verdict_of(check_backup(away_ / "more")), Verdict::trailing_bytes);
  write(away_ / "other", as_bytes("something else"));
  EXPECT_EQ(verdict_of(check_backup(away_ / "other")), Verdict::bad_encoding);
  write(away_ / "empty", {});
  EXPECT_EQ(verdict_of(check_backup(away_ / "empty")), Verdict::bad_encoding);
  EXPECT_EQ(verdict_of(make_backup(away_ / "none", away_ / "b", system_env())),
            Verdict::file_failed);
}

TEST_F(Backups, DoNotTakeTheirFoldersPlaceOrAKeyThatAnybodyCouldRead) {
  node_.close();
  must(make());
  fs::create_directory(away_ / "full");
  write(away_ / "full/mine", as_bytes("kept"));
  EXPECT_EQ(verdict_of(restore_backup(away_ / "a.backup", away_ / "full", system_env())),
            Verdict::file_failed);
  EXPECT_EQ(content(away_ / "full/mine"), to_bytes(as_bytes("kept")));
  EXPECT_EQ(verdict_of(restore_backup(away_ / "a.backup", node_.folder(), system_env())),
            Verdict::file_failed);
  // What an interrupted one left is no obstacle, nor is an empty folder.
  fs::create_directories(away_ / "empty");
  fs::create_directories(away_ / "empty.restoring/keys");
  EXPECT_TRUE(restore_backup(away_ / "a.backup", away_ / "empty/", system_env()).has_value());

  write(node_.folder() + "/keys/mine.key", as_bytes("-----BEGIN PRIVATE KEY-----\n"));
  const auto refused = make("b.backup");
  ASSERT_EQ(verdict_of(refused), Verdict::file_failed);
  EXPECT_NE(refused.error().where.find("keys/mine.key"), std::string::npos);
  EXPECT_FALSE(fs::exists(away_ / "b.backup"));
  EXPECT_FALSE(fs::exists(away_ / "b.backup.new"));
}

TEST(Backup, OfAStoreThatWouldNotOpenIsNoneAtAll) {
  NodeForTest node(1);
  const FolderForTest away;
  node.close();
  const auto made = must(make_backup(node.folder(), away / "a", system_env()));
  const auto has = [&](std::string_view path) {
    return std::ranges::find(made.manifest.files, path, &BackedUpFile::path) !=
           made.manifest.files.end();
  };
  EXPECT_TRUE(has("consensus-1/genesis.cbor") && has("consensus-1/keys/node.key") &&
              has("consensus-1/chain-0/CURRENT"));
  write(node.folder() + "/consensus-1/chain-0/CURRENT", as_bytes("MANIFEST-999999\n"));
  EXPECT_EQ(verdict_of(make_backup(node.folder(), away / "b", system_env())),
            Verdict::storage_failed);
  EXPECT_FALSE(fs::exists(away / "b"));
}

}  // namespace
}  // namespace intaglio::service
