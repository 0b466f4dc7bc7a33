// Two blocks of one height, both signed by the accounting node of their chain, which never does
// that unless it lies or was given an old copy of its folder. Whoever has its key can check it.
#pragma once

#include "proof/finality.h"

namespace intaglio::proof {

struct Fork {
  Bytes first;  // signed headers
  Bytes second;
  bool operator==(const Fork&) const = default;

  static constexpr auto fields() {
    return std::tuple(codec::field(1, "first", &Fork::first, "a signed header"),
                      codec::field(2, "second", &Fork::second, "another of the same height"));
  }
};

template <ChainHeader Header>
struct ForkedHeaders {
  Header first;
  Header second;
};

// `bad_proof` when they are one block's, or of two heights or chains; else what parse_statement and
// verify_statement refuse, at "first" or "second".
template <ChainHeader Header>
Result<Verified<ForkedHeaders<Header>>> verify_fork(const Fork& fork,
                                                    const crypto::Verifier& accounting,
                                                    const LedgerId& ledger) {
  const auto verify = [&](ByteView bytes) -> Result<Header> {
    ASSIGN(auto parsed, parse_statement<Header>(bytes, ledger, kMaxSignedHeader));
    ASSIGN(const auto verified, verify_statement(std::move(parsed), accounting));
    return verified->body;
  };
  const auto first = verify(fork.first);
  if (!first) return refuse_within("first", first.error());
  const auto second = verify(fork.second);
  if (!second) return refuse_within("second", second.error());
  if (first->chain != second->chain || first->height != second->height ||
      first->hash(ledger) == second->hash(ledger)) {
    return refuse(Verdict::bad_proof);
  }
  return VerificationPass::grant(ForkedHeaders<Header>{*first, *second});
}

}  // namespace intaglio::proof
