#include "simulation/host.h"

#include "base/format.h"
#include "simulation/spoiler.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

// Small, so that caches are missed.
store::ChainStoreOptions options_on(Disk& disk) {
  return {.memtable_bytes = std::size_t{1} << 20,
          .block_cache_bytes = std::size_t{64} << 10,
          .row_cache_bytes = std::size_t{32} << 10,
          .env = &disk};
}

}  // namespace

Host::Host(World& world, ChainId chain)
    : world_(world),
      chain_(chain),
      disk_(world.dice().fork(), {.loses_synced = world.plan().bug == Bug::disk_loses_synced}),
      clock_(world.new_clock()) {}

Host::~Host() {
  application_.reset();
  disk_.run_jobs();
}

void Host::start() {
  CHECK(!application_);
  if (world_.strikes(4 * world_.plan().crash_one_in)) disk_.crash_in(world_.dice().below(40));
  const auto& node = *world_.people().all().front().key;
  auto opened = chain::Application::open(world_.genesis(), chain_, "/chain", node.signer(),
                                         options_on(disk_));
  if (!opened) {
    if (disk_.crashed()) return crash();
    return world_.audit().fail(
        format("chain {} does not open: {}", chain_.value(), to_string(opened.error())));
  }
  application_ = *std::move(opened);
  disk_.run_jobs();
  if (disk_.crashed()) {
    world_.count("crash while starting");
    return crash();
  }
  disk_.cancel_crash();
  chain::MempoolOptions options;
  options.max_waiting = 200;
  if (chain_ == kMainChain) {
    options.beat = Duration(world_.genesis().params.control_max_age.value() / 4);
  }
  mempool_ = std::make_unique<chain::Mempool>(options);
  world_.audit().opened(*application_);
  world_.note_change();
  plan_block();
}

void Host::crash() {
  world_.audit().note(format("chain {} crashes", chain_.value()));
  mempool_.reset();
  application_.reset();
  disk_.restart();
  world_.note_change();
  ++planned_;
  const std::uint64_t longest = world_.dice().one_in(3) ? 3000 : 200;
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

void Host::submit(tx::VerifiedTransaction transaction, chain::Done done) {
  if (!mempool_) return;
  if (const auto taken = mempool_->add(std::move(transaction), done); !taken) {
    return done(std::unexpected(taken.error()));
  }
  plan_block();
}

void Host::plan_block() {
  const auto due = mempool_->due_in({.steady = world_.timeline().steady(),
                                     .wall = clock_.now(),
                                     .tip = application_->tip().time,
                                     .deadline = application_->next_deadline()});
  if (!due) return;
  const auto wait = std::chrono::ceil<Span>(std::max(*due, std::chrono::nanoseconds(0)));
  world_.timeline().after(wait, [this, plan = ++planned_] {
    if (plan != planned_ || !mempool_) return;
    const auto left = mempool_->due_in({.steady = world_.timeline().steady(),
                                        .wall = clock_.now(),
                                        .tip = application_->tip().time,
                                        .deadline = application_->next_deadline()});
    if (left && left->count() <= 0) {
      make_block();
    } else {
      plan_block();  // its clock is not quite that far
    }
  });
}

void Host::make_block() {
  if (ends("before a block")) return;
  chain::Batch batch = mempool_->take(world_.timeline().steady());
  chain::Finalized block = application_->finalize(clock_.now(), batch.transactions);
  if (ends("before the write")) return;
  spoil_block(world_, *application_, batch, block);
  if (world_.plan().bug == Bug::answer_before_write && !answer(batch, block.receipts)) return;
  if (world_.strikes(world_.plan().crash_one_in)) disk_.crash_in(world_.dice().below(4));
  application_->commit(block);
  disk_.run_jobs();
  if (disk_.crashed()) {
    world_.count("crash within the write");
    return crash();
  }
  disk_.cancel_crash();
  world_.audit().committed(*application_);
  if (ends("before the answers")) return;
  world_.block_made(block.header);
  if (!answer(std::move(batch), block.receipts)) return;
  plan_block();
}

// Over the wires, one by one; false when the process ended meanwhile.
bool Host::answer(chain::Batch batch, std::span<const tx::Receipt> receipts) {
  for (std::size_t i = 0; i < batch.waiting.size(); ++i) {
    if (ends("among the answers")) return false;
    batch.waiting[i](receipts[i]);
  }
  return true;
}

}  // namespace intaglio::simulation
