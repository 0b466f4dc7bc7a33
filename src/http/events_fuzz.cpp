// A client reads the event stream of a server it may not know.
#include <vector>

#include "base/check.h"
#include "http/events.h"

namespace {

std::vector<intaglio::http::Event> read_all(intaglio::ByteView input, std::size_t step) {
  intaglio::http::EventReader reader(4096);
  std::vector<intaglio::http::Event> out;
  intaglio::http::Event event;
  while (!input.empty()) {
    const auto piece = input.first(std::min(step, input.size()));
    input = input.subspan(piece.size());
    const bool on = reader.push(piece).has_value();
    while (reader.next(event)) out.push_back(event);
    if (!on) break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intaglio;
  const auto whole = read_all({data, size}, size + 1);
  // Where the pieces end changes nothing.
  CHECK(read_all({data, size}, 1) == whole);
  CHECK(read_all({data, size}, 3) == whole);
  // What was read is read again from what we write.
  std::string text;
  for (const auto& event : whole) text += http::to_text(event);
  const auto again = read_all(as_bytes(text), text.size() + 1);
  CHECK(again.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(again[i].data == whole[i].data && again[i].name == whole[i].name);
  }
  return 0;
}
