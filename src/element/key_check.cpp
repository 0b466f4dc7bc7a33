#include "element/key_check.h"

#include "crypto/sha256.h"

namespace intaglio::element {

Result<void> check_key(SecureElement& element) {
  constexpr std::string_view kText{"INTAGLIO-KEY-CHECK1\0", 20};
  ASSIGN(const auto signature, element.sign(as_bytes(kText)));
  const crypto::Verifier verifier(element.public_key());
  if (!verifier.verify(crypto::sha256(as_bytes(kText)), signature)) {
    return refuse(Verdict::element_unfit, "its public key is not its private key's");
  }
  return {};
}

}  // namespace intaglio::element
