// The keys of a chain's database and what stands in them as numbers: docs/reference/formats.md.
// Inside this module alone.
#pragma once

#include "store/chain_store.h"

namespace intaglio::store {

// First bytes of keys; append-only. 'm' begins the keys of single records, below.
inline constexpr char kRow = 'a';          // slot -> row
inline constexpr char kBlock = 'b';        // height -> blob
inline constexpr char kHeader = 'h';       // height -> header
inline constexpr char kNote = 'n';         // name -> note
inline constexpr char kResults = 'r';      // height -> receipts
inline constexpr char kTransaction = 't';  // transaction id -> place
inline constexpr char kOfAccount = 'u';    // account, place -> nothing

inline constexpr std::string_view kTipKey = "mtip";
inline constexpr std::string_view kKeptKey = "mkept";
inline constexpr std::string_view kLayoutKey = "mlayout";
inline constexpr std::string_view kLayout = "intaglio-chain-8";

template <std::unsigned_integral Int>
void put_number(std::string& to, Int number) {
  for (int shift = 8 * (sizeof(Int) - 1); shift >= 0; shift -= 8) {
    to.push_back(static_cast<char>(number >> shift));
  }
}
inline std::string row_key(const ledger::Slot& slot) {
  return std::string(1, kRow).append(slot.bytes());
}
template <std::unsigned_integral Int>
Int number_in(std::string_view text) {
  CHECK(text.size() == sizeof(Int));
  Int out = 0;
  for (const char each : text) out = static_cast<Int>(out << 8 | static_cast<std::uint8_t>(each));
  return out;
}
inline std::string height_key(char kind, Height height) {
  std::string key(1, kind);
  put_number(key, height.value());
  return key;
}
inline std::string block_key(Height height) { return height_key(kBlock, height); }
inline std::string header_key(Height height) { return height_key(kHeader, height); }
inline std::string note_key(std::string_view name) { return std::string(1, kNote).append(name); }
inline std::string results_key(Height height) { return height_key(kResults, height); }
inline std::string transaction_key(const TxId& id) {
  return kTransaction + std::string(as_text(id.view()));
}

inline std::string place_text(const Place& place) {
  std::string out;
  put_number(out, place.height.value());
  put_number(out, place.index);
  return out;
}

// Our own bytes.
inline Place place_in(std::string_view text) {
  CHECK(text.size() > sizeof(Height::Value));
  return {Height(number_in<Height::Value>(text.substr(0, sizeof(Height::Value)))),
          number_in<std::uint32_t>(text.substr(sizeof(Height::Value)))};
}

inline std::string account_prefix(const AccountId& account) {
  return kOfAccount + std::string(as_text(account.view()));
}

}  // namespace intaglio::store
