// The rows of a chain's state. Every one is a codec record; its Key says which slot it lives in.
// Layouts are frozen: docs/reference/formats.md, golden bytes in rows_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/amount.h"
#include "codec/record.h"
#include "crypto/field_types.h"
#include "ledger/stage.h"

namespace intaglio::ledger {

using codec::field;

// An operation inside a transaction; also the id of what it made (a payment, a hold).
struct OperationRef {
  TxId tx;
  std::uint16_t index = 0;
  auto operator<=>(const OperationRef&) const = default;
};

// "<tx id in hex>:<index>"; reading takes the id alone for its first operation.
std::string to_text(const OperationRef& ref);
Result<OperationRef> operation_ref_from_text(std::string_view text);

}  // namespace intaglio::ledger

template <>
struct intaglio::codec::FieldType<intaglio::ledger::OperationRef> {
  static constexpr std::string_view kName = "operation (tx:index)";
  static void write(CborWriter& out, const ledger::OperationRef& ref);  // [tx, index]
  static Result<ledger::OperationRef> read(CborReader& in);
  static Json to_json(const ledger::OperationRef& ref) { return ledger::to_text(ref); }
  static Result<ledger::OperationRef> from_json(const Json& json);
};

namespace intaglio::ledger {

// The rules of this chain that its users' verdicts hang on. One row.
struct ParamsRow {
  struct Key {};
  static constexpr RowKind kKind = RowKind::params;
  static Slot slot(Key) { return Slot(kKind); }

  Duration max_validity;             // how far ahead a transaction's valid_until may be
  std::uint16_t max_operations = 0;  // linked in one transaction
  std::uint16_t max_open_holds = 0;  // an account
  Duration max_hold;                 // how far ahead a hold's expiry may be
  Duration code_step;                // length of a payment code's time step
  std::uint16_t code_window = 0;     // steps a code is accepted before and after its own
  Duration claim_time;               // how long a claim binds a code to its payer
  std::string code_guid;             // names our templates in a payment code
  std::uint32_t max_in_flight = 0;   // packets of one stream not yet known to have arrived
  Duration control_max_age;          // how old what a chain knows of the main chain may be
  Duration max_settlement;           // how far ahead a settlement's deadline may be
  // Of one account, so that none fills what all share:
  std::uint16_t max_open_settlements = 0;  // on the chain where they meet
  std::uint32_t max_packets = 0;           // on their way
  std::uint32_t max_live = 0;              // transactions that are remembered, since still valid
  std::uint16_t max_in_block = 0;          // transactions in one block

  static constexpr auto fields() {
    return std::tuple(
        field(1, "max_validity", &ParamsRow::max_validity, "ms a transaction may be valid ahead"),
        field(2, "max_operations", &ParamsRow::max_operations, "operations in one transaction"),
        field(3, "max_open_holds", &ParamsRow::max_open_holds, "open holds of one account"),
        field(4, "max_hold", &ParamsRow::max_hold, "ms a hold may last"),
        field(5, "code_step", &ParamsRow::code_step, "ms of a payment code's time step"),
        field(6, "code_window", &ParamsRow::code_window, "steps a code is good before and after"),
        field(7, "claim_time", &ParamsRow::claim_time, "ms a claim binds a code to its payer"),
        field(8, "code_guid", &ParamsRow::code_guid, "the GUID of our templates"),
        field(9, "max_in_flight", &ParamsRow::max_in_flight,
              "packets of one stream not yet known to have arrived"),
        field(10, "control_max_age", &ParamsRow::control_max_age,
              "ms that what a chain knows of the main chain may be old"),
        field(11, "max_settlement", &ParamsRow::max_settlement,
              "ms a settlement's deadline may be ahead"),
        field(12, "max_open_settlements", &ParamsRow::max_open_settlements,
              "open settlements of one account, where they meet"),
        field(13, "max_packets", &ParamsRow::max_packets, "packets of one account on their way"),
        field(14, "max_live", &ParamsRow::max_live,
              "transactions of one account that are remembered, since still valid"),
        field(15, "max_in_block", &ParamsRow::max_in_block,
              "transactions of one account in one block"));
  }
};

// Something that can be paid with. Its id is the ISO 4217 number where there is one.
struct AssetRow {
  using Key = AssetId;
  static constexpr RowKind kKind = RowKind::asset;
  static Slot slot(Key id) { return Slot(kKind).put(id.value()); }

  std::string code;                 // "EUR"
  std::uint8_t scale = 0;           // decimal places of what people see
  Amount smallest;                  // the smallest transfer
  Amount issued;                    // on this chain, ever
  Amount burned;                    // on this chain, ever
  std::optional<AccountId> issuer;  // who alone makes more of it; nothing: nobody

  static constexpr auto fields() {
    return std::tuple(field(1, "code", &AssetRow::code, "three letters"),
                      field(2, "scale", &AssetRow::scale, "decimal places people see"),
                      field(3, "smallest", &AssetRow::smallest, "the smallest transfer"),
                      field(4, "issued", &AssetRow::issued, "issued on this chain, ever"),
                      field(5, "burned", &AssetRow::burned, "burned on this chain, ever"),
                      field(6, "issuer", &AssetRow::issuer, "who issues it; none: nobody"));
  }
};

// A frozen account neither pays nor is paid; what it paid may come back.
enum class AccountStatus : std::uint8_t { active = 1, frozen = 2 };

// All assets of a chain, by number.
std::vector<std::pair<AssetId, AssetRow>> assets_of(const View& state);

// Somebody certified who can hold money here.
struct AccountRow {
  using Key = AccountId;
  static constexpr RowKind kKind = RowKind::account;
  static Slot slot(const Key& id) { return Slot(kKind).put(id.view()); }

  KeyHash key;  // signs for the account
  std::uint16_t open_holds = 0;
  AccountStatus status = AccountStatus::active;
  std::uint16_t open_settlements = 0;  // that have a leg of its, and meet here
  std::uint32_t packets = 0;           // of its, sent from here and not known to have arrived
  std::uint32_t live = 0;              // receipts of its that are kept

  static constexpr auto fields() {
    return std::tuple(
        field(1, "key", &AccountRow::key, "the key that signs for the account"),
        field(2, "open_holds", &AccountRow::open_holds, "its open holds"),
        field(3, "status", &AccountRow::status, "active or frozen"),
        field(4, "open_settlements", &AccountRow::open_settlements, "that have a leg of its"),
        field(5, "packets", &AccountRow::packets, "on their way"),
        field(6, "live", &AccountRow::live, "receipts that are kept"));
  }
};

// One account's money in one asset, in double entry: totals that only grow, and what is held.
// Spendable: credits_posted - debits_posted - debits_pending.
struct BalanceRow {
  struct Key {
    AccountId account;
    AssetId asset;
    auto operator<=>(const Key&) const = default;
  };
  static constexpr RowKind kKind = RowKind::balance;
  static Slot slot(const Key& key) {
    return Slot(kKind).put(key.account.view()).put(key.asset.value());
  }

  Amount credits_posted;
  Amount debits_posted;
  Amount debits_pending;                   // in open holds
  std::optional<OperationRef> last_entry;  // newest entry of this balance; leads to all others

  static constexpr auto fields() {
    return std::tuple(
        field(1, "credits_posted", &BalanceRow::credits_posted, "all that ever came in"),
        field(2, "debits_posted", &BalanceRow::debits_posted, "all that ever went out"),
        field(3, "debits_pending", &BalanceRow::debits_pending, "held, not yet captured"),
        field(4, "last_entry", &BalanceRow::last_entry, "the newest entry"));
  }
};

// What the holder of a key may do on this chain.
enum class Role : std::uint8_t {
  authority = 1,
  service = 2,
  holder = 3,
  display = 4,
  node = 5,
  issuer = 6,
  member = 7  // stands on the main chain and has no rights there: authorities, servers, members
};
// Whether a key of that role opens an account of its own.
constexpr bool opens_account(Role role) { return role == Role::holder || role == Role::issuer; }
// A suspended key signs nothing until it is active again; a revoked one never does.
enum class KeyStatus : std::uint8_t { active = 1, revoked = 2, suspended = 3 };

// Which certificate: as X.509 tells them apart, by its issuer (here by the hash of the key that
// signed it) and its serial number, and by the hash of all of it (cf. ESSCertIDv2, RFC 5035).
struct CertificateId {
  KeyHash issuer;
  SerialNumber serial;
  Digest hash;  // SHA-256 of its DER
  bool operator==(const CertificateId&) const = default;

  static constexpr auto fields() {
    return std::tuple(field(1, "issuer", &CertificateId::issuer, "hash of its issuer's key"),
                      field(2, "serial", &CertificateId::serial, "its serial number"),
                      field(3, "hash", &CertificateId::hash, "SHA-256 of its DER"));
  }
};

// A certified key. The certificate itself was judged at the edge; this is what is left of it, and
// on the main chain the record of it (ledger/certificates.h).
struct KeyRow {
  using Key = KeyHash;
  static constexpr RowKind kKind = RowKind::key;
  static Slot slot(const Key& hash) { return Slot(kKind).put(hash.view()); }

  crypto::PublicKey public_key;
  Role role = Role::holder;
  KeyStatus status = KeyStatus::active;
  Millis valid_from;
  Millis valid_until;
  std::optional<CertificateId> certificate;  // nothing: known since the genesis, without one
  // On the main chain: the others that know the key; nothing when all do.
  std::optional<std::vector<ChainId>> chains;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "public_key", &KeyRow::public_key, "the key"),
        field(2, "role", &KeyRow::role, "what its holder may do"),
        field(3, "status", &KeyRow::status, "active, revoked or suspended"),
        field(4, "valid_from", &KeyRow::valid_from, "block time, inclusive"),
        field(5, "valid_until", &KeyRow::valid_until, "block time, inclusive"),
        field(6, "certificate", &KeyRow::certificate, "its; none: known since the genesis"),
        field(7, "chains", &KeyRow::chains, "on the main chain: who else knows it; none: all"));
  }
};

// Whether a key may sign: `key_revoked`, `key_suspended`, at that place.
Result<void> check_standing(const KeyRow& key, std::string_view where = {});

enum class HoldState : std::uint8_t { open = 1, closed = 2 };

// Money set aside for a payee. Captured in part or whole, then closed by a last capture, a release
// or its expiry.
struct HoldRow {
  using Key = OperationRef;
  static constexpr RowKind kKind = RowKind::hold;
  static Slot slot(const Key& ref) { return Slot(kKind).put(ref.tx.view()).put(ref.index); }

  AccountId payer;
  AccountId payee;
  AssetId asset;
  Amount amount;
  Amount captured;
  Millis expires;
  HoldState state = HoldState::open;

  static constexpr auto fields() {
    return std::tuple(field(1, "payer", &HoldRow::payer, "whose money it is"),
                      field(2, "payee", &HoldRow::payee, "who may capture it"),
                      field(3, "asset", &HoldRow::asset, "of which asset"),
                      field(4, "amount", &HoldRow::amount, "held at first"),
                      field(5, "captured", &HoldRow::captured, "of it, captured so far"),
                      field(6, "expires", &HoldRow::expires, "no capture after this block time"),
                      field(7, "state", &HoldRow::state, "open or closed"));
  }
};

// sent and received: to or from an account on another chain, which has the other half. leg and
// delivery: into and out of a settlement (ledger/settlements.h).
enum class EntryKind : std::uint8_t {
  transfer = 1,
  refund = 2,
  capture = 3,
  issue = 4,
  sent = 5,
  received = 6,
  leg = 7,
  delivery = 8,
  burn = 9
};

inline constexpr std::size_t kMaxMemo = 140;  // bytes of a payer's words

// Money that moved from one account to another: one row, entered in both their books, or in the one
// that is on this chain. Each side's
// `previous` leads to the entry before it in that side's balance, so a statement is a walk and
// costs no index.
struct EntryRow {
  using Key = OperationRef;
  static constexpr RowKind kKind = RowKind::entry;
  static Slot slot(const Key& ref) { return Slot(kKind).put(ref.tx.view()).put(ref.index); }

  EntryKind kind = EntryKind::transfer;
  AccountId payer;
  AccountId payee;
  AssetId asset;
  Amount amount;
  Amount refunded;  // of it, so far
  Millis time;
  // The payment a refund is of, the hold a capture is of, the one payer's leg a delivery is of.
  std::optional<OperationRef> of;
  std::optional<OperationRef> payer_previous;
  std::optional<OperationRef> payee_previous;
  std::optional<std::string> memo;
  std::optional<ChainId> other_chain;    // of the side that is not on this chain
  std::optional<std::uint16_t> verdict;  // of money that was sent and came back: why

  static constexpr auto fields() {
    return std::tuple(
        field(1, "kind", &EntryRow::kind, "what moved it"),
        field(2, "payer", &EntryRow::payer, "debited"),
        field(3, "payee", &EntryRow::payee, "credited"),
        field(4, "asset", &EntryRow::asset, "of which asset"),
        field(5, "amount", &EntryRow::amount, "how much"),
        field(6, "refunded", &EntryRow::refunded, "of it, refunded so far"),
        field(7, "time", &EntryRow::time, "block time"),
        field(8, "of", &EntryRow::of, "the payment, hold or leg it is of"),
        field(9, "payer_previous", &EntryRow::payer_previous, "the payer's entry before"),
        field(10, "payee_previous", &EntryRow::payee_previous, "the payee's entry before"),
        field(11, "memo", &EntryRow::memo, "the payer's words"),
        field(12, "other_chain", &EntryRow::other_chain, "of the side that is not on this one"),
        field(13, "verdict", &EntryRow::verdict, "of money that was sent and came back: why"));
  }
};

// Whether the entry stands in this account's book as money that came in.
bool is_credit(const EntryRow& entry, const AccountId& account);

// The final result of a transaction, kept by the executor for every transaction in a block, refused
// ones too. Final: never changed once written, and forgotten when the transaction is not valid any
// more.
struct ReceiptRow {
  struct Key {
    AccountId account;
    ClientId client;
    static constexpr auto fields() {
      return std::tuple(field(1, "account", &Key::account, "whose it is"),
                        field(2, "client", &Key::client, "the client's id for it"));
    }
  };
  static constexpr RowKind kKind = RowKind::receipt;
  static Slot slot(const Key& key) {
    return Slot(kKind).put(key.account.view()).put(key.client.view());
  }

  TxId tx;
  Height height;
  std::uint32_t index = 0;
  Millis time;
  std::uint16_t verdict = 0;
  std::optional<std::string> where;
  Millis valid_until;

  static constexpr auto fields() {
    return std::tuple(field(1, "tx", &ReceiptRow::tx, "the transaction's id"),
                      field(2, "height", &ReceiptRow::height, "the block it is in"),
                      field(3, "index", &ReceiptRow::index, "its place in the block"),
                      field(4, "time", &ReceiptRow::time, "block time"),
                      field(5, "verdict", &ReceiptRow::verdict, "number from the verdict table"),
                      field(6, "where", &ReceiptRow::where, "what the verdict is about"),
                      field(7, "valid_until", &ReceiptRow::valid_until, "the transaction's own"));
  }
};

// Which account a counter display shows codes for.
struct DisplayRow {
  using Key = KeyHash;
  static constexpr RowKind kKind = RowKind::display;
  static Slot slot(const Key& key) { return Slot(kKind).put(key.view()); }

  AccountId account;
  std::uint32_t epoch = 0;  // grows with every binding
  TimeStep from_step;       // codes of earlier steps belong to the binding before

  static constexpr auto fields() {
    return std::tuple(field(1, "account", &DisplayRow::account, "the payee of its codes"),
                      field(2, "epoch", &DisplayRow::epoch, "grows with every binding"),
                      field(3, "from_step", &DisplayRow::from_step, "the first step it holds for"));
  }
};

// A payment code that was claimed or paid. One row a code, so it is paid at most once.
struct CodeRow {
  struct Key {
    KeyHash display;
    TimeStep step;
    std::uint32_t counter = 0;
    auto operator<=>(const Key&) const = default;
    static constexpr auto fields() {
      return std::tuple(field(1, "display", &Key::display, "hash of the display's key"),
                        field(2, "step", &Key::step, "the code's time step"),
                        field(3, "counter", &Key::counter, "the code's counter"));
    }
  };
  static constexpr RowKind kKind = RowKind::code;
  static Slot slot(const Key& key) {
    return Slot(kKind).put(key.display.view()).put(key.step.value()).put(key.counter);
  }

  AccountId payee;
  AssetId asset;
  std::optional<Amount> amount;  // when the code states one
  std::optional<AccountId> claimant;
  std::optional<Millis> claimed_until;
  std::optional<OperationRef> payment;  // the transfer that redeemed it

  static constexpr auto fields() {
    return std::tuple(field(1, "payee", &CodeRow::payee, "who is paid"),
                      field(2, "asset", &CodeRow::asset, "in which asset"),
                      field(3, "amount", &CodeRow::amount, "when the code states one"),
                      field(4, "claimant", &CodeRow::claimant, "the payer it is bound to"),
                      field(5, "claimed_until", &CodeRow::claimed_until, "block time"),
                      field(6, "payment", &CodeRow::payment, "the transfer that redeemed it"));
  }
};

}  // namespace intaglio::ledger

template <>
struct intaglio::codec::EnumNames<intaglio::ledger::Role> {
  using Role = intaglio::ledger::Role;
  static constexpr std::pair<Role, std::string_view> kNames[] = {
      {Role::authority, "authority"}, {Role::service, "service"}, {Role::holder, "holder"},
      {Role::display, "display"},     {Role::node, "node"},       {Role::issuer, "issuer"},
      {Role::member, "member"}};
};
template <>
struct intaglio::codec::EnumNames<intaglio::ledger::KeyStatus> {
  using KeyStatus = intaglio::ledger::KeyStatus;
  static constexpr std::pair<KeyStatus, std::string_view> kNames[] = {
      {KeyStatus::active, "active"},
      {KeyStatus::revoked, "revoked"},
      {KeyStatus::suspended, "suspended"}};
};
template <>
struct intaglio::codec::EnumNames<intaglio::ledger::AccountStatus> {
  using AccountStatus = intaglio::ledger::AccountStatus;
  static constexpr std::pair<AccountStatus, std::string_view> kNames[] = {
      {AccountStatus::active, "active"}, {AccountStatus::frozen, "frozen"}};
};
template <>
struct intaglio::codec::EnumNames<intaglio::ledger::HoldState> {
  using HoldState = intaglio::ledger::HoldState;
  static constexpr std::pair<HoldState, std::string_view> kNames[] = {
      {HoldState::open, "open"}, {HoldState::closed, "closed"}};
};
template <>
struct intaglio::codec::EnumNames<intaglio::ledger::EntryKind> {
  using EntryKind = intaglio::ledger::EntryKind;
  static constexpr std::pair<EntryKind, std::string_view> kNames[] = {
      {EntryKind::transfer, "transfer"}, {EntryKind::refund, "refund"},
      {EntryKind::capture, "capture"},   {EntryKind::issue, "issue"},
      {EntryKind::sent, "sent"},         {EntryKind::received, "received"},
      {EntryKind::leg, "leg"},           {EntryKind::delivery, "delivery"},
      {EntryKind::burn, "burn"}};
};
