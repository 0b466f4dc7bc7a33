// For tests of what is said of an element: a key that says of itself that more than software guards
// it. It does not.
#pragma once

#include "element/soft_element.h"

namespace intaglio::element {

class GenuineForTest final : public SecureElement {
 public:
  const std::string& uri() const override { return key_->uri(); }
  const crypto::PublicKey& public_key() const override { return key_->public_key(); }
  Result<crypto::Signature> sign(ByteView message) override { return key_->sign(message); }
  bool simulated() const override { return false; }

 private:
  const std::unique_ptr<SecureElement> key_ = make_passing_key();
};

}  // namespace intaglio::element
