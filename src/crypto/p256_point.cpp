#include "crypto/p256_point.h"

#include <algorithm>
#include <array>

namespace intaglio::crypto {
namespace {

// Every row with a key is judged anew when it is read, so this is arithmetic on whole words: with
// numbers of any size from a library it takes ten times as long.
using Word = std::uint64_t;
__extension__ using TwoWords = unsigned __int128;
using Number = std::array<Word, 4>;  // below 2^256, least significant word first

constexpr Word low(TwoWords value) { return static_cast<Word>(value); }
constexpr Word high(TwoWords value) { return static_cast<Word>(value >> 64); }

constexpr Number kPrime = {0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
constexpr Number kB = {0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc,
                       0x5ac635d8aa3a93e7};

constexpr bool less(const Number& a, const Number& b) {
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

// A number of five words, less the prime unless it is below it already.
constexpr Number reduced(const Number& number, Word above) {
  if (above == 0 && less(number, kPrime)) return number;
  Number out{};
  Word borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const TwoWords difference = TwoWords{number[i]} - kPrime[i] - borrow;
    out[i] = low(difference);
    borrow = high(difference) & 1;
  }
  return out;
}

// The arithmetic of the field: all numbers below the prime, before and after.
constexpr Number add(const Number& a, const Number& b) {
  Number sum{};
  Word carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const TwoWords word = TwoWords{a[i]} + b[i] + carry;
    sum[i] = low(word);
    carry = high(word);
  }
  return reduced(sum, carry);
}

// Montgomery's product, a b / 2^256. As the prime is -1 modulo 2^64, the multiple of it that clears
// the lowest word is that word itself.
constexpr Number multiply(const Number& a, const Number& b) {
  std::array<Word, 6> sum{};
  for (const Word factor : b) {
    Word carry = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const TwoWords word = TwoWords{a[i]} * factor + sum[i] + carry;
      sum[i] = low(word);
      carry = high(word);
    }
    const TwoWords top = TwoWords{sum[4]} + carry;
    sum[4] = low(top);
    sum[5] = high(top);

    const Word multiple = sum[0];
    carry = high(TwoWords{multiple} * kPrime[0] + sum[0]);
    for (std::size_t i = 1; i < a.size(); ++i) {
      const TwoWords word = TwoWords{multiple} * kPrime[i] + sum[i] + carry;
      sum[i - 1] = low(word);
      carry = high(word);
    }
    const TwoWords last = TwoWords{sum[4]} + carry;
    sum[3] = low(last);
    sum[4] = sum[5] + high(last);
  }
  return reduced({sum[0], sum[1], sum[2], sum[3]}, sum[4]);
}

// 2^512, with which multiply() takes a number into Montgomery's form: times 2^256.
constexpr Number kIntoForm = [] {
  Number power = {1, 0, 0, 0};
  for (int i = 0; i < 512; ++i) power = add(power, power);
  return power;
}();
constexpr Number kBInForm = multiply(kB, kIntoForm);
constexpr Number kMinusThreeInForm =
    multiply({kPrime[0] - 3, kPrime[1], kPrime[2], kPrime[3]}, kIntoForm);

Number number_from(Coordinate bytes) {
  Number out{};
  for (std::size_t i = 0; i < kCoordinate; ++i) {
    Word& word = out[(kCoordinate - 1 - i) / sizeof(Word)];
    word = word << 8 | bytes[i];
  }
  return out;
}

}  // namespace

bool is_p256_point(Coordinate x_bytes, Coordinate y_bytes) {
  const Number x_plain = number_from(x_bytes);
  const Number y_plain = number_from(y_bytes);
  if (!less(x_plain, kPrime) || !less(y_plain, kPrime)) return false;
  const Number x = multiply(x_plain, kIntoForm);
  const Number y = multiply(y_plain, kIntoForm);
  // The right side as (x^2 - 3) x + b.
  const Number right = add(multiply(add(multiply(x, x), kMinusThreeInForm), x), kBInForm);
  return multiply(y, y) == right;
}

}  // namespace intaglio::crypto
