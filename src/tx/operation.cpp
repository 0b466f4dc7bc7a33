#include "tx/operation.h"

#include "codec/tagged.h"

namespace intaglio::tx {

std::string_view name_of(const Operation& operation) { return codec::name_of_tagged(operation); }

bool is_on_each_chain(const Operation& operation) {
  return std::visit([]<typename T>(const T&) { return requires { T::kOnEachChain; }; }, operation);
}

}  // namespace intaglio::tx

namespace intaglio::codec {

void FieldType<tx::Operation>::write(CborWriter& out, const tx::Operation& operation) {
  write_tagged(out, operation);
}

Result<tx::Operation> FieldType<tx::Operation>::read(CborReader& in) {
  return read_tagged<tx::Operation>(in);
}

Json FieldType<tx::Operation>::to_json(const tx::Operation& operation) {
  return tagged_to_json(operation);
}

Result<tx::Operation> FieldType<tx::Operation>::from_json(const Json& json) {
  return tagged_from_json<tx::Operation>(json);
}

}  // namespace intaglio::codec
