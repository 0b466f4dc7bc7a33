// The processor of a counter display: decides when a code is due, makes its code information
// outside the element, has it signed inside, and says what the screen shows. It holds no key, and
// what it may have signed is the element's to say (element/payment_code_applet.h). No terminal and
// no network in here: whoever runs it brings notifications and asks again when the time has come.
#pragma once

#include "element/payment_code_applet.h"
#include "proof/payment_code.h"
#include "symbol/symbol.h"

namespace intaglio::service {

// What a display's codes say of its shop; forms and lengths as in proof::PaymentCode.
struct Merchant {
  std::string name;
  std::string city;
  std::string category = "5999";  // merchant category code (ISO 18245): miscellaneous shops
  std::string country;
  AssetId currency;
  std::optional<std::string> terminal;
  bool operator==(const Merchant&) const = default;
  static constexpr auto fields() {
    using T = Merchant;
    return std::tuple(
        codec::field(1, "name", &T::name, "at most 25 characters"),
        codec::field(2, "city", &T::city, "at most 15 characters"),
        codec::field(3, "category", &T::category, "merchant category code, four digits"),
        codec::field(4, "country", &T::country, "two letters"),
        codec::field(5, "currency", &T::currency, "the asset's number, ISO 4217"),
        codec::field(6, "terminal", &T::terminal, "at most 25 characters"));
  }
};

// What is to be paid now. Empty: the payer chooses.
struct Bill {
  std::optional<std::string> amount;     // "12.50"
  std::optional<std::string> reference;  // at most 25 characters
};

// Why the screen changed.
enum class CodeReason : std::uint8_t {
  first,    // nothing was shown before
  step,     // a new time step began
  scanned,  // the server said that the code was scanned
};

struct ShownCode {
  std::string text;
  symbol::Symbol symbol;
  proof::SecurityData data;  // step and counter of the code
  CodeReason reason;
};

struct DisplayOptions {
  // Without a word from the server for so long the screen goes dark: whoever stole or cut off the
  // display gets no more codes to show from its processor.
  Duration offline_limit = seconds(600);
};

// One thread. The applet and the Env must outlive it; the Env's clock is the processor's.
class Display {
 public:
  // `bad_value`, `bad_encoding`, `too_large` for what no code can say.
  static Result<Display> make(element::PaymentCodeApplet& applet, Merchant merchant, Bill bill,
                              Env& env, DisplayOptions options = {});

  // What the screen shows; nothing while it is dark.
  const std::optional<ShownCode>& shown() const { return shown_; }

  // Asks the element for the code that is due now. True when the screen changed, be it to another
  // code or to dark. `element_unbound` and `element_not_certified` before a code may be shown at
  // all. No refusal: that the element gave this step's data out before, to another run; nothing
  // is shown then until the next step. After a refusal the screen is dark.
  Result<bool> update();

  // The server says that the code was scanned: hands the notification to the element and shows
  // another code. One that the element has had before changes nothing. `notification_forged`, and
  // then nothing changes either.
  Result<bool> refresh(const proof::RefreshNotification& notification);

  // The server was heard from: at every notification, and whenever else the line is known to be up.
  void heard_from_server() { heard_at_ = env_->now(); }

  // When update() is due again: the next step's beginning. `element_unbound`.
  Result<Millis> next_change() const;

  // For how long a code is shown at most when every notification is lost: one time step.
  Result<Duration> longest_shown() const;

 private:
  Display(element::PaymentCodeApplet& applet, Merchant merchant, Bill bill, Env& env,
          DisplayOptions options);
  Result<element::AppletStatus> ready_status();
  Result<ShownCode> make_code(const element::AppletStatus& status, const proof::SecurityData& data,
                              CodeReason reason);
  proof::PaymentCode code_for(const proof::SecurityData& data) const;
  Result<bool> show(const element::AppletStatus& status, CodeReason reason);
  Result<bool> release_and_show(const element::AppletStatus& status, CodeReason reason);
  bool go_dark();

  element::PaymentCodeApplet* applet_;
  Merchant merchant_;
  Bill bill_;
  Env* env_;
  DisplayOptions options_;
  Millis heard_at_;
  std::optional<ShownCode> shown_;
  std::uint32_t shown_epoch_ = 0;  // of the binding that the shown code is for
};

}  // namespace intaglio::service

template <>
struct intaglio::codec::EnumNames<intaglio::service::CodeReason> {
  using Reason = intaglio::service::CodeReason;
  static constexpr std::pair<Reason, std::string_view> kNames[] = {
      {Reason::first, "first"}, {Reason::step, "step"}, {Reason::scanned, "scanned"}};
};
