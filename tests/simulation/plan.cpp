#include "simulation/plan.h"

#include "ledger/genesis.h"

namespace intaglio::simulation {
namespace {

// One of a few values, small ones among them so that limits are met.
template <typename Int>
Int one_of(Dice& dice, std::initializer_list<Int> values) {
  return values.begin()[dice.below(values.size())];
}

ledger::ParamsRow make_params(Dice& dice) {
  auto params = ledger::default_params();
  params.max_validity = seconds(dice.between(60, 120));
  params.max_operations = one_of<std::uint16_t>(dice, {2, 64});
  params.max_open_holds = one_of<std::uint16_t>(dice, {1, 4, 64});
  params.max_hold = seconds(dice.between(30, 90));
  params.max_in_flight = one_of<std::uint32_t>(dice, {2, 8, 64});
  params.control_max_age = seconds(dice.between(10, 40));
  params.max_settlement = seconds(dice.between(30, 60));
  params.max_open_settlements = one_of<std::uint16_t>(dice, {1, 3, 64});
  params.max_packets = one_of<std::uint32_t>(dice, {2, 6, 64});
  params.max_live = one_of<std::uint32_t>(dice, {20, 1000, 1000});
  params.max_in_block = one_of<std::uint16_t>(dice, {1, 1000, 1000});
  return params;
}

// Each node executes everything once more, so there are not too many of them in one seed.
constexpr std::size_t kMostNodes = 6;

void plan_consensus(Plan& plan, Dice& dice) {
  const bool has_some = dice.percent(60);
  std::size_t nodes = 0;
  for (std::uint16_t chain = 0; chain < plan.chains; ++chain) {
    const std::size_t wanted = has_some ? one_of<std::size_t>(dice, {0, 1, 2, 3, 3}) : 0;
    const std::size_t given = nodes + wanted > kMostNodes ? 0 : wanted;
    plan.consensus.push_back(static_cast<std::uint8_t>(given));
    nodes += given;
  }
  plan.all_must_sign = dice.percent(20);
  plan.has_lying_nodes = dice.percent(50);
  plan.has_old_copies = dice.percent(60);
}

}  // namespace

bool spoils_blocks(Bug bug) {
  switch (bug) {
    case Bug::cursor_ignored:
    case Bug::answer_before_write:
    case Bug::receipt_forgotten:
    case Bug::packet_lost:
    case Bug::refund_forgotten:
    case Bug::balance_altered:
    case Bug::receipt_rewritten: return true;
    default: return false;
  }
}

Plan make_plan(std::uint64_t seed) {
  Dice dice(seed);
  Plan plan;
  plan.seed = seed;
  plan.chains = static_cast<std::uint16_t>(dice.between(2, 5));
  plan.holders = dice.between(2, 5);
  plan.doors = dice.between(1, 2);
  plan.relays = dice.between(1, 2);
  plan.has_lying_door = dice.percent(50);
  plan.has_lying_relay = dice.percent(50);
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(Deed::last); ++i) {
    if (dice.percent(65)) plan.deeds.insert(static_cast<Deed>(i));
  }
  if (dice.percent(80)) plan.deeds.insert(Deed::transfer_across);
  plan.params = make_params(dice);
  plan.busy = std::chrono::seconds(dice.between(15, 40));
  plan.pause = milliseconds(dice.between(200, 1200));
  plan.validity = seconds(one_of<std::uint64_t>(dice, {3, 20, 60}));

  if (dice.percent(60)) plan.drop_percent = dice.between(1, 25);
  if (dice.percent(60)) plan.double_percent = dice.between(1, 25);
  plan.longest_delay = milliseconds(one_of<std::uint64_t>(dice, {2, 50, 500, 3000}));
  if (dice.percent(70)) plan.crash_one_in = one_of<std::uint64_t>(dice, {20, 80, 300});
  plan.machine_crashes = dice.percent(30);
  if (dice.percent(60)) plan.skew_ms = dice.between(1, 2000);
  if (dice.percent(50)) plan.drift = dice.between(1, 20'000);
  plan.clocks_jump = dice.percent(40);
  plan_consensus(plan, dice);
  return plan;
}

}  // namespace intaglio::simulation
