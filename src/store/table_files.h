// Keys and values that a database takes in all at once, however many they are: in files beside it,
// which become its own in one step. Inside this module alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace rocksdb {
class DB;
class SstFileWriter;
class Status;
}  // namespace rocksdb

namespace intaglio::store {

// One thread. The database must outlive it.
class TableFiles {
 public:
  // In `folder`, which is on the database's disk; what was left there goes, and at the end the
  // folder. `storage_failed`.
  static Result<std::unique_ptr<TableFiles>> make(rocksdb::DB& database, std::string folder);
  ~TableFiles();
  TableFiles(const TableFiles&) = delete;
  TableFiles& operator=(const TableFiles&) = delete;

  // Each key above the one before.
  void put(std::string_view key, ByteView value);
  void erase(std::string_view key);
  // The first that is not well is what take_in() refuses with.
  void keep(const rocksdb::Status& status);

  // On disk and in the database when it returns; or none of it, also after a crash:
  // `storage_failed`.
  Result<void> take_in();

 private:
  TableFiles(rocksdb::DB& database, std::string folder);
  rocksdb::SstFileWriter& writer();
  void close_file();

  rocksdb::DB& database_;
  const std::string folder_;
  std::vector<std::string> files_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;  // of the last one, while it is open
  const std::unique_ptr<rocksdb::Status> failed_;
};

}  // namespace intaglio::store
