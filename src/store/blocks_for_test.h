// Blocks of random changes that say in their blob what they changed, so that whoever has the blobs
// can tell what the store must hold; and the audit that does so.
#pragma once

#include <map>
#include <random>
#include <vector>

#include "codec/cbor.h"
#include "store/chain_store.h"

namespace intaglio::store {

using Rows = std::map<ledger::Slot, Bytes>;

struct BlockForTest {
  Height height;
  Millis time;
  BlockHash hash;
  Bytes blob;
  ledger::ChangeSet rows;
  ledger::StateTree tree;
  std::vector<PlacedTransaction> transactions;

  BlockCommit commit() const {
    return {.height = height,
            .time = time,
            .block = hash,
            .header = {},
            .blob = blob,
            .results = {},
            .rows = rows,
            .tree = tree,
            .transactions = transactions};
  }
};

// A slot of a small world: ten kinds, 200 keys each.
inline ledger::Slot random_slot(std::mt19937_64& random) {
  ledger::Slot slot(static_cast<ledger::RowKind>(random() % 10 + 1));
  return slot.put(static_cast<std::uint32_t>(random() % 200));
}

inline Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes out(size);
  for (std::uint8_t& each : out) each = static_cast<std::uint8_t>(random());
  return out;
}

inline Bytes encode_changes(const BlockForTest& block, ByteView padding) {
  codec::CborWriter out;
  out.array(3);
  out.array(block.rows.size());
  for (const auto& [slot, change] : block.rows) {
    out.array(2);
    out.bytes(as_bytes(slot.bytes()));
    if (change.after) {
      out.bytes(*change.after);
    } else {
      out.null();
    }
  }
  out.array(block.transactions.size());
  for (const PlacedTransaction& each : block.transactions) {
    out.array(3);
    out.bytes(each.tx.view());
    out.uint(each.index);
    if (each.account) {
      out.bytes(each.account->view());
    } else {
      out.null();
    }
  }
  out.bytes(padding);
  return out.take();
}

inline AccountId account_for_test(std::uint64_t number) {
  AccountId out;
  out.writable()[0] = static_cast<std::uint8_t>(number);
  return out;
}

// The block after the store's last.
inline BlockForTest random_block(std::mt19937_64& random, const ChainStore& store) {
  BlockForTest block;
  block.height = store.empty() ? Height(0) : store.tip().height.next();
  block.time = Millis(1000 + block.height.value());
  block.hash = *BlockHash::from(random_bytes(random, BlockHash::kSize));
  const std::size_t changes = random() % 60;
  for (std::size_t i = 0; i < changes; ++i) {
    std::optional<Bytes> after;
    if (random() % 4 != 0) after = random_bytes(random, random() % 150 + 1);
    const ledger::Slot slot = random_slot(random);
    block.rows[slot] = {store.get(slot), after};
  }
  const std::size_t transactions = random() % 20;
  for (std::uint32_t i = 0; i < transactions; ++i) {
    std::optional<AccountId> account;
    if (random() % 4 != 0) account = account_for_test(random() % 5);
    block.transactions.push_back(
        {*TxId::from(random_bytes(random, TxId::kSize)), i, account});
  }
  const std::size_t padding = random() % 10 == 0 ? random() % 60'000 : random() % 500;
  block.blob = encode_changes(block, random_bytes(random, padding));
  block.tree = store.tree().with(block.rows);
  return block;
}

// What a blob says it changed.
inline BlockForTest decode_changes(ByteView blob) {
  codec::CborReader in(blob, {.bytes = std::size_t{1} << 20, .depth = 4, .items = 10'000});
  BlockForTest block;
  CHECK(in.array() == 3U);
  const auto changes = in.array().value();
  for (std::size_t i = 0; i < changes; ++i) {
    CHECK(in.array() == 2U);
    const auto slot = ledger::Slot::from_bytes(as_text(in.bytes().value()));
    auto& change = block.rows[slot];
    if (in.peek() == codec::CborType::null) {
      CHECK(in.null().has_value());
    } else {
      change.after = to_bytes(in.bytes().value());
    }
  }
  const auto transactions = in.array().value();
  for (std::size_t i = 0; i < transactions; ++i) {
    CHECK(in.array().value() == 3);
    auto& each = block.transactions.emplace_back();
    each.tx = *TxId::from(in.bytes().value());
    each.index = static_cast<std::uint32_t>(in.uint().value());
    if (in.peek() == codec::CborType::null) {
      CHECK(in.null().has_value());
    } else {
      each.account = *AccountId::from(in.bytes().value());
    }
  }
  CHECK(in.bytes() && in.finish());
  return block;
}

// Follows a store from block to block and says what is wrong with it, in words; "" when nothing is.
class Audit {
 public:
  std::string follow(const ChainStore& store) {
    if (store.empty()) return next_ == 0 ? "" : "the store is empty";
    const Tip tip = store.tip();
    if (tip.height.value() + 1 < next_) return "the tip went back";
    for (; next_ <= tip.height.value(); ++next_) {
      const auto blob = store.block(Height(next_));
      if (!blob) return "no block " + std::to_string(next_);
      const std::string wrong = replay(store, decode_changes(*blob));
      if (!wrong.empty()) return "block " + std::to_string(next_) + ": " + wrong;
    }
    if (store.block(tip.height.next())) return "a block above the tip";
    if (root_of(rows_) != tip.state) return "the tip's state is not what the blocks lead to";
    for (const auto& [account, places] : of_accounts_) {
      if (store.transactions_of(account, {tip.height.next(), 0}, SIZE_MAX) != places) {
        return "an account's transactions are not those of the blocks";
      }
    }
    return scanned(store) == rows_ ? "" : "the rows are not what the blocks lead to";
  }

  static Rows scanned(const ChainStore& store) {
    Rows rows;
    for (std::uint8_t kind = 1; kind <= 10; ++kind) {
      store.scan(static_cast<ledger::RowKind>(kind), [&](const ledger::Slot& slot, ByteView row) {
        rows[slot] = to_bytes(row);
        return true;
      });
    }
    return rows;
  }

  const Rows& rows() const { return rows_; }
  std::size_t transactions() const { return transactions_; }
  std::size_t of_accounts() const {
    std::size_t out = 0;
    for (const auto& [account, places] : of_accounts_) out += places.size();
    return out;
  }

 private:
  std::string replay(const ChainStore& store, const BlockForTest& block) {
    for (const auto& [slot, change] : block.rows) {
      if (change.after) {
        rows_[slot] = *change.after;
      } else {
        rows_.erase(slot);
      }
    }
    for (const PlacedTransaction& each : block.transactions) {
      const Place place{Height(next_), each.index};
      if (store.find_transaction(each.tx) != place) return "a transaction is not found";
      if (each.account)
        of_accounts_[*each.account].insert(of_accounts_[*each.account].begin(), place);
    }
    transactions_ += block.transactions.size();
    return "";
  }

  static Digest root_of(const Rows& rows) {
    std::vector<ledger::StateLeaf> leaves;
    for (const auto& [slot, row] : rows) leaves.push_back(ledger::state_leaf(slot, row));
    return ledger::StateTree::of(std::move(leaves)).root();
  }

  std::uint64_t next_ = 0;
  Rows rows_;
  std::size_t transactions_ = 0;
  std::map<AccountId, std::vector<Place>> of_accounts_;  // newest first
};

// Opens the store, which must be possible.
inline std::unique_ptr<ChainStore> open_for_test(const std::string& folder,
                                                 const ChainStoreOptions& options = {}) {
  auto store = ChainStore::open(folder, options);
  if (!store) fatal(to_string(store.error()));
  return *std::move(store);
}

}  // namespace intaglio::store
