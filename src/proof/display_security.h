// What a counter display's element and its server both compute: the security key of a binding, the
// notification that a code was scanned, and the value that makes every code new. Pure functions;
// any thread.
//
//   server secret --account, display, epoch--> security key --step, counter--> security value
//                                                           --counter--------> notification's MAC
//
// Every MAC is HMAC-SHA256 over a purpose that ends in a zero byte, then big-endian numbers.
#pragma once

#include "base/secret.h"
#include "codec/record.h"

namespace intaglio::proof {

inline constexpr std::size_t kSecurityKeySize = 32;

// Which of its accounts' displays: a security key is another for each of these.
struct DisplayEpoch {
  Address account;          // the payee of its codes
  KeyHash display;          // of the display's key
  std::uint32_t epoch = 0;  // grows with every binding of this display
};

// What the server derives from the account and gives to the display's element, 32 bytes.
Secret derive_security_key(const Secret& server_secret, const DisplayEpoch& bound);

// What stands for a security key in public.
Digest security_key_check(const Secret& security_key);

// The server's word that a display shows codes for an account from now on. The payload of a
// statement (proof/statement.h) signed by the server's key; the security key itself travels beside
// it and is none of its content, so the statement may be kept and shown.
struct DisplayBinding {
  KeyHash display;
  Address account;
  std::uint32_t epoch = 0;
  Digest security_key;  // its security_key_check
  Duration code_step;   // length of a time step, as on the account's chain
  std::string guid;     // of our templates, as on the account's chain
  bool operator==(const DisplayBinding&) const = default;

  static constexpr std::string_view kPurpose = "display-binding";
  static constexpr std::size_t kMaxBytes = 1024;
  static constexpr std::size_t kMaxGuid = 32;  // EMVCo MPM 1.1, table 4.9
  static constexpr auto fields() {
    using T = DisplayBinding;
    return std::tuple(
        codec::field(1, "display", &T::display, "hash of the display's key"),
        codec::field(2, "account", &T::account, "the payee of its codes"),
        codec::field(3, "epoch", &T::epoch, "grows with every binding of this display"),
        codec::field(4, "security_key", &T::security_key, "stands for the security key"),
        codec::field(5, "code_step", &T::code_step, "ms of a payment code's time step"),
        codec::field(6, "guid", &T::guid, "names our templates in a payment code"));
  }
  // Refuses what check() refuses.
  static Result<DisplayBinding> decode(ByteView payload);
  Bytes encode() const { return codec::encode_record(*this); }

  // `bad_value` for a step of no length or a GUID that fits no template.
  Result<void> check() const;
};

// "A code of yours was scanned: show another one." From the server to the display's element.
struct RefreshNotification {
  using Mac = FixedBytes<struct NotificationMacTag, 16>;
  std::uint64_t counter = 0;  // above every earlier one of this display
  Mac mac;                    // under the security key, its first 16 bytes
  bool operator==(const RefreshNotification&) const = default;
  static constexpr auto fields() {
    using T = RefreshNotification;
    return std::tuple(
        codec::field(1, "counter", &T::counter, "above every earlier one of this display"),
        codec::field(2, "mac", &T::mac, "16 bytes of the MAC under the security key"));
  }
};

RefreshNotification make_notification(const Secret& security_key, std::uint64_t counter);
bool is_authentic(const RefreshNotification& notification, const Secret& security_key);

// The first 8 bytes of the MAC.
using SecurityValue = FixedBytes<struct SecurityValueTag, 8>;
SecurityValue security_value(const Secret& security_key, TimeStep step, std::uint32_t counter);

// What the element releases to the display's processor, for one code.
struct SecurityData {
  Address account;
  TimeStep step;
  std::uint32_t counter = 0;  // grows with every release of this display
  SecurityValue value;
  bool operator==(const SecurityData&) const = default;
};

}  // namespace intaglio::proof
