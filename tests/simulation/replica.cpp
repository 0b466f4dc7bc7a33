#include "simulation/replica.h"

#include "base/format.h"
#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

constexpr const char* kFolder = "/chain";

}  // namespace

Replica::Replica(World& world, ChainId chain, const crypto::SeededKey& key)
    : world_(world),
      chain_(chain),
      key_(key),
      dice_(world.dice().fork()),
      disk_(world.dice().fork(), {.loses_synced = world.plan().bug == Bug::disk_loses_synced}),
      clock_(world.new_clock()) {}

Replica::~Replica() {
  node_.reset();
  disk_.run_jobs();
}

Result<std::unique_ptr<chain::ConsensusNode>> Replica::open() {
  if (world_.plan().bug == Bug::word_forgotten) forget_word();
  return chain::ConsensusNode::open(world_.genesis(), chain_, kFolder, key_.signer(),
                                    store_options_on(disk_));
}

void Replica::start() {
  CHECK(!node_);
  if (world_.strikes(4 * world_.plan().crash_one_in)) disk_.crash_in(dice_.below(40));
  auto opened = open();
  if (!opened) {
    if (disk_.crashed()) return crash();
    return world_.audit().fail(format("a consensus node of chain {} does not open: {}",
                                      chain_.value(), to_string(opened.error())));
  }
  node_ = *std::move(opened);
  disk_.run_jobs();
  if (disk_.crashed()) {
    world_.count("crash of a consensus node while starting");
    return crash();
  }
  disk_.cancel_crash();
  world_.audit().started(*node_);
}

void Replica::crash() {
  world_.audit().note(format("a consensus node of chain {} crashes", chain_.value()));
  node_.reset();
  disk_.restart();
  ++life_;
  const std::uint64_t longest = dice_.one_in(3) ? 9000 : 300;
  world_.timeline().after(milliseconds(dice_.between(20, longest)), [this] { start(); });
}

bool Replica::ends(std::string_view where) {
  if (!world_.strikes(world_.plan().crash_one_in)) return false;
  world_.count(format("crash of a consensus node {}", where));
  if (world_.plan().machine_crashes) {
    world_.everybody_crashes();
  } else {
    crash();
  }
  return true;
}

void Replica::hear(Bytes transaction) {
  if (!node_) return;
  node_->hear(std::move(transaction), clock_.now());
  // Before its block comes or after: both are to happen.
  world_.timeline().after(milliseconds(dice_.below(20)), [this, life = life_] {
    if (node_ && life == life_) node_->verify_ahead(clock_.now());
  });
}

void Replica::ask(ByteView bytes, const Reply& reply) {
  if (!node_ || ends("before it answers")) return;
  const auto message = chain::decode_message(bytes);
  CHECK(message.has_value());
  const auto word = [&] { return node_->application().store().note("word"); };
  const auto before = word();
  if (world_.strikes(world_.plan().crash_one_in)) disk_.crash_in(dice_.below(5));
  auto standing = node_->answer(*message, clock_.now());
  disk_.run_jobs();
  if (disk_.crashed()) {
    world_.count("crash within a consensus node's write");
    return crash();
  }
  disk_.cancel_crash();
  if (standing.unwilling) {
    const auto why = verdict_from_number(standing.unwilling->verdict);
    world_.count(format("unwilling {}", describe(*why).name));
  }
  if (world_.plan().bug == Bug::signs_unexecuted) sign_unexecuted(*message, standing);
  world_.audit().answered(*node_, {*message, standing, word() != before, clock_.now()});
  if (ends("when it has written")) return;
  reply(chain::encode_standing(standing));
}

void Replica::forget_word() {
  auto opened = chain::Application::open(world_.genesis(), chain_, kFolder, key_.signer(),
                                         store_options_on(disk_));
  if (!opened) return;
  if ((*opened)->store().note("word")) world_.count("bug put in");
  (*opened)->erase_note("word");
  disk_.run_jobs();
}

void Replica::sign_unexecuted(const chain::Message& message, chain::Standing& standing) {
  const auto* proposal = std::get_if<chain::Proposal>(&message);
  if (proposal == nullptr || !standing.unwilling ||
      standing.unwilling->verdict != static_cast<std::uint16_t>(Verdict::block_differs)) {
    return;
  }
  const auto parsed =
      proof::parse_statement<ledger::BlockHeader>(proposal->signed_header, world_.ledger());
  const auto& header = parsed->body();
  standing.unwilling.reset();
  standing.signed_block = {header.hash(world_.ledger()),
                           node_->application().cosign(header).value()};
  world_.count("bug put in");
}

}  // namespace intaglio::simulation
