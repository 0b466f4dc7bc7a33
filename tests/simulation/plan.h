// What one seed tries: which chains and people there are, what they do, which faults befall them.
// Every seed leaves some of it out, so that each thing is also met without the others.
#pragma once

#include <set>
#include <vector>

#include "ledger/rows.h"
#include "simulation/dice.h"
#include "simulation/timeline.h"

namespace intaglio::simulation {

enum class Deed : std::uint8_t {
  transfer,
  transfer_across,
  refund,
  hold,
  capture,
  release,
  linked,
  settle,
  cancel,
  client_id_again,
  nonsense,
  // the authority's
  register_key,
  set_key_status,
  freeze,
  replace_key,
  extend_key,
  add_chain,
  add_asset,
  issue,
  burn,
  last = burn,
};

// Bugs that are put in on purpose, to see that they are found.
enum class Bug : std::uint8_t {
  none,
  cursor_ignored,       // a destination forgets that it took packets in
  disk_loses_synced,    // a sync that does nothing
  answer_before_write,  // receipts are given out before the block is durable
  receipt_forgotten,    // what is refused does not use up its client id
  packet_lost,          // money leaves and no packet carries it
  refund_forgotten,     // of a payment, so that it can be refunded again
  balance_altered,      // a cent more for somebody
  receipt_rewritten,    // what was refused is said to be accepted
  relay_stops,          // a relay gives a way up after its first refusal
  word_forgotten,       // a consensus node does not know after a crash what it signed
  proposal_forgotten,   // an accounting node makes another block where it proposed one
  quorum_miscounted,    // a block is final with one cosignature less than that
  signs_unexecuted,     // a consensus node signs what it found false
};

// Whether it alters a block that is to be written. Consensus nodes would not sign that one.
bool spoils_blocks(Bug bug);

struct Plan {
  std::uint64_t seed = 0;
  Bug bug = Bug::none;
  std::uint16_t chains = 2;             // the main chain and 1 to 4 others
  std::vector<std::uint8_t> consensus;  // nodes of each chain of the genesis, 0 to 3
  bool all_must_sign = false;           // of three; else two
  std::size_t holders = 2;
  std::size_t doors = 1;   // gateways that do as they should
  std::size_t relays = 1;  // relays that do
  bool has_lying_door = false;
  bool has_lying_relay = false;
  bool has_lying_nodes = false;  // accounting nodes show false blocks
  bool has_old_copies = false;   // accounting nodes come back with an old copy of their folder
  std::set<Deed> deeds;
  ledger::ParamsRow params;
  Span busy{0};       // how long things go wrong
  Span pause{0};      // about, between two deeds of one person
  Duration validity;  // of what they sign, at most

  std::uint64_t drop_percent = 0;    // of messages
  std::uint64_t double_percent = 0;  // of messages
  Span longest_delay{0};
  std::uint64_t crash_one_in = 0;  // block steps; 0: never
  bool machine_crashes = false;    // all chains at once
  std::uint64_t skew_ms = 0;       // clocks are off by as much, either way
  std::uint64_t drift = 0;         // millionths, either way
  bool clocks_jump = false;

  bool tries(Deed deed) const { return deeds.contains(deed); }
};

Plan make_plan(std::uint64_t seed);

}  // namespace intaglio::simulation
