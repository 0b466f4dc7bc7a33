#include "proof/light_client.h"

#include "base/format.h"

namespace intaglio::proof {
namespace {

constexpr TrustThreshold kTwoThirds{2, 3};

// More than that part of the whole. 128 bits hold the products of any two powers.
bool is_more_than(const TrustThreshold& part, std::uint64_t power, std::uint64_t whole) {
  using Wide = unsigned __int128;
  return Wide{power} * part.denominator > Wide{whole} * part.numerator;
}

bool is_in_range(const TrustThreshold& threshold) {
  const auto [numerator, denominator] = threshold;
  return denominator > 0 && numerator <= denominator &&
         static_cast<unsigned __int128>(numerator) * 3 >= denominator;
}

std::string place(std::size_t vote) { return format("commit.signatures[{}]", vote); }

// What validators of a set have voted for a block with.
struct Tally {
  std::uint64_t claimed = 0;         // as the votes say, up to where it suffices
  std::uint64_t verified = 0;        // the same of those that are right
  std::optional<std::size_t> wrong;  // the first vote whose signature is not
};

// Counts votes until they have more than that part of the set's power, or all of them. Whoever is
// not in the set does not count; nobody counts twice, since check_parts() found each vote in its
// own validator's place. A vote that is wrong is passed over: CometBFT takes some signatures that
// are refused here (crypto/ed25519.h), and one validator must not undo what the others committed.
// No signature is looked at when the votes would be too few.
Tally tally(const std::string& chain, const CometCommit& commit, const CometValidatorSet& set,
            const TrustThreshold& part) {
  std::vector<std::pair<std::size_t, const CometValidator*>> votes;
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < commit.signatures.size(); ++i) {
    const CometSignature& each = commit.signatures[i];
    if (each.vote != CometVote::commit) continue;
    const auto validator = set.find(each.validator);
    if (!validator) continue;
    votes.emplace_back(i, &set.validators()[*validator]);
    all += votes.back().second->power;
  }
  Tally out{.claimed = all, .verified = 0, .wrong = {}};
  if (!is_more_than(part, all, set.power())) return out;
  for (const auto& [vote, validator] : votes) {
    if (crypto::verify_ed25519(validator->key, commit.sign_bytes(chain, vote),
                               commit.signatures[vote].signature)) {
      out.verified += validator->power;
      if (is_more_than(part, out.verified, set.power())) break;
    } else if (!out.wrong) {
      out.wrong = vote;
    }
  }
  return out;
}

// That the parts belong to each other, before anybody's signature is looked at.
Result<void> check_parts(const CometHeader& header, const CometCommit& commit,
                         const CometValidatorSet& validators) {
  if (commit.height != header.height) return refuse(Verdict::bad_value, "commit.height");
  if (commit.block.hash != header.hash()) return refuse(Verdict::bad_proof, "commit.block_id");
  if (validators.hash() != header.validators) return refuse(Verdict::bad_proof, "validators");
  if (commit.signatures.size() != validators.validators().size()) {
    return refuse(Verdict::bad_value, "commit.signatures");
  }
  for (std::size_t i = 0; i < commit.signatures.size(); ++i) {
    const CometSignature& each = commit.signatures[i];
    if (each.vote != CometVote::absent && each.validator != validators.addresses()[i]) {
      return refuse(Verdict::bad_value, place(i));
    }
  }
  return {};
}

Result<void> verify_two_thirds(const CometHeader& header, const CometCommit& commit,
                               const CometValidatorSet& validators) {
  const Tally tallied = tally(header.chain, commit, validators, kTwoThirds);
  if (is_more_than(kTwoThirds, tallied.verified, validators.power())) return {};
  if (tallied.wrong) return refuse(Verdict::bad_signature, place(*tallied.wrong));
  return refuse(Verdict::not_final, format("{} of {}", tallied.claimed, validators.power()));
}

// Of a header that may be trusted by another.
enum class Direction { later, earlier };

template <typename T>
bool is_in_direction(Direction direction, const T& from, const T& to) {
  return direction == Direction::later ? to > from : to < from;
}

Result<void> check_against(const TrustedHeader& trusted, const CometHeader& header,
                           Direction direction, const LightClientOptions& options,
                           const CometTime& now) {
  if (!is_in_range(options.threshold)) return refuse(Verdict::bad_setting, "trust_threshold");
  if (trusted.time + options.trusting_period <= now) return refuse(Verdict::expired, "trusted");
  TRY(header.check());
  if (header.chain != trusted.chain) return refuse(Verdict::wrong_chain, "header.chain_id");
  if (!is_in_direction(direction, trusted.height, header.height)) {
    return refuse(Verdict::block_gap, "header.height");
  }
  if (!is_in_direction(direction, trusted.time, header.time)) {
    return refuse(Verdict::block_gap, "header.time");
  }
  if (header.time >= now + options.clock_drift) return refuse(Verdict::block_time, "header.time");
  return {};
}

TrustedHeader summary(const CometHeader& header) {
  return {.chain = header.chain,
          .height = header.height,
          .time = header.time,
          .hash = header.hash(),
          .app = header.app,
          .next_validators = header.next_validators};
}

}  // namespace

Result<Verified<TrustedHeader>> trust_header(const CometHeader& header, const Digest& hash) {
  TRY(header.check());
  if (header.hash() != hash) return refuse(Verdict::bad_proof, "header");
  return VerificationPass::grant(summary(header));
}

Verified<TrustedHeader> still_trusted(TrustedHeader header) {
  return VerificationPass::grant(std::move(header));
}

Result<void> verify_commit(const CometHeader& header, const CometCommit& commit,
                           const CometValidatorSet& validators) {
  TRY(check_parts(header, commit, validators));
  return verify_two_thirds(header, commit, validators);
}

namespace {

// That enough of those whom the trusted header calls the next validators have committed it; what is
// missing when not.
Result<std::optional<NotEnoughTrust>> verify_overlap(const TrustedHeader& trusted,
                                                     const LightBlock& block,
                                                     const CometValidatorSet* between,
                                                     const TrustThreshold& threshold) {
  if (between == nullptr) return refuse(Verdict::missing_field, "trusted_validators");
  if (between->hash() != trusted.next_validators) {
    return refuse(Verdict::bad_proof, "trusted_validators");
  }
  const Tally tallied = tally(block.header.chain, block.commit, *between, threshold);
  if (is_more_than(threshold, tallied.verified, between->power())) return std::nullopt;
  if (tallied.wrong) return refuse(Verdict::bad_signature, place(*tallied.wrong));
  return NotEnoughTrust{tallied.claimed, between->power()};
}

}  // namespace

Result<LightClientOutcome> verify_light_block(const Verified<TrustedHeader>& trusted,
                                              const LightBlock& block,
                                              const CometValidatorSet* between,
                                              const LightClientOptions& options,
                                              const CometTime& now) {
  const CometHeader& header = block.header;
  TRY(check_against(*trusted, header, Direction::later, options, now));
  TRY(check_parts(header, block.commit, block.validators));
  if (header.height == trusted->height.next()) {
    if (header.validators != trusted->next_validators) {
      return refuse(Verdict::unproven_signer, "header.validators_hash");
    }
  } else {
    ASSIGN(const auto missing, verify_overlap(*trusted, block, between, options.threshold));
    if (missing) return *missing;
  }
  // Last, since the new set is whatever size its maker likes.
  TRY(verify_two_thirds(header, block.commit, block.validators));
  return VerificationPass::grant(summary(header));
}

Result<LightClientOutcome> verify_earlier_block(const Verified<TrustedHeader>& trusted,
                                                const LightBlock& block,
                                                const CometValidatorSet* between,
                                                const LightClientOptions& options,
                                                const CometTime& now) {
  const CometHeader& header = block.header;
  TRY(check_against(*trusted, header, Direction::earlier, options, now));
  TRY(check_parts(header, block.commit, block.validators));
  ASSIGN(const auto missing, verify_overlap(*trusted, block, between, options.threshold));
  if (missing) return *missing;
  TRY(verify_two_thirds(header, block.commit, block.validators));
  return VerificationPass::grant(summary(header));
}

}  // namespace intaglio::proof
