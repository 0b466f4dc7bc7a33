// A chain of CometBFT for tests: validators with seeds for names, and blocks that they commit. What
// is wrong with a block is made wrong before it is signed.
#pragma once

#include <map>

#include "base/check.h"
#include "base/result_for_test.h"
#include "crypto/ed25519_for_test.h"
#include "proof/comet_wire.h"

namespace intaglio::proof {

class CometForTest {
 public:
  // Validators by name, each with its power.
  using Powers = std::vector<std::pair<std::string, std::uint64_t>>;

  static crypto::Ed25519ForTest key(const std::string& name) {
    return crypto::Ed25519ForTest::of(name);
  }
  static CometAddress address(const std::string& name) { return comet_address(key(name).key()); }
  static CometValidatorSet set(const Powers& powers) {
    std::vector<CometValidator> validators;
    for (const auto& [name, power] : powers) validators.push_back({key(name).key(), power});
    return must(CometValidatorSet::of(std::move(validators)));
  }

  // Ten seconds a height.
  static CometTime time(std::uint64_t height) {
    return comet_time(Millis(1'800'000'000'000 + height * 10'000));
  }
  static CometHeader header(std::uint64_t height, const Powers& validators, const Powers& next) {
    CometHeader out;
    out.chain = "comet-test";
    out.height = Height(height);
    out.time = time(height);
    out.last_block = {crypto::sha256(as_bytes("last")), 1, crypto::sha256(as_bytes("parts"))};
    out.validators = set(validators).hash();
    out.next_validators = set(next).hash();
    out.app = Bytes(32, static_cast<std::uint8_t>(height));
    out.proposer = address(validators.front().first);
    return out;
  }

  // The block that all of them commit, but for those with another vote.
  using Votes = std::map<std::string, CometVote>;
  static LightBlock commit(const CometHeader& header, const Powers& validators,
                           const Votes& votes = {}) {
    LightBlock out{.header = header,
                   .commit = {.height = header.height,
                              .round = 1,
                              .block = {header.hash(), 1, crypto::sha256(as_bytes("parts"))},
                              .signatures = {}},
                   .validators = set(validators)};
    for (const auto& [name, power] : validators) {
      CometSignature vote;
      vote.vote = votes.contains(name) ? votes.at(name) : CometVote::commit;
      if (vote.vote != CometVote::absent) {
        vote.validator = address(name);
        vote.time = header.time;
      }
      out.commit.signatures.push_back(vote);
    }
    sign(out, validators);
    return out;
  }
  // Signs anew, after something in it was changed.
  static void sign(LightBlock& block, const Powers& validators) {
    for (std::size_t i = 0; i < validators.size(); ++i) {
      CometSignature& vote = block.commit.signatures.at(i);
      if (vote.vote == CometVote::absent) continue;
      vote.signature =
          key(validators[i].first).sign(block.commit.sign_bytes(block.header.chain, i));
    }
  }
};

}  // namespace intaglio::proof
