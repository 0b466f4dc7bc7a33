#include "simulation/host.h"

#include "base/format.h"
#include "chain/door.h"
#include "simulation/spoiler.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

// After this an answer of a consensus node counts as lost.
constexpr Span kPatience = milliseconds(4000);

}  // namespace

Host::Host(World& world, ChainId chain)
    : world_(world),
      chain_(chain),
      lies_(world.dice().fork()),
      disk_(world.dice().fork(), {.loses_synced = world.plan().bug == Bug::disk_loses_synced}),
      clock_(world.new_clock()) {}

Host::~Host() {
  accounting_.reset();
  application_.reset();
  disk_.run_jobs();
}

void Host::start() {
  CHECK(!application_);
  endanger(4);
  const auto& node = *world_.people().all().front().key;
  auto opened = chain::Application::open(world_.genesis(), chain_, "/chain", node.signer(),
                                         store_options_on(disk_));
  if (!opened) {
    if (disk_.crashed()) return crash();
    return world_.audit().fail(
        format("chain {} does not open: {}", chain_.value(), to_string(opened.error())));
  }
  application_ = *std::move(opened);
  if (world_.plan().bug == Bug::proposal_forgotten) forget_proposal();
  std::vector<KeyHash> others;
  for (const auto& each : world_.replicas(chain_)) others.push_back(each->key());
  accounting_ = std::make_unique<chain::AccountingNode>(*application_, others);
  if (!survived("while starting")) return;
  chain::MempoolOptions options;
  options.max_waiting = 200;
  if (chain_ == kMainChain) {
    options.beat = Duration(world_.genesis().params.control_max_age.value() / 4);
  }
  mempool_ = std::make_unique<chain::Mempool>(options);
  if (!has_old_copy()) world_.audit().opened(*application_);
  world_.note_change();
  look();
}

void Host::crash() {
  world_.audit().note(format("chain {} crashes", chain_.value()));
  mempool_.reset();
  accounting_.reset();
  application_.reset();
  under_way_.clear();
  shown_.reset();
  disk_.restart();
  put_old_copy_back();
  world_.note_change();
  ++planned_;
  // Proposals grow too old meanwhile, where there are any.
  const std::uint64_t long_pause = world_.replicas(chain_).empty() ? 3000 : 9000;
  const std::uint64_t longest = world_.dice().one_in(3) ? long_pause : 200;
  world_.timeline().after(milliseconds(world_.dice().between(20, longest)), [this] { start(); });
}

bool Host::ends(std::string_view where) {
  if (!world_.strikes(world_.plan().crash_one_in)) return false;
  world_.count(format("crash {}", where));
  if (world_.plan().machine_crashes) {
    world_.everybody_crashes();
  } else {
    crash();
  }
  return true;
}

void Host::endanger(std::uint64_t one_in) {
  if (!world_.strikes(one_in * world_.plan().crash_one_in)) return;
  disk_.crash_in(world_.dice().below(application_ ? 3 : 40));
}

bool Host::survived(std::string_view where) {
  disk_.run_jobs();
  if (disk_.crashed()) {
    world_.count(format("crash {}", where));
    crash();
    return false;
  }
  disk_.cancel_crash();
  return true;
}

chain::Clocks Host::clocks() const { return {world_.timeline().steady(), clock_.now()}; }

void Host::submit(tx::VerifiedTransaction transaction, const chain::Done& done) {
  if (!mempool_) return;
  if (const auto known = chain::check_signer(*application_, *transaction); !known) {
    return done(std::unexpected(known.error()));
  }
  if (const auto taken = mempool_->add(std::move(transaction), done); !taken) {
    return done(std::unexpected(taken.error()));
  }
  plan_look();
}

std::optional<std::chrono::nanoseconds> Host::block_due() const {
  if (!accounting_->may_propose()) return std::nullopt;
  return mempool_->due_in({.steady = world_.timeline().steady(),
                           .wall = clock_.now(),
                           .tip = application_->tip().time,
                           .deadline = application_->next_deadline()});
}

void Host::plan_look() {
  auto due = block_due();
  const auto asking = accounting_->due_in(world_.timeline().steady());
  if (asking && (!due || *asking < *due)) due = asking;
  if (!due) return;
  const auto wait = std::chrono::ceil<Span>(std::max(*due, std::chrono::nanoseconds(0)));
  world_.timeline().after(wait, [this, plan = ++planned_] {
    if (plan == planned_ && mempool_) look();
  });
}

void Host::look() {
  const auto due = block_due();
  if (due && due->count() <= 0) {
    if (spoils_blocks(world_.plan().bug)) return make_spoiled_block();
    if (!propose()) return;
  }
  if (!commit() || !ask_others()) return;
  plan_look();
}

bool Host::propose() {
  if (ends("before a block")) return false;
  chain::Batch batch = mempool_->take(world_.timeline().steady());
  if (!world_.replicas(chain_).empty()) endanger(1);
  accounting_->propose(std::move(batch), clock_.now());
  shown_.reset();
  if (!survived("within the note of a proposal")) return false;
  return !ends("before the write");
}

bool Host::commit() {
  if (world_.plan().bug == Bug::quorum_miscounted && !commit_without_quorum()) return false;
  if (!accounting_->is_open()) return true;
  endanger(1);
  auto committed = accounting_->commit();
  if (!committed) {
    disk_.cancel_crash();
    return true;
  }
  if (!survived("within the write")) return false;
  if (has_old_copy()) {
    world_.audit().committed_again(*application_);
    world_.count("blocks made final again on an old copy");
    if (application_->tip().height < newest_->tip) return true;
    put_newest_back();  // it would go on from there
    return false;
  }
  world_.audit().committed(*application_);
  if (ends("before the answers")) return false;
  world_.block_made(committed->block.header);
  if (!answer(std::move(committed->batch), committed->block.receipts)) return false;
  copy_folder();
  return true;
}

// Over the wires, one by one; false when the process ended meanwhile.
bool Host::answer(chain::Batch batch, std::span<const tx::Receipt> receipts) {
  for (std::size_t i = 0; i < batch.waiting.size(); ++i) {
    if (ends("among the answers")) return false;
    batch.waiting[i](receipts[i]);
  }
  return true;
}

bool Host::ask_others() {
  for (const auto& other : world_.replicas(chain_)) {
    endanger(1);
    auto message = accounting_->next_for(other->key(), clocks());
    if (!survived("within a note")) return false;
    if (message) ask(*other, *message);
  }
  return true;
}

void Host::ask(Replica& other, const chain::Message& message) {
  const std::uint64_t asking = under_way_[other.key()] = ++asked_;
  if (const auto* proposal = std::get_if<chain::Proposal>(&message)) {
    shown_ = *proposal;
    lie_to(other, *proposal);
  }
  const auto reply = [this, key = other.key(), asking](const Bytes& standing) {
    world_.send([this, key, asking, standing] { heard_from(key, asking, &standing); });
  };
  world_.send([&other, reply, bytes = chain::encode_message(message)] { other.ask(bytes, reply); });
  world_.timeline().after(kPatience,
                          [this, key = other.key(), asking] { heard_from(key, asking, nullptr); });
}

void Host::heard_from(const KeyHash& node, std::uint64_t asking, const Bytes* standing) {
  const auto found = under_way_.find(node);
  if (found == under_way_.end() || found->second != asking) return;
  under_way_.erase(found);
  endanger(1);
  if (standing != nullptr) {
    accounting_->answered(node, chain::decode_standing(*standing).value(), clocks());
  } else {
    world_.count("a consensus node did not answer");
    accounting_->failed(node, clocks());
  }
  if (!survived("within a note")) return;
  look();
}

void Host::make_spoiled_block() {
  if (ends("before a block")) return;
  chain::Batch batch = mempool_->take(world_.timeline().steady());
  chain::Finalized block = application_->finalize(clock_.now(), batch.transactions);
  spoil_block(world_, *application_, batch, block);
  if (world_.plan().bug == Bug::answer_before_write && !answer(batch, block.receipts)) return;
  endanger(1);
  application_->commit(block);
  if (!survived("within the write")) return;
  world_.audit().committed(*application_);
  if (ends("before the answers")) return;
  world_.block_made(block.header);
  if (answer(std::move(batch), block.receipts)) plan_look();
}

void Host::forget_proposal() {
  if (!application_->store().note("proposal")) return;
  world_.count("bug put in");
  application_->erase_note("proposal");
}

// As if one less were enough.
bool Host::commit_without_quorum() {
  const auto& nodes = world_.replicas(chain_);
  if (!accounting_->is_open() || !shown_ || nodes.empty()) return true;
  const auto header =
      proof::parse_statement<ledger::BlockHeader>(shown_->signed_header, world_.ledger());
  const BlockHash hash = header->body().hash(world_.ledger());
  proof::FinalityProof proof{shown_->signed_header, {}};
  for (const auto& each : accounting_->report()) {
    if (!each.standing || !each.standing->signed_block) continue;
    if (each.standing->signed_block->block != hash) continue;
    proof.cosignatures.push_back(each.standing->signed_block->cosignature);
  }
  if (proof.cosignatures.size() + 1 < world_.genesis().nodes.at(chain_.value()).quorum) return true;
  std::vector<tx::VerifiedTransaction> transactions;
  const chain::Door door(*application_, 100);
  const auto bytes = chain::decode_transactions(shown_->body.encoded).value();
  for (const Bytes& each : bytes) {
    transactions.push_back(door.verify(each).value());
  }
  const auto block = application_->finalize(header->body().time, transactions);
  world_.count("bug put in");
  application_->commit(block, proof);
  world_.audit().committed(*application_);
  crash();
  return false;
}

}  // namespace intaglio::simulation
