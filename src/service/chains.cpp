#include "service/chains.h"

#include "base/format.h"
#include "base/log.h"
#include "ledger/nodes.h"

namespace intaglio::service {

namespace {

// Another node runs it, or nothing says where its CometBFT node is: the other chains go on.
bool is_not_run_here(const Refusal& why) {
  return why.verdict == Verdict::not_signer || why.verdict == Verdict::bad_setting;
}

}  // namespace

Chains::~Chains() { stop(); }

Result<std::unique_ptr<Chains>> Chains::open(Surroundings around, OnBlock on_block) {
  std::unique_ptr<Chains> out(new Chains(std::move(around), std::move(on_block)));
  for (std::uint16_t i = 0; i < out->around_.genesis.chains; ++i) {
    TRY(out->open_chain(ChainId(i), {}));
  }
  while (true) {
    const auto opened = out->open_next();
    if (!opened && !is_not_run_here(opened.error())) return std::unexpected(opened.error());
    if (!opened || !*opened) return out;
  }
}

std::vector<chain::OtherNode> Chains::others(ChainId chain) const {
  auto out = around_.consensus.nodes_of(chain);
  for (const RemoteConsensus& each : around_.elsewhere.consensus) {
    out.push_back({each.key, [&each, chain](chain::Message message, chain::OtherNode::Done done) {
                     each.ask(chain, std::move(message), std::move(done));
                   }});
  }
  return out;
}

gateway::Gateway::Nodes Chains::nodes(ChainId chain) {
  gateway::Gateway::Nodes out{chains_[chain.value()].ordering.get(), {}};
  for (auto* node : around_.consensus.threads_of(chain)) {
    out.consensus.emplace_back([node](Bytes transaction) { node->hear(std::move(transaction)); });
  }
  for (const RemoteConsensus& each : around_.elsewhere.consensus) {
    out.consensus.emplace_back(
        [&each, chain](Bytes transaction) { each.hear(chain, std::move(transaction)); });
  }
  return out;
}

Result<std::unique_ptr<chain::Ordering>> Chains::open_ordering(chain::Application& application) {
  const ChainId chain = application.chain();
  const auto& all = around_.elsewhere.comet;
  const auto comet = std::ranges::find(all, chain, &CometChain::chain);
  if (application.nodes().by_comet() != (comet != all.end())) {
    return refuse(Verdict::bad_setting,
                  format("chain {}: {}", chain.value(),
                         comet == all.end() ? "CometBFT orders it, and nothing says where it is"
                                            : "CometBFT does not order it"));
  }
  if (comet != all.end()) {
    chain::CometOrderingOptions options;
    options.address = comet->address;
    options.adapter.snapshots = format("{}/snapshots-{}", around_.folder, chain.value());
    options.adapter.snapshot_every = comet->snapshot_every;
    auto out = chain::CometOrdering::open(application, around_.env, comet->rpc, std::move(options));
    if (!out) return refuse_within(format("chain {}", chain.value()), out.error());
    (*out)->on_double_vote(
        [this, chain](const proof::DoubleVote& votes, chain::CometOrdering::Settled settled) {
          around_.on_double_vote(chain, votes, std::move(settled));
        });
    return *std::move(out);
  }
  chain::MempoolOptions options;
  // The main chain makes a block now and then though nothing happens, so that the others know that
  // nothing did.
  if (chain == kMainChain) {
    options.beat = Duration(around_.genesis.params.control_max_age.value() / 4);
  }
  return std::make_unique<chain::Sequencer>(application, around_.env, options, others(chain));
}

Result<void> Chains::open_chain(ChainId chain, const std::optional<ledger::ChainNodes>& named) {
  Open open;
  ASSIGN(open.application,
         chain::Application::open(around_.genesis, chain,
                                  format("{}/chain-{}", around_.folder, chain.value()),
                                  around_.node, {}, named));
  if (keep_blocks_) open.application->keep_blocks(*keep_blocks_);
  ASSIGN(open.ordering, open_ordering(*open.application));
  open.ordering->on_block([this](const chain::Finalized& block) { saw(block); });
  chains_.add(std::move(open));
  return {};
}

Result<bool> Chains::open_next() {
  const ChainId next(count());
  const auto& state = at(kMainChain).application->store();
  if (!state.find<ledger::NodesRow>(next)) return false;
  const auto named = ledger::nodes_of(state, next);
  if (named.accounting.public_key != around_.node.key) {
    log::warning("chain {} is not run here: its accounting node has the key {}", next.value(),
                 codec::to_hex(named.accounting.public_key.hash()));
    return refuse(Verdict::not_signer, std::to_string(next.value()));
  }
  TRY(around_.consensus.open_chain(named));
  TRY(open_chain(next, named));
  return true;
}

void Chains::saw(const chain::Finalized& block) {
  on_block_(block);
  if (block.header.chain != kMainChain) return;
  if (!block.changes.contains(ledger::NodesRow::slot(ChainId(count())))) return;
  {
    const std::lock_guard lock(mutex_);
    is_more_ = true;
  }
  wake_.notify_one();
}

void Chains::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || is_more_; });
      if (stopping_) return;
      is_more_ = false;
    }
    while (true) {
      const ChainId next(count());
      const auto opened = open_next();
      if (!opened && !is_not_run_here(opened.error())) {
        log::error("chain {} was added and does not open: {}", next.value(),
                   to_string(opened.error()));
      }
      if (!opened || !*opened) break;
      on_added_(nodes(next));
      chains_[next.value()].ordering->start();
      log::info("chain {} was added", next.value());
    }
  }
}

void Chains::keep_blocks(std::uint64_t count) {
  keep_blocks_ = count;
  for (std::size_t i = 0; i < chains_.size(); ++i) chains_[i].application->keep_blocks(count);
}

void Chains::start(OnAdded on_added) {
  on_added_ = std::move(on_added);
  for (std::size_t i = 0; i < chains_.size(); ++i) chains_[i].ordering->start();
  opener_ = std::thread([this] { run(); });
}

void Chains::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (opener_.joinable()) opener_.join();
  for (std::size_t i = 0; i < chains_.size(); ++i) chains_[i].ordering->stop();
}

}  // namespace intaglio::service
