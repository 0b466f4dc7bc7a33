#include "service/payment_code/display_desk.h"

#include "tx/payment_code/redemption.h"

namespace intaglio::service {
namespace {

std::string counter_key(const KeyHash& display) { return "notification/" + codec::to_hex(display); }

// The block a transaction would be judged in if it were made now.
tx::Block block_now(const chain::Application& application, Millis now) {
  const auto params = application.store().find<ledger::ParamsRow>({});
  CHECK(params.has_value());
  const auto tip = application.tip();
  return {application.ledger(), application.chain(), tip.height.next(),
          std::max(Millis(tip.time.value() + 1), now), *params};
}

}  // namespace

DisplayDesk::DisplayDesk(store::RecordStore& records, Authority& authority, Sender& ledger,
                         Secret secret, Env& env)
    : records_(records),
      authority_(authority),
      ledger_(ledger),
      secret_(std::move(secret)),
      env_(env) {}

Result<DisplayDesk::Known> DisplayDesk::known_display(const KeyHash& display) const {
  const auto record = authority_.find(display);
  if (!record || record->usage != pki::CertificateUsage::display) {
    return refuse(Verdict::unknown_display, codec::to_hex(display));
  }
  ASSIGN(const auto certificate, pki::Certificate::parse(record->der));
  CHECK(certificate.account().has_value());
  const ChainId chain = certificate.account()->chain;
  const auto* application = ledger_.gateway().chain(chain);
  CHECK(application != nullptr);
  const auto row = application->store().find<ledger::DisplayRow>(display);
  if (!row) return refuse(Verdict::unknown_display, codec::to_hex(display));
  return Known{display, {chain, row->account}, row->epoch};
}

Result<IssuedBinding> DisplayDesk::binding(const KeyHash& display) const {
  ASSIGN(const auto known, known_display(display));
  const auto* application = ledger_.gateway().chain(known.account.chain);
  const auto params = application->store().find<ledger::ParamsRow>({});
  CHECK(params.has_value());
  IssuedBinding out;
  out.security_key = proof::derive_security_key(secret_, {known.account, display, known.epoch});
  out.binding = {.display = display,
                 .account = known.account,
                 .epoch = known.epoch,
                 .security_key = proof::security_key_check(out.security_key),
                 .code_step = params->code_step,
                 .guid = params->code_guid};
  ASSIGN(out.statement,
         proof::sign_statement(out.binding, application->ledger(), ledger_.signer()));
  return out;
}

Result<void> DisplayDesk::rebind(const KeyHash& display, const AccountId& account) {
  ASSIGN(const auto known, known_display(display));
  TRY(ledger_.send_and_wait(known.account.chain, {tx::BindDisplay{display, account}}));
  return {};
}

Result<void> DisplayDesk::check_security_data(const proof::PaymentCode& code,
                                              const KeyHash& display) const {
  ASSIGN(const auto known, known_display(display));
  const auto key = proof::derive_security_key(secret_, {known.account, display, known.epoch});
  if (code.security != proof::security_value(key, code.step, code.counter)) {
    return refuse(Verdict::code_wrong_security_data);
  }
  return {};
}

Result<CodeStanding> DisplayDesk::look_at(std::string_view text) const {
  const auto* main_chain = ledger_.gateway().chain(kMainChain);
  const std::string guid = block_now(*main_chain, env_.now()).params.code_guid;
  ASSIGN(const auto parsed, proof::parse_payment_code(text, guid));
  const auto record = authority_.find_by_prefix(parsed.code().key.view());
  if (!record) return refuse(Verdict::code_unknown_key, codec::to_hex(parsed.code().key));
  ASSIGN(const auto certificate, pki::Certificate::parse(record->der));
  const KeyHash display = certificate.key_hash();
  CodeStanding out{parsed.code(), display, {}, std::nullopt};
  const auto payee = parsed.code().payee();
  const auto* application = payee ? ledger_.gateway().chain(payee->chain) : nullptr;
  if (application == nullptr) return refuse(Verdict::code_not_ours, "merchant account");
  const auto state = application->store().snapshot();
  const tx::Block block = block_now(*application, env_.now());
  const auto verified = tx::verify_code_text(*state, block, display, text);
  out.good = verified ? check_security_data(**verified, display)
                      : Result<void>(std::unexpected(verified.error()));
  out.row = state->find<ledger::CodeRow>({display, out.code.step, out.code.counter});
  if (out.good && out.row && out.row->payment) out.good = refuse(Verdict::code_used);
  return out;
}

Result<tx::Receipt> DisplayDesk::claim(const std::string& text, const Bytes& claim) {
  ASSIGN(const auto standing, look_at(text));
  TRY(standing.good);
  ASSIGN(const auto payee, standing.code.payee());
  ASSIGN(auto receipt,
         ledger_.send_and_wait(payee.chain, {tx::ClaimCode{standing.display, text, claim}}));
  // The claim stands whether or not the display hears of it: its next step shows another code.
  TRY(notify(standing.display));
  return receipt;
}

Result<void> DisplayDesk::notify(const KeyHash& display) {
  ASSIGN(const auto known, known_display(display));
  const auto key = proof::derive_security_key(secret_, {known.account, display, known.epoch});
  const std::lock_guard lock(mutex_);
  ASSIGN(const auto stored, records_.get(counter_key(display)));
  std::uint64_t counter = 1;
  if (stored) {
    const auto last = codec::decode_record<proof::RefreshNotification>(*stored);
    CHECK(last.has_value());
    counter = last->counter + 1;
  }
  const auto notification = proof::make_notification(key, counter);
  TRY(records_.put(counter_key(display), codec::encode_record(notification)));
  for (const auto& [id, subscription] : subscriptions_) {
    if (subscription.display == display) subscription.listener(notification);
  }
  return {};
}

std::shared_ptr<void> DisplayDesk::subscribe(const KeyHash& display, std::uint64_t after,
                                             Listener listener) {
  const std::lock_guard lock(mutex_);
  const auto stored = records_.get(counter_key(display));
  if (stored && *stored) {
    const auto last = codec::decode_record<proof::RefreshNotification>(**stored);
    CHECK(last.has_value());
    if (last->counter > after) listener(*last);
  }
  const std::uint64_t id = next_subscription_++;
  subscriptions_.emplace(id, Subscription{display, std::move(listener)});
  return {nullptr, [id, weak = std::weak_ptr(self_)](void*) {
            const auto desk = weak.lock();
            if (!desk) return;
            const std::lock_guard leaving((*desk)->mutex_);
            (*desk)->subscriptions_.erase(id);
          }};
}

}  // namespace intaglio::service
