// What the services beside the chains keep: certificates, challenges, displays. A small durable map
// from text to bytes. Every write is on disk when it returns.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace intaglio::store {

// A record to put, or with no value, to erase.
struct RecordWrite {
  std::string key;
  std::optional<Bytes> value;
};

// Any thread. Keys are not empty; by custom "<subject>/<id>". Every call answers `storage_failed`
// when the disk refuses, and what it was to write is then written whole or not at all.
class RecordStore {
 public:
  // As ChainStore::open: `folder_taken`, `storage_failed`.
  static Result<std::unique_ptr<RecordStore>> open(const std::string& folder);
  ~RecordStore();
  RecordStore(const RecordStore&) = delete;
  RecordStore& operator=(const RecordStore&) = delete;

  Result<std::optional<Bytes>> get(std::string_view key) const;
  Result<void> put(std::string_view key, ByteView value);
  // True when the record was put, false when there was one, which stays. Of any number of callers
  // at once, one gets true.
  Result<bool> put_if_absent(std::string_view key, ByteView value);
  // Erasing what is not there is no refusal.
  Result<void> erase(std::string_view key);
  // All of them or none, in order: of two writes of one key the later holds.
  Result<void> write(const std::vector<RecordWrite>& writes);

  // Every record whose key begins with `prefix`, by key, as of one moment, until `visit` returns
  // false. The views are valid during the call of `visit` alone.
  using Visit = std::function<bool(std::string_view key, ByteView value)>;
  Result<void> scan(std::string_view prefix, const Visit& visit) const;

 private:
  struct Open;
  explicit RecordStore(std::unique_ptr<Open> open);
  std::unique_ptr<Open> open_;
};

}  // namespace intaglio::store
