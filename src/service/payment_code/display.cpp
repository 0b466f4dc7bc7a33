#include "service/payment_code/display.h"

namespace intaglio::service {

Display::Display(element::PaymentCodeApplet& applet, Merchant merchant, Bill bill, Env& env,
                 DisplayOptions options)
    : applet_(&applet),
      merchant_(std::move(merchant)),
      bill_(std::move(bill)),
      env_(&env),
      options_(options),
      heard_at_(env.now()) {}

Result<Display> Display::make(element::PaymentCodeApplet& applet, Merchant merchant, Bill bill,
                              Env& env, DisplayOptions options) {
  Display display(applet, std::move(merchant), std::move(bill), env, options);
  // A code that says all of this is tried with numbers as long as any, so that what cannot be said
  // is found before the element gives anything out.
  const std::string guid(proof::DisplayBinding::kMaxGuid, 'g');
  const proof::SecurityData longest{{}, TimeStep(UINT32_MAX), UINT32_MAX, {}};
  ASSIGN(const auto information, proof::code_information(display.code_for(longest), guid));
  TRY(proof::assemble_code(information, crypto::Signature(), guid));
  return display;
}

proof::PaymentCode Display::code_for(const proof::SecurityData& data) const {
  return {.account = codec::to_text(data.account),
          .currency = merchant_.currency,
          .amount = bill_.amount,
          .category = merchant_.category,
          .country = merchant_.country,
          .merchant = merchant_.name,
          .city = merchant_.city,
          .reference = bill_.reference,
          .terminal = merchant_.terminal,
          .key = proof::KeyId::prefix_of(applet_->public_key().hash()),
          .step = data.step,
          .counter = data.counter,
          .security = data.value};
}

bool Display::go_dark() {
  const bool changed = shown_.has_value();
  shown_.reset();
  return changed;
}

// Asked before any security data is: what is not signed must not use up a release.
Result<element::AppletStatus> Display::ready_status() {
  ASSIGN(auto status, applet_->status());
  if (!status.binding) return refuse(Verdict::element_unbound);
  if (!status.certificate) return refuse(Verdict::element_not_certified);
  return status;
}

Result<ShownCode> Display::make_code(const element::AppletStatus& status,
                                     const proof::SecurityData& data, CodeReason reason) {
  const std::string& guid = status.binding->guid;
  ASSIGN(const auto information, proof::code_information(code_for(data), guid));
  ASSIGN(const auto signature, applet_->sign_code(as_bytes(information)));
  ASSIGN(auto text, proof::assemble_code(information, signature, guid));
  ASSIGN(auto symbol, symbol::draw(text));
  return ShownCode{std::move(text), std::move(symbol), data, reason};
}

Result<bool> Display::release_and_show(const element::AppletStatus& status, CodeReason reason) {
  const TimeStep step = proof::time_step(env_->now(), status.binding->code_step);
  const auto data = applet_->release(step);
  if (!data) {
    // Whatever is shown is of another step, or was scanned: it goes.
    if (data.error().verdict == Verdict::security_data_held) return go_dark();
    return std::unexpected(data.error());
  }
  ASSIGN(auto code, make_code(status, *data, reason));
  shown_ = std::move(code);
  shown_epoch_ = status.binding->epoch;
  return true;
}

Result<bool> Display::show(const element::AppletStatus& status, CodeReason reason) {
  auto changed = release_and_show(status, reason);
  if (!changed) go_dark();
  return changed;
}

Result<bool> Display::update() {
  const Millis now = env_->now();
  if (elapsed(heard_at_, now) >= options_.offline_limit) return go_dark();
  const auto status = ready_status();
  if (!status) {
    go_dark();
    return std::unexpected(status.error());
  }
  if (!shown_ || shown_epoch_ != status->binding->epoch) return show(*status, CodeReason::first);
  if (shown_->data.step == proof::time_step(now, status->binding->code_step)) return false;
  return show(*status, CodeReason::step);
}

Result<bool> Display::refresh(const proof::RefreshNotification& notification) {
  ASSIGN(const auto status, ready_status());
  if (notification.counter <= status.notifications) return false;
  TRY(applet_->notify(notification));
  heard_from_server();
  return show(status, CodeReason::scanned);
}

Result<Duration> Display::longest_shown() const {
  ASSIGN(const auto status, applet_->status());
  if (!status.binding) return refuse(Verdict::element_unbound);
  return status.binding->code_step;
}

Result<Millis> Display::next_change() const {
  ASSIGN(const auto length, longest_shown());
  const TimeStep next = proof::time_step(env_->now(), length).next();
  return Millis(next.value() * length.value());
}

}  // namespace intaglio::service
