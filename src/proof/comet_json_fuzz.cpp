#include "base/check.h"
#include "proof/comet_json.h"

using namespace intaglio;

// What is read can be written to the wire and read from it as the same; a time is the same after it
// was written as a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = codec::parse_json(as_text(ByteView(data, size)));
  if (!json) return 0;
  const auto member = [&](std::string_view name) {
    const auto* found = json->find(name);
    return found == nullptr ? codec::Json() : *found;
  };
  const auto header = proof::comet_header_from_json(member("header"));
  const auto commit = proof::comet_commit_from_json(member("commit"));
  const auto validators = proof::comet_validators_from_json(member("validators"));
  if (const auto votes = proof::double_votes_from_json(*json)) {
    for (const auto& each : *votes) CHECK(proof::decode_comet_vote(each.first).has_value());
  }
  if (!header) return 0;
  const auto time = proof::comet_time_from_text(proof::comet_time_text(header->time));
  CHECK(time && *time == header->time);
  if (!commit || !validators) return 0;
  const proof::LightBlock block{*header, *commit, *validators};
  const auto read = proof::decode_light_block(proof::encode_light_block(block));
  CHECK(!read || *read == block);
  return 0;
}
