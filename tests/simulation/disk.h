// A disk in memory, as RocksDB sees it (rocksdb::Env), that can crash: what was not synced is then
// lost, or cut off at any byte, and so are names (files made, renamed and deleted) whose folder was
// not synced. Time stands still on it and its jobs are run by whoever owns it: no threads.
//
// A crash in the middle of a call does not end that call, which could only be done by ending the
// process. Instead the disk remembers what it would be at that moment; the call goes on, on files
// that nobody will see, and restart() puts back what was remembered. The caller must throw away
// whatever came of a call after which crashed() is true, as if it had never returned.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <rocksdb/env.h>

#include "simulation/dice.h"
#include "store/chain_store.h"

namespace intaglio::simulation {

struct DiskFaults {
  bool loses_synced = false;  // a bug to be found: sync() does nothing
};

class Disk final : public rocksdb::Env {
 public:
  explicit Disk(Dice dice, DiskFaults faults = {}) : dice_(dice), faults_(faults) {}

  // From now on, in this many changes of files or names.
  void crash_in(std::uint64_t changes) { countdown_ = changes; }
  void cancel_crash() { countdown_.reset(); }
  bool crashed() const { return left_.has_value(); }
  // The machine stops now, unless it did, and is switched on again. Nobody may use the disk.
  void restart();

  // All that is on it, as a copy made while nothing is written; and such a copy put back in place
  // of what is there. Nobody may use the disk then.
  using Image = std::map<std::string, std::string>;
  Image copy() const;
  void put_back(const Image& image);

  // What RocksDB wants to have done, in order, until nothing is left.
  void run_jobs();

  std::uint64_t changes() const { return changes_; }

  using Status = rocksdb::Status;
  using Options = rocksdb::EnvOptions;
  Status NewSequentialFile(const std::string& name, std::unique_ptr<rocksdb::SequentialFile>* out,
                           const Options& options) override;
  Status NewRandomAccessFile(const std::string& name,
                             std::unique_ptr<rocksdb::RandomAccessFile>* out,
                             const Options& options) override;
  Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* out,
                         const Options& options) override;
  Status NewDirectory(const std::string& name, std::unique_ptr<rocksdb::Directory>* out) override;
  Status FileExists(const std::string& name) override;
  Status GetChildren(const std::string& folder, std::vector<std::string>* out) override;
  Status DeleteFile(const std::string& name) override;
  Status CreateDir(const std::string& name) override;
  Status CreateDirIfMissing(const std::string& name) override;
  Status DeleteDir(const std::string& name) override;
  Status GetFileSize(const std::string& name, std::uint64_t* out) override;
  Status GetFileModificationTime(const std::string& name, std::uint64_t* out) override;
  Status RenameFile(const std::string& from, const std::string& to) override;
  Status LockFile(const std::string& name, rocksdb::FileLock** out) override;
  Status UnlockFile(rocksdb::FileLock* lock) override;
  void Schedule(void (*run)(void*), void* argument, Priority priority, void* tag,
                void (*drop)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  void StartThread(void (*run)(void*), void* argument) override;
  Status GetTestDirectory(std::string* out) override;
  Status NewLogger(const std::string& name, std::shared_ptr<rocksdb::Logger>* out) override;
  std::uint64_t NowMicros() override { return 1; }
  void SleepForMicroseconds(int) override {}
  Status GetHostName(char* out, std::uint64_t size) override;
  Status GetCurrentTime(std::int64_t* out) override;
  Status GetAbsolutePath(const std::string& path, std::string* out) override;
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  std::string TimeToString(std::uint64_t time) override { return std::to_string(time); }
  std::string GenerateUniqueId() override { return "00000000-0000-0000-0000-000000000000"; }

 private:
  struct File {
    std::string content;
    std::size_t synced = 0;  // of it, from the beginning
  };
  using FilePtr = std::shared_ptr<File>;
  using Files = std::map<std::string, FilePtr>;
  // A change of names that a crash may undo; an empty file pointer takes the name away.
  struct Renaming {
    std::optional<std::string> from;
    std::string to;
    FilePtr file;
  };
  struct Job {
    void (*run)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*drop)(void*);
  };
  class Written;
  class ReadAnywhere;
  class ReadThrough;
  class Folder;
  class Lock;

  // Before each change; remembers what would be left when this is where it crashes.
  void count_change();
  static void apply(Files& files, const Renaming& renaming);
  void rename(Renaming renaming);
  void sync(File& file);
  void sync_names();
  Files what_a_crash_leaves();
  Status find(const std::string& name, FilePtr& out) const;

  Dice dice_;
  const DiskFaults faults_;
  Files files_;                     // as the running process sees them
  Files durable_;                   // by the names that are synced
  std::vector<Renaming> unsynced_;  // since then, in order
  std::set<std::string> locked_;
  std::deque<Job> jobs_;
  std::optional<std::uint64_t> countdown_;
  std::optional<Files> left_;  // once it has crashed
  std::uint64_t changes_ = 0;
};

// Of a chain's store on it: small, so that caches are missed.
inline store::ChainStoreOptions store_options_on(Disk& disk) {
  return {.memtable_bytes = std::size_t{1} << 20,
          .block_cache_bytes = std::size_t{64} << 10,
          .row_cache_bytes = std::size_t{32} << 10,
          .env = &disk};
}

}  // namespace intaglio::simulation
