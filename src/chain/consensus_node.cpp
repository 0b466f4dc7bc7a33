#include "chain/consensus_node.h"

#include <algorithm>

#include "base/format.h"
#include "chain/notes.h"
#include "crypto/merkle.h"

namespace intaglio::chain {
namespace {

using ledger::BlockHeader;

constexpr std::size_t kCachedKeys = 100'000;
// The first field in which they differ.
std::optional<std::string> first_difference(const BlockHeader& a, const BlockHeader& b) {
  std::optional<std::string> out;
  codec::for_each_field<BlockHeader>([&](const auto& f) {
    if (!out && a.*f.member != b.*f.member) out = std::string(f.name);
  });
  return out;
}

}  // namespace

ConsensusNode::ConsensusNode(std::unique_ptr<Application> application)
    : application_(std::move(application)), door_(*application_, kCachedKeys) {
  recall();
}

Result<std::unique_ptr<ConsensusNode>> ConsensusNode::open(
    const ledger::Genesis& genesis, ChainId chain, const std::string& folder, crypto::Signer node,
    const store::ChainStoreOptions& options, std::optional<ledger::ChainNodes> named) {
  ASSIGN(auto application,
         Application::open(genesis, chain, folder, std::move(node), options, std::move(named)));
  return std::unique_ptr<ConsensusNode>(new ConsensusNode(std::move(application)));
}

void ConsensusNode::recall() {
  if (const auto note = find_note<SessionNote>(*application_)) session_ = note->session;
  if (auto note = find_note<ForkNote>(*application_)) fork_ = std::move(note->fork);
  auto word = find_note<WordNote>(*application_);
  if (word && word->height > application_->tip().height) {
    word_ = {std::move(word->signed_header), word->block};
  }
}

void ConsensusNode::hear(Bytes transaction, Millis now) {
  heard_.age(now);
  heard_.hear(std::move(transaction), now);
}

bool ConsensusNode::verify_ahead(Millis now) {
  const auto next = heard_.next_unverified();
  if (!next) return false;
  heard_.verified(next->leaf, door_.admit(next->bytes, now));
  return true;
}

Standing ConsensusNode::answer(const Message& message, Millis now) {
  heard_.age(now);
  const auto taken = std::visit([&](const auto& each) { return take(each, now); }, message);
  Standing out = standing();
  if (!taken) {
    out.unwilling = {static_cast<std::uint16_t>(taken.error().verdict), taken.error().where};
  }
  return out;
}

Standing ConsensusNode::standing() const {
  const store::Tip tip = application_->tip();
  Standing out{.session = session_,
               .height = tip.height,
               .block = tip.block,
               .signed_block = {},
               .holds_body = executed_.has_value(),
               .unwilling = {},
               .fork = fork_,
               .overlooked = heard_.overlooked()};
  if (word_) out.signed_block = word_->block;
  return out;
}

Result<void> ConsensusNode::take(const Greeting& greeting, Millis) {
  ASSIGN(const auto begun, verify_own<SessionStart>(greeting.signed_start));
  if (begun.session < session_) return refuse(Verdict::session_over);
  if (begun.session == session_) return {};
  session_ = begun.session;
  put_note(*application_, SessionNote{session_});
  return {};
}

Result<void> ConsensusNode::take(const Proposal& proposal, Millis now) {
  if (proposal.session != session_) return refuse(Verdict::session_over);
  ASSIGN(const auto header, verify_own<BlockHeader>(proposal.signed_header));
  const BlockHash hash = header.hash(application_->ledger());
  TRY(check_place(header, hash, proposal.signed_header));
  if (header.height <= application_->tip().height) return {};
  const bool is_signed = word_.has_value();  // for this very block
  if (is_signed && executed_) return {};
  if (!is_signed) TRY(check_time(header, hash, proposal, now));
  ASSIGN(executed_, execute(header, proposal.body));
  if (is_signed) return {};
  return sign(header, hash, proposal.signed_header);
}

Result<void> ConsensusNode::take(const FinalBlock& block, Millis) {
  const LedgerId& ledger = application_->ledger();
  const store::Tip tip = application_->tip();
  ASSIGN(const auto signers, application_->signers());
  ASSIGN(const auto verified, proof::verify_finality<BlockHeader>(block.proof, signers, ledger));
  const BlockHeader& header = verified->header;
  if (header.chain != application_->chain()) return refuse(Verdict::wrong_chain);
  const auto placed = check_place(header, verified->hash, block.proof.signed_header);
  // What a quorum signed stands, whatever this node signed itself.
  const bool is_overruled =
      !placed && placed.error().verdict == Verdict::block_forked && header.height > tip.height;
  if (!placed && !is_overruled) return placed;
  if (header.height <= tip.height) return {};
  if (executed_ && executed_->hash == verified->hash) {
    commit(*executed_, block.proof);
    return {};
  }
  if (!block.body) return refuse(Verdict::missing_field, "body");
  ASSIGN(const auto executed, execute(header, *block.body));
  commit(executed, block.proof);
  return {};
}

template <proof::Statement T>
Result<T> ConsensusNode::verify_own(ByteView statement) const {
  ASSIGN(auto parsed,
         proof::parse_statement<T>(statement, application_->ledger(), proof::kMaxSignedHeader));
  ASSIGN(const auto signers, application_->signers());
  if (parsed.signer() != signers.accounting.hash()) return refuse(Verdict::not_signer);
  ASSIGN(const auto verified,
         proof::verify_statement(std::move(parsed), crypto::Verifier(signers.accounting)));
  if (verified->body.chain != application_->chain()) return refuse(Verdict::wrong_chain);
  return verified->body;
}

Result<void> ConsensusNode::check_place(const BlockHeader& header, const BlockHash& hash,
                                        const Bytes& signed_header) {
  const store::Tip tip = application_->tip();
  if (header.height > tip.height.next()) return refuse(Verdict::block_gap, "height");
  if (header.height == Height(0)) return refuse(Verdict::block_forked, "height");
  if (header.height <= tip.height) {
    const auto found = application_->find_header(header.height);
    if (!found) return std::unexpected(application_->no_block(header.height));
    const Bytes& here = found->proof.signed_header;
    const auto stored = proof::parse_statement<BlockHeader>(here, application_->ledger());
    CHECK(stored.has_value());
    if (stored->body().hash(application_->ledger()) == hash) return {};
    keep_fork(here, signed_header);
    return refuse(Verdict::block_forked, "height");
  }
  const bool is_another = word_ && word_->block.block != hash;
  if (is_another) keep_fork(word_->signed_header, signed_header);
  if (!equal(header.previous.view(), tip.block.view())) {
    return refuse(Verdict::block_gap, "previous");
  }
  if (is_another) return refuse(Verdict::block_forked, "height");
  return {};
}

Result<void> ConsensusNode::check_time(const BlockHeader& header, const BlockHash& hash,
                                       const Proposal& proposal, Millis now) const {
  if (header.time > now + kMaxSkew) return refuse(Verdict::block_time, "ahead");
  if (now <= header.time + kMaxSkew) return {};
  // It may have been proposed in time all the same: then another node signed it when it was.
  ASSIGN(auto fellows, application_->signers());
  fellows.quorum = 1;
  const auto vouched = proof::verify_cosignatures(
      proposal.vouchers, {header.chain, header.height, hash}, fellows, application_->ledger());
  if (!vouched) return refuse(Verdict::block_time, "behind");
  return {};
}

Result<Finalized> ConsensusNode::execute(const BlockHeader& header, const BlockBody& body) const {
  const auto bytes = decode_transactions(body.encoded);
  if (!bytes) return refuse_within("body", bytes.error());
  std::vector<tx::VerifiedTransaction> transactions;
  transactions.reserve(bytes->size());
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    const ByteView each = (*bytes)[i];
    if (const auto* heard = heard_.find(crypto::merkle_leaf(each))) {
      transactions.push_back(*heard);
      continue;
    }
    auto verified = door_.verify(each);
    if (!verified) {
      const auto why = describe(verified.error().verdict).name;
      return refuse(Verdict::block_differs, format("transactions[{}]: {}", i, why));
    }
    transactions.push_back(*std::move(verified));
  }
  auto executed = application_->finalize(header.time, transactions);
  if (const auto where = first_difference(header, executed.header)) {
    return refuse(Verdict::block_differs, *where);
  }
  return executed;
}

Result<void> ConsensusNode::sign(const BlockHeader& header, const BlockHash& hash,
                                 const Bytes& signed_header) {
  ASSIGN(const auto cosignature, application_->cosign(header));
  word_ = {signed_header, {hash, cosignature}};
  put_note(*application_, WordNote{header.height, signed_header, word_->block});
  return {};
}

void ConsensusNode::commit(const Finalized& block, const proof::FinalityProof& proof) {
  application_->commit(block, proof);
  const auto transactions = decode_transactions(block.transactions);
  CHECK(transactions.has_value());
  for (const Bytes& each : *transactions) heard_.forget(crypto::merkle_leaf(each));
  word_.reset();
  executed_.reset();
  application_->prune(application_->tip().height);
}

void ConsensusNode::keep_fork(const Bytes& first, const Bytes& second) {
  if (fork_) return;  // one is enough
  fork_ = proof::Fork{first, second};
  put_note(*application_, ForkNote{*fork_});
}

}  // namespace intaglio::chain
