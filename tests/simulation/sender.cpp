#include "simulation/sender.h"

#include "simulation/world.h"
#include "tx/executor.h"

namespace intaglio::simulation {

Sender::Sender(World& world, Person& person)
    : world_(world), person_(person), dice_(world.dice().fork()), clock_(world.new_clock()) {}

void Sender::start() {
  const auto pause = static_cast<std::uint64_t>(world_.plan().pause.count());
  world_.timeline().after(Span(dice_.below(2 * pause)), [this] { act_and_go_on(); });
}

void Sender::act_and_go_on() {
  if (world_.calm()) return;
  act();
  start();
}

ChainId Sender::any_chain() {
  return ChainId(static_cast<std::uint16_t>(dice_.below(world_.chain_count())));
}

void Sender::send(std::vector<ChainId> chains, std::vector<tx::Operation> operations) {
  const std::uint64_t longest = world_.plan().validity.value();
  tx::Transaction body{.ledger = world_.ledger(),
                       .chains = std::move(chains),
                       .account = person_.account,
                       .client = {},
                       .valid_until = clock_.now() + Duration(dice_.between(longest / 3, longest)),
                       .operations = std::move(operations)};
  if (dice_.one_in(100)) {
    body.valid_until =
        clock_.now() + world_.genesis().params.max_validity + Duration(dice_.below(10'000));
  }
  if (dice_.one_in(100)) body.valid_until = Millis(clock_.now().value() - 100);
  dice_.fill(body.client.writable());
  if (std::exchange(again_, false) && !used_.empty()) body.client = dice_.pick(used_);
  used_.push_back(body.client);
  Bytes bytes = proof::sign_statement(body, world_.ledger(), person_.key->signer()).value();
  const TxId id = *TxId::from(
      proof::statement_id(body, person_.key->public_key().hash(), world_.ledger()).view());
  waiting_.insert_or_assign(id, Sent{std::move(bytes), body.chains, body.valid_until});
  world_.count("transactions signed");
  try_once(id);
}

// And once more after a while, unless the outcome is final by then.
void Sender::try_once(const TxId& id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  world_.send([this, id, bytes = found->second.bytes] {
    world_.any_door().submit(
        bytes, [this, id](const Result<tx::Receipt>& answer) { answered(id, answer); });
  });
  world_.timeline().after(milliseconds(dice_.between(1000, 4000)), [this, id] {
    const auto still = waiting_.find(id);
    if (still == waiting_.end()) return;
    world_.count("transactions sent again");
    if (still->second.valid_until < clock_.now()) look_up(id);
    try_once(id);
  });
}

void Sender::answered(const TxId& id, const Result<tx::Receipt>& answer) {
  const auto found = waiting_.find(id);
  if (answer && answer->tx == id) world_.audit().answered(*answer);
  if (found == waiting_.end()) return;
  if (!answer) {
    world_.count("answers that are not final");
    if (answer.error().verdict == Verdict::expired) look_up(id);
    return;
  }
  if (answer->tx != id) return world_.audit().fail("an answer to something else");
  const auto verdict = verdict_from_number(answer->verdict);
  switch (*verdict) {
    case Verdict::expired: return look_up(id);
    case Verdict::unknown_key:
    case Verdict::not_signer:
    case Verdict::wrong_chain:
    case Verdict::valid_too_long: return;
    default: break;
  }
  if (describe(*verdict).kind == VerdictKind::later) return;
  world_.count("outcomes");
  waiting_.erase(found);
}

void Sender::look_up(const TxId& id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  world_.send([this, id, chains = found->second.chains] {
    const auto everywhere = world_.any_door().find(id, chains);
    if (!everywhere) return;
    world_.send([this, id, everywhere = *everywhere] { this->found(id, everywhere); });
  });
}

// Final when each chain has decided, or is past the time at which it could.
void Sender::found(const TxId& id, const std::vector<Found>& everywhere) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  for (const Found& each : everywhere) {
    const auto verdict = each.receipt ? verdict_from_number(each.receipt->verdict) : std::nullopt;
    if (verdict && tx::is_decided(*verdict)) continue;
    if (each.tip <= found->second.valid_until) return;
  }
  for (const Found& each : everywhere) {
    if (each.receipt) {
      world_.audit().answered(*each.receipt);
    } else {
      world_.audit().given_up(each.chain, id);
    }
  }
  world_.count("outcomes looked up");
  waiting_.erase(found);
}

}  // namespace intaglio::simulation
