#include "pki/capabilities.h"

namespace intaglio::pki {

Result<void> check(const Capabilities& capabilities) {
  const auto& functions = capabilities.functions;
  for (std::size_t i = 1; i < functions.size(); ++i) {
    if (functions[i - 1] >= functions[i]) {
      return refuse(Verdict::bad_value, "functions[" + std::to_string(i) + ']');
    }
  }
  const auto& ceilings = capabilities.ceilings;
  for (std::size_t i = 1; i < ceilings.size(); ++i) {
    if (ceilings[i - 1].asset >= ceilings[i].asset) {
      return refuse(Verdict::bad_value, "ceilings[" + std::to_string(i) + ']');
    }
  }
  return {};
}

Bytes encode_capabilities(const Capabilities& capabilities) {
  return codec::encode_record(capabilities);
}

Result<Capabilities> decode_capabilities(ByteView bytes) {
  ASSIGN(auto capabilities, codec::decode_record<Capabilities>(bytes));
  TRY(check(capabilities));
  return capabilities;
}

bool allows(const Capabilities& capabilities, Function function) {
  return std::ranges::find(capabilities.functions, function) != capabilities.functions.end();
}

bool allows(const Capabilities& capabilities, Function function, const Money& money) {
  if (!allows(capabilities, function)) return false;
  for (const Ceiling& ceiling : capabilities.ceilings) {
    if (ceiling.asset == money.asset) return money.amount <= ceiling.largest;
  }
  return false;
}

}  // namespace intaglio::pki
