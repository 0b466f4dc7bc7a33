#include <algorithm>

#include "base/format.h"
#include "chain/door.h"
#include "simulation/audit.h"

namespace intaglio::simulation {
namespace {

using ledger::BlockHeader;

std::uint64_t apart(Millis a, Millis b) {
  return a > b ? a.value() - b.value() : b.value() - a.value();
}

}  // namespace

const ledger::NodesRow& Audit::nodes_of(ChainId chain) const {
  static const ledger::NodesRow none;
  return chain.value() < genesis_.nodes.size() ? genesis_.nodes[chain.value()] : none;
}

const crypto::Verifier& Audit::verifier_of(const KeyHash& node) {
  const auto known = verifiers_.find(node);
  if (known != verifiers_.end()) return known->second;
  for (const auto& each : genesis_.keys) {
    if (each.key.hash() == node) return verifiers_.try_emplace(node, each.key).first->second;
  }
  fatal("a node that the genesis does not know");
}

// Counted here once more, from the bytes that are stored.
void Audit::check_final(const chain::Application& chain, const BlockHeader& header,
                        const BlockHash& hash) {
  const ledger::NodesRow& nodes = nodes_of(header.chain);
  const auto stored = chain.stored_header(header.height);
  std::set<KeyHash> signers;
  for (const auto& each : stored.proof.cosignatures) {
    const bool is_node = std::ranges::find(nodes.consensus, each.node) != nodes.consensus.end();
    const proof::CosignedBlock block{header.chain, header.height, hash};
    if (is_node &&
        proof::verify_cosignature(each, block, ledger_, verifier_of(each.node)).has_value()) {
      signers.insert(each.node);
    }
  }
  figures_["cosignatures of final blocks"] += signers.size();
  if (signers.size() < nodes.quorum || stored.consensus != nodes.consensus.size()) {
    fail(format("chain {} block {} is final with {} cosignatures of {}", header.chain.value(),
                header.height.value(), signers.size(), nodes.quorum));
  }
  const auto [known, is_new] = hashes_.try_emplace({header.chain, header.height}, hash);
  if (known->second != hash) {
    fail(format("chain {} has two final blocks {}", header.chain.value(), header.height.value()));
  }
  states_[{header.chain, header.height}] = header.state;
  proofs_[{header.chain, header.height}] = stored.proof.encode();
}

void Audit::check_replica_tip(const chain::Application& replica) {
  const store::Tip tip = replica.tip();
  if (tip.height == Height(0)) return;
  const auto known = hashes_.find({replica.chain(), tip.height});
  const auto wrong = [&](std::string_view what) {
    fail(format("a consensus node of chain {} has block {}: {}", replica.chain().value(),
                tip.height.value(), what));
  };
  if (known == hashes_.end()) return wrong("its accounting node has no such block");
  if (known->second != tip.block) return wrong("another than its accounting node");
  if (states_.at(known->first) != tip.state) return wrong("another state");
}

void Audit::started(const chain::ConsensusNode& node) {
  const chain::Application& replica = node.application();
  NodeRecord& record = node_records_[{replica.chain(), replica.node()}];
  if (replica.tip().height < record.height) {
    fail(format("a consensus node of chain {} had block {} and has not now",
                replica.chain().value(), record.height.value()));
  }
  check_replica_tip(replica);
  record.height = replica.tip().height;
}

void Audit::answered(const chain::ConsensusNode& node, const NodeAnswer& answer) {
  const chain::Application& replica = node.application();
  const ChainId chain = replica.chain();
  NodeRecord& record = node_records_[{chain, replica.node()}];
  const Height height = replica.tip().height;
  const bool must_have_fork = shows_fork(chain, record, answer);
  if (height < record.height || height > record.height.next()) {
    fail(format("a consensus node of chain {} went from block {} to {}", chain.value(),
                record.height.value(), height.value()));
  }
  if (height != record.height) check_replica_tip(replica);
  record.height = height;
  if (answer.standing.signed_block) check_word(chain, record, answer);
  check_evidence(chain, record, answer.standing, must_have_fork);
}

// Whether the message is the header of a second block of a height of which the node has, or signed
// for, another.
bool Audit::shows_fork(ChainId chain, const NodeRecord& record, const NodeAnswer& answer) const {
  const auto* proposal = std::get_if<chain::Proposal>(&answer.message);
  if (proposal == nullptr || proposal->session != answer.standing.session) return false;
  const auto header = proof::parse_statement<BlockHeader>(proposal->signed_header, ledger_);
  if (!header) return false;
  const Height height = header->body().height;
  const BlockHash hash = header->body().hash(ledger_);
  if (height == Height(0)) return false;
  if (height <= record.height) {
    const auto known = hashes_.find({chain, height});
    return known != hashes_.end() && known->second != hash;
  }
  const auto word = record.words.find(height);
  return height == record.height.next() && word != record.words.end() && word->second != hash;
}

// A node signs for one block of a height, ever, and for no false one.
void Audit::check_word(ChainId chain, NodeRecord& record, const NodeAnswer& answer) {
  const BlockHash& block = answer.standing.signed_block->block;
  const Height height = answer.standing.height.next();
  const auto [word, is_new] = record.words.try_emplace(height, block);
  if (is_new) ++figures_["words of consensus nodes"];
  if (word->second != block) {
    fail(
        format("a consensus node of chain {} signed two blocks {}", chain.value(), height.value()));
  }
  if (false_blocks_.contains(block)) {
    fail(format("a consensus node of chain {} signed a false block {}", chain.value(),
                height.value()));
  }
  const auto* proposal = std::get_if<chain::Proposal>(&answer.message);
  if (!answer.signed_now || proposal == nullptr) return;
  const auto header = proof::parse_statement<BlockHeader>(proposal->signed_header, ledger_);
  if (!header || header->body().hash(ledger_) != block) {
    return fail("a consensus node signed something else than it was asked");
  }
  const bool is_near = apart(header->body().time, answer.clock) <= chain::kMaxSkew.value();
  if (!is_near) ++figures_["old blocks signed on a fellow's word"];
  if (!is_near && (proposal->vouchers.empty() || header->body().time > answer.clock)) {
    fail(format("a consensus node of chain {} signed a block that is not of its time",
                chain.value()));
  }
}

void Audit::check_evidence(ChainId chain, NodeRecord& record, const chain::Standing& standing,
                           bool must_have_fork) {
  if (must_have_fork) record.has_fork = true;
  if (!standing.fork) {
    if (record.has_fork) {
      fail(format("a consensus node of chain {} saw a fork and has no evidence", chain.value()));
    }
    return;
  }
  if (!record.is_fork_checked) {
    ++figures_["forks in evidence"];
    record.is_fork_checked = true;
    record.has_fork = true;
    const auto& accounting = verifier_of(nodes_of(chain).accounting);
    const auto fork = proof::verify_fork<BlockHeader>(*standing.fork, accounting, ledger_);
    if (!fork) fail("evidence of a fork does not hold: " + to_string(fork.error()));
  }
  if (!forked_.contains(chain)) {
    fail(
        format("the accounting node of chain {}, which does not lie, signed two blocks of a "
               "height",
               chain.value()));
  }
}

void Audit::compare_replica(const chain::ConsensusNode& node) {
  const chain::Application& replica = node.application();
  const ChainId chain = replica.chain();
  const auto wrong = [&](Height height, std::string_view what) {
    fail(format("a consensus node of chain {}, block {}: {}", chain.value(), height.value(), what));
  };
  const store::Tip tip = replica.tip();
  if (tip.height != model_.chain(chain).height) wrong(tip.height, "is not the last in the end");
  check_replica_tip(replica);
  if (replica.store().tree().root() != tip.state) wrong(tip.height, "its rows are others");
  for (Height height(1); height <= tip.height; height = height.next()) {
    if (replica.stored_header(height).proof.encode() != proofs_.at({chain, height})) {
      wrong(height, "its proof is another");
    }
  }
}

}  // namespace intaglio::simulation
