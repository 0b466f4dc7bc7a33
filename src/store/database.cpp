#include "store/database.h"

#include <filesystem>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "base/file_stream.h"
#include "base/format.h"

namespace intaglio::store {
namespace {

// Most lookups that reach a file are of keys that are not there (ids nobody used before), so every
// file can say "no" from memory. Filters and indexes live in the block cache in parts: memory stays
// bounded however large the chain grows. Whole ones are a quarter quicker until they no longer fit,
// and then each miss reads half a megabyte.
std::shared_ptr<rocksdb::TableFactory> table_format(std::size_t block_cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(block_cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_top_level_index_and_filter = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

// With the folders above it. RocksDB syncs what is in its folder; that the folder is there at all
// must not be lost either.
std::error_code make_folder(const std::string& name) {
  std::error_code failed;
  const auto folder = std::filesystem::absolute(name, failed);
  std::vector<std::filesystem::path> parents;
  for (auto each = folder; !failed && !std::filesystem::exists(each, failed);) {
    each = each.parent_path();
    parents.push_back(each);
  }
  if (!failed) std::filesystem::create_directories(folder, failed);
  for (const auto& each : parents) {
    if (!failed) failed = sync_folder(each);
  }
  return failed;
}

}  // namespace

bool is_taken(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                                text.find("lock hold by current process") != std::string::npos);
}

rocksdb::Options database_options(const DatabaseMemory& memory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory = table_format(memory.block_cache);

  // What is acknowledged may never go missing without a word: a log that ends in the middle of a
  // write is what a crash leaves, and anything else is damage and refuses to open.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  // Every write is synced, so the log has it all and stopping need not wait for a file.
  options.avoid_flush_during_shutdown = true;

  options.write_buffer_size = memory.memtable;
  options.max_write_buffer_number = 3;
  // A database has one writer at a time.
  options.allow_concurrent_memtable_write = false;
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.05;
  // A block's keys come in order: each is sought from where the last one of its kind went.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(2));

  // Rows are mostly hashes: LZ4 would save a fifth of the files and costs processor time, which is
  // what we are short of. A large value (a block) is moved to a file of its own once and never
  // written again by compaction.
  options.compression = rocksdb::kNoCompression;
  options.enable_blob_files = true;
  options.min_blob_size = 4096;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_background_jobs = 2;
  options.max_open_files = 256;

  // Its own log is for its own faults; what concerns us is in the status it returns.
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

Result<std::unique_ptr<rocksdb::DB>> open_database(const rocksdb::Options& options,
                                                   const std::string& folder) {
  if (options.env != rocksdb::Env::Default()) {
    const auto made = options.env->CreateDirIfMissing(folder);
    if (!made.ok()) return refuse_storage(folder, made);
  } else if (const auto failed = make_folder(folder)) {
    return refuse(Verdict::storage_failed, format("{}: {}", folder, failed.message()));
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, folder, &opened);
  if (is_taken(status)) return refuse(Verdict::folder_taken, folder);
  if (!status.ok()) return refuse_storage(folder, status);
  return std::unique_ptr<rocksdb::DB>(opened);
}

Result<std::unique_ptr<rocksdb::DB>> open_to_read(const rocksdb::Options& options,
                                                  const std::string& folder) {
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, folder, &opened);
  if (!status.ok()) return refuse_storage(folder, status);
  return std::unique_ptr<rocksdb::DB>(opened);
}

std::unexpected<Refusal> refuse_storage(std::string_view folder, const rocksdb::Status& status) {
  return refuse(Verdict::storage_failed, format("{}: {}", folder, status.ToString()));
}

rocksdb::Slice to_slice(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
rocksdb::Slice to_slice(std::string_view text) { return {text.data(), text.size()}; }
ByteView to_view(const rocksdb::Slice& slice) {
  return {reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size()};
}

}  // namespace intaglio::store
