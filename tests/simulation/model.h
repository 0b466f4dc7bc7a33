// What every chain must be after its blocks, written from docs/ alone: plain maps, and none of the
// code that executes transactions. The layouts of packets and operations are the ledger's; every
// rule, order and sum is told here a second time. See simulation/audit.h for what is compared.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/certificates.h"
#include "ledger/genesis.h"
#include "tx/transaction.h"

namespace intaglio::simulation {

using ledger::OperationRef;

struct ModelBalance {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t held = 0;
  std::uint64_t free() const { return in - out - held; }
};

struct ModelAccount {
  KeyHash key;
  bool is_frozen = false;
  std::uint32_t holds = 0;
  std::uint32_t settlements = 0;
  std::uint32_t packets = 0;  // on their way
  std::uint32_t live = 0;     // receipts that are remembered
};

struct ModelAsset {
  std::string code;
  std::uint8_t scale = 0;
  std::uint64_t smallest = 1;
  std::uint64_t issued = 0;
  std::uint64_t burned = 0;
  std::optional<AccountId> issuer;
};

struct ModelHold {
  AccountId payer;
  AccountId payee;
  AssetId asset;
  std::uint64_t amount = 0;
  std::uint64_t captured = 0;
  Millis expires;
  bool is_open = true;
};

// Money that moved, as far as anything may follow from it.
struct ModelPayment {
  enum class Kind { refundable, sent, leg, final };
  Kind kind = Kind::final;
  AccountId payer;
  AccountId payee;
  AssetId asset;
  std::uint64_t amount = 0;
  std::uint64_t refunded = 0;
  std::optional<ChainId> other;  // where the other side is
};

struct ModelSettlement {
  enum class State { open, delivered, returned };
  ledger::Terms terms;
  std::set<std::size_t> arrived;
  State state = State::open;
};

struct ModelReceipt {
  TxId tx;
  Verdict verdict = Verdict::accepted;
};

struct ModelStream {
  std::vector<ledger::Packet> sent;  // ever
  std::uint64_t arrived = 0;         // as far as the source knows
};

using ClientKey = std::pair<AccountId, ClientId>;

struct ModelChain {
  ChainId id;
  Height height;
  Millis time;
  std::map<Height, Millis> times;  // of its blocks
  std::map<KeyHash, ledger::KeyRow> keys;
  using SerialKey = std::pair<KeyHash, SerialNumber>;  // the issuer's
  std::map<SerialKey, ledger::CertificateRow> certificates;
  std::map<KeyHash, ledger::IssuerRow> issuers;
  std::map<AccountId, ModelAccount> accounts;
  std::map<AssetId, ModelAsset> assets;
  std::map<std::pair<AccountId, AssetId>, ModelBalance> balances;
  std::map<OperationRef, ModelHold> holds;
  std::map<OperationRef, ModelPayment> payments;
  std::map<SettlementId, ModelSettlement> settlements;
  std::map<ClientKey, ModelReceipt> receipts;
  std::map<Millis, std::vector<ClientKey>> forgotten;  // by when they are no longer needed
  std::map<Millis, std::set<OperationRef>> expiring;   // open holds
  std::map<Millis, std::set<SettlementId>> deadlines;
  std::map<ChainId, ledger::NodesRow> nodes;
  std::map<ChainId, ModelStream> out;
  std::map<ChainId, std::uint64_t> next_in;
  std::map<AssetId, std::uint64_t> suspense;
  Millis main_as_of;
};

// What a block must have made of a transaction. A delivery is not foretold, since proofs are not
// looked at here: its verdict is taken as it is, and that what it brought was sent is asked.
struct Foretold {
  Verdict verdict = Verdict::accepted;
  bool is_repeat = false;  // the receipt of before, once more
  bool is_kept = true;     // the client's id is used up
};

struct ModelBlock {
  ChainId chain;
  Height height;
  Millis time;
  std::vector<const tx::SignedTransaction*> transactions;
  std::vector<std::optional<Verdict>> deliveries;  // what became of those that bring packets
};

class Model {
 public:
  explicit Model(const ledger::Genesis& genesis);

  // Runs the block, which must be the chain's next; what each transaction must have come to. What
  // is wrong with it is in wrong().
  std::vector<Foretold> run(const ModelBlock& block);

  // The first thing that could not be, in words; empty while there is none.
  const std::string& wrong() const { return wrong_; }

  const ModelChain& chain(ChainId id) const { return chains_.at(id.value()); }
  std::uint16_t chain_count() const { return static_cast<std::uint16_t>(chains_.size()); }

  // What there is of each asset: in accounts, on the way, in settlements and in suspense, less what
  // was issued and not burned. Nothing but zeros.
  std::map<AssetId, std::int64_t> surplus() const;
  // Packets that no destination has taken in.
  std::uint64_t in_flight() const;
  std::uint64_t open_settlements() const;

 private:
  // One operation in its block.
  struct Step {
    ModelChain& chain;
    Millis time;
    AccountId account;
    KeyHash key;
    ledger::Role role;
    OperationRef self;
    Millis valid_until;
    std::optional<Verdict> delivery;
  };

  void fail(std::string what);

  Verdict judge(ModelChain& chain, const tx::SignedTransaction& signed_tx,
                std::map<AccountId, std::uint32_t>& in_block, std::optional<Verdict> delivery);
  Verdict judge_envelope(const ModelChain& chain, const tx::Transaction& body) const;
  Verdict judge_signer(const ModelChain& chain, const tx::SignedTransaction& signed_tx) const;
  Verdict judge_operations(const tx::Transaction& body) const;
  void keep_receipt(ModelChain& chain, const tx::SignedTransaction& signed_tx, Verdict verdict);
  void pass_deadlines(ModelChain& chain);

  // Money (model_payment.cpp).
  Verdict apply(const Step& step, const tx::Transfer& operation);
  Verdict apply(const Step& step, const tx::Refund& operation);
  Verdict apply(const Step& step, const tx::Hold& operation);
  Verdict apply(const Step& step, const tx::Capture& operation);
  Verdict apply(const Step& step, const tx::Release& operation);
  Verdict apply(const Step& step, const tx::Issue& operation);
  Verdict apply(const Step& step, const tx::Burn& operation);
  static void close_hold(ModelChain& chain, const OperationRef& ref);
  static bool credit(ModelChain& chain, const AccountId& account, AssetId asset,
                     std::uint64_t amount);

  // Decisions (model_decision.cpp).
  Verdict apply(const Step& step, const tx::RegisterKey& operation);
  Verdict apply(const Step& step, const tx::SetKeyStatus& operation);
  Verdict apply(const Step& step, const tx::ExtendKey& operation);
  Verdict apply(const Step& step, const tx::ReplaceKey& operation);
  Verdict apply(const Step& step, const tx::SetAccountStatus& operation);
  Verdict apply(const Step& step, const tx::AddChain& operation);
  Verdict apply(const Step& step, const tx::AddAsset& operation);
  static void learn(ModelChain& chain, const ledger::Packet& decision);
  void decide(ModelChain& main, const std::vector<ChainId>& to, const ledger::Packet& decision);
  std::vector<ChainId> concerned(const ModelChain& main, const ledger::KeyRow& key) const;

  // Settlements (model_settlement.cpp).
  Verdict apply(const Step& step, const tx::Settle& operation);
  Verdict apply(const Step& step, const tx::CancelSettlement& operation);
  Verdict judge_escrow(const ModelChain& chain, const ledger::Terms& terms,
                       const std::set<std::size_t>& legs) const;
  void add_legs(ModelChain& chain, const ledger::Terms& terms, const std::set<std::size_t>& legs);
  bool deliver(ModelChain& chain, const SettlementId& id, const ledger::Terms& terms, Verdict& why);
  Verdict judge_cancel(const ModelChain& chain, const ledger::Terms& terms) const;
  void return_all(ModelChain& chain, const ledger::Terms& terms, Verdict why);
  void pass_settlement(ModelChain& chain, const SettlementId& id);
  Verdict judge_elsewhere(const ModelChain& chain, const ledger::Terms& terms,
                          const AccountId& account, std::size_t packets) const;

  // What crosses chains (model_packet.cpp).
  Verdict apply(const Step& step, const tx::DeliverPackets& operation);
  Verdict judge_way(const ModelChain& chain, ChainId to, const AccountId& from,
                    std::size_t packets) const;
  static void send(ModelChain& chain, ChainId to, ledger::Packet packet);
  void receive(ModelChain& chain, ChainId from, const ledger::Packet& packet);
  void receive_credit(ModelChain& chain, ChainId from, const ledger::CreditPacket& packet);
  void receive_refund(ModelChain& chain, ChainId from, const ledger::RefundPacket& packet);
  void receive_leg(ModelChain& chain, ChainId from, const ledger::LegPacket& packet);
  bool give_back(ModelChain& chain, const OperationRef& payment, const AccountId& to,
                 std::uint64_t amount);
  void note_arrival(ModelChain& chain, ChainId to, std::uint64_t received);

  // Not simulated: any of them is refused.
  template <typename Other>
  Verdict apply(const Step&, const Other&) {
    fail("an operation that the model does not know");
    return Verdict::internal;
  }

  void add_chain(ChainId id);

  const ledger::Genesis genesis_;
  const LedgerId ledger_;
  std::vector<ModelChain> chains_;
  std::string wrong_;
};

// A payee must be there and not be frozen.
Verdict judge_payee(const ModelChain& chain, const AccountId& account);
Verdict judge_amount(const ModelChain& chain, AssetId asset, std::uint64_t amount);

}  // namespace intaglio::simulation
