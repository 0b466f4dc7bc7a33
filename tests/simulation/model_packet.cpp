#include "base/format.h"
#include "ledger/block.h"
#include "proof/statement.h"
#include "simulation/model.h"

namespace intaglio::simulation {
namespace {

Bytes encoded(const ledger::Packet& packet) {
  codec::CborWriter out;
  codec::FieldType<ledger::Packet>::write(out, packet);
  return out.take();
}

// Users' own packets count against their share of what may be on its way.
ModelAccount* counted_account(ModelChain& chain, const ledger::Packet& packet) {
  std::optional<AccountId> sender;
  if (const auto* credit = std::get_if<ledger::CreditPacket>(&packet)) sender = credit->from;
  if (const auto* cancel = std::get_if<ledger::CancelPacket>(&packet)) sender = cancel->payer;
  if (const auto* leg = std::get_if<ledger::LegPacket>(&packet)) {
    sender = leg->terms.legs.at(leg->leg).payer.account;
  }
  if (!sender) return nullptr;
  const auto found = chain.accounts.find(*sender);
  return found == chain.accounts.end() ? nullptr : &found->second;
}

}  // namespace

Verdict Model::judge_way(const ModelChain& chain, ChainId to, const AccountId& from,
                         std::size_t packets) const {
  if (!chain.nodes.contains(to)) return Verdict::unknown_chain;
  const auto stream = chain.out.find(to);
  if (stream != chain.out.end() &&
      stream->second.sent.size() - stream->second.arrived >= genesis_.params.max_in_flight) {
    return Verdict::stream_full;
  }
  const auto account = chain.accounts.find(from);
  const bool is_full = account != chain.accounts.end() &&
                       account->second.packets + packets > genesis_.params.max_packets;
  return is_full ? Verdict::account_stream_full : Verdict::accepted;
}

void Model::send(ModelChain& chain, ChainId to, ledger::Packet packet) {
  if (auto* account = counted_account(chain, packet)) ++account->packets;
  chain.out[to].sent.push_back(std::move(packet));
}

void Model::note_arrival(ModelChain& chain, ChainId to, std::uint64_t received) {
  ModelStream& stream = chain.out[to];
  const std::uint64_t really = chains_.at(to.value()).next_in[chain.id];
  if (received > really) fail("a chain was told that more of it arrived than did");
  for (; stream.arrived < received; ++stream.arrived) {
    if (auto* account = counted_account(chain, stream.sent.at(stream.arrived))) {
      --account->packets;
    }
  }
}

// Whether its proof holds is not asked here: that the packets were sent, in this order, is.
Verdict Model::apply(const Step& step, const tx::DeliverPackets& operation) {
  if (!step.delivery) {
    fail("a delivery without an outcome");
    return Verdict::internal;
  }
  if (*step.delivery != Verdict::accepted) return *step.delivery;
  ModelChain& chain = step.chain;
  if (step.role != ledger::Role::node) fail("a delivery by somebody who is no node");
  const auto header =
      proof::parse_statement<ledger::BlockHeader>(operation.header.signed_header, ledger_);
  if (!header || operation.from.value() >= chains_.size() || operation.from == chain.id) {
    fail("a delivery of no other chain");
    return *step.delivery;
  }
  const auto& times = chains_[operation.from.value()].times;
  const auto made = times.find(header->body().height);
  if (made == times.end() || made->second != header->body().time) {
    fail("a delivery under a header that its chain never made");
    return *step.delivery;
  }
  const ModelStream& stream = chains_[operation.from.value()].out[chain.id];
  if (operation.group) {
    std::uint64_t& next = chain.next_in[operation.from];
    if (operation.group->first != next) {
      fail(format("packets {} and on were taken in on chain {} when {} of chain {} was next",
                  operation.group->first, chain.id.value(), next, operation.from.value()));
    }
    for (const auto& packet : operation.group->packets) {
      if (next >= stream.sent.size() || encoded(stream.sent[next]) != encoded(packet)) {
        fail(format("packet {} from chain {} to {} was never sent like this", next,
                    operation.from.value(), chain.id.value()));
        return *step.delivery;
      }
      ++next;
      receive(chain, operation.from, packet);
    }
  }
  if (operation.cursor) {
    note_arrival(chain, operation.from, operation.cursor->received);
    if (operation.cursor->sent > stream.sent.size()) fail("a cursor of packets never sent");
    if (operation.from == kMainChain && chain.next_in[kMainChain] >= operation.cursor->sent) {
      chain.main_as_of = std::max(chain.main_as_of, made->second);
    }
  }
  return *step.delivery;
}

void Model::receive(ModelChain& chain, ChainId from, const ledger::Packet& packet) {
  if (const auto* credit = std::get_if<ledger::CreditPacket>(&packet)) {
    receive_credit(chain, from, *credit);
  } else if (const auto* refund = std::get_if<ledger::RefundPacket>(&packet)) {
    receive_refund(chain, from, *refund);
  } else if (const auto* leg = std::get_if<ledger::LegPacket>(&packet)) {
    receive_leg(chain, from, *leg);
  } else if (const auto* cancel = std::get_if<ledger::CancelPacket>(&packet)) {
    if (judge_cancel(chain, cancel->terms) == Verdict::accepted) {
      return_all(chain, cancel->terms, Verdict::settlement_cancelled);
    }
  } else {
    learn(chain, packet);
  }
}

void Model::receive_credit(ModelChain& chain, ChainId from, const ledger::CreditPacket& packet) {
  const auto judge = [&] {
    if (packet.expires < chain.time) return Verdict::expired;
    if (!chain.assets.contains(packet.asset)) return Verdict::unknown_asset;
    if (const auto payee = judge_payee(chain, packet.to); payee != Verdict::accepted) return payee;
    if (chain.payments.contains(packet.payment)) return Verdict::conflict;
    return credit(chain, packet.to, packet.asset, packet.amount.value()) ? Verdict::accepted
                                                                         : Verdict::amount_overflow;
  };
  const Verdict verdict = judge();
  if (verdict == Verdict::accepted) {
    chain.payments[packet.payment] = {.kind = ModelPayment::Kind::refundable,
                                      .payer = packet.from,
                                      .payee = packet.to,
                                      .asset = packet.asset,
                                      .amount = packet.amount.value(),
                                      .other = from};
    return;
  }
  send(chain, from,
       ledger::RefundPacket{.payment = packet.payment,
                            .from = packet.to,
                            .to = packet.from,
                            .asset = packet.asset,
                            .amount = packet.amount,
                            .verdict = static_cast<std::uint16_t>(verdict)});
}

bool Model::give_back(ModelChain& chain, const OperationRef& payment, const AccountId& to,
                      std::uint64_t amount) {
  const auto found = chain.payments.find(payment);
  if (found == chain.payments.end()) return false;
  ModelPayment& paid = found->second;
  if (amount > paid.amount - paid.refunded) return false;
  if (!credit(chain, to, paid.asset, amount)) return false;
  paid.refunded += amount;
  return true;
}

void Model::receive_refund(ModelChain& chain, ChainId from, const ledger::RefundPacket& packet) {
  const auto paid = chain.payments.find(packet.payment);
  const bool is_ours = paid != chain.payments.end() && paid->second.other == from &&
                       paid->second.payer == packet.to && paid->second.asset == packet.asset &&
                       (paid->second.kind == ModelPayment::Kind::sent ||
                        paid->second.kind == ModelPayment::Kind::leg);
  if (is_ours && give_back(chain, packet.payment, packet.to, packet.amount.value())) return;
  chain.suspense[packet.asset] += packet.amount.value();
}

}  // namespace intaglio::simulation
