// What one chain sends another: money that goes there or comes back, and what the main chain
// decided and that chain must know. Taking one in cannot fail. Numbers on the wire are append-only.
#pragma once

#include <variant>

#include "ledger/nodes.h"
#include "ledger/rows.h"
#include "ledger/settlements.h"
#include "ledger/stage.h"
#include "ledger/trust.h"

namespace intaglio::ledger {

// Money for an account there. It comes back as a refund when nobody can be credited.
struct CreditPacket {
  static constexpr std::uint64_t kType = 1;
  static constexpr std::string_view kName = "credit";
  static constexpr std::string_view kDoc = "money for an account of the destination";

  OperationRef payment;  // the transfer that it carries
  AccountId from;        // debited on the source; the money goes back to it
  AccountId to;
  AssetId asset;
  Amount amount;
  Millis expires;  // the last block time of the destination it is good for
  std::optional<std::string> memo;
  std::optional<CodeRow::Key> code;  // the payment code that it pays
  bool judged = false;               // the code's text was, on the source, since nobody claimed it

  static constexpr auto fields() {
    return std::tuple(
        field(1, "payment", &CreditPacket::payment, "the transfer it carries"),
        field(2, "from", &CreditPacket::from, "debited on the source"),
        field(3, "to", &CreditPacket::to, "credited on the destination"),
        field(4, "asset", &CreditPacket::asset, "of which asset"),
        field(5, "amount", &CreditPacket::amount, "how much"),
        field(6, "expires", &CreditPacket::expires, "last block time of the destination"),
        field(7, "memo", &CreditPacket::memo, "the payer's words"),
        field(8, "code", &CreditPacket::code, "the payment code that is paid"),
        field(9, "judged", &CreditPacket::judged, "the source judged the code's text"));
  }
};

// Money that comes back, all of a payment or part of it.
struct RefundPacket {
  static constexpr std::uint64_t kType = 2;
  static constexpr std::string_view kName = "refund";
  static constexpr std::string_view kDoc = "money of a payment, for its payer";

  OperationRef payment;  // whose money it gives back
  AccountId from;
  AccountId to;
  AssetId asset;
  Amount amount;
  std::optional<std::uint16_t> verdict;  // why; nothing when the payee wished it

  static constexpr auto fields() {
    return std::tuple(
        field(1, "payment", &RefundPacket::payment, "the payment it gives back"),
        field(2, "from", &RefundPacket::from, "who was to get it, or got it"),
        field(3, "to", &RefundPacket::to, "the payment's payer"),
        field(4, "asset", &RefundPacket::asset, "of which asset"),
        field(5, "amount", &RefundPacket::amount, "how much"),
        field(6, "verdict", &RefundPacket::verdict, "why it comes back; none: the payee's wish"));
  }
};

// One leg of a settlement, with its terms: the first that arrives opens it.
struct LegPacket {
  static constexpr std::uint64_t kType = 3;
  static constexpr std::string_view kName = "leg";
  static constexpr std::string_view kDoc = "money for a settlement, with its terms";

  Terms terms;
  std::uint16_t leg = 0;

  static constexpr auto fields() {
    return std::tuple(field(1, "terms", &LegPacket::terms, "the settlement's"),
                      field(2, "leg", &LegPacket::leg, "which of its legs was paid"));
  }
};

// A payer's wish that a settlement come to nothing.
struct CancelPacket {
  static constexpr std::uint64_t kType = 4;
  static constexpr std::string_view kName = "cancel";
  static constexpr std::string_view kDoc = "a payer's wish that a settlement come to nothing";

  Terms terms;
  AccountId payer;  // who has a leg on the source

  static constexpr auto fields() {
    return std::tuple(field(1, "terms", &CancelPacket::terms, "the settlement's"),
                      field(2, "payer", &CancelPacket::payer, "who has a leg on the source"));
  }
};

// A certified key. A holder's opens the account, a display's is bound to it.
struct KnownKey {
  static constexpr std::uint64_t kType = 16;
  static constexpr std::string_view kName = "known_key";
  static constexpr std::string_view kDoc = "a key that is certified";

  KeyRow key;
  std::optional<AccountId> account;

  static constexpr auto fields() {
    return std::tuple(field(1, "key", &KnownKey::key, "its row there"),
                      field(2, "account", &KnownKey::account,
                            "a holder's own, or the payee of a display's codes"));
  }
};

// Whether a key may sign from now on.
struct KeyStanding {
  static constexpr std::uint64_t kType = 17;
  static constexpr std::string_view kName = "key_standing";
  static constexpr std::string_view kDoc = "whether a key may sign from now on";

  KeyHash key;
  KeyStatus status = KeyStatus::active;

  static constexpr auto fields() {
    return std::tuple(field(1, "key", &KeyStanding::key, "hash of the key"),
                      field(2, "status", &KeyStanding::status, "active, revoked or suspended"));
  }
};

// An account for which another key signs from now on.
struct ReplacedKey {
  static constexpr std::uint64_t kType = 18;
  static constexpr std::string_view kName = "replaced_key";
  static constexpr std::string_view kDoc = "an account for which another key signs from now on";

  AccountId account;
  KeyRow key;  // the new one; the one before is revoked

  static constexpr auto fields() {
    return std::tuple(field(1, "account", &ReplacedKey::account, "whose key it is"),
                      field(2, "key", &ReplacedKey::key, "the new key's row there"));
  }
};

// An account that may pay and be paid, or neither.
struct AccountStanding {
  static constexpr std::uint64_t kType = 19;
  static constexpr std::string_view kName = "account_standing";
  static constexpr std::string_view kDoc = "an account that was frozen, or is not any more";

  AccountId account;
  AccountStatus status = AccountStatus::active;

  static constexpr auto fields() {
    return std::tuple(field(1, "account", &AccountStanding::account, "which account"),
                      field(2, "status", &AccountStanding::status, "active or frozen"));
  }
};

// Who signs for a chain from now on; a chain that was not there before is new.
struct ChainNodes {
  static constexpr std::uint64_t kType = 20;
  static constexpr std::string_view kName = "chain_nodes";
  static constexpr std::string_view kDoc = "who signs for a chain from now on";

  ChainId chain;
  KeyRow accounting;  // the nodes' keys
  std::vector<KeyRow> consensus;
  std::uint8_t quorum = 0;
  std::optional<std::vector<Validator>> validators = {};  // where CometBFT orders the chain

  static constexpr auto fields() {
    return std::tuple(
        field(1, "chain", &ChainNodes::chain, "for which chain"),
        field(2, "accounting", &ChainNodes::accounting, "the accounting node's key"),
        field(3, "consensus", &ChainNodes::consensus, "the consensus nodes' keys"),
        field(4, "quorum", &ChainNodes::quorum, "how many of these sign a block"),
        field(5, "validators", &ChainNodes::validators, "where CometBFT orders the chain"));
  }
};

// An asset that the main chain added.
struct KnownAsset {
  static constexpr std::uint64_t kType = 21;
  static constexpr std::string_view kName = "known_asset";
  static constexpr std::string_view kDoc = "an asset and who issues it";

  AssetId asset;
  std::string code;
  std::uint8_t scale = 0;
  Amount smallest;
  AccountId issuer;

  static constexpr auto fields() {
    return std::tuple(field(1, "asset", &KnownAsset::asset, "its number"),
                      field(2, "code", &KnownAsset::code, "for people"),
                      field(3, "scale", &KnownAsset::scale, "decimal places people see"),
                      field(4, "smallest", &KnownAsset::smallest, "the smallest transfer"),
                      field(5, "issuer", &KnownAsset::issuer, "who alone makes more of it"));
  }
};

// A header of a chain that CometBFT orders, for which the authority vouches: it is trusted from now
// on, by those who trusted an earlier one.
struct VouchedHeader {
  static constexpr std::uint64_t kType = 22;
  static constexpr std::string_view kName = "vouched_header";
  static constexpr std::string_view kDoc = "a header of CometBFT's that the authority vouches for";

  ChainId chain;
  TrustRow header;

  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &VouchedHeader::chain, "of which chain"),
                      field(2, "header", &VouchedHeader::header, "what is trusted of it"));
  }
};

using Packet =
    std::variant<CreditPacket, RefundPacket, LegPacket, CancelPacket, KnownKey, KeyStanding,
                 ReplacedKey, AccountStanding, ChainNodes, KnownAsset, VouchedHeader>;

// What the main chain decided and every chain concerned takes over. Nothing else is a decision.
template <typename T>
concept Decision = T::kType >= KnownKey::kType;

// Whose wish sent it: a user's, who has a share of what may be on its way. Nothing for what comes
// back, what goes on, and decisions.
std::optional<AccountId> sender_of(const Packet& packet);

// The money that leaves one chain with a packet and comes to the other.
std::optional<Money> money_of(const Packet& packet);

// Takes a decision over, on the main chain itself and on every chain that it is sent to. It cannot
// fail: what does not concern this chain changes nothing, and taking it over twice neither.
void take_over(Stage& stage, const KnownKey& decision);
void take_over(Stage& stage, const KeyStanding& decision);
void take_over(Stage& stage, const ReplacedKey& decision);
void take_over(Stage& stage, const AccountStanding& decision);
void take_over(Stage& stage, const ChainNodes& decision);

// Who signs for a chain by now, as the main chain's state has it: what a chain is told that does
// not know yet. The main chain must have the chain.
ChainNodes nodes_of(const View& state, ChainId chain);
NodesRow row_of(const ChainNodes& nodes);
void take_over(Stage& stage, const KnownAsset& decision);
void take_over(Stage& stage, const VouchedHeader& decision);

}  // namespace intaglio::ledger

template <>
struct intaglio::codec::FieldType<intaglio::ledger::Packet> {
  static constexpr std::string_view kName = "packet";
  static void write(CborWriter& out, const ledger::Packet& packet);
  static Result<ledger::Packet> read(CborReader& in);
  static Json to_json(const ledger::Packet& packet);
  static Result<ledger::Packet> from_json(const Json& json);
};
