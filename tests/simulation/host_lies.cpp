// What an accounting node does that lies, or whose folder is an old copy.
#include <algorithm>

#include "simulation/false_block.h"
#include "simulation/world.h"

namespace intaglio::simulation {

// Besides the block itself, which it shows too.
void Host::lie_to(Replica& other, const chain::Proposal& proposal) {
  if (!world_.plan().has_lying_nodes || world_.calm()) return;
  if (lies_.percent(30)) {
    if (const auto block = falsify(world_, lies_, *application_, proposal)) {
      world_.audit().know_false(block->header);
      world_.audit().know_forked(chain_);
      lie(other, block->message);
    }
  }
  const auto header =
      proof::parse_statement<ledger::BlockHeader>(proposal.signed_header, world_.ledger());
  if (!lies_.percent(30) || has_old_copy()) return;
  // One of a height that is final by now does no harm to anybody.
  if (!twins_.empty() && lies_.one_in(2)) {
    auto [height, twin] = lies_.pick(twins_);
    if (height > application_->tip().height) return;
    world_.count("lie: an old block's twin");
    twin.session = proposal.session;
    return lie(other, twin);
  }
  if (!may_show_twin(other, header->body().hash(world_.ledger()))) return;
  const auto twin = make_twin(lies_, *application_, proposal);
  if (!twin) return;
  world_.count("lie: a block's twin");
  world_.audit().know_forked(chain_);
  const auto& shown = std::get<chain::Proposal>(twin->message);
  twins_.emplace_back(twin->header.height, shown);
  world_.note_twin(chain_, shown.signed_header);
  lie(other, twin->message);
}

// Its answer is nobody's business: the audit hears it.
void Host::lie(Replica& other, const chain::Message& message) {
  world_.send(
      [&other, bytes = chain::encode_message(message)] { other.ask(bytes, [](const Bytes&) {}); });
}

// Nodes that signed different blocks of a height would never agree, and the chain would stand for
// ever: that is what such a liar can do. Here it goes to one that the others need not wait for, or
// to those that have signed for its twin.
bool Host::may_show_twin(const Replica& other, const BlockHash& proposed) const {
  const auto& nodes = world_.replicas(chain_);
  const std::size_t quorum = world_.genesis().nodes.at(chain_.value()).quorum;
  if (quorum < nodes.size() && &other == nodes.front().get()) return true;
  return std::ranges::any_of(accounting_->report(), [&](const chain::NodeReport& each) {
    return each.node == other.key() && each.standing && each.standing->signed_block &&
           each.standing->signed_block->block == proposed;
  });
}

void Host::copy_folder() {
  const bool is_worth_it = world_.plan().has_old_copies && !world_.calm() &&
                           !world_.replicas(chain_).empty() && lies_.one_in(3);
  if (is_worth_it) copy_ = {disk_.copy(), application_->tip().height};
}

// Of a chain without consensus nodes this would take blocks back, and nobody could tell.
void Host::put_old_copy_back() {
  if (!copy_ || has_old_copy() || world_.calm() || !lies_.one_in(2)) return;
  const Height tip = world_.audit().last_block(chain_);
  if (copy_->tip >= tip) return;
  world_.count("an old copy put back");
  world_.audit().know_forked(chain_);
  newest_ = {disk_.copy(), tip};
  disk_.put_back(copy_->image);
  copy_.reset();
  world_.timeline().after(milliseconds(lies_.between(2000, 9000)), [this] { put_newest_back(); });
}

void Host::put_newest_back() {
  if (!has_old_copy()) return;
  const bool runs = application_ != nullptr;
  if (runs) crash();
  disk_.put_back(newest_->image);
  newest_.reset();
}

}  // namespace intaglio::simulation
