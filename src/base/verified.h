// A thing that somebody checked. `Verified<T>` differs in type from the T that came off the wire,
// so that nothing behind the edge can be handed what nobody checked (docs/decisions/0002).
#pragma once

#include <utility>

namespace intaglio {

// The right to make a Verified<T>. tools/tidy refuses the name outside `pki` and `proof`.
class VerificationPass;

// Immutable; copies of it are as verified as the first.
template <typename T>
class Verified {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  friend class VerificationPass;
  explicit Verified(T value) : value_(std::move(value)) {}
  T value_;
};

class VerificationPass {
 public:
  template <typename T>
  static Verified<T> grant(T value) {
    return Verified<T>(std::move(value));
  }
};

}  // namespace intaglio
