#include "element/payment_code_applet.h"

#include "base/format.h"
#include "crypto/sha256.h"
#include "element/applet_key.h"
#include "element/applet_state.h"
#include "element/code_information.h"
#include "pki/enrolment_answer.h"
#include "pki/path.h"
#include "proof/payment_code.h"
#include "proof/statement.h"

namespace intaglio::element {
namespace {

constexpr unsigned kOwnerOnly = 0600;
constexpr std::size_t kMaxIntermediates = 4;

Result<std::uint32_t> next_counter(std::uint32_t last) {
  if (last == UINT32_MAX) return refuse(Verdict::security_data_held, "counter: none left");
  return last + 1;
}

proof::SecurityData last_release(const AppletState& state) {
  const BoundState& bound = *state.bound;
  return {bound.account, *bound.step, state.releases,
          proof::security_value(bound.security_key, *bound.step, state.releases)};
}

// Whether security data for `step` may be released now.
Result<void> check_due(const BoundState& bound, TimeStep step, Millis now) {
  if (step > proof::time_step(now, bound.code_step)) {
    return refuse(Verdict::security_data_held, "step: has not begun");
  }
  if (bound.step && step < *bound.step) {
    return refuse(Verdict::security_data_held, "step: before the last one released");
  }
  if (bound.step && step == *bound.step && !bound.refresh_pending) {
    return refuse(Verdict::security_data_held, "step: released, and no code was scanned since");
  }
  return {};
}

}  // namespace

// The key, and the file that holds the state: the applet's own memory.
class PaymentCodeApplet::Memory {
 public:
  Memory(std::unique_ptr<SecureElement> key, std::string file, SealingKey sealing, Env& env)
      : key_(std::move(key)), file_(std::move(file)), sealing_(std::move(sealing)), env_(env) {}

  SecureElement& key() const { return *key_; }
  Millis now() const { return env_.now(); }

  Result<AppletState> load() const {
    ASSIGN(const auto file, read(file_, env_));
    auto state = open_state(file, sealing_, key_->public_key().hash());
    if (!state) return refuse_within(file_, state.error());
    return state;
  }

  Result<void> store(const AppletState& state) const {
    return env_.write_file(file_, seal_state(state, sealing_, key_->public_key().hash(), env_),
                           kOwnerOnly);
  }

  static Result<Bytes> read(const std::string& path, Env& env) {
    auto file = env.read_file(path, kMaxAppletState + 1024);
    if (!file) return refuse(Verdict::unknown_element, file.error().where);
    return *std::move(file);
  }

 private:
  const std::unique_ptr<SecureElement> key_;
  const std::string file_;
  const SealingKey sealing_;
  Env& env_;
};

PaymentCodeApplet::PaymentCodeApplet(std::unique_ptr<Memory> memory) : memory_(std::move(memory)) {}
PaymentCodeApplet::~PaymentCodeApplet() = default;

Result<std::unique_ptr<PaymentCodeApplet>> PaymentCodeApplet::create(const AppletPlace& place,
                                                                     const Secret& passphrase,
                                                                     const AppletTrust& trust,
                                                                     Env& env) {
  ASSIGN(auto key, create_key_for(KeyUser::applet, place.uri, passphrase, env));
  ASSIGN(auto file, memory_path(*key, place.folder));
  auto memory = std::make_unique<Memory>(std::move(key), std::move(file),
                                         make_sealing_key(passphrase, env), env);
  AppletState state;
  state.authority = trust.authority.der();
  state.server = trust.server;
  state.ledger = trust.ledger;
  TRY(memory->store(state));
  return std::unique_ptr<PaymentCodeApplet>(new PaymentCodeApplet(std::move(memory)));
}

Result<std::unique_ptr<PaymentCodeApplet>> PaymentCodeApplet::open(const AppletPlace& place,
                                                                   const Secret& passphrase,
                                                                   Env& env) {
  ASSIGN(auto key, open_key_for(KeyUser::applet, place.uri, passphrase, env));
  ASSIGN(auto path, memory_path(*key, place.folder));
  ASSIGN(const auto file, Memory::read(path, env));
  auto sealing = sealing_key_of(file, passphrase);
  if (!sealing) return refuse_within(path, sealing.error());
  auto memory = std::make_unique<Memory>(std::move(key), std::move(path), *std::move(sealing), env);
  TRY(memory->load());
  return std::unique_ptr<PaymentCodeApplet>(new PaymentCodeApplet(std::move(memory)));
}

bool PaymentCodeApplet::simulated() const { return memory_->key().simulated(); }

const std::string& PaymentCodeApplet::uri() const { return memory_->key().uri(); }

const crypto::PublicKey& PaymentCodeApplet::public_key() const {
  return memory_->key().public_key();
}

Result<AppletStatus> PaymentCodeApplet::status() {
  const std::scoped_lock lock(mutex_);
  ASSIGN(const auto state, memory_->load());
  AppletStatus status;
  status.certificate = state.certificate;
  status.notifications = state.notifications;
  if (state.bound) {
    status.binding = {state.bound->account, state.bound->epoch, state.bound->code_step,
                      state.bound->guid};
  }
  return status;
}

Result<Bytes> PaymentCodeApplet::enrol(ByteView application_information) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(const auto state, memory_->load());
  ASSIGN(const auto information,
         codec::decode_record<pki::ApplicationInformation>(application_information));
  if (information.ledger != state.ledger) return refuse(Verdict::wrong_ledger, "ledger");
  if (information.usage != pki::CertificateUsage::display) {
    return refuse(Verdict::not_capable, "usage");
  }
  return pki::answer_challenge(information, signer_of(memory_->key()), simulated());
}

Result<void> PaymentCodeApplet::install_certificate(ByteView der,
                                                    std::span<const Bytes> intermediates) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(auto state, memory_->load());
  ASSIGN(const auto certificate, pki::Certificate::parse(der));
  if (certificate.public_key() != public_key()) {
    return refuse(Verdict::element_not_certified, "certificate: of another key");
  }
  if (intermediates.size() > kMaxIntermediates) return refuse(Verdict::too_large, "intermediates");
  pki::PathMaterial material;
  ASSIGN(auto authority, pki::Certificate::parse(state.authority));
  material.anchors.push_back(std::move(authority));
  for (const Bytes& each : intermediates) {
    ASSIGN(auto parsed, pki::Certificate::parse(each));
    material.intermediates.push_back(std::move(parsed));
  }
  const pki::PathQuestion question{.at = memory_->now(), .usage = pki::CertificateUsage::display};
  TRY(pki::validate_path(certificate, material, question));
  state.certificate = to_bytes(der);
  return memory_->store(state);
}

Result<void> PaymentCodeApplet::bind(ByteView statement, Secret security_key) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(auto state, memory_->load());
  ASSIGN(auto parsed, proof::parse_statement<proof::DisplayBinding>(statement, state.ledger));
  const crypto::Verifier server(state.server);
  ASSIGN(const auto verified, proof::verify_statement(std::move(parsed), server));
  const proof::DisplayBinding& binding = verified->body;
  if (binding.display != public_key().hash()) return refuse(Verdict::unknown_display, "display");
  if (security_key.size() != proof::kSecurityKeySize ||
      proof::security_key_check(security_key) != binding.security_key) {
    return refuse(Verdict::bad_value, "security_key");
  }
  if (state.bound && binding.epoch <= state.bound->epoch) {
    const bool same =
        binding.epoch == state.bound->epoch && binding.account == state.bound->account &&
        crypto::equal_constant_time(security_key.reveal(), state.bound->security_key.reveal());
    if (same) return {};
    return refuse(Verdict::bad_value, format("epoch: not above {}", state.bound->epoch));
  }
  state.bound = BoundState{.account = binding.account,
                           .epoch = binding.epoch,
                           .security_key = std::move(security_key),
                           .code_step = binding.code_step,
                           .guid = binding.guid};
  return memory_->store(state);
}

Result<void> PaymentCodeApplet::notify(const proof::RefreshNotification& notification) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(auto state, memory_->load());
  if (!state.bound) return refuse(Verdict::element_unbound);
  if (!proof::is_authentic(notification, state.bound->security_key)) {
    return refuse(Verdict::notification_forged, "mac");
  }
  if (notification.counter <= state.notifications) {
    return refuse(Verdict::notification_forged,
                  format("counter: not above {}", state.notifications));
  }
  state.notifications = notification.counter;
  state.bound->refresh_pending = true;
  return memory_->store(state);
}

Result<proof::SecurityData> PaymentCodeApplet::release(TimeStep step) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(auto state, memory_->load());
  if (!state.bound) return refuse(Verdict::element_unbound);
  TRY(check_due(*state.bound, step, memory_->now()));
  ASSIGN(state.releases, next_counter(state.releases));
  state.bound->step = step;
  state.bound->refresh_pending = false;
  state.bound->unsigned_release = true;
  TRY(memory_->store(state));
  return last_release(state);
}

Result<crypto::Signature> PaymentCodeApplet::sign_code(ByteView code_information) {
  const std::scoped_lock lock(mutex_);
  ASSIGN(auto state, memory_->load());
  if (!state.certificate) return refuse(Verdict::element_not_certified);
  if (!state.bound) return refuse(Verdict::element_unbound);
  if (!state.bound->unsigned_release) {
    return refuse(Verdict::security_data_mismatch, "nothing released that is not signed yet");
  }
  TRY(check_code_information(as_text(code_information), {.guid = state.bound->guid,
                                                         .display = public_key().hash(),
                                                         .released = last_release(state)}));
  ASSIGN(const auto signature,
         memory_->key().sign(proof::code_to_be_signed(as_text(code_information))));
  state.bound->unsigned_release = false;
  TRY(memory_->store(state));
  return signature;
}

}  // namespace intaglio::element
