#include "crypto/sha256.h"
#include "ledger/book.h"
#include "tx/packet/packet.h"
#include "tx/payment_code/redemption.h"
#include "tx/settlement/escrow.h"

namespace intaglio::tx {
namespace {

using ledger::CreditPacket;
using ledger::EntryKind;
using ledger::OperationRef;
using ledger::RefundPacket;

// What names one packet of one ledger.
struct Arrival {
  ChainId from;
  ChainId to;
  std::uint64_t number = 0;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "from", &Arrival::from, "the source"),
                      codec::field(2, "to", &Arrival::to, "the destination"),
                      codec::field(3, "number", &Arrival::number, "of the packet"));
  }
};

// The id of what a refund's packet enters here, where no transaction of this chain is its origin.
OperationRef refund_ref(const Arrival& arrival) {
  return {*TxId::from(crypto::sha256(codec::encode_record(arrival)).view()), 0};
}

template <typename MoneyPacket>
ledger::EntryRow received_entry(const MoneyPacket& packet, const Block& block, ChainId from) {
  return {.kind = EntryKind::received,
          .payer = packet.from,
          .payee = packet.to,
          .asset = packet.asset,
          .amount = packet.amount,
          .refunded = {},
          .time = block.time,
          .of = {},
          .payer_previous = {},
          .payee_previous = {},
          .memo = {},
          .other_chain = from};
}

// Credits the payee, or says why not; then nothing was written.
Result<void> credit(ledger::Stage& stage, const Block& block, ChainId from,
                    const CreditPacket& packet) {
  if (packet.expires < block.time) return refuse(Verdict::expired);
  if (!stage.find<ledger::AssetRow>(packet.asset)) return refuse(Verdict::unknown_asset);
  TRY(ledger::require_payee(stage, packet.to));
  if (stage.find<ledger::EntryRow>(packet.payment)) return refuse(Verdict::conflict);
  std::optional<ledger::CodeRow> redeemed;
  if (packet.code) {
    ASSIGN(redeemed, redeem_code(stage, block,
                                 {.code = *packet.code,
                                  .text = {},
                                  .judged = packet.judged,
                                  .payer = packet.from,
                                  .payee = packet.to,
                                  .money = {packet.amount, packet.asset},
                                  .payment = packet.payment}));
  }
  auto entry = received_entry(packet, block, from);
  entry.memo = packet.memo;
  ASSIGN(const auto entered,
         ledger::enter(stage, packet.payment, std::move(entry), ledger::Source::elsewhere));
  ledger::write(stage, entered);
  if (redeemed) stage.put<ledger::CodeRow>(*packet.code, *redeemed);
  return {};
}

// Gives money back to who sent it, or says why not; then nothing was written.
Result<void> give_back(ledger::Stage& stage, const Block& block, const Arrival& arrival,
                       const RefundPacket& packet) {
  auto sent = stage.find<ledger::EntryRow>(packet.payment);
  const bool went_there = sent && !sent->of &&
                          (sent->kind == EntryKind::sent || sent->kind == EntryKind::leg) &&
                          sent->other_chain == arrival.from;
  if (!went_there || sent->payer != packet.to || sent->asset != packet.asset) {
    return refuse(Verdict::unknown_payment);
  }
  return ledger::give_back(stage, {.payment = packet.payment,
                                   .paid = *std::move(sent),
                                   .ref = refund_ref(arrival),
                                   .entry = received_entry(packet, block, arrival.from),
                                   .verdict = packet.verdict});
}

}  // namespace

Result<void> check_route(const ledger::View& state, const Block& block,
                         const ledger::Sending& sending) {
  if (!state.find<ledger::NodesRow>(sending.to)) {
    return refuse(Verdict::unknown_chain, std::to_string(sending.to.value()));
  }
  return ledger::check_window(state, block.params, sending);
}

namespace {

// What a packet brings, taken in; `arrival` names it.
struct Receiver {
  ledger::Stage& stage;
  const Block& block;
  const Arrival& arrival;

  void note_money(AssetId asset, Amount amount) const {
    const ledger::TransitRow::Key way{arrival.from, asset};
    auto transit = stage.find<ledger::TransitRow>(way).value_or(ledger::TransitRow{});
    transit.received += amount.value();
    stage.put<ledger::TransitRow>(way, transit);
  }

  void operator()(const CreditPacket& packet) const {
    note_money(packet.asset, packet.amount);
    const auto credited = credit(stage, block, arrival.from, packet);
    if (credited) return;
    ledger::send_packet(
        stage, block.height, arrival.from,
        RefundPacket{.payment = packet.payment,
                     .from = packet.to,
                     .to = packet.from,
                     .asset = packet.asset,
                     .amount = packet.amount,
                     .verdict = static_cast<std::uint16_t>(credited.error().verdict)});
  }

  void operator()(const RefundPacket& packet) const {
    note_money(packet.asset, packet.amount);
    if (give_back(stage, block, arrival, packet)) return;
    stage.put<ledger::SuspenseRow>(
        refund_ref(arrival),
        {.account = packet.to, .asset = packet.asset, .amount = packet.amount});
  }

  void operator()(const ledger::LegPacket& packet) const {
    const auto money = ledger::money_of(packet);
    if (!money) return;  // it brings nothing
    note_money(money->asset, money->amount);
    receive_leg(stage, block, arrival.from, packet);
  }

  void operator()(const ledger::CancelPacket& packet) const {
    receive_cancel(stage, block, arrival.from, packet);
  }

  void operator()(const ledger::Decision auto& packet) const {
    if (arrival.from == kMainChain) ledger::take_over(stage, packet);
  }
};

}  // namespace

void receive_packet(ledger::Stage& stage, const Block& block, ChainId from, std::uint64_t number,
                    const ledger::Packet& packet) {
  const Arrival arrival{.from = from, .to = block.chain, .number = number};
  std::visit(Receiver{stage, block, arrival}, packet);
}

}  // namespace intaglio::tx
