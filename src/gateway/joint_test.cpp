#include "gateway/joint.h"

#include <gtest/gtest.h>

namespace intaglio::gateway {
namespace {

tx::Receipt receipt(std::uint16_t chain, Verdict verdict = Verdict::accepted) {
  tx::Receipt out;
  out.chain = ChainId(chain);
  out.verdict = static_cast<std::uint16_t>(verdict);
  return out;
}

TEST(Joint, ARefusalDecidesThenWhatIsNotKnownThenTheFirst) {
  const Result<tx::Receipt> busy = refuse(Verdict::busy);
  const auto answer = [](std::vector<Result<tx::Receipt>> all) { return joint_answer(all); };
  EXPECT_EQ(answer({receipt(1), receipt(2)})->chain, ChainId(1));
  EXPECT_EQ(answer({receipt(1), receipt(2, Verdict::insufficient_funds)})->chain, ChainId(2));
  EXPECT_EQ(answer({receipt(1), busy}).error().verdict, Verdict::busy);
  EXPECT_EQ(answer({busy, receipt(2, Verdict::expired)})->chain, ChainId(2));
}

TEST(Joint, IsGivenOnceByTheLastChain) {
  int called = 0;
  const auto done = joint(2, [&](const Result<tx::Receipt>& answer) {
    ++called;
    EXPECT_EQ(answer->chain, ChainId(1));
  });
  done[1](receipt(2));
  EXPECT_EQ(called, 0);
  done[0](receipt(1));
  EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace intaglio::gateway
