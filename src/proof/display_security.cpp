#include "proof/display_security.h"

#include "base/check.h"
#include "crypto/sha256.h"

namespace intaglio::proof {
namespace {

// The purposes include their zero byte.
constexpr std::string_view kKeyPurpose{"INTAGLIO-SECKEY1\0", 17};
constexpr std::string_view kCheckPurpose{"INTAGLIO-KEYCHECK1\0", 19};
constexpr std::string_view kNotificationPurpose{"INTAGLIO-REFRESH1\0", 18};
constexpr std::string_view kValuePurpose{"INTAGLIO-SECVALUE1\0", 19};

template <typename Int>
void append_number(Bytes& to, Int value) {
  for (std::size_t i = sizeof(Int); i-- > 0;) {
    to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  }
}

Digest mac_of(const Secret& key, ByteView message) {
  CHECK(key.size() == kSecurityKeySize);
  return crypto::hmac_sha256(key.reveal(), message);
}

}  // namespace

Secret derive_security_key(const Secret& server_secret, const DisplayEpoch& bound) {
  CHECK(server_secret.size() >= kSecurityKeySize);
  Bytes message = to_bytes(as_bytes(kKeyPurpose));
  append_number(message, bound.account.chain.value());
  append(message, bound.account.account.view());
  append(message, bound.display.view());
  append_number(message, bound.epoch);
  Digest derived = crypto::hmac_sha256(server_secret.reveal(), message);
  Secret key(to_bytes(derived.view()));
  wipe(derived.writable().data(), Digest::kSize);
  return key;
}

Digest security_key_check(const Secret& security_key) {
  return mac_of(security_key, as_bytes(kCheckPurpose));
}

Result<DisplayBinding> DisplayBinding::decode(ByteView payload) {
  ASSIGN(auto binding, codec::decode_record<DisplayBinding>(payload, {.bytes = kMaxBytes}));
  TRY(binding.check());
  return binding;
}

Result<void> DisplayBinding::check() const {
  if (code_step == Duration()) return refuse(Verdict::bad_value, "code_step");
  if (guid.empty() || guid.size() > kMaxGuid) return refuse(Verdict::bad_value, "guid");
  return {};
}

RefreshNotification make_notification(const Secret& security_key, std::uint64_t counter) {
  Bytes message = to_bytes(as_bytes(kNotificationPurpose));
  append_number(message, counter);
  return {counter, RefreshNotification::Mac::prefix_of(mac_of(security_key, message))};
}

bool is_authentic(const RefreshNotification& notification, const Secret& security_key) {
  const auto expected = make_notification(security_key, notification.counter);
  return crypto::equal_constant_time(expected.mac.view(), notification.mac.view());
}

SecurityValue security_value(const Secret& security_key, TimeStep step, std::uint32_t counter) {
  Bytes message = to_bytes(as_bytes(kValuePurpose));
  append_number(message, step.value());
  append_number(message, counter);
  return SecurityValue::prefix_of(mac_of(security_key, message));
}

}  // namespace intaglio::proof
