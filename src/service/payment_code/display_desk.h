// The server's side of the counter displays: binds them to accounts, checks the codes that payers
// scanned, puts their claims on the payee's chain, and tells a display whose code was scanned to
// show another one.
#pragma once

#include <functional>
#include <map>

#include "base/secret.h"
#include "proof/claim.h"
#include "proof/display_security.h"
#include "proof/payment_code.h"
#include "service/certificate/authority.h"

namespace intaglio::service {

// What a display's element is given to be bound (element/payment_code_applet.h).
struct IssuedBinding {
  proof::DisplayBinding binding;
  Bytes statement;  // the binding, signed by this desk's key
  Secret security_key;
};

// What the server can say about a code right now.
struct CodeStanding {
  proof::PaymentCode code;
  KeyHash display;
  Result<void> good;  // whether it could be claimed now, and if not, why
  std::optional<ledger::CodeRow> row;
};

// Any thread. Calls that send to a chain wait for its receipt, so not from a chain's thread.
class DisplayDesk {
 public:
  // `secret` derives the security keys; it must stay the same for as long as the displays do. All
  // references must outlive the desk.
  DisplayDesk(store::RecordStore& records, Authority& authority, Sender& ledger, Secret secret,
              Env& env);

  // The binding of a certified display as its chain has it: `unknown_display`.
  Result<IssuedBinding> binding(const KeyHash& display) const;

  // Binds it to another account on its chain; codes of the old one are refused from then on.
  Result<void> rebind(const KeyHash& display, const AccountId& account);

  // A scan: checks the code, puts the claim on the payee's chain and, once it is there, notifies
  // the display. What it refuses is not in a block; a receipt is final.
  Result<tx::Receipt> claim(const std::string& text, const Bytes& claim);

  // The same checks without a claim.
  Result<CodeStanding> look_at(std::string_view text) const;

  // Calls `listener` for every notification of the display with a counter above `after`, from the
  // thread that made it; at once for the newest one if that is above. Until the handle is dropped.
  using Listener = std::function<void(const proof::RefreshNotification&)>;
  std::shared_ptr<void> subscribe(const KeyHash& display, std::uint64_t after, Listener listener);

 private:
  struct Known {
    KeyHash key;
    Address account;
    std::uint32_t epoch;
  };
  Result<Known> known_display(const KeyHash& display) const;
  Result<void> check_security_data(const proof::PaymentCode& code, const KeyHash& display) const;
  Result<void> notify(const KeyHash& display);

  store::RecordStore& records_;
  Authority& authority_;
  Sender& ledger_;
  const Secret secret_;
  Env& env_;

  struct Subscription {
    KeyHash display;
    Listener listener;
  };
  std::mutex mutex_;  // notifications of all displays, in order
  std::map<std::uint64_t, Subscription> subscriptions_;
  std::uint64_t next_subscription_ = 0;
  // What a handle needs to leave, even when the desk is gone first.
  std::shared_ptr<DisplayDesk*> self_ = std::make_shared<DisplayDesk*>(this);
};

}  // namespace intaglio::service
