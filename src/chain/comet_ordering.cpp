#include "chain/comet_ordering.h"

#include "base/log.h"
#include "chain/door.h"
#include "chain/pack.h"

namespace intaglio::chain {
namespace {

// How long stop() waits for blocks.
constexpr std::chrono::seconds kGrace{2};
// How often a sender looks at what is overdue, whatever it is told, unless it is to hand in again
// sooner.
constexpr std::chrono::milliseconds kRound{1000};
// How long after a transaction's end somebody may still wait for a chain that stands still.
constexpr Duration kPatience = seconds(30);
// Bytes of transactions that go into one pack. With what stands between them and as hexadecimal
// digits it has room in what CometBFT's RPC takes at once (max_body_bytes, a million).
constexpr std::size_t kPacked = 480'000;

// Never under the mutex: who is told may hand in the next one.
template <typename Answers>
void give_out(Answers& answers) {
  for (auto& each : answers) each.done(std::move(each.result));
}

}  // namespace

CometOrdering::CometOrdering(Application& application, Env& env, CometRpc rpc,
                             CometOrderingOptions options)
    : application_(application), env_(env), rpc_(std::move(rpc)), options_(std::move(options)) {}

Result<std::unique_ptr<CometOrdering>> CometOrdering::open(Application& application, Env& env,
                                                           CometRpc rpc,
                                                           CometOrderingOptions options) {
  std::unique_ptr<CometOrdering> out(
      new CometOrdering(application, env, std::move(rpc), std::move(options)));
  CometOptions adapter = out->options_.adapter;
  adapter.asks_comet = true;
  ASSIGN(out->adapter_, CometAdapter::open(application, adapter, env));
  application.prove_by(out->rpc_.light_block);
  out->adapter_->on_block(
      [ordering = out.get()](const Finalized& block) { ordering->committed(block); });
  ASSIGN(out->server_, abci::Server::start(out->options_.address, *out->adapter_));
  return out;
}

CometOrdering::~CometOrdering() { stop(); }

void CometOrdering::start() {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!started_);
    started_ = true;
  }
  changed_.notify_all();
  for (std::size_t i = 0; i < options_.senders; ++i) senders_.emplace_back([this] { send(); });
}

void CometOrdering::stop() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (started_) {
      changed_.wait_for(lock, kGrace, [this] { return waiting_.empty(); });
    }
    ended_ = true;
  }
  wake_.notify_all();
  for (auto& each : senders_) each.join();
  senders_.clear();
  if (server_) server_->stop();
  // Some of these may come into a block yet; who asks again is told.
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty()) {
      take(TxId(waiting_.begin()->first), refuse(Verdict::shutting_down), answers);
    }
  }
  give_out(answers);
}

Result<void> CometOrdering::submit(tx::VerifiedTransaction transaction, Done done) {
  TRY(check_signer(application_, *transaction));
  const TxId id = *TxId::from(transaction->id.view());
  const Millis end = transaction->body.valid_until;
  bool is_first = false;
  Bytes encoded = transaction->encoded;
  // It comes back by CheckTx, and in a block.
  adapter_->remember(std::move(transaction));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return refuse(Verdict::shutting_down);
    if (waiting_.size() >= options_.max_waiting) return refuse(Verdict::busy);
    const auto [at, is_new] =
        waiting_.try_emplace(id, std::move(encoded), std::vector<Done>{}, end, std::nullopt);
    at->second.done.push_back(std::move(done));
    if (is_new) {
      ends_.emplace(end, id);
      // Whoever has been told of the first one makes a pack of all.
      is_first = queue_.empty();
      queue_.push_back(id);
    }
  }
  // A mempool does not take what was decided. Asked now that a block with it would find it here.
  if (auto receipt = application_.receipt(id)) {
    if (tx::is_decided(*verdict_from_number(receipt->verdict))) {
      Answers answers;
      {
        const std::lock_guard lock(mutex_);
        take(id, *receipt, answers);
      }
      give_out(answers);
      return {};
    }
  }
  if (is_first) wake_.notify_one();
  return {};
}

std::size_t CometOrdering::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::vector<NodeReport> CometOrdering::nodes() const {
  const ledger::NodesRow nodes = application_.nodes();
  const auto block = rpc_.light_block(application_.tip().height);
  std::vector<NodeReport> out;
  for (const auto& each : nodes.validators.value_or(std::vector<ledger::Validator>())) {
    const auto at = block ? block->validators.find(proof::comet_address(each.key)) : std::nullopt;
    const bool has_voted = at && *at < block->commit.signatures.size() &&
                           block->commit.signatures[*at].vote == proof::CometVote::commit;
    out.push_back({.node = each.node, .answers = has_voted, .standing = {}});
  }
  return out;
}

void CometOrdering::take(const TxId& id, const Result<tx::Receipt>& result, Answers& answers) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  for (Done& each : waiting.done) answers.push_back({std::move(each), result});
  if (waiting.pack) {
    const auto pack = packs_.find(*waiting.pack);
    if (pack != packs_.end() && --pack->second.left == 0) {
      due_.erase({pack->second.due, pack->first});
      packs_.erase(pack);
    }
  }
  ends_.erase({waiting.valid_until, id});
  waiting_.erase(found);
  if (waiting_.empty()) changed_.notify_all();
}

void CometOrdering::take_overdue(Answers& answers) {
  const Millis now = env_.now();
  while (!ends_.empty() && ends_.begin()->first + kPatience < now) {
    take(TxId(ends_.begin()->second), refuse(Verdict::timed_out), answers);
  }
}

void CometOrdering::committed(const Finalized& block) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return started_ || stopping_; });
    // It never began, and who would hear of the block may be gone.
    if (!started_) return;
  }
  for (const auto& [note, _] : block.notes) {
    if (note.starts_with(kDoubleVoteNote)) {
      log::warning("chain {}: a validator voted for two blocks at once, as block {} shows",
                   application_.chain().value(), block.header.height.value());
    }
  }
  // First, so that whoever has a receipt finds all else that knows of the block up to it.
  for (const auto& listener : listeners_) listener(block);
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    for (const tx::Receipt& receipt : block.receipts) take(receipt.tx, receipt, answers);
    // Whatever comes of them now, later blocks refuse them.
    while (!ends_.empty() && ends_.begin()->first < block.header.time) {
      take(TxId(ends_.begin()->second), refuse(Verdict::expired, "valid_until"), answers);
    }
  }
  give_out(answers);
}

void CometOrdering::make_pack() {
  std::vector<Bytes> members;
  Pack pack;
  std::size_t bytes = 0;
  while (!queue_.empty() && members.size() < kMaxPacked) {
    const auto found = waiting_.find(queue_.front());
    // Nobody waits for it any more, or it came back and is in another pack by now.
    if (found != waiting_.end() && !found->second.pack) {
      const Bytes& encoded = found->second.encoded;
      if (!members.empty() && bytes + encoded.size() > kPacked) break;
      bytes += encoded.size();
      members.push_back(encoded);
      pack.members.push_back(found->first);
      found->second.pack = next_pack_;
    }
    queue_.pop_front();
  }
  if (members.empty()) return;
  pack.left = pack.members.size();
  pack.encoded = chain::pack(members);
  pack.due = std::chrono::steady_clock::now();
  pack_due_ = pack.due + options_.gather;
  due_.emplace(pack.due, next_pack_);
  packs_.emplace(next_pack_++, std::move(pack));
}

std::optional<std::pair<std::uint64_t, Bytes>> CometOrdering::next_pack(
    std::unique_lock<std::mutex>& lock) {
  while (true) {
    if (ended_) return std::nullopt;
    const SteadyTime now = std::chrono::steady_clock::now();
    const bool is_one_due = !due_.empty() && due_.begin()->first <= now;
    if (!is_one_due && !queue_.empty() && pack_due_ <= now) make_pack();
    if (!due_.empty() && due_.begin()->first <= now + std::chrono::milliseconds(1)) {
      const std::uint64_t number = due_.begin()->second;
      due_.erase(due_.begin());
      // What is left is another sender's to wait for.
      if (!queue_.empty()) wake_.notify_one();
      return std::pair(number, packs_.at(number).encoded);
    }
    auto until = now + round();
    if (!due_.empty()) until = std::min(until, due_.begin()->first);
    if (!queue_.empty()) until = std::min(until, pack_due_);
    wake_.wait_until(lock, until);
    Answers answers;
    take_overdue(answers);
    lock.unlock();
    give_out(answers);
    ask_comet();
    lock.lock();
  }
}

std::chrono::milliseconds CometOrdering::round() const { return std::min(kRound, options_.again); }

void CometOrdering::ask_comet() {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now < ask_due_) return;
    ask_due_ = now + round();
  }
  const auto fetched = application_.light_blocks().fetch(application_.tip().height);
  if (!fetched) {
    log::debug("chain {}: a header that is to be kept: {}", application_.chain().value(),
               to_string(fetched.error()));
  }
  if (!on_double_vote_) return;
  for (const std::string& note : application_.store().notes(kDoubleVoteNote)) {
    const Height block = height_of_note(note);
    {
      const std::lock_guard lock(shown_->mutex);
      auto& due = shown_->blocks.try_emplace(block, SteadyTime::min()).first->second;
      if (!due) {
        application_.erase_note(note);
        continue;
      }
      if (*due > std::chrono::steady_clock::now()) continue;
      due = SteadyTime::max();
    }
    show_double_votes(block);
  }
}

void CometOrdering::show_double_votes(Height block) {
  const auto end = [shown = shown_, block, pause = options_.again](bool is_settled) {
    const std::lock_guard lock(shown->mutex);
    auto& due = shown->blocks[block];
    due = std::chrono::steady_clock::now() + pause;
    if (is_settled) due.reset();
  };
  const auto votes = rpc_.double_votes(block);
  if (!votes) {
    // CometBFT stores a block before it is executed, but answers for it only after.
    const bool is_gone =
        votes.error().verdict == Verdict::unknown_block && block < application_.tip().height;
    if (is_gone) {
      log::warning("chain {}: the evidence in block {} is not there any more",
                   application_.chain().value(), block.value());
    }
    return end(is_gone);
  }
  if (votes->empty()) return end(true);
  struct Rest {
    std::atomic<std::size_t> votes;
    std::atomic<bool> is_settled = true;
  };
  const auto rest = std::make_shared<Rest>(votes->size());
  for (const auto& found : *votes) {
    on_double_vote_(found, [rest, end](bool is_settled) {
      if (!is_settled) rest->is_settled = false;
      if (--rest->votes == 0) end(rest->is_settled);
    });
  }
}

void CometOrdering::send() {
  while (true) {
    ask_comet();
    std::unique_lock lock(mutex_);
    const auto pack = next_pack(lock);
    lock.unlock();
    if (!pack) return;
    handed_in(pack->first, rpc_.broadcast(pack->second));
  }
}

void CometOrdering::set_due(std::uint64_t number, Pack& pack, std::chrono::milliseconds pause) {
  pack.due = std::chrono::steady_clock::now() + pause;
  due_.emplace(pack.due, number);
}

Result<tx::Receipt> CometOrdering::answer_refused(const TxId& id, std::uint32_t code) const {
  if (auto receipt = application_.receipt(id)) return *std::move(receipt);
  const bool is_verdict = code != kDecidedBefore && code <= UINT16_MAX;
  const auto verdict =
      is_verdict ? verdict_from_number(static_cast<std::uint16_t>(code)) : std::nullopt;
  // It was decided in a block that is not here any more, or never was.
  return refuse(verdict.value_or(Verdict::block_pruned), "receipt");
}

void CometOrdering::handed_in(std::uint64_t number, const Result<abci::CheckTxAnswer>& answer) {
  Answers answers;
  {
    const std::lock_guard lock(mutex_);
    const auto found = packs_.find(number);
    if (found == packs_.end()) return;  // a block had all of it meanwhile
    Pack& pack = found->second;
    // Said once, however many it does not take.
    const bool was_out = std::exchange(is_out_, !answer);
    if (!answer) {
      if (!was_out) {
        log::warning("chain {}: CometBFT takes no transactions: {}", application_.chain().value(),
                     to_string(answer.error()));
      }
      return set_due(number, pack, options_.pause);
    }
    if (answer->code == 0) return set_due(number, pack, options_.again);
    const std::vector<TxId> members = std::move(pack.members);
    packs_.erase(found);
    if (members.size() > 1) {
      // One by one: whose fault it is shows then.
      for (const TxId& each : members) {
        const auto waiting = waiting_.find(each);
        if (waiting == waiting_.end() || waiting->second.pack != number) continue;
        waiting->second.pack = next_pack_;
        Pack one{{each}, 1, waiting->second.encoded, {}};
        set_due(next_pack_, one, {});
        packs_.emplace(next_pack_++, std::move(one));
      }
    } else {
      take(members.front(), answer_refused(members.front(), answer->code), answers);
    }
  }
  wake_.notify_all();
  give_out(answers);
}

}  // namespace intaglio::chain
