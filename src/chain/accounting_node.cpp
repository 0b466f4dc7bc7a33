#include "chain/accounting_node.h"

#include <algorithm>

#include "chain/door.h"
#include "chain/notes.h"
#include "proof/statement.h"

namespace intaglio::chain {
namespace {

using ledger::BlockHeader;

// Between two times that a node is asked what it did not do, or did not answer.
constexpr std::chrono::milliseconds kPause{500};

}  // namespace

AccountingNode::AccountingNode(Application& application, std::span<const KeyHash> others)
    : application_(application) {
  for (const KeyHash& each : others) others_[each];
  if (others_.empty()) return;
  const auto last = find_note<SessionNote>(application_);
  begin_session(last ? last->session + 1 : 1);
  resume();
}

void AccountingNode::begin_session(std::uint64_t session) {
  session_ = session;
  put_note(application_, SessionNote{session_});
  for (auto& [node, other] : others_) other.is_greeted = false;
}

void AccountingNode::resume() {
  const auto note = find_note<ProposalNote>(application_);
  if (!note || note->height <= application_.tip().height) return;
  const auto header =
      proof::parse_statement<BlockHeader>(note->signed_header, application_.ledger());
  const auto bytes = decode_transactions(note->body.encoded);
  CHECK(header && bytes);
  const Door door(application_, 1000);
  Batch batch;
  for (const Bytes& each : *bytes) {
    auto verified = door.verify(each);
    CHECK(verified.has_value());
    batch.transactions.push_back(*std::move(verified));
    batch.waiting.emplace_back([](const Result<tx::Receipt>&) {});
  }
  auto block = application_.finalize(header->body().time, batch.transactions);
  // Another program than made it, or a damaged disk.
  if (block.hash != header->body().hash(application_.ledger())) {
    fatal("the block that was proposed cannot be made again");
  }
  open_ = {.block = std::move(block),
           .signed_header = note->signed_header,
           .batch = std::move(batch),
           .asked = {note->asked.begin(), note->asked.end()},
           .cosignatures = {},
           .session = 0};
}

bool AccountingNode::may_propose() const {
  if (open_) return false;
  const ledger::NodesRow nodes = application_.nodes();
  if (nodes.accounting != application_.node()) return false;
  const Height tip = application_.tip().height;
  return std::ranges::none_of(others_, [&](const auto& each) {
    return each.second.standing && each.second.standing->height > tip;
  });
}

void AccountingNode::propose(Batch batch, Millis now) {
  CHECK(!open_);
  const ledger::NodesRow nodes = application_.nodes();
  auto block = application_.finalize(now, batch.transactions);
  Bytes signed_header = application_.sign(block.header);
  open_ = {.block = std::move(block),
           .signed_header = std::move(signed_header),
           .batch = std::move(batch),
           .asked = {},
           .cosignatures = {},
           .session = 0};
  if (nodes.consensus.empty()) return;
  for (const KeyHash& each : nodes.consensus) {
    const auto other = others_.find(each);
    if (other != others_.end() && other->second.is_greeted && other->second.answers) {
      open_->asked.insert(each);
    }
  }
  keep_proposal();
}

void AccountingNode::keep_proposal() const {
  const ProposalNote note{.height = open_->block.header.height,
                          .signed_header = open_->signed_header,
                          .body = {open_->block.transactions},
                          .asked = {open_->asked.begin(), open_->asked.end()}};
  put_note(application_, note);
}

std::vector<Done> AccountingNode::leave() {
  std::vector<Done> out;
  if (open_) out = std::exchange(open_->batch.waiting, {});
  return out;
}

std::optional<AccountingNode::Committed> AccountingNode::commit() {
  if (!open_) return std::nullopt;
  const ledger::NodesRow nodes = application_.nodes();
  if (open_->cosignatures.size() < nodes.quorum) return std::nullopt;
  application_.commit(open_->block, {open_->signed_header, open_->cosignatures});
  Committed out{std::move(open_->block), std::move(open_->batch)};
  open_.reset();
  return out;
}

std::optional<Message> AccountingNode::next_for(const KeyHash& node, const Clocks& now) {
  withdraw_if_unsigned(now.wall);
  Other& other = others_.at(node);
  if (other.under_way || now.steady < other.not_before) return std::nullopt;
  auto message = message_for(node, other, now.wall);
  other.under_way = message.has_value();
  return message;
}

std::optional<Message> AccountingNode::message_for(const KeyHash& node, const Other& other,
                                                   Millis now) {
  // One that lacks what was forgotten may be back from a snapshot: it says so when it is greeted.
  if (!other.is_greeted || lacks_forgotten(*other.standing)) {
    return Greeting{application_.sign(SessionStart{application_.chain(), session_})};
  }
  const Height tip = application_.tip().height;
  if (other.standing->height < tip) return final_block(*other.standing);
  if (!open_ || other.standing->height > tip) return std::nullopt;
  return proposal_for(node, now);
}

std::optional<Message> AccountingNode::proposal_for(const KeyHash& node, Millis now) {
  const ledger::NodesRow nodes = application_.nodes();
  if (std::ranges::find(nodes.consensus, node) == nodes.consensus.end()) return std::nullopt;
  const auto& signed_by = open_->cosignatures;
  if (std::ranges::find(signed_by, node, &proof::Cosignature::node) != signed_by.end()) {
    return std::nullopt;
  }
  const bool stale = is_stale(now);
  if (stale && signed_by.empty()) return std::nullopt;  // nobody would sign it
  if (open_->asked.insert(node).second) keep_proposal();
  open_->session = session_;
  return Proposal{.session = session_,
                  .signed_header = open_->signed_header,
                  .body = {open_->block.transactions},
                  .vouchers = stale ? signed_by : std::vector<proof::Cosignature>{}};
}

bool AccountingNode::lacks_forgotten(const Standing& standing) const {
  return standing.height.next() < application_.store().kept_from();
}

void AccountingNode::prune() {
  Height needed = application_.tip().height;
  for (const auto& [node, other] : others_) {
    if (other.answers && other.standing) needed = std::min(needed, other.standing->height.next());
  }
  application_.prune(needed);
}

FinalBlock AccountingNode::final_block(const Standing& standing) const {
  const Height height = standing.height.next();
  FinalBlock out{.proof = application_.stored_header(height).proof, .body = {}};
  const store::Tip tip = application_.tip();
  const bool has_it = height == tip.height && standing.holds_body && standing.signed_block &&
                      standing.signed_block->block == tip.block;
  if (!has_it) {
    auto body = application_.store().block(height);
    CHECK(body.has_value());
    out.body = BlockBody{*std::move(body)};
  }
  return out;
}

void AccountingNode::answered(const KeyHash& node, const Standing& standing, const Clocks& now) {
  Other& other = others_.at(node);
  const bool is_further = !other.standing || other.standing->height != standing.height ||
                          other.standing->signed_block != standing.signed_block ||
                          other.standing->holds_body != standing.holds_body;
  other.under_way = false;
  other.answers = true;
  other.standing = standing;
  const bool is_stuck = standing.unwilling || lacks_forgotten(standing);
  if (is_stuck && !is_further) other.not_before = now.steady + kPause;
  // It was greeted by one with our key and a later session: ours must be later still.
  if (standing.session > session_) begin_session(standing.session + 1);
  other.is_greeted = standing.session == session_;
  add_cosignature(node, standing);
}

void AccountingNode::failed(const KeyHash& node, const Clocks& now) {
  Other& other = others_.at(node);
  other.under_way = false;
  other.answers = false;
  other.not_before = now.steady + kPause;
}

void AccountingNode::add_cosignature(const KeyHash& node, const Standing& standing) {
  if (!open_ || !standing.signed_block) return;
  const SignedBlock& its = *standing.signed_block;
  const auto cosigned = proof::cosigned_block(open_->block.header, application_.ledger());
  if (its.block != open_->block.hash || its.cosignature.node != node) return;
  const auto signers = application_.signers();
  if (!signers) return;
  proof::BlockSigners alone = *signers;
  alone.quorum = 1;
  if (!proof::verify_cosignatures(std::span(&its.cosignature, 1), cosigned, alone,
                                  application_.ledger())) {
    return;
  }
  auto& all = open_->cosignatures;
  const auto place = std::ranges::lower_bound(all, node, {}, &proof::Cosignature::node);
  if (place == all.end() || place->node != node) all.insert(place, its.cosignature);
}

bool AccountingNode::is_stale(Millis now) const {
  return open_->block.header.time + kMaxSkew < now;
}

void AccountingNode::withdraw_if_unsigned(Millis now) {
  if (!open_ || !is_stale(now) || !open_->cosignatures.empty()) return;
  // What was proposed in this session may still be on its way to somebody. In a later one nobody
  // signs it any more, and who is greeted says what he signed until then.
  if (open_->session == session_) begin_session(session_ + 1);
  const Height tip = application_.tip().height;
  const bool is_unsigned = std::ranges::all_of(open_->asked, [&](const KeyHash& node) {
    const auto found = others_.find(node);
    if (found == others_.end() || !found->second.is_greeted) return false;
    const Standing& standing = *found->second.standing;
    return standing.height == tip &&
           !(standing.signed_block && standing.signed_block->block == open_->block.hash);
  });
  if (!is_unsigned) return;
  application_.erase_note(ProposalNote::kName);
  Batch batch = std::move(open_->batch);
  open_.reset();
  propose(std::move(batch), now);
}

std::optional<std::chrono::nanoseconds> AccountingNode::due_in(SteadyTime now) const {
  std::optional<std::chrono::nanoseconds> out;
  if (open_) out = kPause;
  for (const auto& [node, other] : others_) {
    if (other.under_way || other.not_before <= now) continue;
    const std::chrono::nanoseconds left = other.not_before - now;
    if (!out || left < *out) out = left;
  }
  return out;
}

std::vector<NodeReport> AccountingNode::report() const {
  std::vector<NodeReport> out;
  for (const auto& [node, other] : others_) {
    const bool is_out_of_reach = other.standing && lacks_forgotten(*other.standing);
    out.push_back({node, other.answers, is_out_of_reach, other.standing});
  }
  return out;
}

}  // namespace intaglio::chain
