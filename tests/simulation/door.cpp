#include "simulation/door.h"

#include "gateway/joint.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

// A message may come twice; its answer counts once.
chain::Done once(chain::Done done) {
  return [done = std::move(done),
          is_done = std::make_shared<bool>(false)](const Result<tx::Receipt>& answer) {
    if (!std::exchange(*is_done, true)) done(answer);
  };
}

}  // namespace

Door::Door(World& world, bool lies)
    : world_(world), dice_(world.dice().fork()), lies_(lies), clock_(world.new_clock()) {}

void Door::refresh() {
  if (generation_ == world_.generation()) return;
  generation_ = world_.generation();
  std::vector<const chain::Application*> chains;
  for (std::uint16_t i = 0; i < world_.chain_count(); ++i) {
    chains.push_back(world_.chain(ChainId(i)));
  }
  admission_ = std::make_unique<gateway::Admission>(world_.ledger(), std::move(chains), 100);
}

// The state of the payer's chain is needed, and that the others are there.
bool Door::can_reach(ByteView transaction) const {
  const auto parsed = proof::parse_statement<tx::Transaction>(transaction, world_.ledger(),
                                                              tx::Transaction::kMaxBytes);
  if (!parsed) return true;
  for (const ChainId chain : parsed->body().chains) {
    if (chain.value() < world_.chain_count() && world_.chain(chain) == nullptr) return false;
  }
  return true;
}

void Door::submit(Bytes transaction, const Reply& reply) {
  if (lies_ && !world_.calm() && dice_.percent(40)) return lie(std::move(transaction), reply);
  judge(transaction, reply);
}

void Door::judge(ByteView transaction, const Reply& reply) {
  if (!can_reach(transaction)) return world_.count("gateway could not reach a chain");
  refresh();
  auto admitted = admission_->admit(transaction, clock_.now());
  const auto over_a_wire = [this, reply](const Result<tx::Receipt>& answer) {
    world_.send([reply, answer] { reply(answer); });
  };
  if (!admitted) return over_a_wire(std::unexpected(std::move(admitted).error()));
  if (lies_ && remembered_.size() < 50) remembered_.push_back(to_bytes(transaction));
  const std::vector<ChainId> chains = admitted->chains();
  tell_consensus_nodes(chains, transaction);
  auto answers = gateway::joint(chains.size(), over_a_wire);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    world_.send(
        [this, chain = chains[i], verified = admitted->transaction,
         done = once(std::move(answers[i]))] { world_.host(chain).submit(verified, done); });
  }
}

// Those of these chains and no others, unless it lies.
void Door::tell_consensus_nodes(const std::vector<ChainId>& chains, ByteView transaction) {
  for (const ChainId chain : chains) {
    for (const auto& node : world_.replicas(chain)) {
      Replica* to = node.get();
      Bytes bytes = to_bytes(transaction);
      if (lies_ && !world_.calm() && dice_.percent(40)) {
        world_.count("lie: consensus nodes told something else");
        const auto way = dice_.below(4);
        if (way == 0) continue;
        if (way == 1) {
          bytes[dice_.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << dice_.below(8));
        } else if (way == 2) {
          bytes = world_.forged_transaction(dice_, clock_.now() + seconds(20));
        } else if (!remembered_.empty()) {
          bytes = dice_.pick(remembered_);
        }
      }
      world_.send([to, bytes = std::move(bytes)] { to->hear(bytes); });
    }
  }
}

void Door::lie(Bytes transaction, const Reply& reply) {
  const auto nobody = [](const Result<tx::Receipt>&) {};
  switch (dice_.below(6)) {
    case 0: return world_.count("lie: kept back");
    case 1:
      world_.count("lie: altered");
      transaction[dice_.below(transaction.size())] ^=
          static_cast<std::uint8_t>(1U << dice_.below(8));
      return judge(transaction, reply);
    case 2:
      world_.count("lie: brought twice");
      judge(transaction, nobody);
      return judge(transaction, reply);
    case 3: world_.count("lie: brought to another chain"); return bring_elsewhere(transaction);
    case 4:
      if (remembered_.empty()) return;
      world_.count("lie: repeated");
      return judge(dice_.pick(remembered_), nobody);
    default:
      world_.count("lie: forged");
      return judge(world_.forged_transaction(dice_, clock_.now() + seconds(20)), nobody);
  }
}

// To a chain that it does not name, past the gateway's own check.
void Door::bring_elsewhere(ByteView transaction) {
  if (!can_reach(transaction)) return;
  refresh();
  const auto admitted = admission_->admit(transaction, clock_.now());
  if (!admitted) return;
  const ChainId chain(static_cast<std::uint16_t>(dice_.below(world_.chain_count())));
  world_.host(chain).submit(admitted->transaction, [](const Result<tx::Receipt>&) {});
}

std::optional<std::vector<Found>> Door::find(const TxId& id,
                                             const std::vector<ChainId>& chains) const {
  std::vector<Found> out;
  for (const ChainId chain : chains) {
    const auto* application = world_.chain(chain);
    if (application == nullptr) return std::nullopt;
    out.push_back({chain, application->receipt(id), application->tip().time});
  }
  return out;
}

}  // namespace intaglio::simulation
