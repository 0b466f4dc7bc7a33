#include "store/table_files.h"

#include <filesystem>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include "base/format.h"
#include "store/database.h"

namespace intaglio::store {
namespace {

constexpr std::uint64_t kFileBytes = std::uint64_t{64} << 20;  // before the next one begins

}  // namespace

TableFiles::TableFiles(rocksdb::DB& database, std::string folder)
    : database_(database),
      folder_(std::move(folder)),
      failed_(std::make_unique<rocksdb::Status>()) {}

Result<std::unique_ptr<TableFiles>> TableFiles::make(rocksdb::DB& database, std::string folder) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (!failed) std::filesystem::create_directories(folder, failed);
  if (failed) return refuse(Verdict::storage_failed, format("{}: {}", folder, failed.message()));
  return std::unique_ptr<TableFiles>(new TableFiles(database, std::move(folder)));
}

TableFiles::~TableFiles() {
  writer_.reset();
  std::error_code ignored;  // what is left is removed by the next one
  std::filesystem::remove_all(folder_, ignored);
}

void TableFiles::keep(const rocksdb::Status& status) {
  if (failed_->ok()) *failed_ = status;
}

rocksdb::SstFileWriter& TableFiles::writer() {
  if (!writer_) {
    const rocksdb::Options options = database_.GetOptions();
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options), options);
    files_.push_back(format("{}/{}.sst", folder_, files_.size()));
    keep(writer_->Open(files_.back()));
  }
  return *writer_;
}

void TableFiles::close_file() {
  if (!writer_) return;
  keep(writer_->Finish());
  writer_.reset();
}

void TableFiles::put(std::string_view key, ByteView value) {
  if (!failed_->ok()) return;
  keep(writer().Put(to_slice(key), to_slice(value)));
  if (writer_->FileSize() > kFileBytes) close_file();
}

void TableFiles::erase(std::string_view key) {
  if (failed_->ok()) keep(writer().Delete(to_slice(key)));
}

Result<void> TableFiles::take_in() {
  close_file();
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;  // for versions that are older than ours
  if (failed_->ok()) keep(database_.IngestExternalFile(files_, options));
  if (!failed_->ok()) return refuse_storage(folder_, *failed_);
  return {};
}

}  // namespace intaglio::store
