#include "tx/settlement/escrow.h"

#include <algorithm>

#include "base/format.h"
#include "ledger/book.h"
#include "ledger/deadlines.h"
#include "ledger/streams.h"

namespace intaglio::tx {
namespace {

using ledger::Delivery;
using ledger::EntryKind;
using ledger::EntryRow;
using ledger::Leg;
using ledger::SettlementRow;
using ledger::SettlementState;
using ledger::Terms;

ledger::DeadlineRow::Key deadline_of(const SettlementId& id, Millis at) {
  return {at, ledger::RowKind::settlement, {*TxId::from(id.view()), 0}};
}

// When nobody can ask for it any more: no transaction that speaks of it is still valid.
Millis forgotten_at(const Block& block, const Terms& terms) {
  return terms.deadline + block.params.max_validity;
}

// Everybody who is to be paid can be, as far as it is known now.
Result<void> check_deliveries(const ledger::View& state, const Terms& terms) {
  for (std::size_t i = 0; i < terms.deliveries.size(); ++i) {
    const Delivery& delivery = terms.deliveries[i];
    const auto place = [&](std::string_view name) {
      return format("terms.deliveries[{}].{}", i, name);
    };
    if (!state.find<ledger::NodesRow>(delivery.to.chain)) {
      return refuse(Verdict::unknown_chain, place("to"));
    }
    const auto payee = ledger::require_payee(state, delivery.to.account);
    if (!payee) return refuse(payee.error().verdict, place("to"));
    if (!state.find<ledger::AssetRow>(delivery.asset)) {
      return refuse(Verdict::unknown_asset, place("asset"));
    }
  }
  return {};
}

// Whose legs these are, each once.
std::vector<AccountId> payers_of(const Terms& terms, LegBits legs) {
  std::vector<AccountId> out;
  for (std::size_t i = 0; i < terms.legs.size(); ++i) {
    if ((legs >> i & 1U) != 0) out.push_back(terms.legs[i].payer.account);
  }
  std::ranges::sort(out);
  const auto [first, last] = std::ranges::unique(out);
  out.erase(first, last);
  return out;
}

// Those of whom it is the first leg here.
std::vector<AccountId> new_payers(const SettlementRow& row, LegBits legs) {
  const auto known = payers_of(row.terms, row.arrived);
  auto out = payers_of(row.terms, legs);
  std::erase_if(out,
                [&](const AccountId& each) { return std::ranges::binary_search(known, each); });
  return out;
}

// Each payer is known here too, and has not too many settlements open.
Result<void> check_payers(const ledger::View& state, const Block& block, const SettlementRow& row,
                          LegBits legs) {
  for (const AccountId& payer : new_payers(row, legs)) {
    ASSIGN(const auto account, ledger::require_account(state, payer));
    if (account.open_settlements >= block.params.max_open_settlements) {
      return refuse(Verdict::too_many_settlements, codec::to_hex(payer));
    }
  }
  return {};
}

void count_open(ledger::Stage& stage, std::span<const AccountId> payers, bool opened) {
  for (const AccountId& payer : payers) {
    auto account = stage.find<ledger::AccountRow>(payer);
    CHECK(account && (opened || account->open_settlements > 0));
    account->open_settlements =
        static_cast<std::uint16_t>(account->open_settlements + (opened ? 1 : -1));
    stage.put<ledger::AccountRow>(payer, *account);
  }
}

EntryRow delivered_entry(const Block& block, const SettlementId& id, const Terms& terms,
                         const Delivery& delivery) {
  const auto leg = ledger::sole_leg(terms, delivery.asset);
  return {.kind = EntryKind::delivery,
          .payer = leg ? terms.legs[*leg].payer.account : AccountId(),
          .payee = delivery.to.account,
          .asset = delivery.asset,
          .amount = delivery.amount,
          .refunded = {},
          .time = block.time,
          .of = leg ? std::optional(ledger::leg_ref(id, *leg)) : std::nullopt,
          .payer_previous = {},
          .payee_previous = {},
          .memo = terms.memo,
          .other_chain = {}};
}

// From the beneficiary's account here to the one at home, by an ordinary packet: if nobody can be
// credited there, it comes back to the account here.
Result<void> send_onward(ledger::Stage& stage, const Block& block, const SettlementId& id,
                         const Terms& terms, std::size_t place) {
  const Delivery& delivery = terms.deliveries[place];
  const auto ref = ledger::onward_ref(id, place);
  ASSIGN(const auto entered, ledger::enter(stage, ref,
                                           {.kind = EntryKind::sent,
                                            .payer = delivery.to.account,
                                            .payee = delivery.to.account,
                                            .asset = delivery.asset,
                                            .amount = delivery.amount,
                                            .refunded = {},
                                            .time = block.time,
                                            .of = {},
                                            .payer_previous = {},
                                            .payee_previous = {},
                                            .memo = terms.memo,
                                            .other_chain = delivery.to.chain},
                                           ledger::Source::spendable, ledger::Sink::elsewhere));
  ledger::write(stage, entered);
  ledger::send_packet(stage, block.height, delivery.to.chain,
                      ledger::CreditPacket{.payment = ref,
                                           .from = delivery.to.account,
                                           .to = delivery.to.account,
                                           .asset = delivery.asset,
                                           .amount = delivery.amount,
                                           .expires = Millis(UINT64_MAX),
                                           .memo = terms.memo,
                                           .code = {},
                                           .judged = false});
  return {};
}

// All deliveries; on a refusal the caller throws the stage away.
Result<void> deliver(ledger::Stage& stage, const Block& block, const SettlementId& id,
                     const Terms& terms) {
  TRY(check_deliveries(stage, terms));
  for (std::size_t i = 0; i < terms.deliveries.size(); ++i) {
    const Delivery& delivery = terms.deliveries[i];
    ASSIGN(const auto entered,
           ledger::enter(stage, ledger::delivery_ref(id, i),
                         delivered_entry(block, id, terms, delivery), ledger::Source::elsewhere));
    ledger::write(stage, entered);
    if (delivery.to.chain != block.chain) TRY(send_onward(stage, block, id, terms, i));
  }
  return {};
}

// Gives one leg back to its payer on this chain, or keeps it in suspense.
void return_here(ledger::Stage& stage, const Block& block, const SettlementId& id, const Leg& leg,
                 std::size_t place, Verdict why) {
  const auto payment = ledger::leg_ref(id, place);
  auto paid = stage.find<EntryRow>(payment);
  CHECK(paid.has_value());
  const auto ref = ledger::returned_ref(id, place);
  const auto given = ledger::give_back(stage, {.payment = payment,
                                               .paid = *std::move(paid),
                                               .ref = ref,
                                               .entry = {.kind = EntryKind::refund,
                                                         .payer = leg.payer.account,
                                                         .payee = leg.payer.account,
                                                         .asset = leg.asset,
                                                         .amount = leg.amount,
                                                         .refunded = {},
                                                         .time = block.time,
                                                         .of = {},
                                                         .payer_previous = {},
                                                         .payee_previous = {},
                                                         .memo = {},
                                                         .other_chain = {}},
                                               .verdict = static_cast<std::uint16_t>(why)});
  if (given) return;
  stage.put<ledger::SuspenseRow>(
      ref, {.account = leg.payer.account, .asset = leg.asset, .amount = leg.amount});
}

void return_leg(ledger::Stage& stage, const Block& block, const SettlementId& id,
                const Terms& terms, std::size_t place, Verdict why) {
  const Leg& leg = terms.legs[place];
  if (leg.payer.chain == block.chain) return return_here(stage, block, id, leg, place, why);
  ledger::send_packet(stage, block.height, leg.payer.chain,
                      ledger::RefundPacket{.payment = ledger::leg_ref(id, place),
                                           .from = leg.payer.account,
                                           .to = leg.payer.account,
                                           .asset = leg.asset,
                                           .amount = leg.amount,
                                           .verdict = static_cast<std::uint16_t>(why)});
}

// Closes an open settlement without delivering it.
void return_all(ledger::Stage& stage, const Block& block, const SettlementId& id, SettlementRow row,
                Verdict why) {
  for (std::size_t i = 0; i < row.terms.legs.size(); ++i) {
    if (row.has(i)) return_leg(stage, block, id, row.terms, i, why);
  }
  if (row.state == SettlementState::open) {
    count_open(stage, payers_of(row.terms, row.arrived), false);
  }
  row.state = SettlementState::returned;
  row.verdict = static_cast<std::uint16_t>(why);
  row.time = block.time;
  stage.put<SettlementRow>(id, row);
}

// A settlement that this chain did not have.
SettlementRow new_row(const Terms& terms) { return {.terms = terms, .verdict = {}, .time = {}}; }

// Whether a cancellation comes from a chain on which that payer has a leg.
bool is_payers_wish(ChainId from, const ledger::CancelPacket& packet) {
  return std::ranges::any_of(
      packet.terms.legs, [&](const Leg& leg) { return leg.payer == Address{from, packet.payer}; });
}

}  // namespace

Result<SettlementRow> check_escrow(const ledger::View& state, const Block& block,
                                   const Terms& terms, LegBits legs) {
  if (terms.deadline < block.time) return refuse(Verdict::expired, "terms.deadline");
  auto row = state.find<SettlementRow>(ledger::settlement_id(terms));
  if (!row) {
    if (terms.deadline > block.time + block.params.max_settlement) {
      return refuse(Verdict::bad_value, "terms.deadline");
    }
    TRY(check_deliveries(state, terms));
    row = new_row(terms);
  }
  if (row->state != SettlementState::open) return refuse(Verdict::settlement_closed, "terms");
  if ((row->arrived & legs) != 0) return refuse(Verdict::leg_paid, "terms.legs");
  TRY(check_payers(state, block, *row, legs));
  return *std::move(row);
}

void add_legs(ledger::Stage& stage, const Block& block, SettlementRow row, LegBits legs) {
  const SettlementId id = ledger::settlement_id(row.terms);
  if (row.arrived == 0) ledger::put_deadline(stage, deadline_of(id, row.terms.deadline));
  count_open(stage, new_payers(row, legs), true);
  row.arrived |= legs;
  row.time = block.time;
  if (!row.is_complete()) return stage.put<SettlementRow>(id, row);
  ledger::Stage delivery(&stage);
  const auto delivered = deliver(delivery, block, id, row.terms);
  if (!delivered) return return_all(stage, block, id, std::move(row), delivered.error().verdict);
  stage.absorb(delivery);
  count_open(stage, payers_of(row.terms, row.arrived), false);
  row.state = SettlementState::delivered;
  stage.put<SettlementRow>(id, row);
}

void receive_leg(ledger::Stage& stage, const Block& block, ChainId from,
                 const ledger::LegPacket& packet) {
  const Terms& terms = packet.terms;
  const auto bit = static_cast<LegBits>(1U << packet.leg);
  const auto judge = [&]() -> Result<SettlementRow> {
    // Only a chain that lies sends these: an honest one had them checked when the payer signed.
    TRY(ledger::check_terms(terms));
    if (terms.chain != block.chain || terms.legs[packet.leg].payer.chain != from) {
      return refuse(Verdict::wrong_chain);
    }
    return check_escrow(stage, block, terms, bit);
  };
  auto row = judge();
  if (row) return add_legs(stage, block, *std::move(row), bit);
  const Leg& leg = terms.legs[packet.leg];
  ledger::send_packet(
      stage, block.height, from,
      ledger::RefundPacket{.payment = ledger::leg_ref(ledger::settlement_id(terms), packet.leg),
                           .from = leg.payer.account,
                           .to = leg.payer.account,
                           .asset = leg.asset,
                           .amount = leg.amount,
                           .verdict = static_cast<std::uint16_t>(row.error().verdict)});
}

Result<void> check_cancel(const ledger::View& state, const Block& block, const Terms& terms) {
  if (terms.deadline < block.time) return refuse(Verdict::expired, "terms.deadline");
  if (terms.deadline > block.time + block.params.max_settlement) {
    return refuse(Verdict::bad_value, "terms.deadline");
  }
  const auto row = state.find<SettlementRow>(ledger::settlement_id(terms));
  if (row && row->state != SettlementState::open) {
    return refuse(Verdict::settlement_closed, "terms");
  }
  return {};
}

void cancel(ledger::Stage& stage, const Block& block, const Terms& terms) {
  const SettlementId id = ledger::settlement_id(terms);
  auto row = stage.find<SettlementRow>(id);
  if (!row) ledger::put_deadline(stage, deadline_of(id, terms.deadline));
  return_all(stage, block, id, row ? *std::move(row) : new_row(terms),
             Verdict::settlement_cancelled);
}

void receive_cancel(ledger::Stage& stage, const Block& block, ChainId from,
                    const ledger::CancelPacket& packet) {
  const Terms& terms = packet.terms;
  const bool counts = ledger::check_terms(terms) && terms.chain == block.chain &&
                      is_payers_wish(from, packet) && check_cancel(stage, block, terms);
  if (counts) cancel(stage, block, terms);
}

void pass_settlement_deadline(ledger::Stage& stage, const Block& block, const SettlementId& id) {
  auto row = stage.find<SettlementRow>(id);
  CHECK(row.has_value());
  const Millis forgotten = forgotten_at(block, row->terms);
  if (forgotten < block.time && row->state != SettlementState::open) {
    return stage.erase<SettlementRow>(id);
  }
  ledger::put_deadline(stage, deadline_of(id, forgotten));
  if (row->state == SettlementState::open) {
    return_all(stage, block, id, *std::move(row), Verdict::expired);
  }
}

}  // namespace intaglio::tx
