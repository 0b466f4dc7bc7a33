#include "chain/comet_adapter.h"

#include "base/format.h"
#include "base/log.h"
#include "base/parallel.h"
#include "chain/pack.h"
#include "codec/json.h"
#include "crypto/sha256.h"

namespace intaglio::chain {
namespace {

// Keys that are kept parsed.
constexpr std::size_t kCachedKeys = 100'000;
// Of the genesis file's state, which says no more than whose it is.
constexpr codec::JsonLimits kAppState{.bytes = 4096, .depth = 4};

std::uint32_t code_of(Verdict verdict) { return static_cast<std::uint32_t>(verdict); }

Bytes hash_of(const store::Tip& tip) { return to_bytes(tip.block.view()); }
Bytes hash_of(const Finalized& block) { return to_bytes(block.hash.view()); }

// To the millisecond below.
Result<Millis> block_time(const proof::CometTime& time) {
  if (time < proof::CometTime{}) return refuse(Verdict::bad_value, "time");
  return Millis(static_cast<std::uint64_t>(time.seconds) * 1000 + time.nanos / 1'000'000);
}

// Bytes of a transaction in a block's message: a field's head, its length, itself.
std::size_t size_in_block(ByteView transaction) {
  std::size_t length = 1;
  for (std::size_t rest = transaction.size(); rest >= 0x80; rest >>= 7) ++length;
  return 1 + length + transaction.size();
}

Result<void> check_app_state(ByteView state, const LedgerId& ledger) {
  if (state.empty()) return {};
  const auto json = codec::parse_json(as_text(state), kAppState);
  if (!json) return refuse_within("app_state", json.error());
  const auto* named = json->find("ledger");
  if (named == nullptr) return {};
  if (named->text() == nullptr || *named->text() != codec::to_hex(ledger)) {
    return refuse(Verdict::wrong_ledger, "app_state.ledger");
  }
  return {};
}

std::vector<ledger::Validator> validators_of(const ledger::NodesRow& nodes) {
  return nodes.validators.value_or(std::vector<ledger::Validator>());
}

// The power of a key; 0 when it has none, which is how CometBFT says that too.
std::uint64_t power_of(std::span<const ledger::Validator> validators,
                       const crypto::Ed25519Key& key) {
  const auto found = std::ranges::find(validators, key, &ledger::Validator::key);
  return found == validators.end() ? 0 : found->power;
}

// CometBFT's genesis against the ledger's.
Result<void> check_validators(const ledger::NodesRow& nodes,
                              std::span<const abci::ValidatorUpdate> comets) {
  if (!nodes.by_comet()) return {};
  std::vector<ledger::Validator> theirs;
  for (const auto& each : comets) {
    theirs.push_back(
        {{}, each.key, static_cast<std::uint64_t>(std::max<std::int64_t>(each.power, 0))});
  }
  const auto ours = validators_of(nodes);
  for (const std::vector<ledger::Validator>& list : {ours, theirs}) {
    for (const auto& each : list) {
      const auto expected = power_of(ours, each.key);
      const auto found = power_of(theirs, each.key);
      if (expected == found) continue;
      return refuse(Verdict::bad_setting,
                    format("validators: {} has the power {} in CometBFT's genesis and {} in the "
                           "ledger's",
                           codec::to_hex(each.key), found, expected));
    }
  }
  return {};
}

// A refusal, in any of the answers that have a code.
template <typename Answer>
Answer refused(const Refusal& why) {
  Answer out;
  out.code = code_of(why.verdict);
  out.log = to_string(why);
  out.codespace = kCodespace;
  return out;
}

abci::ExecTxResult result_of(const tx::Receipt& receipt, const Bytes& encoded) {
  abci::ExecTxResult out{.code = receipt.verdict, .data = encoded};
  if (receipt.accepted()) return out;
  out.log = to_string(Refusal{*verdict_from_number(receipt.verdict), receipt.where.value_or("")});
  out.codespace = kCodespace;
  return out;
}

abci::ExecTxResult result_of_pack(std::span<const Result<Bytes>> outcomes) {
  const auto decided = std::ranges::count_if(outcomes, [](const auto& each) { return !!each; });
  return {.data = encode_outcomes(outcomes),
          .log = format("{} of {} are in the block", decided, outcomes.size())};
}

abci::Offer why_rejected(Verdict verdict) {
  if (verdict == Verdict::bad_version) return abci::Offer::reject_format;
  // It is not what its metadata, or CometBFT, say that it is.
  if (verdict == Verdict::bad_proof) return abci::Offer::reject_sender;
  return abci::Offer::reject;
}

}  // namespace

CometAdapter::CometAdapter(chain::Application& application, const CometOptions& options, Env& env,
                           std::unique_ptr<SnapshotShelf> shelf)
    : application_(application),
      options_(options),
      env_(env),
      threads_(options.threads > 0 ? options.threads
                                   : std::max(1U, std::thread::hardware_concurrency())),
      door_(application, kCachedKeys),
      verified_(options.verified_bytes),
      shelf_(std::move(shelf)) {}

Result<std::unique_ptr<CometAdapter>> CometAdapter::open(chain::Application& application,
                                                         const CometOptions& options, Env& env) {
  const ledger::NodesRow nodes = application.nodes();
  if (!nodes.consensus.empty() || nodes.quorum > 0) {
    return refuse(Verdict::bad_setting, "consensus nodes");
  }
  std::unique_ptr<SnapshotShelf> shelf;
  if (!options.snapshots.empty()) {
    ASSIGN(shelf, SnapshotShelf::open(application, options.snapshots + "/made", env,
                                      options.snapshot_chunk));
  }
  return std::unique_ptr<CometAdapter>(
      new CometAdapter(application, options, env, std::move(shelf)));
}

Result<abci::InfoAnswer> CometAdapter::info(const abci::Info& /*request*/) {
  const store::Tip tip = application_.tip();
  abci::InfoAnswer out{.data = format("chain {}", application_.chain().value()),
                       .version = std::string(kCodespace),
                       .app_version = kCometAppVersion,
                       .last_block_height = static_cast<std::int64_t>(tip.height.value()),
                       .last_block_app_hash = {}};
  if (tip.height > Height(0)) out.last_block_app_hash = hash_of(tip);
  return out;
}

Result<abci::QueryAnswer> CometAdapter::query(const abci::Query& request) {
  const store::Tip tip = application_.tip();
  abci::QueryAnswer out{
      .key = request.data, .value = {}, .height = static_cast<std::int64_t>(tip.height.value())};
  if (request.path.starts_with("/p2p/filter/")) return out;
  if (request.path == "/receipt") {
    const auto id = TxId::from(request.data);
    if (!id) return refused<abci::QueryAnswer>({Verdict::bad_value, "data"});
    const auto receipt = application_.receipt(*id);
    if (!receipt)
      return refused<abci::QueryAnswer>({Verdict::unknown_transaction, codec::to_hex(*id)});
    out.value = codec::encode_record(*receipt);
    return out;
  }
  if (request.path == "/header") {
    if (request.height > 0) out.height = request.height;
    const Height height(static_cast<std::uint64_t>(out.height));
    const auto header = request.height < 0 ? std::nullopt : application_.find_header(height);
    if (!header)
      return refused<abci::QueryAnswer>({Verdict::unknown_block, std::to_string(request.height)});
    out.value = codec::encode_record(*header);
    return out;
  }
  return refused<abci::QueryAnswer>({Verdict::unknown_route, request.path});
}

abci::CheckTxAnswer CometAdapter::check_undecided(const tx::Transaction& body,
                                                  const Digest& id) const {
  // By the row that the executor looks at, which is there for as long as one that was decided is
  // valid: to look for the receipt itself would be to read its whole block, for each that waits.
  const auto decided = application_.store().find<ledger::ReceiptRow>({body.account, body.client});
  if (!decided) return {};
  if (decided->tx != *TxId::from(id.view()))
    return refused<abci::CheckTxAnswer>({Verdict::conflict, "client"});
  return {.code = kDecidedBefore,
          .data = {},
          .log = "it has its receipt",
          .codespace = std::string(kCodespace)};
}

CometAdapter::Checked CometAdapter::check_member(ByteView transaction, Millis now) const {
  const Digest hash = crypto::sha256(transaction);
  auto known = verified_.find(hash);
  if (known) {
    const auto checked = door_.check((*known)->body, now);
    if (!checked) return {refused<abci::CheckTxAnswer>(checked.error()), known};
  } else {
    auto admitted = door_.admit(transaction, now);
    if (!admitted) return {.answer = refused<abci::CheckTxAnswer>(admitted.error())};
    ++verifications_;
    known = verified_.insert(hash, *std::move(admitted));
  }
  return {check_undecided((*known)->body, (*known)->id), known};
}

abci::CheckTxAnswer CometAdapter::recheck_member(ByteView transaction, Millis now) const {
  const auto parsed = proof::parse_statement<tx::Transaction>(transaction, application_.ledger(),
                                                              tx::Transaction::kMaxBytes);
  if (!parsed) return refused<abci::CheckTxAnswer>(parsed.error());
  if (parsed->body().valid_until < now)
    return refused<abci::CheckTxAnswer>({Verdict::expired, "valid_until"});
  return check_undecided(parsed->body(), parsed->id());
}

Result<abci::CheckTxAnswer> CometAdapter::check_tx(const abci::CheckTx& request) {
  const Millis now = application_.tip().time;
  const auto members = unpack(request.tx);
  if (!members) return refused<abci::CheckTxAnswer>(members.error());
  if (request.is_recheck) {
    // As soon as it is known that the pack stays.
    std::optional<abci::CheckTxAnswer> first;
    for (const Bytes& each : *members) {
      auto answer = recheck_member(each, now);
      if (answer.code == 0) return answer;
      if (!first) first = std::move(answer);
    }
    return *std::move(first);
  }
  std::vector<Checked> checked(members->size());
  for_each_parallel(members->size(), threads_,
                    [&](std::size_t i) { checked[i] = check_member((*members)[i], now); });
  if (is_pack(request.tx)) {
    std::vector<Member> known;
    for (Checked& each : checked) known.push_back(std::move(each.known));
    remember_pack(request.tx, known);
  }
  const bool is_taken =
      std::ranges::any_of(checked, [](const Checked& each) { return each.answer.code == 0; });
  return is_taken ? abci::CheckTxAnswer{} : std::move(checked.front().answer);
}

Result<abci::InitChainAnswer> CometAdapter::init_chain(const abci::InitChain& request) {
  const std::lock_guard lock(mutex_);
  TRY(follows(1));
  if (request.initial_height != 1) return refuse(Verdict::bad_value, "initial_height");
  TRY(check_app_state(request.app_state, application_.ledger()));
  TRY(check_validators(application_.nodes(), request.validators));
  forget_proposal();
  return abci::InitChainAnswer{{}, hash_of(application_.tip())};
}

bool CometAdapter::Judgement::holds_signed() const {
  return members && std::ranges::any_of(*members, [](const Member& each) { return !!each; });
}

CometAdapter::Member CometAdapter::verify_once(ByteView transaction) const {
  const Digest hash = crypto::sha256(transaction);
  if (auto known = verified_.find(hash)) return known;
  ASSIGN(auto verified, door_.verify(transaction));
  ++verifications_;
  return verified_.insert(hash, std::move(verified));
}

void CometAdapter::remember_pack(ByteView pack, std::span<const Member> members) const {
  if (!std::ranges::all_of(members, [](const Member& each) { return !!each; })) return;
  std::vector<VerifiedCache::Known> known;
  known.reserve(members.size());
  for (const Member& each : members) known.push_back(*each);
  verified_.insert_pack(crypto::sha256(pack), std::move(known));
}

std::vector<CometAdapter::Judgement> CometAdapter::judge(
    std::span<const Bytes> transactions) const {
  std::vector<Judgement> out;
  out.reserve(transactions.size());
  struct Unknown {
    Bytes bytes;
    Member* place;
  };
  std::vector<Unknown> unknown;
  std::vector<std::size_t> new_packs;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Bytes& each = transactions[i];
    Judgement& judgement = out.emplace_back(is_pack(each), std::vector<Member>());
    if (judgement.is_pack) {
      if (const auto known = verified_.find_pack(crypto::sha256(each))) {
        judgement.members->assign(known->begin(), known->end());
        continue;
      }
    }
    auto members = unpack(each);
    if (!members) {
      judgement.members = std::unexpected(std::move(members).error());
      continue;
    }
    judgement.members->resize(members->size());
    for (std::size_t m = 0; m < members->size(); ++m) {
      unknown.push_back({std::move((*members)[m]), &(*judgement.members)[m]});
    }
    if (judgement.is_pack) new_packs.push_back(i);
  }
  for_each_parallel(unknown.size(), threads_,
                    [&](std::size_t i) { *unknown[i].place = verify_once(unknown[i].bytes); });
  for (const std::size_t i : new_packs) remember_pack(transactions[i], *out[i].members);
  return out;
}

Result<abci::PrepareProposalAnswer> CometAdapter::prepare_proposal(
    const abci::PrepareProposal& request) {
  abci::PrepareProposalAnswer out;
  const auto judged = judge(request.txs);
  auto room = static_cast<std::size_t>(std::max<std::int64_t>(request.max_tx_bytes, 0));
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const std::size_t size = size_in_block(request.txs[i]);
    if (size > room || !judged[i].holds_signed()) continue;
    room -= size;
    out.txs.push_back(request.txs[i]);
  }
  return out;
}

Result<abci::ProcessProposalAnswer> CometAdapter::process_proposal(
    const abci::ProcessProposal& request) {
  const std::lock_guard lock(mutex_);
  judged_ = judge(request.txs);
  proposed_ = request.txs;
  const bool is_signed = std::ranges::all_of(judged_, &Judgement::holds_signed);
  return abci::ProcessProposalAnswer{is_signed ? abci::Status::accept : abci::Status::reject};
}

Result<abci::ExtendVoteAnswer> CometAdapter::extend_vote(const abci::ExtendVote& /*request*/) {
  return abci::ExtendVoteAnswer{};
}

Result<abci::VerifyVoteExtensionAnswer> CometAdapter::verify_vote_extension(
    const abci::VerifyVoteExtension& request) {
  return abci::VerifyVoteExtensionAnswer{request.vote_extension.empty() ? abci::Status::accept
                                                                        : abci::Status::reject};
}

Result<void> CometAdapter::follows(std::int64_t height) const {
  const auto next = static_cast<std::int64_t>(application_.tip().height.next().value());
  if (height != next) return refuse(Verdict::block_gap, format("{} and not {}", height, next));
  return {};
}

Result<abci::FinalizeBlockAnswer> CometAdapter::finalize_block(const abci::FinalizeBlock& request) {
  const std::lock_guard lock(mutex_);
  TRY(follows(request.height));
  ASSIGN(const auto time, block_time(request.time));
  // One that is only caught up with was never proposed here. Whether a transaction is signed hangs
  // on the last block alone, so it makes no difference when it is judged.
  if (proposed_ != request.txs) judged_ = judge(request.txs);
  proposed_ = request.txs;
  std::vector<tx::VerifiedTransaction> verified;
  for (const Judgement& each : judged_) {
    if (!each.members) continue;
    for (const Member& member : *each.members) {
      if (member) verified.push_back(**member);
    }
  }
  decided_ = application_.finalize(time, verified);
  auto updates = validator_updates();
  decided_->notes = notes(request, !updates.empty());
  return abci::FinalizeBlockAnswer{.tx_results = results(),
                                   .validator_updates = std::move(updates),
                                   .app_hash = hash_of(*decided_)};
}

std::vector<store::Note> CometAdapter::notes(const abci::FinalizeBlock& request,
                                             bool changes_voters) const {
  const Height height = decided_->header.height;
  std::vector<store::Note> out;
  if (changes_voters) out = LightBlocks::wanted_after(height);
  const bool has_double_votes =
      std::ranges::find(request.misbehaviour, abci::Misbehaviour::Kind::duplicate_vote,
                        &abci::Misbehaviour::kind) != request.misbehaviour.end();
  if (has_double_votes) out.emplace_back(note_of(kDoubleVoteNote, height), Bytes());
  return out;
}

std::vector<abci::ValidatorUpdate> CometAdapter::validator_updates() const {
  const auto changed = decided_->changes.find(ledger::NodesRow::slot(application_.chain()));
  if (changed == decided_->changes.end() || !changed->second.after) return {};
  const auto row = codec::decode_record<ledger::NodesRow>(*changed->second.after);
  CHECK(row.has_value());
  // Of what was committed alone, so that every node says the same, also one that was restarted.
  // CometBFT begins with those whom the ledger's genesis names.
  const auto known = application_.store().find<ledger::NodesRow>(application_.chain());
  if (!known) return {};
  const auto before = validators_of(*known);
  const auto after = validators_of(*row);
  std::vector<abci::ValidatorUpdate> out;
  for (const auto& each : before) {
    if (power_of(after, each.key) == 0) out.push_back({each.key, 0});
  }
  for (const auto& each : after) {
    if (power_of(before, each.key) == each.power) continue;
    out.push_back({each.key, static_cast<std::int64_t>(each.power)});
  }
  return out;
}

std::vector<abci::ExecTxResult> CometAdapter::results() const {
  std::vector<abci::ExecTxResult> out;
  out.reserve(judged_.size());
  std::size_t next = 0;  // in the block
  for (const Judgement& each : judged_) {
    if (!each.members) {
      out.push_back(refused<abci::ExecTxResult>(each.members.error()));
    } else if (each.is_pack) {
      std::vector<Result<Bytes>> outcomes;
      for (const Member& member : *each.members) {
        if (member) {
          outcomes.emplace_back(decided_->encoded_receipts[next++]);
        } else {
          outcomes.emplace_back(std::unexpected(member.error()));
        }
      }
      out.push_back(result_of_pack(outcomes));
    } else if (const Member& alone = each.members->front()) {
      out.push_back(result_of(decided_->receipts[next], decided_->encoded_receipts[next]));
      ++next;
    } else {
      out.push_back(refused<abci::ExecTxResult>(alone.error()));
    }
  }
  return out;
}

void CometAdapter::forget_proposal() {
  decided_.reset();
  proposed_.clear();
  judged_.clear();
}

std::int64_t CometAdapter::retain_height() const {
  Height retained = std::min(application_.store().kept_from(), application_.tip().height);
  const auto oldest = shelf_ ? shelf_->oldest() : std::nullopt;
  if (oldest) retained = std::min(retained, *oldest);
  // What has not arrived elsewhere is proven by the votes that CometBFT keeps beside its blocks.
  if (const auto outbox = application_.store().first_from(ledger::OutboxRow::slot(Height(0)))) {
    retained = std::min(retained, block_of_outbox(outbox->first).value_or(retained));
  }
  if (options_.asks_comet) {
    for (const Height wanted : application_.light_blocks().wanted()) {
      retained = std::min(retained, wanted);
    }
    for (const std::string& note : application_.store().notes(kDoubleVoteNote)) {
      retained = std::min(retained, height_of_note(note));
    }
  }
  return retained > Height(1) ? static_cast<std::int64_t>(retained.value()) : 0;
}

Result<abci::CommitAnswer> CometAdapter::commit(const abci::Commit& /*request*/) {
  const std::lock_guard lock(mutex_);
  if (!decided_) return refuse(Verdict::block_gap, "no block");
  application_.commit(*decided_);
  if (on_block_) on_block_(*decided_);
  // The next height's proposals are judged by the new state.
  forget_proposal();
  const Height height = application_.tip().height;
  application_.prune(height);
  if (shelf_ && options_.snapshot_every > 0 && height.value() % options_.snapshot_every == 0) {
    shelf_->make(application_.store().snapshot());
  }
  return abci::CommitAnswer{retain_height()};
}

Result<abci::ListSnapshotsAnswer> CometAdapter::list_snapshots(
    const abci::ListSnapshots& /*request*/) {
  abci::ListSnapshotsAnswer out;
  if (!shelf_) return out;
  for (const CometSnapshot& each : shelf_->list()) out.snapshots.push_back(each.offered());
  return out;
}

Result<abci::LoadSnapshotChunkAnswer> CometAdapter::load_snapshot_chunk(
    const abci::LoadSnapshotChunk& request) {
  if (!shelf_ || request.format != CometSnapshot::kFormat) return abci::LoadSnapshotChunkAnswer{};
  auto chunk = shelf_->chunk(Height(request.height), request.chunk);
  return abci::LoadSnapshotChunkAnswer{chunk ? *std::move(chunk) : Bytes()};
}

Result<abci::OfferSnapshotAnswer> CometAdapter::offer_snapshot(const abci::OfferSnapshot& request) {
  intake_.reset();
  if (!shelf_) return abci::OfferSnapshotAnswer{abci::Offer::reject};
  if (!application_.is_at_its_beginning()) return abci::OfferSnapshotAnswer{abci::Offer::abort};
  auto snapshot =
      read_offered(request.snapshot, request.app_hash, application_.ledger(), application_.chain());
  if (!snapshot) {
    log::warning("chain {}: a snapshot of block {} was offered: {}", application_.chain().value(),
                 request.snapshot.height, to_string(snapshot.error()));
    return abci::OfferSnapshotAnswer{why_rejected(snapshot.error().verdict)};
  }
  auto intake = SnapshotIntake::begin(*std::move(snapshot), options_.snapshots + "/incoming", env_);
  if (!intake) {
    log::warning("chain {}: {}", application_.chain().value(), to_string(intake.error()));
    return abci::OfferSnapshotAnswer{abci::Offer::abort};
  }
  intake_ = *std::move(intake);
  return abci::OfferSnapshotAnswer{abci::Offer::accept};
}

abci::Applied CometAdapter::take(ByteView chunk) {
  auto taken = intake_->take(chunk);
  if (taken && !intake_->is_complete()) return abci::Applied::accept;
  const auto intake = std::move(intake_);
  if (taken) {
    const std::lock_guard lock(mutex_);
    taken = intake->install(application_);
    forget_proposal();
    if (taken) {
      log::info("chain {}: begins with the snapshot of block {}", application_.chain().value(),
                application_.tip().height.value());
    }
    // It may be older than the one before, and lack keys that this one had.
    verified_.forget();
    door_.forget();
  }
  if (taken) return abci::Applied::accept;
  log::warning("chain {}: a snapshot is not taken: {}", application_.chain().value(),
               to_string(taken.error()));
  const bool is_disk = taken.error().verdict == Verdict::file_failed ||
                       taken.error().verdict == Verdict::storage_failed;
  return is_disk ? abci::Applied::abort : abci::Applied::reject_snapshot;
}

Result<abci::ApplySnapshotChunkAnswer> CometAdapter::apply_snapshot_chunk(
    const abci::ApplySnapshotChunk& request) {
  abci::ApplySnapshotChunkAnswer out{abci::Applied::abort, {}, {}};
  if (!intake_) return out;
  if (request.index < intake_->taken()) {
    out.result = abci::Applied::accept;  // it is in already
  } else if (request.index > intake_->taken()) {
    intake_.reset();
    out.result = abci::Applied::retry_snapshot;
  } else if (!intake_->is_next(request.chunk)) {
    out = {abci::Applied::retry, {request.index}, {}};
    if (!request.sender.empty()) out.reject_senders.push_back(request.sender);
  } else {
    out.result = take(request.chunk);
  }
  return out;
}

}  // namespace intaglio::chain
