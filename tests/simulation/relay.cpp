#include "simulation/relay.h"

#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

constexpr Span kRound = milliseconds(1000);
// After this it no longer waits for an answer: the way would be closed for ever.
constexpr Span kPatience = milliseconds(4000);

// A chain's rows, but that it has more from another chain than it does.
class AsIfArrived final : public ledger::View {
 public:
  AsIfArrived(const ledger::View& rows, ChainId from, std::uint64_t next)
      : rows_(rows),
        slot_(ledger::InStreamRow::slot(from)),
        stream_(codec::encode_record(ledger::InStreamRow{.next = next, .as_of = {}})) {}
  std::optional<Bytes> get(const ledger::Slot& slot) const override {
    return slot == slot_ ? stream_ : rows_.get(slot);
  }
  std::optional<Placed> first_from(const ledger::Slot& slot) const override {
    return rows_.first_from(slot);
  }

 private:
  const ledger::View& rows_;
  const ledger::Slot slot_;
  const Bytes stream_;
};

}  // namespace

Relay::Relay(World& world, Person& person, bool lies)
    : world_(world),
      person_(person),
      dice_(world.dice().fork()),
      lies_(lies),
      clock_(world.new_clock()) {}

void Relay::start() {
  world_.timeline().after(milliseconds(dice_.below(1000)), [this] { look_around(); });
}

void Relay::look_around() {
  world_.timeline().after(lies_ ? kRound / 4 : kRound, [this] { look_around(); });
  if (lies_) {
    if (!world_.calm()) lie();
    return;
  }
  ways_.look_at_all(world_.chain_count());
  bring_all();
}

void Relay::saw(const ledger::BlockHeader& header) {
  if (lies_) return;
  if (ways_.saw(header, world_.chain_count())) bring_all();
}

void Relay::bring_all() {
  while (ways_.any()) {
    for (const chain::Way& way : ways_.take()) bring(way);
  }
}

void Relay::bring(const chain::Way& way) {
  const auto* from = world_.chain(way.from);
  const auto* to = world_.chain(way.to);
  if (from == nullptr || to == nullptr || given_up_.contains(way) || !ways_.begin(way)) return;
  auto delivery = chain::next_delivery(*from, *to, way.cargo, clock_.now()).value();
  const bool is_due = way.cargo == chain::Cargo::packets && chain::is_half_full(*from, way.to);
  if (is_due) ways_.look_at({way.to, way.from, chain::Cargo::cursor});
  if (!delivery) return ways_.end(way, false);
  send(way, *std::move(delivery));
}

void Relay::send(const chain::Way& way, tx::DeliverPackets delivery) {
  tx::Transaction body{.ledger = world_.ledger(),
                       .chains = {way.to},
                       .account = person_.account,
                       .client = {},
                       .valid_until = clock_.now() + seconds(30),
                       .operations = {std::move(delivery)}};
  dice_.fill(body.client.writable());
  Bytes bytes = proof::sign_statement(body, world_.ledger(), person_.key->signer()).value();
  const auto end = [this, way, sending = ++sent_](bool accepted) {
    const auto found = under_way_.find(way);
    if (found == under_way_.end() || found->second != sending) return;
    under_way_.erase(found);
    ways_.end(way, accepted);
    if (!accepted && world_.plan().bug == Bug::relay_stops) {
      world_.count("bug put in");
      given_up_.insert(way);
    }
    if (accepted) bring_all();
  };
  under_way_[way] = sent_;
  world_.timeline().after(kPatience, [end] { end(false); });
  world_.count(way.cargo == chain::Cargo::packets ? "packets brought" : "cursors brought");
  world_.send([this, bytes, end] {
    world_.any_door().submit(
        bytes, [end](const Result<tx::Receipt>& receipt) { end(receipt && receipt->accepted()); });
  });
}

void Relay::lie() {
  const ChainId from(static_cast<std::uint16_t>(dice_.below(world_.chain_count())));
  const ChainId to(static_cast<std::uint16_t>(dice_.below(world_.chain_count())));
  const auto* source = world_.chain(from);
  const auto* destination = world_.chain(to);
  if (from == to || source == nullptr || destination == nullptr) return;
  const chain::Way way{from, to, dice_.one_in(3) ? chain::Cargo::cursor : chain::Cargo::packets};
  // Some old one again, or a new one.
  if (!remembered_.empty() && dice_.one_in(3)) {
    auto [where, delivery] = dice_.pick(remembered_);
    world_.count("lie: brought again");
    if (dice_.one_in(2)) make_worse(delivery);
    const chain::Way again{delivery.from, where, way.cargo};
    ways_.begin(again);
    return send(again, std::move(delivery));
  }
  if (dice_.one_in(4)) {
    auto delivery = from_further_on(way);
    if (!delivery) return;
    world_.count("lie: a gap");
    return send({from, to, chain::Cargo::packets}, *std::move(delivery));
  }
  auto delivery = chain::next_delivery(*source, *destination, way.cargo, clock_.now()).value();
  if (!delivery) return;
  remembered_.emplace_back(to, *delivery);
  if (!make_worse(*delivery)) world_.count("lie: raced");
  send(way, *std::move(delivery));
}

// The group after the next one, true in itself.
std::optional<tx::DeliverPackets> Relay::from_further_on(const chain::Way& way) {
  const auto* source = world_.chain(way.from);
  const auto& store = world_.chain(way.to)->store();
  const auto next = store.find<ledger::InStreamRow>(way.from).value_or(ledger::InStreamRow{}).next;
  const auto header = [&](Height height) { return source->signed_header(height); };
  const auto first = tx::next_delivery(source->store(), store, {way.from, way.to}, header);
  if (!first) return std::nullopt;
  const AsIfArrived further(store, way.from, next + first->group->packets.size());
  return tx::next_delivery(source->store(), further, {way.from, way.to}, header);
}

// One thing about it is no longer true; false when it is left as it is, to race the others.
bool Relay::make_worse(tx::DeliverPackets& delivery) {
  const auto more = [](auto& amount) { amount = Amount(amount.value() + 1); };
  switch (dice_.below(11)) {
    case 0:
      if (!delivery.group) return false;
      for (auto& packet : delivery.group->packets) {
        if (auto* credit = std::get_if<ledger::CreditPacket>(&packet)) more(credit->amount);
        if (auto* refund = std::get_if<ledger::RefundPacket>(&packet)) more(refund->amount);
      }
      world_.count("lie: packets altered");
      return true;
    case 1:
      if (!delivery.group) return false;
      ++delivery.group->first;
      world_.count("lie: packets numbered anew");
      return true;
    case 2:
      if (!delivery.group || delivery.group->packets.size() < 2) return false;
      delivery.group->packets.pop_back();
      world_.count("lie: a packet left out");
      return true;
    case 3:
      delivery.header.signed_header = signed_by_itself(delivery.header.signed_header);
      world_.count("lie: header signed by itself");
      return true;
    case 4: {
      const ChainId other(static_cast<std::uint16_t>(dice_.below(world_.chain_count())));
      const auto* stranger = world_.chain(other);
      if (stranger == nullptr || stranger->tip().height == Height(0)) return false;
      delivery.header = stranger->signed_header(stranger->tip().height);
      world_.count("lie: another header");
      return true;
    }
    case 5:
      delivery.from = ChainId(static_cast<std::uint16_t>(dice_.below(world_.chain_count() + 1)));
      world_.count("lie: another source");
      return true;
    case 6:
      if (!delivery.cursor) return false;
      ++(dice_.one_in(2) ? delivery.cursor->received : delivery.cursor->sent);
      world_.count("lie: cursor altered");
      return true;
    case 7:
      if (!delivery.group) return false;
      if (delivery.group->path.empty()) {
        delivery.group->path.emplace_back();
      } else {
        delivery.group->path.pop_back();
      }
      world_.count("lie: another path");
      return true;
    case 8:
    case 9: return make_finality_worse(delivery);
    default: return false;
  }
}

bool Relay::make_finality_worse(tx::DeliverPackets& delivery) {
  auto& cosignatures = delivery.header.cosignatures;
  if (cosignatures.empty()) return false;
  switch (dice_.below(3)) {
    case 0:
      cosignatures.pop_back();
      world_.count("lie: cosignatures left out");
      return true;
    case 1:
      dice_.pick(cosignatures).signature.writable().front() ^= 1;
      world_.count("lie: a cosignature altered");
      return true;
    default: {
      const auto twin = world_.twin(delivery.from);
      if (!twin) return false;
      delivery.header.signed_header = *twin;
      world_.count("lie: a twin's header");
      return true;
    }
  }
}

Bytes Relay::signed_by_itself(ByteView header) {
  auto parsed = proof::parse_statement<ledger::BlockHeader>(header, world_.ledger());
  ledger::BlockHeader forged = parsed->body();
  forged.height = forged.height.next();
  return proof::sign_statement(forged, world_.ledger(), person_.key->signer()).value();
}

}  // namespace intaglio::simulation
