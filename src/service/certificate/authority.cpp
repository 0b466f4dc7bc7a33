#include "service/certificate/authority.h"

#include "base/log.h"
#include "crypto/sha256.h"

namespace intaglio::service {
namespace {

// Whose answer a challenge got: the digest of the request, and the key it was issued to.
struct Spent {
  Digest request;
  KeyHash key;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "request", &Spent::request, "SHA-256 of the request"),
                      codec::field(2, "key", &Spent::key, "the certified key"));
  }
};

std::string copy_key(const pki::ApplicationId& id) { return "copy/" + codec::to_hex(id); }
std::string spent_key(const pki::ApplicationId& id) { return "spent/" + codec::to_hex(id); }
std::string certificate_key(const KeyHash& key) { return "certificate/" + codec::to_hex(key); }
std::string login_key(std::string_view name) { return "login/" + std::string(name); }
std::string login_index(const KeyHash& key) { return "login-key/" + codec::to_hex(key); }

// Our own records: that one does not decode is damage, not input.
template <typename R>
R decoded(ByteView bytes) {
  auto record = codec::decode_record<R>(bytes);
  CHECK(record.has_value());
  return *std::move(record);
}

std::vector<pki::Function> functions_of(pki::CertificateUsage usage) {
  switch (usage) {
    case pki::CertificateUsage::display: return {pki::Function::issue_code};
    case pki::CertificateUsage::holder:
    case pki::CertificateUsage::instrument:
      return {pki::Function::pay, pki::Function::refund, pki::Function::hold};
    default: return {};
  }
}

std::optional<ledger::Role> role_of(pki::CertificateUsage usage) {
  switch (usage) {
    case pki::CertificateUsage::display: return ledger::Role::display;
    case pki::CertificateUsage::holder:
    case pki::CertificateUsage::instrument: return ledger::Role::holder;
    case pki::CertificateUsage::issuer: return ledger::Role::issuer;
    default: return std::nullopt;
  }
}

}  // namespace

Authority::Authority(store::RecordStore& records, pki::Certificate root, pki::Certificate issuing,
                     crypto::Signer signer, Sender& ledger, Env& env, AuthorityOptions options)
    : records_(records),
      root_(std::move(root)),
      issuing_(std::move(issuing)),
      signer_(std::move(signer)),
      ledger_(ledger),
      env_(env),
      options_(options) {}

Result<void> Authority::register_login(const Login& login) {
  if (login.name.empty() || login.name.size() > pki::kMaxLogin) {
    return refuse(Verdict::bad_value, "name");
  }
  if (login.key != login.public_key.hash()) return refuse(Verdict::bad_value, "key");
  for (const auto usage : login.usages) {
    if (!role_of(usage)) return refuse(Verdict::bad_value, "usages");
    if (usage == pki::CertificateUsage::display && !login.account) {
      return refuse(Verdict::missing_field, "account");
    }
  }
  const std::lock_guard lock(issuing_now_);
  ASSIGN(const auto before, records_.get(login_key(login.name)));
  if (before && decoded<Login>(*before).key != login.key) return refuse(Verdict::conflict, "name");
  TRY(records_.put(login_key(login.name), codec::encode_record(login)));
  return records_.put(login_index(login.key), to_bytes(as_bytes(login.name)));
}

Result<Login> Authority::login_of(const KeyHash& key) const {
  ASSIGN(const auto name, records_.get(login_index(key)));
  if (!name) return refuse(Verdict::unknown_login, codec::to_hex(key));
  return login_named(as_text(*name));
}

Result<Login> Authority::login_named(std::string_view name) const {
  ASSIGN(const auto bytes, records_.get(login_key(name)));
  if (!bytes) return refuse(Verdict::unknown_login, std::string(name));
  return decoded<Login>(*bytes);
}

Result<void> Authority::learn(const pki::ApplicationInformation& information) {
  TRY(pki::check(information));
  return records_.put(copy_key(information.id), codec::encode_record(information));
}

Result<pki::Certificate> Authority::issue(const pki::CertificateRequest& request) {
  const std::lock_guard lock(issuing_now_);
  const pki::ApplicationId& id = request.terminal_signature.id;
  log::info("enrolment {}: the authority is asked for a certificate", codec::to_hex(id));
  ASSIGN(const auto copy, records_.get(copy_key(id)));
  if (!copy) return refuse(Verdict::challenge_mismatch, codec::to_hex(id));
  const Digest digest = crypto::sha256(codec::encode_record(request));
  ASSIGN(const auto spent, records_.get(spent_key(id)));
  if (spent) {
    const auto first = decoded<Spent>(*spent);
    if (first.request != digest) return refuse(Verdict::challenge_spent, codec::to_hex(id));
    ASSIGN(const auto record, find(first.key));
    ASSIGN(auto certificate, pki::Certificate::parse(record.der));
    TRY(make_known(certificate, record));
    return certificate;
  }
  ASSIGN(const auto application,
         pki::verify_request(request, decoded<pki::ApplicationInformation>(*copy), env_.now()));
  ASSIGN(const auto login, login_named(request.login));
  if (std::ranges::find(login.usages, request.usage) == login.usages.end()) {
    return refuse(Verdict::unknown_login, std::string(codec::enum_name(request.usage)));
  }
  const KeyHash key = request.public_key.hash();
  ASSIGN(const auto before, records_.get(certificate_key(key)));
  if (before) return refuse(Verdict::key_certified, codec::to_hex(key));

  ASSIGN(auto certificate, build(*application, login));
  const CertificateRecord record{.der = certificate.der(),
                                 .login = login.name,
                                 .usage = request.usage,
                                 .issued_at = env_.now(),
                                 .revoked_at = {},
                                 .account = certificate.account()
                                                ? std::optional(certificate.account()->account)
                                                : std::nullopt};
  // One write: an answered challenge and its certificate are both there or neither is.
  TRY(records_.write({{certificate_key(key), codec::encode_record(record)},
                      {spent_key(id), codec::encode_record(Spent{digest, key})}}));
  TRY(make_known(certificate, record));
  return certificate;
}

Result<pki::Certificate> Authority::build(const pki::Application& application,
                                          const Login& login) const {
  const auto usage = application.information.usage;
  const bool simulated = application.information.simulated_element || !login.genuine_elements;
  const KeyHash key = application.public_key.hash();
  const AccountId account =
      usage == pki::CertificateUsage::display ? *login.account : AccountId::prefix_of(key);
  pki::CertificateContent content{
      .serial = pki::serial_from(env_.random_id<pki::SerialBits>()),
      .subject = {.organization = {},
                  .common_name = login.name,
                  .serial_number = codec::to_hex(key)},
      .validity = {env_.now(), env_.now() + options_.validity},
      .public_key = application.public_key,
      .profile = usage,
      .account = Address{options_.home, account},
      .capabilities = pki::Capabilities{.role = usage,
                                        .functions = functions_of(usage),
                                        .ceilings = {},
                                        .simulated_element = simulated}};
  return pki::build_certificate(content, issuing_, signer_);
}

Result<void> Authority::make_known(const pki::Certificate& certificate,
                                   const CertificateRecord& record) {
  const auto role = role_of(record.usage);
  CHECK(role.has_value());
  const bool is_display = *role == ledger::Role::display;
  const tx::RegisterKey registration{.key = certificate.public_key(),
                                     .role = *role,
                                     .valid_from = certificate.validity().not_before,
                                     .valid_until = certificate.validity().not_after,
                                     .certificate = *Digest::from(certificate.fingerprint().view()),
                                     .account = is_display ? record.account : std::nullopt,
                                     .chains = {}};
  const auto known = [&key = certificate.key_hash()](const ledger::View& state) {
    return state.find<ledger::KeyRow>(key).has_value();
  };
  auto& gateway = ledger_.gateway();
  if (!known(gateway.chain(kMainChain)->store())) {
    const auto receipt = ledger_.send_and_wait(kMainChain, {registration});
    if (!receipt && receipt.error().verdict != Verdict::key_exists) {
      return std::unexpected(receipt.error());
    }
  }
  ledger_.wait_for_chains(known);
  return {};
}

Result<void> Authority::revoke(const KeyHash& key) {
  const std::lock_guard lock(issuing_now_);
  ASSIGN(auto record, find(key));
  const bool before = record.revoked_at.has_value();
  if (!before) {
    record.revoked_at = env_.now();
    TRY(records_.put(certificate_key(key), codec::encode_record(record)));
  }
  const auto revoked = [&key](const ledger::View& state) {
    const auto row = state.find<ledger::KeyRow>(key);
    return !row || row->status == ledger::KeyStatus::revoked;
  };
  if (!revoked(ledger_.gateway().chain(kMainChain)->store())) {
    const auto receipt = ledger_.send_and_wait(kMainChain, {tx::RevokeKey{key}});
    if (!receipt && receipt.error().verdict != Verdict::key_revoked) {
      return std::unexpected(receipt.error());
    }
  }
  ledger_.wait_for_chains(revoked);
  if (before) return refuse(Verdict::certificate_revoked, codec::to_hex(key));
  return {};
}

Result<CertificateRecord> Authority::find(const KeyHash& key) const {
  ASSIGN(const auto bytes, records_.get(certificate_key(key)));
  if (!bytes) return refuse(Verdict::unknown_certificate, codec::to_hex(key));
  return decoded<CertificateRecord>(*bytes);
}

Result<CertificateRecord> Authority::find_by_prefix(ByteView prefix) const {
  std::optional<CertificateRecord> found;
  bool ambiguous = false;
  TRY(records_.scan("certificate/" + codec::to_hex(prefix), [&](std::string_view, ByteView bytes) {
    ambiguous = found.has_value();
    found = decoded<CertificateRecord>(bytes);
    return !ambiguous;
  }));
  if (!found || ambiguous) return refuse(Verdict::unknown_certificate, codec::to_hex(prefix));
  return *std::move(found);
}

std::vector<CertificateRecord> Authority::list() const {
  std::vector<CertificateRecord> out;
  const auto scanned = records_.scan("certificate/", [&](std::string_view, ByteView bytes) {
    out.push_back(decoded<CertificateRecord>(bytes));
    return true;
  });
  CHECK(scanned.has_value());
  return out;
}

}  // namespace intaglio::service
