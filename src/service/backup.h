// A whole data folder (setup.h) of a node that does not run, in one file: made whole or not at all,
// and restored when every byte is as it was. Keys are in it as the encrypted files that they are.
// Those that CometBFT votes with, which it wants plain, are not, and a restored node has new ones;
// by the one that is in it plain, node_key.json, peers know its node, and it signs nothing else.
// Layout: docs/reference/formats.md.
#pragma once

#include "base/env.h"
#include "base/ids.h"
#include "codec/record.h"
#include "crypto/ed25519.h"

namespace intaglio::service {

struct BackedUpChain {
  ChainId chain;
  Height height;  // of its last durable block
  bool operator==(const BackedUpChain&) const = default;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "chain", &BackedUpChain::chain, "its number"),
                      codec::field(2, "height", &BackedUpChain::height, "of its last block"));
  }
};

struct BackedUpFile {
  std::string path;  // inside the data folder
  std::uint64_t size = 0;
  Digest digest;  // SHA-256
  bool operator==(const BackedUpFile&) const = default;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "path", &BackedUpFile::path, "inside the data folder"),
                      codec::field(2, "size", &BackedUpFile::size, "in bytes"),
                      codec::field(3, "digest", &BackedUpFile::digest, "SHA-256 of its bytes"));
  }
};

// What a backup says of itself, in front of the files' bytes.
struct BackupManifest {
  LedgerId ledger;
  Millis made_at;
  std::vector<BackedUpChain> chains;  // ascending; none before the node's first start
  std::vector<BackedUpFile> files;    // ascending by path, at most kMaxFiles
  bool operator==(const BackupManifest&) const = default;

  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  static constexpr std::size_t kMaxFiles = 65536;

  Bytes encode() const;
  // `bad_value` with the place of a path that is no part of a data folder, of a list that does not
  // ascend, of sizes that no disk has; else what CborReader refuses.
  static Result<BackupManifest> decode(ByteView bytes);
};

// Whether a file is part of a data folder: the genesis, keys, certificates, stores, the same of
// consensus nodes inside, and an operator's settings and homes of CometBFT (network.h). Locks, logs
// and whatever else somebody put there are not.
bool is_part_of_data_folder(std::string_view path);

struct BackedUp {
  BackupManifest manifest;
  Digest digest;  // SHA-256 of the manifest: it stands for every byte of the backup
  std::vector<std::string> left_out;  // files of the folder that are no part of it
};

// Writes `file`, for its owner alone. Nobody may have the folder's stores open (`folder_taken`).
// `file_failed` when `file` is there, there is no genesis, or a key is not encrypted;
// `storage_failed` for a store that would not open. Then there is no such file.
Result<BackedUp> make_backup(const std::string& folder, const std::string& file, Env& env);

// Reads all of a backup and writes nothing. `bad_encoding` when it is none, `truncated` where it
// ends too early, `file_failed` for what is damaged, both with the name of the file in it;
// `trailing_bytes`.
Result<BackedUp> check_backup(const std::string& file);

struct Restored {
  BackedUp backup;
  // By chain, none where CometBFT orders none: new, so they vote for nothing until the authority
  // names them (SetNodes).
  std::vector<crypto::Ed25519Key> validators;
};

// The same, and makes `folder` of it, which must not be there or be empty (`file_failed`). It is
// there when it is whole: until then, and after a crash, `folder`.restoring is what was begun.
Result<Restored> restore_backup(const std::string& file, const std::string& folder, Env& env);

}  // namespace intaglio::service
