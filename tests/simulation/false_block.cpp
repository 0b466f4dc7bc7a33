#include "simulation/false_block.h"

#include "chain/door.h"
#include "crypto/merkle.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

using ledger::BlockHeader;

// A block that may be altered, and signed again.
struct Draft {
  BlockHeader header;
  std::vector<Bytes> transactions;

  // As if the transactions had always been these.
  void count_anew() {
    std::vector<Digest> leaves;
    for (const Bytes& each : transactions) leaves.push_back(crypto::merkle_leaf(each));
    header.transactions = crypto::merkle_root(leaves);
    header.count = static_cast<std::uint32_t>(transactions.size());
  }
};

void flip(Dice& dice, std::span<std::uint8_t> bytes) {
  bytes[dice.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << dice.below(8));
}

bool alter_transaction(World& world, Dice& dice, Draft& draft) {
  if (draft.transactions.empty()) return false;
  flip(dice, dice.pick(draft.transactions));
  draft.count_anew();
  world.count("lie: a block's transaction altered");
  return true;
}

bool leave_out(World& world, Dice& dice, Draft& draft) {
  if (draft.transactions.empty()) return false;
  const auto which = dice.below(draft.transactions.size());
  draft.transactions.erase(draft.transactions.begin() + static_cast<std::ptrdiff_t>(which));
  draft.count_anew();
  world.count("lie: a block's transaction left out");
  return true;
}

bool invent(World& world, Dice& dice, Draft& draft) {
  const bool repeats = !draft.transactions.empty() && dice.one_in(3);
  const Bytes more = repeats ? dice.pick(draft.transactions)
                             : world.forged_transaction(dice, draft.header.time + seconds(20));
  draft.transactions.push_back(more);
  draft.count_anew();
  world.count("lie: a transaction invented");
  return true;
}

bool state_another_root(World& world, Dice& dice, Draft& draft) {
  BlockHeader& header = draft.header;
  switch (dice.below(7)) {
    case 0: flip(dice, header.transactions.writable()); break;
    case 1: flip(dice, header.receipts.writable()); break;
    case 2: flip(dice, header.state.writable()); break;
    case 3: flip(dice, header.outbox.writable()); break;
    case 4: flip(dice, header.cursors.writable()); break;
    case 5: flip(dice, header.previous.writable()); break;
    default: ++header.count; break;
  }
  world.count("lie: another root");
  return true;
}

// Too far from every clock. Not from the block's own time: a block that has waited long for its
// quorum would then be dated now, and there is nothing false in an empty one of now.
bool date_wrongly(World& world, Dice& dice, Draft& draft) {
  const std::uint64_t far = dice.between(20'000, 100'000);
  const std::uint64_t now = Clock(world.timeline(), 0, 0).now().value();
  const Millis wrong(dice.one_in(2) ? now + far : now - far);
  draft.header.time = wrong == draft.header.time ? wrong + Duration(1) : wrong;
  world.count("lie: a block dated wrongly");
  return true;
}

chain::Proposal signed_anew(const chain::Application& application, const chain::Proposal& proposal,
                            const Draft& draft) {
  return {.session = proposal.session,
          .signed_header = application.sign(draft.header),
          .body = {chain::encode_transactions(draft.transactions)},
          .vouchers = proposal.vouchers};
}

std::optional<Draft> draft_of(const chain::Application& application,
                              const chain::Proposal& proposal) {
  const auto parsed =
      proof::parse_statement<BlockHeader>(proposal.signed_header, application.ledger());
  auto transactions = chain::decode_transactions(proposal.body.encoded);
  if (!parsed || !transactions) return std::nullopt;
  return Draft{parsed->body(), *std::move(transactions)};
}

}  // namespace

std::optional<FalseBlock> falsify(World& world, Dice& dice, const chain::Application& application,
                                  const chain::Proposal& proposal) {
  auto draft = draft_of(application, proposal);
  CHECK(draft.has_value());
  constexpr std::array kWays{alter_transaction, leave_out, invent, state_another_root,
                             date_wrongly};
  if (!kWays[dice.below(kWays.size())](world, dice, *draft)) return std::nullopt;
  auto out = signed_anew(application, proposal, *draft);
  if (!dice.one_in(4)) return FalseBlock{std::move(out), draft->header};
  // That it is final already, by the word that nodes gave for the last block.
  world.count("lie: said to be final");
  const auto tip = application.tip();
  chain::FinalBlock final_block{.proof = {out.signed_header, {}}, .body = out.body};
  if (tip.height > Height(0)) {
    final_block.proof.cosignatures = application.stored_header(tip.height).proof.cosignatures;
  }
  return FalseBlock{std::move(final_block), draft->header};
}

std::optional<FalseBlock> make_twin(Dice& dice, const chain::Application& application,
                                    const chain::Proposal& proposal) {
  auto draft = draft_of(application, proposal);
  CHECK(draft.has_value());
  if (draft->header.height != application.tip().height.next()) return std::nullopt;
  const chain::Door door(application, 100);
  std::vector<tx::VerifiedTransaction> transactions;
  for (const Bytes& each : draft->transactions) {
    if (dice.one_in(3)) continue;
    auto verified = door.verify(each);
    CHECK(verified.has_value());
    transactions.push_back(*std::move(verified));
  }
  const auto block =
      application.finalize(draft->header.time + Duration(dice.between(1, 50)), transactions);
  return FalseBlock{chain::Proposal{.session = proposal.session,
                                    .signed_header = application.sign(block.header),
                                    .body = {block.transactions},
                                    .vouchers = {}},
                    block.header};
}

}  // namespace intaglio::simulation
