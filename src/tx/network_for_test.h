// Several chains for tests, on the bare executor: named people with real keys, headers that the
// node signs, and a relay that brings what it is told to bring.
#pragma once

#include <deque>
#include <set>

#include "ledger/book.h"
#include "tx/chain_for_test.h"
#include "tx/world_for_test.h"

namespace intaglio::tx {

// `chains` chains on which alice, bob and erin have an account, alice `cents` and bob gold; each
// with that many consensus nodes ("witness 0" and so on), of which all or all but one must sign.
// Those in `voting` are ordered by CometBFT: by validators with such names, each with its power and
// a node's key of that name.
class Network {
 public:
  using Powers = ChainForTest::Powers;
  using Voting = std::map<std::uint16_t, Powers>;

  static constexpr AssetId kGold{959};
  static constexpr std::uint64_t kBobsGold = 500;

  explicit Network(std::uint16_t chains, std::uint64_t cents = 1000,
                   ledger::ParamsRow params = params_for_test(), std::size_t consensus = 0,
                   const Voting& voting = {}) {
    genesis_.name = "network";
    genesis_.time = kStart;
    genesis_.chains = chains;
    genesis_.params = std::move(params);
    genesis_.assets = {{kEuro, "EUR", 2, Amount(1)}, {kGold, "XAU", 3, Amount(1)}};
    genesis_.keys = {{people_.key("authority"), ledger::Role::authority},
                     {people_.key("service"), ledger::Role::service},
                     {people_.key("node"), ledger::Role::node},
                     {people_.key("alice"), ledger::Role::holder},
                     {people_.key("bob"), ledger::Role::holder},
                     {people_.key("erin"), ledger::Role::holder}};
    ledger::NodesRow nodes{.accounting = people_.key("node").hash(), .consensus = {}, .quorum = 0};
    for (std::size_t i = 0; i < consensus; ++i) {
      const std::string name = "witness " + std::to_string(i);
      genesis_.keys.push_back({people_.key(name), ledger::Role::node});
      nodes.consensus.push_back(people_.key(name).hash());
      witnesses_.push_back(people_.signer(name));
    }
    nodes.quorum = static_cast<std::uint8_t>(consensus == 3 ? 2 : consensus);
    genesis_.nodes.assign(chains, nodes);
    for (const auto& [chain, powers] : voting) {
      genesis_.nodes.at(chain) = {nodes.accounting, {}, 0, validators(powers)};
    }
    std::set<std::string> names;
    for (const auto& [chain, powers] : voting) {
      for (const auto& [name, power] : powers) names.insert(name);
    }
    for (const auto& name : names) {
      genesis_.keys.push_back({people_.key(name), ledger::Role::node});
    }
    for (std::uint16_t i = 0; i < chains; ++i) {
      genesis_.money.push_back({ChainId(i), people_.account("alice"), kEuro, Amount(cents)});
      genesis_.money.push_back({ChainId(i), people_.account("bob"), kGold, Amount(kBobsGold)});
    }
    ledger_ = ledger::ledger_id(genesis_);
    for (std::uint16_t i = 0; i < chains; ++i) {
      chains_.emplace_back(genesis_, ChainId(i), people_.signer("node"), witnesses_);
    }
    for (const auto& [chain, powers] : voting) begin_voting(chain, powers);
  }
  explicit Network(std::uint16_t chains, const Voting& voting)
      : Network(chains, 1000, params_for_test(), 0, voting) {}

  // As a nodes row has them.
  std::vector<ledger::Validator> validators(const Powers& powers) {
    std::vector<ledger::Validator> out;
    for (const auto& [name, power] : powers) {
      out.push_back({people_.key(name).hash(), proof::CometForTest::key(name).key(), power});
    }
    std::ranges::sort(out, {}, &ledger::Validator::node);
    return out;
  }
  // From CometBFT's header of that height on, which is not made yet; in CometBFT's order.
  void begin_voting(std::uint16_t chain, const Powers& powers, std::uint64_t height = 0) {
    Powers ordered = powers;
    std::ranges::sort(ordered, [](const auto& one, const auto& other) {
      if (one.second != other.second) return one.second > other.second;
      return proof::CometForTest::address(one.first) < proof::CometForTest::address(other.first);
    });
    chains_.at(chain).vote_from(height, std::move(ordered));
  }
  void vote(std::uint16_t chain, proof::CometForTest::Votes votes) {
    chains_.at(chain).vote(std::move(votes));
  }

  Operation pay(const std::string& to, std::uint16_t chain, std::uint64_t cents) {
    return Transfer{.to = {ChainId(chain), people_.account(to)},
                    .asset = kEuro,
                    .amount = Amount(cents),
                    .memo = "over there",
                    .code = {},
                    .code_text = {}};
  }
  VerifiedTransaction sign(const std::string& by, std::uint16_t chain,
                           std::vector<Operation> operations) {
    return sign(by, chain, people_.transaction(by, std::move(operations)));
  }
  // The ledger, the chain of a transaction for one, and the validity are filled in.
  VerifiedTransaction sign(const std::string& by, std::uint16_t chain, Transaction body) {
    body.ledger = ledger_;
    if (body.chains.size() < 2) body.chains = {ChainId(chain)};
    body.valid_until = now_ + valid_for_;
    const auto bytes = proof::sign_statement(body, ledger_, people_.signer(by));
    CHECK(bytes.has_value());
    auto parsed = proof::parse_statement<Transaction>(*bytes, ledger_);
    CHECK(parsed.has_value());
    auto verified = proof::verify_statement(*std::move(parsed), crypto::Verifier(people_.key(by)));
    CHECK(verified.has_value());
    return *std::move(verified);
  }

  // One block a second later; the verdict of its only transaction.
  std::string run(const std::string& by, std::uint16_t chain, std::vector<Operation> operations) {
    return run_as(by, chain, people_.transaction(by, std::move(operations)));
  }
  std::string run_as(const std::string& by, std::uint16_t chain, const Transaction& body) {
    const auto transaction = sign(by, chain, body);
    return text(run(chain, std::span(&transaction, 1)).front());
  }
  std::vector<Receipt> run(std::uint16_t chain, std::span<const VerifiedTransaction> transactions) {
    now_ = now_ + seconds(1);
    auto receipts = chains_.at(chain).execute(now_, transactions);
    last_ = receipts.empty() ? Receipt{} : receipts.back();
    return receipts;
  }

  std::optional<DeliverPackets> next(std::uint16_t from, std::uint16_t to) {
    return next_delivery(chains_.at(from), chains_.at(to), {ChainId(from), ChainId(to)});
  }
  // Brings the next group; what became of it, or "nothing".
  std::string relay(std::uint16_t from, std::uint16_t to) {
    auto delivery = next(from, to);
    return delivery ? run("node", to, {*std::move(delivery)}) : "nothing";
  }
  // Brings `from`'s cursor for what `to` sent there.
  std::string relay_cursor(std::uint16_t from, std::uint16_t to, Millis refresh = {}) {
    auto delivery =
        cursor_delivery(chains_.at(from), chains_.at(to), {ChainId(from), ChainId(to)}, refresh);
    return delivery ? run("node", to, {*std::move(delivery)}) : "nothing";
  }
  // An empty block of the main chain's, and its cursor for that chain.
  std::string beat(std::uint16_t to) {
    run(0, {});
    return relay_cursor(0, to, now_);
  }
  // Until nothing is on its way any more.
  void relay_all() {
    const auto count = static_cast<std::uint16_t>(chains_.size());
    for (bool moved = true; moved;) {
      moved = false;
      for (std::uint16_t from = 0; from < count; ++from) {
        for (std::uint16_t to = 0; to < count; ++to) {
          if (from != to && relay(from, to) == "accepted") moved = true;
        }
      }
    }
  }

  // A sub-chain that was added after the genesis begins.
  void begin_chain() {
    const ChainId chain(static_cast<std::uint16_t>(chains_.size()));
    chains_.emplace_back(genesis_, chain, people_.signer("node"));
  }
  void begin_chain(const Powers& powers) {
    begin_chain();
    begin_voting(static_cast<std::uint16_t>(chains_.size() - 1), powers);
  }

  std::uint64_t spendable(const std::string& name, std::uint16_t chain, AssetId asset = kEuro) {
    const auto row = state(chain).find<ledger::BalanceRow>({people_.account(name), asset});
    return row ? ledger::spendable(*row).value() : 0;
  }
  // What was sent from one chain and has not arrived at the other.
  std::uint64_t in_flight(std::uint16_t from, std::uint16_t to, AssetId asset = kEuro) {
    const auto sent = state(from).find<ledger::TransitRow>({ChainId(to), asset});
    const auto received = state(to).find<ledger::TransitRow>({ChainId(from), asset});
    return (sent ? sent->sent : 0) - (received ? received->received : 0);
  }
  // What open settlements hold on a chain.
  std::uint64_t escrow(std::uint16_t chain, AssetId asset = kEuro) {
    std::uint64_t sum = 0;
    for (const auto& [slot, row] : state(chain).rows()) {
      if (slot.kind() != ledger::RowKind::settlement) continue;
      const auto settlement = ledger::View::decode_row<ledger::SettlementRow>(row);
      if (settlement.state != ledger::SettlementState::open) continue;
      for (std::size_t i = 0; i < settlement.terms.legs.size(); ++i) {
        const auto& leg = settlement.terms.legs[i];
        if (settlement.has(i) && leg.asset == asset) sum += leg.amount.value();
      }
    }
    return sum;
  }
  // Everything that anybody owns, that is on its way or that a settlement holds.
  std::uint64_t total(AssetId asset = kEuro) {
    std::uint64_t sum = 0;
    const auto count = static_cast<std::uint16_t>(chains_.size());
    for (std::uint16_t i = 0; i < count; ++i) {
      for (const auto* name : {"alice", "bob", "erin"}) sum += spendable(name, i, asset);
      sum += escrow(i, asset);
      for (std::uint16_t j = 0; j < count; ++j) sum += i == j ? 0 : in_flight(i, j, asset);
    }
    return sum;
  }

  static std::string text(const Receipt& receipt) {
    const std::string name(describe(*verdict_from_number(receipt.verdict)).name);
    return receipt.where ? name + " " + *receipt.where : name;
  }
  ledger::OperationRef last_operation() const { return {last_.tx, 0}; }
  const ledger::MemoryState& state(std::uint16_t chain) const { return chains_.at(chain).state(); }
  const proof::FinalityProof& header(std::uint16_t chain) const {
    return chains_.at(chain).headers().back();
  }
  const ChainForTest& chain(std::uint16_t chain) const { return chains_.at(chain); }
  const ledger::Genesis& genesis() const { return genesis_; }
  World& people() { return people_; }
  const LedgerId& ledger() const { return ledger_; }
  Millis now() const { return now_; }
  // How long what is signed from now on is valid.
  void valid_for(Duration time) { valid_for_ = time; }
  void wait(Duration time) { now_ = now_ + time; }

 private:
  World people_;  // their keys
  ledger::Genesis genesis_;
  LedgerId ledger_;
  std::vector<crypto::Signer> witnesses_;
  std::deque<ChainForTest> chains_;
  Millis now_ = kStart;
  Duration valid_for_ = seconds(600);
  Receipt last_;
};

}  // namespace intaglio::tx
