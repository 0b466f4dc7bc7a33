// One chain on disk: its rows, its blocks, and where each transaction stands. A block and all that
// it changed become durable in one write, or the process ends. Key layout:
// docs/reference/formats.md.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "ledger/state_tree.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace intaglio::store {

// The last block that is durable. Height 0 stands for the genesis.
struct Tip {
  Height height;
  Millis time;
  BlockHash block;
  Digest state;  // the root of the state's tree
  bool operator==(const Tip&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "height", &Tip::height, "of the last block"),
                      codec::field(2, "time", &Tip::time, "its block time, ms"),
                      codec::field(3, "block", &Tip::block, "its hash"),
                      codec::field(4, "state", &Tip::state, "root of the state after it"));
  }
};

// Where a transaction stands on its chain.
struct Place {
  Height height;
  std::uint32_t index = 0;  // in the block
  auto operator<=>(const Place&) const = default;
};

// A transaction of a block that is found by its id, and by its account when it was decided there.
struct PlacedTransaction {
  TxId tx;
  std::uint32_t index = 0;  // in the block
  std::optional<AccountId> account;
};

// What a node keeps beside its chain, by name.
using Note = std::pair<std::string, Bytes>;

// One block and what it did. Views and references are only read during commit().
struct BlockCommit {
  Height height;  // the tip's + 1; 0 in an empty store
  Millis time;
  BlockHash block;
  ByteView header;   // what makes the block final, as its chain encodes it; empty for the genesis
  ByteView blob;     // the block's transactions as its chain encodes them
  ByteView results;  // its receipts, all in order; empty for the genesis
  const ledger::ChangeSet& rows;  // `before` is not looked at
  const ledger::StateTree& tree;  // of all rows after it
  // A later one takes the place of one of the same id.
  std::span<const PlacedTransaction> transactions;
  std::span<const Note> notes = {};  // as by put_note(), with all the rest or not at all
};

// Memory that one chain may take, about: three memtables, the block cache, the row cache.
struct ChainStoreOptions {
  std::size_t memtable_bytes = std::size_t{32} << 20;
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  std::size_t row_cache_bytes = std::size_t{64} << 20;
  // Files, time and background jobs; nothing: the machine's. Must outlive the store. All that the
  // store does by itself is then done when and where this one runs its jobs.
  rocksdb::Env* env = nullptr;
};

struct ChainStoreStatistics {
  std::uint64_t row_cache_hits = 0;
  std::uint64_t row_cache_misses = 0;
  std::size_t row_cache_rows = 0;
  std::size_t row_cache_bytes = 0;
  std::uint64_t memtable_bytes = 0;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t disk_bytes = 0;  // files, without the log that is being written
  std::uint64_t keys = 0;        // about
  bool writes_stalled = false;   // commits wait for the disk to catch up
};

// The rows as of one block, however many follow, and the tree over them. Slower than
// ChainStore::get(), and it keeps the database open and what it sees on disk: let go of it soon.
// Any thread.
class StateSnapshot : public ledger::View {
 public:
  // There must be one: the store was not empty.
  virtual const Tip& tip() const = 0;
  virtual const ledger::StateTree& tree() const = 0;

  // Every row of one kind, or of all kinds, in slot order, until `visit` returns false. The views
  // are valid during the call of `visit` alone.
  using Visit = std::function<bool(const ledger::Slot& slot, ByteView row)>;
  virtual void scan(std::optional<ledger::RowKind> kind, const Visit& visit) const = 0;
};

// What a store begins with that has not seen the blocks before it.
struct Beginning {
  Tip tip;
  ByteView genesis;
  // What makes the tip final, and older blocks of which packets are still to be brought; ascending.
  std::vector<std::pair<Height, Bytes>> headers;
};

// commit() belongs to one thread; everything else may be called from any, also during a commit.
// A read that the disk refuses is fatal: nothing sensible can be answered without the state.
class ChainStore final : public ledger::View {
 public:
  // Opens the chain in `folder`, or an empty one that it makes there. `folder_taken` when it is
  // open already, here or in another process; `storage_failed` when it is damaged, its rows are not
  // those that the last block's state commits to, or the folder cannot be written. After a crash
  // the tip is the last commit() that returned, or the one that was under way. Reads every row, to
  // make the tree.
  static Result<std::unique_ptr<ChainStore>> open(const std::string& folder,
                                                  const ChainStoreOptions& options = {});
  // Makes a chain's store in `folder` that goes on from a state: `rows` hands each row, in slot
  // order, to the function it is given. A store that is there already is replaced, but for its
  // notes; nobody may have it open (`folder_taken`). `bad_proof` at "state" when the rows are not
  // the tip's; that, or what `rows` refuses with, leaves everything as it was. So does a crash.
  using TakeRow = std::function<void(const ledger::Slot& slot, ByteView row)>;
  using Rows = std::function<Result<void>(const TakeRow& take)>;
  static Result<void> begin(const std::string& folder, const Beginning& beginning,
                            const Rows& rows);
  // The same in this store, while it is open: it has no block that was made here, but the genesis
  // alone or what it began with. Notes stay, and who reads meanwhile sees one state or the other,
  // as with a commit. On the thread of commit(); `storage_failed` where that is not fatal.
  Result<void> go_on_from(const Beginning& beginning, const Rows& rows);
  // The tip of the store in `folder`, which nobody has open (StoreLock), and nothing for an empty
  // one. Checks what open() checks and changes nothing: `storage_failed`.
  static Result<std::optional<Tip>> tip_in(const std::string& folder);
  ~ChainStore() override;

  // The row as of the last commit, or of the one under way. Two calls may see two commits: see
  // snapshot().
  std::optional<Bytes> get(const ledger::Slot& slot) const override;
  std::optional<Placed> first_from(const ledger::Slot& slot) const override;

  // Makes the block durable, whole. `fatal` when the disk refuses.
  void commit(const BlockCommit& block);

  // Nothing was ever committed, not even a genesis.
  bool empty() const;
  // The store must not be empty.
  Tip tip() const;

  // Nothing above the tip, and of what was forgotten.
  std::optional<Bytes> block(Height height) const;
  // The same of its header and of its receipts; none of the genesis.
  std::optional<Bytes> header(Height height) const;
  std::optional<Bytes> results(Height height) const;
  // Maybe in the block that is being committed and not yet the tip.
  std::optional<Place> find_transaction(const TxId& id) const;
  // An account's transactions below a place, newest first; at most so many.
  std::vector<Place> transactions_of(const AccountId& account, const Place& below,
                                     std::size_t most) const;

  // Forgets the transactions and receipts of the block at kept_from(), which is not the tip's, and
  // that these were found there. Its header stays. On the thread of commit(); `fatal` when the disk
  // refuses. After a crash it may be undone, whole.
  void forget_block(std::span<const PlacedTransaction> transactions);
  // The first block, after the genesis, of which nothing was forgotten.
  Height kept_from() const;

  // What a node must not forget beside the chain itself, by name: on disk when put_note() returns,
  // or `fatal`. After the first commit().
  void put_note(std::string_view name, ByteView note);
  void erase_note(std::string_view name);
  std::optional<Bytes> note(std::string_view name) const;
  // The names that begin so, ascending.
  std::vector<std::string> notes(std::string_view prefix) const;

  // As of the last commit.
  void scan(ledger::RowKind kind, const StateSnapshot::Visit& visit) const;
  std::shared_ptr<const StateSnapshot> snapshot() const;
  // The tree over the rows after the last commit.
  ledger::StateTree tree() const;

  ChainStoreStatistics statistics() const;

  // Writes the files anew so that nothing stands in them twice or is gone and still there. Takes as
  // long as writing all of it; commits go on meanwhile.
  void compact() const;

 private:
  struct Open;
  class Snapshot;
  ChainStore(std::shared_ptr<Open> open, std::shared_ptr<const Snapshot> last);
  std::shared_ptr<const Snapshot> last() const;

  const std::shared_ptr<Open> open_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> last_;  // after the last commit
};

}  // namespace intaglio::store
