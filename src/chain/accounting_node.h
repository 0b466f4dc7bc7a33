// The accounting node of one chain, as far as it makes blocks and has them signed: it executes a
// block, shows it to the chain's consensus nodes, and makes it durable once a quorum of them has
// signed. Before anybody sees a block it is on disk, so that no second one is ever made where
// somebody may have signed. On a chain without consensus nodes a block is final at once. Without a
// thread and without a clock; who runs it is chain/sequencer.h.
#pragma once

#include <map>
#include <set>

#include "chain/application.h"
#include "chain/mempool.h"
#include "chain/messages.h"

namespace intaglio::chain {

struct Clocks {
  SteadyTime steady;
  Millis wall;
};

// What is known of another node of a chain.
struct NodeReport {
  KeyHash node;
  bool answers = false;              // what it was asked last; as a validator: it voted last
  bool needs_snapshot = false;       // the blocks that it lacks were forgotten here
  std::optional<Standing> standing;  // its last
};

// Not for several threads at once.
class AccountingNode {
 public:
  // The application must outlive it. What was proposed and not final when it was last stopped is
  // proposed again. `others` are all that may be asked; those that are no consensus nodes of the
  // chain are only told what is final.
  AccountingNode(Application& application, std::span<const KeyHash> others);

  // Whether a block is proposed and not final.
  bool is_open() const { return open_.has_value(); }
  // Whether propose() may be called: no block is open, this node is the one that signs for the
  // chain, and none of the others has blocks that it does not have, as after an old copy of its
  // folder was put back.
  bool may_propose() const;
  // Makes the next block of these transactions.
  void propose(Batch batch, Millis now);

  // The block that became final, which is durable when this returns, and who waits for it.
  struct Committed {
    Finalized block;
    Batch batch;
  };
  std::optional<Committed> commit();

  // Forgets a few old blocks (Application::prune), none that a node lacks which answers.
  void prune();

  // Who waits for the open block, which stays proposed: they wait no longer.
  std::vector<Done> leave();

  // What to ask a node now; nothing when it is being asked, when there is nothing to ask, or when
  // it is not time to ask again. answered() or failed() has to follow.
  std::optional<Message> next_for(const KeyHash& node, const Clocks& now);
  void answered(const KeyHash& node, const Standing& standing, const Clocks& now);
  void failed(const KeyHash& node, const Clocks& now);
  // How long until next_for() may have more, if nothing else happens; nothing when it has not.
  std::optional<std::chrono::nanoseconds> due_in(SteadyTime now) const;

  std::vector<NodeReport> report() const;

 private:
  // A block that was proposed and is not final.
  struct Open {
    Finalized block;
    Bytes signed_header;
    Batch batch;
    std::set<KeyHash> asked;                       // who may have seen it; on disk before they do
    std::vector<proof::Cosignature> cosignatures;  // ascending by node
    std::uint64_t session = 0;                     // the last that it was proposed in
  };
  struct Other {
    bool under_way = false;  // it is being asked
    bool answers = false;
    bool is_greeted = false;  // in this session
    std::optional<Standing> standing;
    SteadyTime not_before;
  };

  void resume();
  void begin_session(std::uint64_t session);
  void keep_proposal() const;
  std::optional<Message> message_for(const KeyHash& node, const Other& other, Millis now);
  std::optional<Message> proposal_for(const KeyHash& node, Millis now);
  FinalBlock final_block(const Standing& standing) const;
  bool lacks_forgotten(const Standing& standing) const;
  void add_cosignature(const KeyHash& node, const Standing& standing);
  bool is_stale(Millis now) const;
  // Gives up a block that is too old for anybody to sign, once it is certain that nobody has.
  void withdraw_if_unsigned(Millis now);

  Application& application_;
  std::map<KeyHash, Other> others_;
  std::uint64_t session_ = 0;
  std::optional<Open> open_;
};

}  // namespace intaglio::chain
