#include "simulation/world.h"

#include "base/format.h"

namespace intaglio::simulation {
namespace {

constexpr AssetId kEuro{978};
constexpr AssetId kGold{959};
constexpr std::uint64_t kMoney = 1000;  // of each asset, on each chain

// After this much calm everything has come to its end, or never will.
constexpr Span kLongest = std::chrono::seconds(400);

// Who signs for a chain. Their keys are nobody's who acts here.
ledger::NodesRow make_nodes(const Plan& plan, std::uint16_t chain, const KeyHash& accounting,
                            People& people, std::vector<ledger::GenesisKey>& keys) {
  const std::size_t count = plan.consensus.at(chain);
  ledger::NodesRow out{.accounting = accounting, .consensus = {}, .quorum = 0};
  for (std::size_t i = 0; i < count; ++i) {
    const auto& key = people.new_key(format("consensus {} {}", chain, i));
    keys.push_back({key.public_key(), ledger::Role::node});
    out.consensus.push_back(key.public_key().hash());
  }
  const std::size_t quorum = count == 3 && plan.all_must_sign ? 3 : count / 2 + 1;
  if (count > 0) out.quorum = static_cast<std::uint8_t>(quorum);
  return out;
}

// Two assets, of which an issuer makes the second. Everybody who is there from the beginning has
// both, except on chains that come later.
ledger::Genesis make_genesis(const Plan& plan, People& people) {
  const Person& node = people.add("node", ledger::Role::node);
  people.add("authority", ledger::Role::authority);
  const Person& issuer = people.add("issuer", ledger::Role::issuer);
  for (std::size_t i = 0; i < plan.relays; ++i) {
    people.add("relay " + std::to_string(i), ledger::Role::node);
  }
  people.add("liar", ledger::Role::node);
  for (std::size_t i = 0; i < plan.holders; ++i) {
    people.add("holder " + std::to_string(i), ledger::Role::holder);
  }
  ledger::Genesis genesis{
      .name = "simulated",
      .time = Millis(kBeginning.value() - 10'000),
      .chains = plan.chains,
      .params = plan.params,
      .assets = {{kEuro, "EUR", 2, Amount(1), {}}, {kGold, "XAU", 3, Amount(2), issuer.account}},
      .keys = {},
      .money = {},
      .nodes = {}};
  for (std::uint16_t chain = 0; chain < plan.chains; ++chain) {
    genesis.nodes.push_back(
        make_nodes(plan, chain, node.key->public_key().hash(), people, genesis.keys));
  }
  for (const Person& each : people.all()) {
    genesis.keys.push_back({each.key->public_key(), each.role});
    if (each.role != ledger::Role::holder) continue;
    for (std::uint16_t chain = 0; chain < plan.chains; ++chain) {
      genesis.money.push_back({ChainId(chain), each.account, kEuro, Amount(kMoney)});
      genesis.money.push_back({ChainId(chain), each.account, kGold, Amount(kMoney)});
    }
  }
  CHECK(ledger::check_genesis(genesis).has_value());
  return genesis;
}

}  // namespace

World::World(const Plan& plan)
    : plan_(plan),
      dice_(plan.seed ^ 0x5eed),
      people_(plan.seed),
      genesis_(make_genesis(plan, people_)),
      ledger_(ledger::ledger_id(genesis_)),
      audit_(genesis_) {
  for (std::uint16_t i = 0; i < plan_.chains; ++i) {
    hosts_.push_back(std::make_unique<Host>(*this, ChainId(i)));
    add_replicas(ChainId(i));
  }
  for (std::size_t i = 0; i < plan_.doors; ++i) {
    doors_.push_back(std::make_unique<Door>(*this, false));
  }
  if (plan_.has_lying_door) doors_.push_back(std::make_unique<Door>(*this, true));
  for (Person& each : people_.all()) {
    audit_.know_key(each.key->public_key());
    if (each.role == ledger::Role::holder) add_holder(each);
    if (each.role == ledger::Role::authority) {
      authority_ = std::make_unique<Authority>(*this, each);
    }
    if (each.role == ledger::Role::issuer) issuer_ = std::make_unique<Issuer>(*this, each);
    if (each.name.starts_with("relay")) {
      relays_.push_back(std::make_unique<Relay>(*this, each, false));
    }
    if (each.name == "liar" && plan_.has_lying_relay) {
      relays_.push_back(std::make_unique<Relay>(*this, each, true));
    }
  }
  audit_.on_operation([this](ChainId, const OperationRef&, const tx::Operation& operation) {
    // What people learn from the main chain: a new chain to run, a key to sign with.
    if (std::holds_alternative<tx::AddChain>(operation)) {
      hosts_.push_back(std::make_unique<Host>(*this, ChainId(chain_count())));
      timeline_.after(milliseconds(100), [&host = *hosts_.back()] { host.start(); });
    }
    if (const auto* replaced = std::get_if<tx::ReplaceKey>(&operation)) {
      people_.by_account(replaced->account)->key = people_.key(replaced->key.hash());
    }
  });
}

World::~World() = default;

void World::add_replicas(ChainId chain) {
  replicas_.emplace_back();
  for (const KeyHash& each : genesis_.nodes.at(chain.value()).consensus) {
    replicas_.back().push_back(std::make_unique<Replica>(*this, chain, *people_.key(each)));
  }
}

const World::Replicas& World::replicas(ChainId chain) const {
  static const Replicas none;
  return chain.value() < replicas_.size() ? replicas_[chain.value()] : none;
}

void World::run() {
  for (auto& chain : replicas_) {
    for (auto& each : chain) each->start();
  }
  for (auto& each : hosts_) each->start();
  for (auto& each : relays_) each->start();
  for (auto& each : holders_) each->start();
  authority_->start();
  issuer_->start();
  strike();
  while (audit_.wrong().empty() && timeline_.step(plan_.busy)) {
  }
  calm_ = true;
  audit_.note("calm");
  set_clocks_right();
  settle_down();
  if (audit_.wrong().empty()) finish();
  figures_of_disks();
}

// Between the steps of everybody: crashes, and clocks that jump.
void World::strike() {
  if (calm_) return;
  timeline_.after(milliseconds(1000), [this] { strike(); });
  if (strikes(plan_.crash_one_in / 4 + 1) && plan_.crash_one_in != 0) crash_one();
  if (plan_.clocks_jump && dice_.one_in(5)) set_a_clock();
}

void World::crash_one() {
  const ChainId chain(static_cast<std::uint16_t>(dice_.below(hosts_.size())));
  const Replicas& nodes = replicas(chain);
  if (!nodes.empty() && dice_.one_in(2)) {
    Replica& node = *nodes[dice_.below(nodes.size())];
    if (node.node() == nullptr) return;
    count("crash of a consensus node between steps");
    return node.crash();
  }
  if (host(chain).application() == nullptr) return;
  count("crash between steps");
  host(chain).crash();
}

void World::set_a_clock() {
  count("clock jumped");
  const auto offset = static_cast<std::int64_t>(dice_.below(6000)) - 3000;
  if (!dice_.one_in(2)) return dice_.pick(doors_)->clock().set(offset);
  const ChainId chain(static_cast<std::uint16_t>(dice_.below(hosts_.size())));
  const Replicas& nodes = replicas(chain);
  if (nodes.empty() || dice_.one_in(2)) return host(chain).clock().set(offset);
  nodes[dice_.below(nodes.size())]->clock().set(offset);
}

// Nodes whose clocks are further apart than a block may be would wait for each other for ever.
void World::set_clocks_right() {
  for (auto& each : hosts_) each->clock().set_right();
  for (auto& chain : replicas_) {
    for (auto& each : chain) each->clock().set_right();
  }
}

// Every node runs, and has what its accounting node has.
bool World::are_level() const {
  for (std::uint16_t i = 0; i < chain_count(); ++i) {
    const auto* accounting = chain(ChainId(i));
    if (accounting == nullptr || hosts_[i]->has_old_copy()) return false;
    for (const auto& each : replicas(ChainId(i))) {
      if (each->node() == nullptr) return false;
      if (each->node()->application().tip() != accounting->tip()) return false;
    }
  }
  return true;
}

bool World::is_settled() {
  std::size_t waiting = authority_->waiting() + issuer_->waiting();
  for (const auto& each : holders_) waiting += each->waiting();
  if (waiting > 0 || model().in_flight() > 0 || model().open_settlements() > 0) return false;
  for (std::uint16_t i = 0; i < model().chain_count(); ++i) {
    for (const auto& [to, stream] : model().chain(ChainId(i)).out) {
      if (stream.arrived < stream.sent.size()) return false;
    }
  }
  return are_level();
}

void World::settle_down() {
  const Span end = plan_.busy + kLongest;
  while (audit_.wrong().empty() && !is_settled()) {
    for (const Span until = timeline_.now() + milliseconds(500); timeline_.step(until);) {
      if (!audit_.wrong().empty()) return;
    }
    if (timeline_.now() < end) continue;
    std::size_t waiting = authority_->waiting() + issuer_->waiting();
    for (const auto& each : holders_) waiting += each->waiting();
    return audit_.fail(
        format("after {} s without a fault {} transactions have no outcome, {} "
               "packets are on their way, {} settlements are open, the nodes are {}level",
               kLongest / std::chrono::seconds(1), waiting, model().in_flight(),
               model().open_settlements(), are_level() ? "" : "not "));
  }
}

void World::finish() {
  for (auto& host : hosts_) {
    audit_.compare_all(*host->application());
    // Where there are consensus nodes, these have executed all of it again.
    if (replicas(host->application()->chain()).empty()) audit_.replay(*host->application());
  }
  for (const Replicas& chain : replicas_) {
    for (const auto& each : chain) audit_.compare_replica(*each->node());
  }
  audit_.compare_decisions();
}

void World::figures_of_disks() {
  for (auto& host : hosts_) audit_.figures()["changes of files"] += host->disk().changes();
  for (const Replicas& chain : replicas_) {
    for (const auto& each : chain) audit_.figures()["changes of files"] += each->disk().changes();
  }
  audit_.figures()["simulated ms"] +=
      static_cast<std::uint64_t>(timeline_.now() / std::chrono::milliseconds(1));
}

const chain::Application* World::chain(ChainId chain) const {
  return chain.value() < hosts_.size() ? hosts_[chain.value()]->application() : nullptr;
}

Door& World::any_door() { return *dice_.pick(doors_); }

Clock World::new_clock() {
  const auto either_way = [&](std::uint64_t most) {
    return static_cast<std::int64_t>(dice_.below(2 * most + 1)) - static_cast<std::int64_t>(most);
  };
  return {timeline_, either_way(plan_.skew_ms), either_way(plan_.drift)};
}

void World::send(Timeline::Event message) {
  const auto late = [&] {
    return Span(dice_.below(static_cast<std::uint64_t>(plan_.longest_delay.count()) + 1));
  };
  if (!calm_ && dice_.percent(plan_.drop_percent)) return count("message lost");
  if (!calm_ && dice_.percent(plan_.double_percent)) {
    count("message doubled");
    timeline_.after(late(), message);
  }
  count("messages");
  timeline_.after(calm_ ? milliseconds(1) : late(), std::move(message));
}

std::optional<Bytes> World::twin(ChainId chain) const {
  const auto found = twins_.find(chain);
  return found == twins_.end() ? std::nullopt : std::optional(found->second);
}

void World::block_made(const ledger::BlockHeader& header) {
  for (auto& relay : relays_) {
    send([&relay = *relay, header] { relay.saw(header); });
  }
}

void World::everybody_crashes() {
  for (auto& host : hosts_) {
    if (host->application() != nullptr) host->crash();
  }
  for (auto& chain : replicas_) {
    for (auto& each : chain) {
      if (each->node() != nullptr) each->crash();
    }
  }
}

Bytes World::forged_transaction(Dice& dice, Millis valid_until) {
  auto& people = people_.all();
  const Person& thief = dice.pick(people);
  const Person& victim = dice.pick(people);
  const ChainId chain(static_cast<std::uint16_t>(dice.below(chain_count())));
  tx::Transaction body{.ledger = ledger_,
                       .chains = {chain},
                       .account = victim.account,
                       .client = {},
                       .valid_until = valid_until,
                       .operations = {tx::Transfer{.to = {chain, thief.account},
                                                   .asset = genesis_.assets.front().id,
                                                   .amount = Amount(1),
                                                   .memo = {},
                                                   .code = {},
                                                   .code_text = {}}}};
  dice.fill(body.client.writable());
  if (thief.account == victim.account) body.account = AccountId();
  return proof::sign_statement(body, ledger_, thief.key->signer()).value();
}

Holder& World::add_holder(Person& person) {
  holders_.push_back(std::make_unique<Holder>(*this, person));
  return *holders_.back();
}

Holder* World::holder(const AccountId& account) {
  for (auto& each : holders_) {
    if (each->person().account == account) return each.get();
  }
  return nullptr;
}

}  // namespace intaglio::simulation
