#include "base/check.h"
#include "codec/address.h"
#include "codec/bech32m.h"

using namespace intaglio;

// One value has one text. The second half makes texts whose check characters are right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(ByteView(data, size));
  if (const auto parts = codec::from_bech32m(text)) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    CHECK(codec::to_bech32m(parts->prefix, parts->groups) == lower);
    if (const auto bytes = codec::from_groups(parts->groups)) {
      CHECK(codec::to_groups(*bytes) == parts->groups);
    }
  }
  if (const auto address = codec::address_from_text(text)) CHECK(codec::to_text(*address) == text);

  Bytes groups;
  for (const std::uint8_t byte : ByteView(data, std::min<std::size_t>(size, 80))) {
    groups.push_back(byte & 31);
  }
  const auto made = codec::to_bech32m("itg", groups);
  CHECK(codec::from_bech32m(made)->groups == groups);
  if (const auto address = codec::address_from_text(made)) CHECK(codec::to_text(*address) == made);
  return 0;
}
