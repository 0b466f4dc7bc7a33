// What both stores share of RocksDB: settings, opening, and its errors as refusals. Inside this
// module alone; the library's own headers stay in the .cpp files.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace rocksdb {
class DB;
class Slice;
class Status;
struct Options;
}  // namespace rocksdb

namespace intaglio::store {

struct DatabaseMemory {
  std::size_t memtable;     // bytes that gather before they become a file
  std::size_t block_cache;  // bytes of files, their indexes and filters kept in memory
};

// The settings of every database of ours. What each is for stands beside it.
rocksdb::Options database_options(const DatabaseMemory& memory);

// Opens the database in `folder`, making both when they are not there. `folder_taken` when it is
// open already, in this process or another; `storage_failed` when it is damaged or cannot be read
// or written.
Result<std::unique_ptr<rocksdb::DB>> open_database(const rocksdb::Options& options,
                                                   const std::string& folder);

// Opens it to be looked at: nothing in the folder changes, and nobody is asked whether he has it
// open (StoreLock). `storage_failed`, also when there is none.
Result<std::unique_ptr<rocksdb::DB>> open_to_read(const rocksdb::Options& options,
                                                  const std::string& folder);

// `storage_failed` with the folder and RocksDB's words.
std::unexpected<Refusal> refuse_storage(std::string_view folder, const rocksdb::Status& status);

// That somebody else, here or in another process, has the database open.
bool is_taken(const rocksdb::Status& status);

rocksdb::Slice to_slice(ByteView bytes);
rocksdb::Slice to_slice(std::string_view text);
ByteView to_view(const rocksdb::Slice& slice);

}  // namespace intaglio::store
