// CometBFT's blocks as far as votes prove something with them: asked of the node of CometBFT beside
// us, which forgets. So those that lead over a change of its validators are kept beside the chain
// (ChainStore::note), for as long as the chain is: with the genesis and these, whoever trusts the
// first validators can be shown the last ones.
#pragma once

#include <map>
#include <mutex>

#include "proof/comet_finality.h"
#include "store/chain_store.h"

namespace intaglio::chain {

using proof::LightBlockAt;

// Any thread.
class LightBlocks {
 public:
  // The store must outlive it. `comet_chain` is CometBFT's id of its chain.
  LightBlocks(store::ChainStore& store, std::string comet_chain)
      : store_(store), comet_chain_(std::move(comet_chain)) {}

  // Where they come from; before anything is asked.
  void come_from(LightBlockAt source) { source_ = std::move(source); }

  // One that is kept, was asked for lately, or that CometBFT has: what the source refuses,
  // `unreachable` at "CometBFT" without one.
  Result<proof::LightBlock> at(Height height) const;

  // The heights of those that are kept, ascending.
  std::vector<Height> kept() const { return heights(kKept); }
  // Of those that are to be kept and are not yet. CometBFT must not forget them.
  std::vector<Height> wanted() const { return heights(kWanted); }

  // Notes for the block that changed who votes, to become durable with it: wanted are the last
  // header that those before commit, which announces the new ones, and the first of these.
  static std::vector<store::Note> wanted_after(Height changed);
  // Asks for those that are wanted and proven by CometBFT's next block, `tip` being the last one
  // here. What it does not have (any more) is wanted no longer. The first refusal of the source, or
  // what proof::verify_commit refuses.
  Result<void> fetch(Height tip);
  // One whose header is trusted, for good.
  void keep(const proof::LightBlock& block);

 private:
  static constexpr std::string_view kKept = "light-block/";
  static constexpr std::string_view kWanted = "light-block-wanted/";
  static constexpr std::size_t kRemembered = 64;

  std::vector<Height> heights(std::string_view prefix) const;
  Result<proof::LightBlock> ask(Height height) const;

  store::ChainStore& store_;
  const std::string comet_chain_;
  LightBlockAt source_;
  mutable std::mutex mutex_;
  mutable std::map<Height, proof::LightBlock> remembered_;  // asked for lately
};

// A note of a height: the names of one prefix are in the order of their heights.
std::string note_of(std::string_view prefix, Height height);
Height height_of_note(std::string_view name);

}  // namespace intaglio::chain
