#include "base/growing.h"

#include <thread>

#include <gtest/gtest.h>

namespace intaglio {
namespace {

TEST(Growing, IsReadWhileItGrows) {
  constexpr std::size_t kMost = 2000;
  Growing<std::size_t> squares;
  EXPECT_EQ(squares.size(), 0U);
  std::thread reader([&] {
    for (std::size_t seen = 0; seen < kMost; seen = squares.size()) {
      for (std::size_t i = 0; i < seen; ++i) ASSERT_EQ(squares[i], i * i);
    }
  });
  const std::size_t* const first = &squares.add(0);
  for (std::size_t i = 1; i < kMost; ++i) squares.add(i * i);
  reader.join();
  EXPECT_EQ(&squares[0], first);
}

TEST(GrowingDeathTest, HoldsNoMoreThanItCan) {
  Growing<char> list;
  for (std::size_t i = 0; i < Growing<char>::kMost; ++i) list.add('a');
  EXPECT_EQ(list[Growing<char>::kMost - 1], 'a');
  EXPECT_DEATH(list.add('b'), "count < kMost");
}

}  // namespace
}  // namespace intaglio
