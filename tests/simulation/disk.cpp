#include "simulation/disk.h"

#include <algorithm>

namespace intaglio::simulation {
namespace {

rocksdb::Status not_there(const std::string& name) {
  return rocksdb::Status::PathNotFound(name, "simulated");
}

rocksdb::Slice copy_part(const std::string& content, std::uint64_t offset, std::size_t size,
                         char* scratch) {
  if (offset >= content.size()) return {};
  const std::size_t count = std::min<std::size_t>(size, content.size() - offset);
  content.copy(scratch, count, offset);
  return {scratch, count};
}

class NoLog final : public rocksdb::Logger {
 public:
  NoLog() : Logger(rocksdb::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

}  // namespace

class Disk::Written final : public rocksdb::WritableFile {
 public:
  Written(Disk& disk, FilePtr file) : disk_(disk), file_(std::move(file)) {}
  using rocksdb::WritableFile::Append;
  Status Append(const rocksdb::Slice& data) override {
    file_->content.append(data.data(), data.size());
    disk_.count_change();  // maybe cut off within it
    return Status::OK();
  }
  Status Truncate(std::uint64_t size) override {
    file_->content.resize(size);
    file_->synced = std::min<std::size_t>(file_->synced, size);
    return Status::OK();
  }
  Status Close() override { return Status::OK(); }
  Status Flush() override { return Status::OK(); }
  Status Sync() override {
    disk_.count_change();
    disk_.sync(*file_);
    return Status::OK();
  }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize() override { return file_->content.size(); }

 private:
  Disk& disk_;
  const FilePtr file_;
};

class Disk::ReadAnywhere final : public rocksdb::RandomAccessFile {
 public:
  explicit ReadAnywhere(FilePtr file) : file_(std::move(file)) {}
  Status Read(std::uint64_t offset, std::size_t size, rocksdb::Slice* out,
              char* scratch) const override {
    *out = copy_part(file_->content, offset, size, scratch);
    return Status::OK();
  }

 private:
  const FilePtr file_;
};

class Disk::ReadThrough final : public rocksdb::SequentialFile {
 public:
  explicit ReadThrough(FilePtr file) : file_(std::move(file)) {}
  Status Read(std::size_t size, rocksdb::Slice* out, char* scratch) override {
    *out = copy_part(file_->content, at_, size, scratch);
    at_ += out->size();
    return Status::OK();
  }
  Status Skip(std::uint64_t size) override {
    at_ += size;
    return Status::OK();
  }

 private:
  const FilePtr file_;
  std::uint64_t at_ = 0;
};

class Disk::Folder final : public rocksdb::Directory {
 public:
  explicit Folder(Disk& disk) : disk_(disk) {}
  Status Fsync() override {
    disk_.count_change();
    disk_.sync_names();
    return Status::OK();
  }
  Status Close() override { return Status::OK(); }

 private:
  Disk& disk_;
};

class Disk::Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::string held) : name(std::move(held)) {}
  const std::string name;
};

void Disk::count_change() {
  ++changes_;
  if (!countdown_ || crashed()) return;
  if (*countdown_ == 0) {
    left_ = what_a_crash_leaves();
    countdown_.reset();
  } else {
    --*countdown_;
  }
}

void Disk::apply(Files& files, const Renaming& renaming) {
  if (renaming.from) files.erase(*renaming.from);
  if (renaming.file) {
    files[renaming.to] = renaming.file;
  } else {
    files.erase(renaming.to);
  }
}

void Disk::rename(Renaming renaming) {
  count_change();
  apply(files_, renaming);
  unsynced_.push_back(std::move(renaming));
}

void Disk::sync(File& file) {
  if (!faults_.loses_synced) file.synced = file.content.size();
}

void Disk::sync_names() {
  for (const Renaming& each : unsynced_) apply(durable_, each);
  unsynced_.clear();
}

// Names are kept in order, as by a file system with a journal: some first of the changes since the
// folder was synced. Of a file more may be there than was synced, up to any byte.
Disk::Files Disk::what_a_crash_leaves() {
  Files names = durable_;
  const auto kept = dice_.below(unsynced_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) apply(names, unsynced_[i]);
  Files left;
  for (const auto& [name, file] : names) {
    const std::size_t lost = file->content.size() - file->synced;
    // All of it, nothing of it, or a part.
    const std::size_t more = dice_.one_in(3) ? lost : dice_.one_in(2) ? 0 : dice_.below(lost + 1);
    const std::size_t size = file->synced + more;
    left[name] = std::make_shared<File>(File{file->content.substr(0, size), size});
  }
  return left;
}

void Disk::restart() {
  CHECK(locked_.empty());
  CHECK(jobs_.empty());
  files_ = crashed() ? *std::exchange(left_, std::nullopt) : what_a_crash_leaves();
  durable_ = files_;
  unsynced_.clear();
  countdown_.reset();
}

Disk::Image Disk::copy() const {
  Image out;
  for (const auto& [name, file] : files_) out[name] = file->content;
  return out;
}

void Disk::put_back(const Image& image) {
  CHECK(locked_.empty() && jobs_.empty() && !crashed());
  files_.clear();
  for (const auto& [name, content] : image) {
    files_[name] = std::make_shared<File>(File{content, content.size()});
  }
  durable_ = files_;
  unsynced_.clear();
}

void Disk::run_jobs() {
  while (!jobs_.empty()) {
    const Job job = jobs_.front();
    jobs_.pop_front();
    job.run(job.argument);
  }
}

Disk::Status Disk::find(const std::string& name, FilePtr& out) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return not_there(name);
  out = found->second;
  return Status::OK();
}

Disk::Status Disk::NewSequentialFile(const std::string& name,
                                     std::unique_ptr<rocksdb::SequentialFile>* out,
                                     const Options&) {
  FilePtr file;
  if (auto status = find(name, file); !status.ok()) return status;
  *out = std::make_unique<ReadThrough>(std::move(file));
  return Status::OK();
}

Disk::Status Disk::NewRandomAccessFile(const std::string& name,
                                       std::unique_ptr<rocksdb::RandomAccessFile>* out,
                                       const Options&) {
  FilePtr file;
  if (auto status = find(name, file); !status.ok()) return status;
  *out = std::make_unique<ReadAnywhere>(std::move(file));
  return Status::OK();
}

Disk::Status Disk::NewWritableFile(const std::string& name,
                                   std::unique_ptr<rocksdb::WritableFile>* out, const Options&) {
  auto file = std::make_shared<File>();
  rename({std::nullopt, name, file});
  *out = std::make_unique<Written>(*this, std::move(file));
  return Status::OK();
}

Disk::Status Disk::NewDirectory(const std::string&, std::unique_ptr<rocksdb::Directory>* out) {
  *out = std::make_unique<Folder>(*this);
  return Status::OK();
}

Disk::Status Disk::FileExists(const std::string& name) {
  return files_.contains(name) ? Status::OK() : Status::NotFound(name);
}

Disk::Status Disk::GetChildren(const std::string& folder, std::vector<std::string>* out) {
  out->clear();
  const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
  for (const auto& each : files_) {
    const std::string& name = each.first;
    const auto rest = std::string_view(name).substr(std::min(prefix.size(), name.size()));
    if (name.starts_with(prefix) && rest.find('/') == std::string_view::npos) {
      out->emplace_back(rest);
    }
  }
  return Status::OK();
}

Disk::Status Disk::DeleteFile(const std::string& name) {
  if (!files_.contains(name)) return not_there(name);
  rename({std::nullopt, name, nullptr});
  return Status::OK();
}

// Folders are where a name in them says so.
Disk::Status Disk::CreateDir(const std::string&) { return Status::OK(); }
Disk::Status Disk::CreateDirIfMissing(const std::string&) { return Status::OK(); }
Disk::Status Disk::DeleteDir(const std::string&) { return Status::OK(); }

Disk::Status Disk::GetFileSize(const std::string& name, std::uint64_t* out) {
  FilePtr file;
  if (auto status = find(name, file); !status.ok()) return status;
  *out = file->content.size();
  return Status::OK();
}

Disk::Status Disk::GetFileModificationTime(const std::string& name, std::uint64_t* out) {
  *out = 1;
  return FileExists(name);
}

Disk::Status Disk::RenameFile(const std::string& from, const std::string& to) {
  FilePtr file;
  if (auto status = find(from, file); !status.ok()) return status;
  rename({from, to, std::move(file)});
  return Status::OK();
}

Disk::Status Disk::LockFile(const std::string& name, rocksdb::FileLock** out) {
  if (!locked_.insert(name).second) return Status::IOError("While lock file", name);
  *out = new Lock(name);  // RocksDB's to delete, by UnlockFile
  return Status::OK();
}

Disk::Status Disk::UnlockFile(rocksdb::FileLock* lock) {
  const std::unique_ptr<Lock> owned(static_cast<Lock*>(lock));
  locked_.erase(owned->name);
  return Status::OK();
}

void Disk::Schedule(void (*run)(void*), void* argument, Priority priority, void* tag,
                    void (*drop)(void*)) {
  jobs_.push_back({run, argument, priority, tag, drop});
}

int Disk::UnSchedule(void* tag, Priority priority) {
  int count = 0;
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (it->tag != tag || it->priority != priority) {
      ++it;
      continue;
    }
    const Job job = *it;
    it = jobs_.erase(it);
    if (job.drop != nullptr) job.drop(job.argument);
    ++count;
  }
  return count;
}

void Disk::StartThread(void (*)(void*), void*) { CHECK(false); }

Disk::Status Disk::GetTestDirectory(std::string* out) {
  *out = "/test";
  return Status::OK();
}

Disk::Status Disk::NewLogger(const std::string&, std::shared_ptr<rocksdb::Logger>* out) {
  *out = std::make_shared<NoLog>();
  return Status::OK();
}

Disk::Status Disk::GetHostName(char* out, std::uint64_t size) {
  std::strncpy(out, "simulated", size);
  return Status::OK();
}

Disk::Status Disk::GetCurrentTime(std::int64_t* out) {
  *out = 1;
  return Status::OK();
}

Disk::Status Disk::GetAbsolutePath(const std::string& path, std::string* out) {
  *out = path;
  return Status::OK();
}

}  // namespace intaglio::simulation
