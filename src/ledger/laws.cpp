#include "ledger/laws.h"

#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "base/format.h"
#include "codec/hex.h"
#include "ledger/certificates.h"
#include "ledger/settlements.h"
#include "ledger/streams.h"
#include "ledger/trust.h"

namespace intaglio::ledger {

template <Row R>
struct RowChange {
  const Slot* slot;
  std::optional<R> before;
  std::optional<R> after;
};

// What changed, decoded once for all laws. Refers to the changes it was made from.
class RowChanges {
 public:
  explicit RowChanges(const ChangeSet& changes) {
    std::apply([&](auto&... list) { (decode(changes, list), ...); }, lists_);
  }

  template <Row R>
  const std::vector<RowChange<R>>& of() const {
    return std::get<std::vector<RowChange<R>>>(lists_);
  }

 private:
  template <Row R>
  static void decode(const ChangeSet& changes, std::vector<RowChange<R>>& list) {
    for (auto it = changes.lower_bound(Slot(R::kKind)); it != changes.end(); ++it) {
      if (it->first.kind() != R::kKind) return;
      RowChange<R>& change = list.emplace_back();
      change.slot = &it->first;
      if (it->second.before) change.before = View::decode_row<R>(*it->second.before);
      if (it->second.after) change.after = View::decode_row<R>(*it->second.after);
    }
  }

  template <Row... R>
  using Lists = std::tuple<std::vector<RowChange<R>>...>;
  Lists<AssetRow, BalanceRow, KeyRow, HoldRow, EntryRow, ReceiptRow, CodeRow, OutStreamRow,
        InStreamRow, PacketRow, TransitRow, SuspenseRow, SettlementRow, CertificateRow, IssuerRow,
        TrustRow>
      lists_;
};

namespace {

// Sums of 64-bit amounts, with sign: wide enough for any block.
using Wide = __int128;

// The bytes of a slot from `offset` on, `size` of them.
std::string part(const Slot& slot, std::size_t offset, std::size_t size) {
  return std::string(slot.bytes().substr(1 + offset, size));
}
std::string shown(std::string_view bytes) { return codec::to_hex(as_bytes(bytes)); }

template <Row R>
Wide amount_of(const std::optional<R>& row, Amount R::* member) {
  return row ? static_cast<Wide>(((*row).*member).value()) : 0;
}

// By how much a count modulo 2^64 grew.
Wide grown(const RowChange<TransitRow>& row, std::uint64_t TransitRow::* member) {
  const std::uint64_t before = row.before ? (*row.before).*member : 0;
  const std::uint64_t after = row.after ? (*row.after).*member : 0;
  return static_cast<Wide>(after - before);
}

// What a settlement holds, by asset, with its sign.
void add_escrow(std::map<std::string, Wide>& sums, const std::optional<SettlementRow>& row,
                int sign) {
  if (!row || row->state != SettlementState::open) return;
  for (std::size_t i = 0; i < row->terms.legs.size(); ++i) {
    if (!row->has(i)) continue;
    const Leg& leg = row->terms.legs[i];
    sums[part(AssetRow::slot(leg.asset), 0, 4)] += sign * static_cast<Wide>(leg.amount.value());
  }
}

std::optional<std::string> conservation(const RowChanges& changes) {
  std::map<std::string, Wide> surplus;  // by asset: what accounts gained beyond what was issued
  for (const auto& row : changes.of<BalanceRow>()) {
    Wide& sum = surplus[part(*row.slot, AccountId::kSize, 4)];
    sum += amount_of(row.after, &BalanceRow::credits_posted);
    sum -= amount_of(row.before, &BalanceRow::credits_posted);
    sum -= amount_of(row.after, &BalanceRow::debits_posted);
    sum += amount_of(row.before, &BalanceRow::debits_posted);
  }
  for (const auto& row : changes.of<AssetRow>()) {
    Wide& sum = surplus[part(*row.slot, 0, 4)];
    sum -= amount_of(row.after, &AssetRow::issued) - amount_of(row.before, &AssetRow::issued);
    sum += amount_of(row.after, &AssetRow::burned) - amount_of(row.before, &AssetRow::burned);
  }
  for (const auto& row : changes.of<TransitRow>()) {
    Wide& sum = surplus[part(*row.slot, 2, 4)];
    sum += grown(row, &TransitRow::sent);
    sum -= grown(row, &TransitRow::received);
  }
  for (const auto& row : changes.of<SuspenseRow>()) {
    const SuspenseRow& money = row.after ? *row.after : *row.before;
    Wide& sum = surplus[part(AssetRow::slot(money.asset), 0, 4)];
    sum += amount_of(row.after, &SuspenseRow::amount);
    sum -= amount_of(row.before, &SuspenseRow::amount);
  }
  for (const auto& row : changes.of<SettlementRow>()) {
    add_escrow(surplus, row.after, 1);
    add_escrow(surplus, row.before, -1);
  }
  for (const auto& [asset, sum] : surplus) {
    if (sum != 0) return format("asset {} gained {}", shown(asset), static_cast<long>(sum));
  }
  return std::nullopt;
}

Wide remaining(const std::optional<HoldRow>& hold) {
  if (!hold || hold->state != HoldState::open) return 0;
  return static_cast<Wide>(hold->amount.value()) - static_cast<Wide>(hold->captured.value());
}

std::optional<std::string> holds_are_backed(const RowChanges& changes) {
  std::map<std::string, Wide> unbacked;  // by account and asset
  for (const auto& row : changes.of<BalanceRow>()) {
    unbacked[part(*row.slot, 0, AccountId::kSize + 4)] +=
        amount_of(row.after, &BalanceRow::debits_pending) -
        amount_of(row.before, &BalanceRow::debits_pending);
  }
  for (const auto& row : changes.of<HoldRow>()) {
    const HoldRow& hold = row.after ? *row.after : *row.before;
    const auto balance = BalanceRow::slot({hold.payer, hold.asset});
    unbacked[part(balance, 0, AccountId::kSize + 4)] -=
        remaining(row.after) - remaining(row.before);
  }
  for (const auto& [balance, sum] : unbacked) {
    if (sum != 0) return format("balance {} is off by {}", shown(balance), static_cast<long>(sum));
  }
  return std::nullopt;
}

std::optional<std::string> no_overdraft(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<BalanceRow>()) {
    const Wide spendable = amount_of(row.after, &BalanceRow::credits_posted) -
                           amount_of(row.after, &BalanceRow::debits_posted) -
                           amount_of(row.after, &BalanceRow::debits_pending);
    if (spendable < 0) broken = format("balance {}", shown(part(*row.slot, 0, 24)));
    if (row.before && !row.after) {
      broken = format("balance {} vanished", shown(part(*row.slot, 0, 24)));
    }
  }
  return broken;
}

std::optional<std::string> entries_are_final(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<EntryRow>()) {
    if (!row.after) {
      broken = format("entry {} vanished", shown(part(*row.slot, 0, 34)));
    } else if (row.after->refunded > row.after->amount) {
      broken = format("entry {} is refunded beyond its amount", shown(part(*row.slot, 0, 34)));
    } else if (row.before) {
      EntryRow same = *row.before;
      same.refunded = row.after->refunded;
      if (!same.verdict) same.verdict = row.after->verdict;
      const bool unchanged = codec::encode_record(same) == codec::encode_record(*row.after);
      if (!unchanged || row.after->refunded < row.before->refunded) {
        broken = format("entry {} was rewritten", shown(part(*row.slot, 0, 34)));
      }
    }
  }
  return broken;
}

std::optional<std::string> holds_stay_closed(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<HoldRow>()) {
    const auto name = [&] { return shown(part(*row.slot, 0, 34)); };
    if (!row.after) {
      broken = format("hold {} vanished", name());
    } else if (row.after->captured > row.after->amount) {
      broken = format("hold {} is captured beyond its amount", name());
    } else if (row.before && row.before->state == HoldState::closed) {
      broken = format("closed hold {} changed", name());
    } else if (row.before && row.after->captured < row.before->captured) {
      broken = format("hold {} lost a capture", name());
    }
  }
  return broken;
}

std::optional<std::string> codes_are_paid_once(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<CodeRow>()) {
    if (!row.before || !row.before->payment) continue;
    if (!row.after || row.after->payment != row.before->payment) {
      broken = format("paid code {} changed", shown(part(*row.slot, 0, 44)));
    }
  }
  return broken;
}

std::optional<std::string> receipts_are_final(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<ReceiptRow>()) {
    if (row.before && row.after) broken = format("receipt {}", shown(part(*row.slot, 0, 36)));
  }
  return broken;
}

std::optional<std::string> revocation_is_final(const RowChanges& changes) {
  std::optional<std::string> broken;
  for (const auto& row : changes.of<KeyRow>()) {
    if (!row.after) broken = format("key {} vanished", shown(part(*row.slot, 0, 32)));
    if (row.before && row.before->status == KeyStatus::revoked && row.after &&
        row.after->status != KeyStatus::revoked) {
      broken = format("revoked key {} came back", shown(part(*row.slot, 0, 32)));
    }
  }
  return broken;
}

std::optional<std::string> certificates_stay_logged(const RowChanges& changes) {
  std::map<std::string, std::pair<Wide, Wide>> counted;  // by issuer: logged, changes
  for (const auto& row : changes.of<CertificateRow>()) {
    const auto name = [&] { return shown(part(*row.slot, KeyHash::kSize, SerialNumber::kSize)); };
    if (!row.after) return format("certificate {} vanished", name());
    auto& [logged, changed] = counted[part(*row.slot, 0, KeyHash::kSize)];
    if (!row.before) {
      ++logged;
      continue;
    }
    const bool is_same = row.before->hash == row.after->hash && row.before->key == row.after->key &&
                         row.before->valid_until == row.after->valid_until &&
                         row.before->logged == row.after->logged;
    if (!is_same) return format("certificate {} is another one", name());
    if (row.before->status == KeyStatus::revoked) {
      return format("revoked certificate {} changed", name());
    }
    ++changed;
  }
  for (const auto& row : changes.of<IssuerRow>()) {
    const std::string issuer = part(*row.slot, 0, KeyHash::kSize);
    if (!row.after) return format("issuer {} vanished", shown(issuer));
    const auto before = row.before.value_or(IssuerRow{});
    auto& [logged, changed] = counted[issuer];
    logged -= static_cast<Wide>(row.after->logged) - static_cast<Wide>(before.logged);
    changed -= static_cast<Wide>(row.after->changes) - static_cast<Wide>(before.changes);
  }
  for (const auto& [issuer, left] : counted) {
    if (left.first != 0)
      return format("issuer {}: not every certificate is counted", shown(issuer));
    // Of several changes in one block one is seen.
    if (left.second > 0) return format("issuer {}: a change is not counted", shown(issuer));
  }
  return std::nullopt;
}

std::optional<std::string> settlements_end_once(const RowChanges& changes) {
  for (const auto& row : changes.of<SettlementRow>()) {
    const auto name = [&] { return shown(part(*row.slot, 0, SettlementId::kSize)); };
    if (!row.after) {
      if (row.before->state == SettlementState::open) return format("open {} vanished", name());
      continue;
    }
    if (row.after->state == SettlementState::delivered && !row.after->is_complete()) {
      return format("{} was delivered before all legs were there", name());
    }
    if (!row.before) continue;
    if (row.before->terms != row.after->terms) return format("{} has other terms", name());
    if ((row.before->arrived & ~row.after->arrived) != 0) return format("{} lost a leg", name());
    const bool changed = row.before->state != row.after->state ||
                         row.before->arrived != row.after->arrived ||
                         row.before->verdict != row.after->verdict;
    if (row.before->state != SettlementState::open && changed) {
      return format("closed {} changed", name());
    }
  }
  return std::nullopt;
}

std::optional<std::string> streams_go_forward(const RowChanges& changes) {
  for (const auto& row : changes.of<OutStreamRow>()) {
    const auto before = row.before.value_or(OutStreamRow{});
    if (!row.after || row.after->next < before.next || row.after->arrived < before.arrived) {
      return format("stream to {} went back", shown(part(*row.slot, 0, 2)));
    }
    if (row.after->arrived > row.after->next) {
      return format("stream to {}: more arrived than was sent", shown(part(*row.slot, 0, 2)));
    }
  }
  for (const auto& row : changes.of<InStreamRow>()) {
    if (!row.after || row.after->next < row.before.value_or(InStreamRow{}).next) {
      return format("stream from {} went back", shown(part(*row.slot, 0, 2)));
    }
  }
  for (const auto& row : changes.of<PacketRow>()) {
    if (row.before && row.after) {
      return format("packet {} was rewritten", shown(part(*row.slot, 0, 10)));
    }
  }
  return std::nullopt;
}

std::optional<std::string> trust_goes_forward(const RowChanges& changes) {
  for (const auto& row : changes.of<TrustRow>()) {
    const auto name = [&] { return shown(part(*row.slot, 0, 2)); };
    if (!row.after) return format("trust in {} vanished", name());
    if (!row.before) continue;
    const bool is_later = row.after->height > row.before->height;
    const bool is_same = row.after->height == row.before->height &&
                         row.after->hash == row.before->hash && row.after->app == row.before->app;
    if (!is_later && !is_same) return format("trust in {} went back", name());
  }
  return std::nullopt;
}

constexpr auto kLaws = std::to_array<Law>({
    {"conservation",
     "per asset, what accounts own and settlements hold is what was issued less what was burned, "
     "and what came from other chains less what went there",
     conservation},
    {"holds_are_backed", "what is pending on a balance is what its open holds have left",
     holds_are_backed},
    {"no_overdraft", "nobody spends or holds more than was credited", no_overdraft},
    {"entries_are_final",
     "an entry never changes, but for the refunds of it, never above it, and why it came back",
     entries_are_final},
    {"holds_stay_closed", "a closed hold stays as it is, and none is captured beyond its amount",
     holds_stay_closed},
    {"codes_are_paid_once", "a code that was paid stays paid by that payment", codes_are_paid_once},
    {"receipts_are_final", "a receipt once written is never rewritten", receipts_are_final},
    {"settlements_end_once",
     "a settlement is delivered when all its legs are there, and stays as it was closed",
     settlements_end_once},
    {"streams_go_forward", "numbers and cursors of streams only grow, and packets do not change",
     streams_go_forward},
    {"trust_goes_forward", "what is trusted of another chain is a later header, never another one",
     trust_goes_forward},
    {"revocation_is_final", "a revoked key stays revoked, and no key row vanishes",
     revocation_is_final},
    {"certificates_stay_logged",
     "what was said of a certificate stays, also that it was revoked; every one is counted",
     certificates_stay_logged},
});

}  // namespace

std::span<const Law> laws() { return kLaws; }

std::optional<std::string> first_broken_law(const ChangeSet& changes) {
  const RowChanges rows(changes);
  for (const Law& law : kLaws) {
    if (auto broken = law.broken(rows)) return format("{}: {}", law.name, *broken);
  }
  return std::nullopt;
}

}  // namespace intaglio::ledger
