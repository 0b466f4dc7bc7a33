// From the generated messages to the plain ones of abci/messages.h and back, field by field. For
// abci/requests.cpp and abci/answers.cpp alone.
#pragma once

#include "base/check.h"
#include "base/format.h"
#include "chain/abci/messages.h"

namespace intaglio::chain::abci {

inline ByteView view_of(const std::string& bytes) { return as_bytes(bytes); }
inline Bytes bytes_of(const std::string& bytes) { return to_bytes(as_bytes(bytes)); }
inline std::string string_of(ByteView bytes) { return std::string(as_text(bytes)); }

// The repeated field `to` of strings.
void put_all(auto& to, const std::vector<Bytes>& from) {
  to.Reserve(static_cast<int>(from.size()));
  for (const Bytes& each : from) to.Add(string_of(each));
}
std::vector<Bytes> take_all(const auto& from) {
  std::vector<Bytes> out;
  out.reserve(static_cast<std::size_t>(from.size()));
  for (const auto& each : from) out.push_back(bytes_of(each));
  return out;
}

void put_time(auto& to, const CometTime& time) {
  to.set_seconds(time.seconds);
  to.set_nanos(static_cast<std::int32_t>(time.nanos));
}
Result<CometTime> take_time(const auto& from) {
  const CometTime out{from.seconds(), static_cast<std::uint32_t>(from.nanos())};
  if (!proof::is_comet_time(out)) return refuse(Verdict::bad_value, "time");
  return out;
}

void put_validators(auto& to, const std::vector<ValidatorUpdate>& from) {
  for (const ValidatorUpdate& each : from) {
    auto& update = *to.Add();
    update.mutable_pub_key()->set_ed25519(string_of(each.key.view()));
    update.set_power(each.power);
  }
}
Result<std::vector<ValidatorUpdate>> take_validators(const auto& from) {
  std::vector<ValidatorUpdate> out;
  for (const auto& each : from) {
    if (!each.pub_key().has_ed25519()) return refuse(Verdict::bad_algorithm, "validators.pub_key");
    const auto key = crypto::Ed25519Key::from(view_of(each.pub_key().ed25519()));
    if (!key) return refuse(Verdict::bad_value, "validators.pub_key");
    out.push_back({*key, each.power()});
  }
  return out;
}

void put_snapshot(auto& to, const Snapshot& from) {
  to.set_height(from.height);
  to.set_format(from.format);
  to.set_chunks(from.chunks);
  to.set_hash(string_of(from.hash));
  to.set_metadata(string_of(from.metadata));
}
Snapshot take_snapshot(const auto& from) {
  return {from.height(), from.format(), from.chunks(), bytes_of(from.hash()),
          bytes_of(from.metadata())};
}

// One of an enumeration from 1 to `last`.
template <typename Enum>
Result<Enum> take_enum(std::int32_t number, Enum last, std::string_view name) {
  if (number < 1 || number > static_cast<std::int32_t>(last)) {
    return refuse(Verdict::bad_value, std::string(name));
  }
  return static_cast<Enum>(number);
}
template <typename Enum>
std::int32_t number_of(Enum value) {
  return static_cast<std::int32_t>(value);
}

template <typename Message>
Result<Message> parse(ByteView bytes) {
  Message out;
  if (bytes.size() > INT32_MAX) return refuse(Verdict::too_large);
  if (!out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return refuse(Verdict::bad_encoding);
  }
  return out;
}
Bytes serialize(const auto& message) {
  Bytes out(message.ByteSizeLong());
  CHECK(out.size() <= INT32_MAX);
  CHECK(message.SerializeToArray(out.data(), static_cast<int>(out.size())));
  return out;
}

}  // namespace intaglio::chain::abci
