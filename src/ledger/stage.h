// Changing state without touching it: a stage lies over a view, remembers what was written, and is
// taken or thrown away whole.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "codec/record.h"
#include "ledger/slot.h"

namespace intaglio::ledger {

template <typename R>
concept Row = codec::Record<R> && requires(const typename R::Key& key) {
  { R::kKind } -> std::convertible_to<RowKind>;
  { R::slot(key) } -> std::same_as<Slot>;
};

// Something that state can be read from. Rows come as their encoding.
class View {
 public:
  virtual ~View() = default;
  virtual std::optional<Bytes> get(const Slot& slot) const = 0;

  // The first row of the slot's kind that is in it or behind it, in slot order.
  using Placed = std::pair<Slot, Bytes>;
  virtual std::optional<Placed> first_from(const Slot& slot) const = 0;

  template <Row R>
  std::optional<R> find(const typename R::Key& key) const {
    const auto bytes = get(R::slot(key));
    if (!bytes) return std::nullopt;
    return decode_row<R>(*bytes);
  }

  // Our own bytes: that they do not decode is a bug or a damaged disk, and stops the program.
  template <Row R>
  static R decode_row(ByteView bytes) {
    auto row = codec::decode_record<R>(bytes);
    CHECK(row.has_value());
    return *std::move(row);
  }
};

// What one slot held before and holds after; nothing for "no row".
struct Change {
  std::optional<Bytes> before;
  std::optional<Bytes> after;
  bool operator==(const Change&) const = default;
};

// By slot, in order, so that two replicas walk it alike.
using ChangeSet = std::map<Slot, Change>;

// An overlay on a view, maybe another stage, that must outlive it and not change under it. One
// thread.
class Stage final : public View {
 public:
  explicit Stage(const View* below) : below_(*below) {}
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::optional<Bytes> get(const Slot& slot) const override;
  std::optional<Placed> first_from(const Slot& slot) const override;

  template <Row R>
  void put(const typename R::Key& key, const R& row) {
    write(R::slot(key), codec::encode_record(row));
  }
  // Of a row that is known not to be there, which spares looking for what it replaces: the caller
  // has looked, or nothing else ever has this key.
  template <Row R>
  void add(const typename R::Key& key, const R& row) {
    ++writes_;
    changes_[R::slot(key)].after = codec::encode_record(row);
  }
  template <Row R>
  void erase(const typename R::Key& key) {
    write(R::slot(key), std::nullopt);
  }

  // Takes over what another stage, laid over this one, wrote; that stage is as new afterwards.
  void absorb(Stage& above);
  // Forgets what was written.
  void discard() { changes_.clear(); }

  // How often it was written to.
  std::uint64_t writes() const { return writes_; }
  const ChangeSet& changes() const { return changes_; }
  ChangeSet take() { return std::move(changes_); }

 private:
  void write(const Slot& slot, std::optional<Bytes> after);
  const View& below_;
  ChangeSet changes_;
  std::uint64_t writes_ = 0;
};

// A view of nothing: what a chain is before its genesis.
class EmptyView final : public View {
 public:
  std::optional<Bytes> get(const Slot&) const override { return std::nullopt; }
  std::optional<Placed> first_from(const Slot&) const override { return std::nullopt; }
};

}  // namespace intaglio::ledger
