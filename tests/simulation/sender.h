// Who signs transactions, and sends the same bytes again until their outcome is final.
#pragma once

#include <map>

#include "simulation/dice.h"
#include "simulation/people.h"
#include "simulation/timeline.h"
#include "tx/transaction.h"

namespace intaglio::simulation {

class World;
struct Found;

class Sender {
 public:
  Sender(World& world, Person& person);
  virtual ~Sender() = default;
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Begins to do things, until nothing goes wrong any more.
  void start();
  // Transactions whose outcome is not final.
  std::size_t waiting() const { return waiting_.size(); }
  Person& person() { return person_; }

 protected:
  virtual void act() = 0;

  World& world() { return world_; }
  Dice& dice() { return dice_; }
  Clock& clock() { return clock_; }
  ChainId any_chain();
  void send(std::vector<ChainId> chains, std::vector<tx::Operation> operations);
  // The next one is sent under a client id that was used before.
  void use_client_id_again() { again_ = true; }

 private:
  struct Sent {
    Bytes bytes;
    std::vector<ChainId> chains;
    Millis valid_until;
  };
  void act_and_go_on();
  void try_once(const TxId& id);
  void answered(const TxId& id, const Result<tx::Receipt>& answer);
  void look_up(const TxId& id);
  void found(const TxId& id, const std::vector<Found>& everywhere);

  World& world_;
  Person& person_;
  Dice dice_;
  Clock clock_;
  bool again_ = false;
  std::vector<ClientId> used_;
  std::map<TxId, Sent> waiting_;
};

// A certified holder: pays, holds, refunds and settles as the plan allows.
class Holder final : public Sender {
 public:
  using Sender::Sender;
  // Somebody proposes a settlement in which this one pays too; maybe they sign.
  void asked(const ledger::Terms& terms);

 private:
  void act() override;
  std::optional<tx::Operation> make(std::uint8_t deed, ChainId chain);
  tx::Operation transfer(ChainId from, ChainId to);
  std::optional<tx::Operation> refund(ChainId chain);
  std::optional<tx::Operation> hold(ChainId chain);
  std::optional<tx::Operation> close_hold(ChainId chain, bool captures);
  tx::Operation nonsense(ChainId chain);
  void propose();
  void cancel();
  AccountId anybody();
  AssetId any_asset(ChainId chain);
  Amount some_of(ChainId chain, AssetId asset);

  std::vector<ledger::Terms> known_terms_;
};

// Decides on the main chain: keys, accounts, chains, assets.
class Authority final : public Sender {
 public:
  using Sender::Sender;

 private:
  void act() override;
  void register_key();
  void add_chain();
  void add_asset();
  void about(Person& person, std::uint8_t deed);
  void set_key_status(const KeyHash& key, ChainId where);
  std::vector<ChainId> some_chains();
  ledger::CertificateId certificate_of(const crypto::PublicKey& key);
  std::uint32_t assets_ = 0;
  std::uint32_t registered_ = 0;
  std::optional<SerialNumber> last_serial_;
};

// Makes and burns what it issues.
class Issuer final : public Sender {
 public:
  using Sender::Sender;

 private:
  void act() override;
};

}  // namespace intaglio::simulation
