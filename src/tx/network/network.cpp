#include "tx/network/network.h"

#include "base/check.h"
#include "base/format.h"
#include "ledger/certificates.h"
#include "tx/decision.h"

namespace intaglio::tx {
namespace {

using ledger::KeyRow;
using ledger::NodesRow;

// The row of a node's key: unknown_key, key_revoked, key_suspended, not_capable, at its place.
Result<KeyRow> require_node(const ledger::View& state, const KeyHash& key, std::string_view at) {
  const auto found = state.find<KeyRow>(key);
  if (!found) return refuse(Verdict::unknown_key, std::string(at));
  TRY(ledger::check_standing(*found, at));
  if (found->role != ledger::Role::node) return refuse(Verdict::not_capable, std::string(at));
  KeyRow row = *found;
  row.chains = std::nullopt;  // as the other chains have it
  return row;
}

Result<ledger::ChainNodes> require_nodes(const ledger::View& state, ChainId chain,
                                         const NodesRow& nodes) {
  ASSIGN(auto accounting, require_node(state, nodes.accounting, "accounting"));
  ledger::ChainNodes out{.chain = chain,
                         .accounting = std::move(accounting),
                         .consensus = {},
                         .quorum = nodes.quorum,
                         .validators = nodes.validators};
  for (std::size_t i = 0; i < nodes.consensus.size(); ++i) {
    ASSIGN(auto each, require_node(state, nodes.consensus[i], format("consensus[{}]", i)));
    out.consensus.push_back(std::move(each));
  }
  for (std::size_t i = 0; nodes.by_comet() && i < nodes.validators->size(); ++i) {
    TRY(require_node(state, nodes.validators->at(i).node, format("validators[{}].node", i)));
  }
  return out;
}

}  // namespace

Result<void> SetNodes::check() const {
  return ledger::check_nodes({accounting, consensus, quorum, validators});
}

Result<void> SetNodes::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto before = stage.find<NodesRow>(chain);
  if (!before) return refuse(Verdict::unknown_chain, "chain");
  const NodesRow named{accounting, consensus, quorum, validators};
  // What orders a chain is decided when it begins.
  if (before->by_comet() != named.by_comet()) return refuse(Verdict::bad_value, "validators");
  ASSIGN(const auto nodes, require_nodes(stage, chain, named));

  decide(stage, block, ledger::sub_chains(stage), nodes);
  return {};
}

Result<void> AddChain::check() const {
  TRY(ledger::check_nodes({accounting, consensus, quorum, validators}));
  // Nothing makes the folders of CometBFT for a chain that was added, so nobody could run it.
  if (validators) return refuse(Verdict::bad_value, "validators");
  return {};
}

Result<void> AddChain::apply(ledger::Stage& stage, const Block& block, const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto others = ledger::sub_chains(stage);
  if (others.size() + 1 >= UINT16_MAX) return refuse(Verdict::too_large, std::string(kName));
  const ChainId added(static_cast<std::uint16_t>(others.size() + 1));
  ASSIGN(const auto nodes,
         require_nodes(stage, added, {accounting, consensus, quorum, validators}));

  decide(stage, block, others, nodes);
  // The new chain knows the genesis alone: who signs for whom by now comes first of all.
  for (std::uint16_t i = 0; i <= added.value(); ++i) {
    ledger::send_packet(stage, block.height, added, ledger::nodes_of(stage, ChainId(i)));
    // And what is known by now of one whose validators may be others than at its beginning.
    if (const auto trusted = stage.find<ledger::TrustRow>(ChainId(i));
        trusted && i < added.value()) {
      ledger::send_packet(stage, block.height, added, ledger::VouchedHeader{ChainId(i), *trusted});
    }
  }
  for (const auto& [id, asset] : ledger::assets_of(stage)) {
    if (!asset.issuer) continue;  // of the genesis
    ledger::send_packet(stage, block.height, added,
                        ledger::KnownAsset{.asset = id,
                                           .code = asset.code,
                                           .scale = asset.scale,
                                           .smallest = asset.smallest,
                                           .issuer = *asset.issuer});
  }
  return {};
}

Result<void> VouchHeader::check() const {
  if (header.height == Height(0)) return refuse(Verdict::bad_value, "header.height");
  if (header.seconds > INT64_MAX) return refuse(Verdict::bad_value, "header.seconds");
  const proof::CometTime time{static_cast<std::int64_t>(header.seconds), header.nanos};
  if (!proof::is_comet_time(time)) return refuse(Verdict::bad_value, "header.nanos");
  return {};
}

Result<void> VouchHeader::apply(ledger::Stage& stage, const Block& block,
                                const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto trusted = stage.find<ledger::TrustRow>(chain);
  if (!trusted) return refuse(Verdict::unknown_chain, "chain");
  if (header.height <= trusted->height) return refuse(Verdict::block_gap, "header.height");

  decide(stage, block, ledger::sub_chains(stage), ledger::VouchedHeader{chain, header});
  return {};
}

Result<void> ProveDoubleVote::check() const {
  const auto read = proof::read_double_vote(votes);
  if (!read) return refuse_within("votes", read.error());
  return {};
}

Result<void> ProveDoubleVote::apply(ledger::Stage& stage, const Block& block,
                                    const Origin& origin) const {
  if (origin.role != ledger::Role::node) return refuse(Verdict::not_capable, std::string(kName));
  if (block.chain != kMainChain) return refuse(Verdict::main_chain_only, std::string(kName));
  auto nodes = stage.find<NodesRow>(chain);
  if (!nodes || !nodes->by_comet()) return refuse(Verdict::unknown_chain, "chain");
  ASSIGN(const auto both, proof::read_double_vote(votes));
  const auto found = std::ranges::find(
      *nodes->validators, both.first.validator,
      [](const ledger::Validator& each) { return proof::comet_address(each.key); });
  // Also of one whom this was shown of before.
  if (found == nodes->validators->end()) return refuse(Verdict::not_signer, "votes");
  const auto verified =
      proof::verify_double_vote(both, ledger::comet_chain_id(block.ledger, chain), found->key);
  if (!verified) return refuse_within("votes", verified.error());

  const KeyHash node = found->node;
  if (nodes->validators->size() > 1) {
    nodes->validators->erase(found);
    stage.put<NodesRow>(chain, *nodes);
    ledger::announce(stage, block.height, ledger::sub_chains(stage),
                     ledger::nodes_of(stage, chain));
  }
  const auto key = stage.find<KeyRow>(node);
  CHECK(key.has_value());
  if (key->status != ledger::KeyStatus::active) return {};
  ledger::set_certificate_status(stage, *key, ledger::KeyStatus::suspended, {}, block.time);
  decide(stage, block, chains_of(stage, *key),
         ledger::KeyStanding{node, ledger::KeyStatus::suspended});
  return {};
}

}  // namespace intaglio::tx
