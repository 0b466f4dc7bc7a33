// Behaviour as text: scenario files say who sends what and what comes of it. They are performed on
// the bare executor, over HTTP against the real binary, and later in the simulator, by the same
// code: operations are read by the transactors' own field lists, so a new transactor needs nothing
// here. docs/scenarios.md describes the format.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "crypto/signer.h"
#include "ledger/genesis.h"
#include "tx/transaction.h"

namespace intaglio::scenario {

// Who a scenario is about: their genesis key and money.
struct Person {
  std::string name;
  ledger::Role role = ledger::Role::holder;
  std::vector<std::pair<ChainId, Amount>> money;  // of the scenario's asset
};

struct Step {
  enum class Kind { transaction, repeat, balance, wait, arrive, terms };
  Kind kind;
  int line = 0;
  std::string by;   // transaction: whose account
  std::string key;  // transaction: who signs, usually the same
  ChainId chain{1};
  std::vector<ChainId> more_chains;     // transaction: signed once for these too
  std::vector<std::string> operations;  // "transfer to=$bob amount=250", one each; of terms, parts
  std::string expected;                 // "accepted", or a verdict and its place
  std::string label;                    // what $label stands for afterwards
  std::uint64_t number = 0;             // balance: spendable; wait, terms: milliseconds
  std::optional<std::uint64_t> held;
};

struct Scenario {
  std::string name;
  std::uint16_t chains = 3;
  std::string asset = "EUR";
  AssetId asset_id{978};
  std::vector<Person> people;
  std::vector<Step> steps;

  // How GoogleTest shows one.
  friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }
};

// `bad_value` with the line number.
Result<Scenario> parse_scenario(std::string name, std::string_view text);

// Where a scenario is performed.
class Stage {
 public:
  virtual ~Stage() = default;
  // To every chain it speaks to; the receipt that a gateway would answer with.
  virtual Result<tx::Receipt> submit(const Bytes& transaction) = 0;
  virtual Result<ledger::BalanceRow> balance(const Address& of, AssetId asset) = 0;
  virtual Millis now() = 0;
  virtual void wait(Duration time) = 0;
  // Until nothing is on its way between chains any more.
  virtual Result<void> arrive() = 0;
};

// The people's keys, made afresh for each performance.
class Cast {
 public:
  explicit Cast(const Scenario& scenario);
  const crypto::Signer& signer(const std::string& name);
  AccountId account(const std::string& name);
  const ledger::Genesis& genesis() const { return genesis_; }

  // The ledger that transactions are signed for: this genesis' own unless told otherwise.
  const LedgerId& ledger() const { return ledger_; }
  void play_on(const LedgerId& ledger) { ledger_ = ledger; }

 private:
  std::map<std::string, crypto::Signer> signers_;
  ledger::Genesis genesis_;
  LedgerId ledger_;
};

// Performs every step; the first that turns out otherwise is the error: "line 7: expected …, got
// …".
std::expected<void, std::string> perform(const Scenario& scenario, Cast& cast, Stage& stage);

// Every file in tests/scenarios, by name.
std::vector<Scenario> all_scenarios();

}  // namespace intaglio::scenario
