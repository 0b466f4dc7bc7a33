#include "tx/ledger_proof.h"

#include "base/format.h"
#include "crypto/merkle.h"

namespace intaglio::tx {
namespace {

using ledger::BlockHeader;

// A row of this kind that the proof shows to be there.
template <ledger::Row R>
Result<std::pair<ledger::Slot, R>> check_row_of(const ledger::RowProof& proof, const Digest& root) {
  ASSIGN(auto proven, ledger::check_row(proof, root));
  if (proven.slot.kind() != R::kKind || !proven.row) return refuse(Verdict::bad_value, "slot");
  ASSIGN(auto row, codec::decode_record<R>(*proven.row));
  return std::pair(proven.slot, std::move(row));
}

// The chain that a slot of nodes is of.
Result<ChainId> chain_of(const ledger::Slot& slot) {
  if (slot.bytes().size() != ledger::NodesRow::slot({}).bytes().size()) {
    return refuse(Verdict::bad_value, "slot");
  }
  return ChainId(ledger::SlotReader(slot).take<std::uint16_t>());
}

// What the main chain trusts of a chain that CometBFT orders.
Result<ledger::TrustRow> check_trust(const SignersProof& signers, ChainId chain,
                                     const Digest& root) {
  if (!signers.trust) return refuse(Verdict::missing_field, "trust");
  const auto trust = check_row_of<ledger::TrustRow>(*signers.trust, root);
  if (!trust) return refuse_within("trust", trust.error());
  if (trust->first != ledger::TrustRow::slot(chain)) return refuse(Verdict::bad_value, "trust");
  return trust->second;
}

Result<void> check_receipt(const ReceiptProof& proof, const BlockHeader& header) {
  const Receipt& receipt = proof.receipt;
  const bool is_of_block = receipt.chain == header.chain && receipt.height == header.height &&
                           receipt.time == header.time;
  if (!is_of_block) return refuse(Verdict::bad_proof, "receipt");
  const Digest leaf = crypto::merkle_leaf(codec::encode_record(receipt));
  const auto root = crypto::merkle_root_from_path(leaf, receipt.index, header.count, proof.path);
  if (!root || *root != header.receipts) return refuse(Verdict::bad_proof, "receipt");
  return {};
}

Result<std::vector<Bytes>> read_list(codec::CborReader& in) {
  std::vector<Bytes> out;
  ASSIGN(const auto count, in.array());
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto bytes, in.bytes());
    out.push_back(to_bytes(bytes));
  }
  return out;
}

void write_list(codec::CborWriter& out, std::span<const Bytes> items) {
  out.array(items.size());
  for (const Bytes& each : items) out.bytes(each);
}

}  // namespace

Result<WholeBlock> WholeBlock::decode(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxBytes, .depth = 4, .items = 1 << 20});
  ASSIGN(const auto parts, in.array());
  if (parts != 3) return refuse(Verdict::bad_encoding, "block");
  WholeBlock out;
  ASSIGN(const auto proof, in.bytes());
  ASSIGN(out.proof, proof::FinalityProof::decode(proof));
  ASSIGN(out.transactions, read_list(in));
  ASSIGN(out.receipts, read_list(in));
  TRY(in.finish());
  return out;
}

Bytes WholeBlock::encode() const {
  codec::CborWriter out;
  out.array(3);
  out.bytes(proof.encode());
  write_list(out, transactions);
  write_list(out, receipts);
  return out.take();
}

Trust::Trust(const ledger::Genesis& genesis) : ledger_(ledger::ledger_id(genesis)) {
  ledger::apply_genesis(state_, genesis, kMainChain);
  for (std::uint16_t i = 0; i < genesis.chains; ++i) {
    if (genesis.nodes[i].by_comet()) {
      begun_.emplace(ChainId(i), ledger::first_trust(genesis.nodes[i]));
    }
  }
}

Result<ProvenBlock> Trust::block(const proof::FinalityProof& proof) const {
  ASSIGN(const auto shown, proof::shown_header<BlockHeader>(proof, ledger_));
  const ChainId chain = shown.header.chain;
  const auto nodes = state_.find<ledger::NodesRow>(chain);
  if (nodes && nodes->by_comet()) return voted_block(proof, *nodes, chain);
  const auto signers = ledger::block_signers(state_, chain);
  if (!signers) return refuse_within("header.chain", signers.error());
  const auto verified = proof::verify_finality<BlockHeader>(proof, *signers, ledger_);
  if (!verified) {
    // By a key that nothing here says may sign: it may have been named since.
    const bool is_other = verified.error().verdict == Verdict::not_signer;
    if (!is_other) return std::unexpected(verified.error());
    return refuse(Verdict::unproven_signer, verified.error().where);
  }
  const auto& final_block = **verified;
  return ProvenBlock{.header = final_block.header,
                     .hash = final_block.hash,
                     .accounting = signers->accounting.hash(),
                     .cosigned = final_block.cosigned,
                     .consensus = signers->consensus.size()};
}

// Votes lead from what was learned, or all the way from the genesis.
Result<ProvenBlock> Trust::voted_block(const proof::FinalityProof& proof,
                                       const ledger::NodesRow& nodes, ChainId chain) const {
  const std::string id = ledger::comet_chain_id(ledger_, chain);
  Result<ProvenBlock> out = refuse(Verdict::unproven_signer);
  for (const auto* known : {&trusted_, &begun_}) {
    const auto row = known->find(chain);
    if (row == known->end()) continue;
    auto trust = proof::trust_at_any_time(ledger::comet_trust(row->second, id, {}).header);
    trust.most_steps = proof::kMaxCometStepsForPeople;
    const auto verified = proof::verify_votes<BlockHeader>(proof, trust, ledger_);
    if (verified) {
      return ProvenBlock{.header = (*verified)->header,
                         .hash = (*verified)->hash,
                         .by_votes = true,
                         .accounting = nodes.accounting};
    }
    out = std::unexpected(verified.error());
  }
  return out;
}

Result<void> Trust::learn(const SignersProof& signers) {
  auto main_block = block(signers.block);
  if (!main_block) return refuse_within("block", main_block.error());
  if (main_block->header.chain != kMainChain) return refuse(Verdict::wrong_chain, "block");
  const Digest& root = main_block->header.state;
  const auto nodes = check_row_of<ledger::NodesRow>(signers.nodes, root);
  if (!nodes) return refuse_within("nodes", nodes.error());
  const auto chain = chain_of(nodes->first);
  if (!chain) return refuse_within("nodes", chain.error());
  std::vector<ledger::KeyRow> keys;
  for (std::size_t i = 0; i < signers.keys.size(); ++i) {
    const auto key = check_row_of<ledger::KeyRow>(signers.keys[i], root);
    if (!key) return refuse_within(format("keys[{}]", i), key.error());
    if (ledger::KeyRow::slot(key->second.public_key.hash()) != key->first) {
      return refuse(Verdict::bad_value, format("keys[{}]", i));
    }
    keys.push_back(key->second);
  }
  std::optional<ledger::TrustRow> trust;
  if (nodes->second.by_comet() && *chain != kMainChain) {
    ASSIGN(trust, check_trust(signers, *chain, root));
  }
  for (const auto& key : keys) state_.put<ledger::KeyRow>(key.public_key.hash(), key);
  // What orders a chain never changes: the main chain's own votes lead on from the genesis.
  state_.put<ledger::NodesRow>(*chain, nodes->second);
  if (trust) trusted_.insert_or_assign(*chain, *trust);
  learned_.insert_or_assign(*chain, *std::move(main_block));
  return {};
}

Result<Proven> Trust::check(const LedgerProof& proof) {
  if (!proof.row && !proof.receipt) return refuse(Verdict::missing_field, "row");
  for (std::size_t i = 0; i < proof.signers.size(); ++i) {
    const auto learned = learn(proof.signers[i]);
    if (!learned) return refuse_within(format("signers[{}]", i), learned.error());
  }
  auto proven = block(proof.block);
  if (!proven) return refuse_within("block", proven.error());
  Proven out{*std::move(proven), {}, {}};
  if (proof.row) {
    auto row = ledger::check_row(*proof.row, out.block.header.state);
    if (!row) return refuse_within("row", row.error());
    out.row = *std::move(row);
  }
  if (proof.receipt) {
    TRY(check_receipt(*proof.receipt, out.block.header));
    out.receipt = proof.receipt->receipt;
  }
  return out;
}

Result<ProvenBlock> Trust::check(const WholeBlock& whole) const {
  auto out = block(whole.proof);
  if (!out) return refuse_within("proof", out.error());
  const BlockHeader& header = out->header;
  const auto differs = [&](std::span<const Bytes> items, const Digest& root) {
    return items.size() != header.count ||
           crypto::merkle_root(crypto::merkle_leaves(items)) != root;
  };
  if (differs(whole.transactions, header.transactions)) {
    return refuse(Verdict::bad_proof, "transactions");
  }
  if (differs(whole.receipts, header.receipts)) return refuse(Verdict::bad_proof, "receipts");
  return out;
}

std::optional<ProvenBlock> Trust::named_by(ChainId chain) const {
  const auto found = learned_.find(chain);
  if (found == learned_.end()) return std::nullopt;
  return found->second;
}

}  // namespace intaglio::tx
