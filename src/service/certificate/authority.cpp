#include "service/certificate/authority.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "crypto/sha256.h"

namespace intaglio::service {
namespace {

// What a ticket bought: the digest of what was said with it, and the key it was issued to.
struct Spent {
  Digest request;
  KeyHash key;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "request", &Spent::request, "digest of the application"),
                      codec::field(2, "key", &Spent::key, "the certified key"));
  }
};

std::string copy_key(const pki::ApplicationId& id) { return "copy/" + codec::to_hex(id); }
std::string spent_key(const Ticket& ticket) { return "spent/" + ticket.name; }
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

// What a certificate of that usage allows.
pki::Capabilities capabilities_of(const Login& login, pki::CertificateUsage usage, bool simulated) {
  pki::Capabilities out{.role = usage,
                        .functions = functions_of(usage),
                        .ceilings = {},
                        .simulated_element = simulated};
  if (!login.grants) return out;
  const auto grant = std::ranges::find(*login.grants, usage, &Grant::usage);
  if (grant == login.grants->end()) return out;
  out.functions = grant->functions;
  out.ceilings = grant->ceilings;
  out.categories = grant->categories;
  out.offline = grant->offline;
  out.places = grant->places;
  out.expires_at = grant->expires_at;
  return out;
}

Result<void> check_grants(const Login& login) {
  if (!login.grants) return {};
  if (login.grants->empty()) return refuse(Verdict::bad_value, "grants");
  for (std::size_t i = 0; i < login.grants->size(); ++i) {
    const Grant& grant = (*login.grants)[i];
    const std::string where = format("grants[{}]", i);
    const bool is_usage = std::ranges::find(login.usages, grant.usage) != login.usages.end();
    if (!is_usage || std::ranges::count(*login.grants, grant.usage, &Grant::usage) > 1) {
      return refuse(Verdict::bad_value, where + ".usage");
    }
    const auto checked = pki::check(capabilities_of(login, grant.usage, true));
    if (!checked) return refuse_within(where, checked.error());
  }
  return {};
}

Result<void> check_approvals(const Login& login) {
  if (!login.approvals) return {};
  if (login.approvals->empty()) return refuse(Verdict::bad_value, "approvals");
  for (std::size_t i = 0; i < login.approvals->size(); ++i) {
    const ApprovalRule& rule = (*login.approvals)[i];
    const bool is_usage = std::ranges::find(login.usages, rule.usage) != login.usages.end();
    if (!is_usage || std::ranges::count(*login.approvals, rule.usage, &ApprovalRule::usage) > 1) {
      return refuse(Verdict::bad_value, format("approvals[{}].usage", i));
    }
    if (rule.officers < 1 || rule.officers > kMostApprovals) {
      return refuse(Verdict::bad_value, format("approvals[{}].officers", i));
    }
  }
  return {};
}

// What its holder may do on the chains.
ledger::Role role_of(pki::CertificateUsage usage) {
  switch (usage) {
    case pki::CertificateUsage::display: return ledger::Role::display;
    case pki::CertificateUsage::holder:
    case pki::CertificateUsage::instrument: return ledger::Role::holder;
    case pki::CertificateUsage::issuer: return ledger::Role::issuer;
    case pki::CertificateUsage::node: return ledger::Role::node;
    default: return ledger::Role::member;
  }
}

}  // namespace

Authority::Authority(store::RecordStore& records, Issuers issuers, Sender& ledger, Env& env,
                     AuthorityOptions options)
    : records_(records),
      issuers_(std::move(issuers)),
      ledger_(ledger),
      env_(env),
      options_(std::move(options)),
      approvals_(records, *this, env, options_.approval_time) {}

Result<void> Authority::register_login(const Login& login) {
  if (login.name.empty() || login.name.size() > pki::kMaxLogin) {
    return refuse(Verdict::bad_value, "name");
  }
  if (login.key != login.public_key.hash()) return refuse(Verdict::bad_value, "key");
  for (const auto usage : login.usages) {
    if (usage == pki::CertificateUsage::display && !login.account) {
      return refuse(Verdict::missing_field, "account");
    }
  }
  TRY(check_grants(login));
  TRY(check_approvals(login));
  if (login.validity && (*login.validity < seconds(1) || *login.validity > options_.validity)) {
    return refuse(Verdict::bad_value, "validity");
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
  const std::string id = codec::to_hex(request.terminal_signature.id);
  log::info("enrolment {}: the authority is asked for a certificate", id);
  ASSIGN(const auto copy, records_.get(copy_key(request.terminal_signature.id)));
  if (!copy) return refuse(Verdict::challenge_mismatch, id);
  const Ticket ticket{id, crypto::sha256(codec::encode_record(request))};
  ASSIGN(auto before, bought(ticket));
  if (before) return *std::move(before);
  ASSIGN(const auto came, came_at(id));
  ASSIGN(const auto application,
         pki::verify_request(request, decoded<pki::ApplicationInformation>(*copy),
                             came.value_or(env_.now())));
  return issue_new(ticket,
                   {.login = request.login,
                    .usage = request.usage,
                    .public_key = request.public_key,
                    .simulated_element = application->information.simulated_element},
                   {});
}

Result<pki::Certificate> Authority::issue_once(const Ticket& ticket, const CertificateWish& wish) {
  const std::lock_guard lock(issuing_now_);
  ASSIGN(auto before, bought(ticket));
  if (before) return *std::move(before);
  return issue_new(ticket, wish, {});
}

Result<pki::Certificate> Authority::renew(const KeyHash& old, const Ticket& ticket,
                                          const crypto::PublicKey& key) {
  const std::lock_guard lock(issuing_now_);
  ASSIGN(auto before, bought(ticket));
  if (before) return *std::move(before);
  ASSIGN(const auto record, find(old));
  ASSIGN(const auto certificate, pki::Certificate::parse(record.der));
  TRY(check_own_standing(certificate));
  const pki::Validity validity = certificate.validity();
  if (env_.now() < validity.not_before || env_.now() >= validity.not_after) {
    return refuse(Verdict::certificate_not_valid_now, codec::to_hex(old));
  }
  // Who has what guards the old key may have another for the new one.
  return issue_new(
      ticket,
      {.login = record.login, .usage = record.usage, .public_key = key, .simulated_element = true},
      record);
}

Result<std::optional<pki::Certificate>> Authority::bought(const Ticket& ticket) {
  ASSIGN(const auto spent, records_.get(spent_key(ticket)));
  if (!spent) return std::nullopt;
  const auto first = decoded<Spent>(*spent);
  if (first.request != ticket.application) return refuse(Verdict::challenge_spent, ticket.name);
  ASSIGN(const auto record, find(first.key));
  ASSIGN(auto certificate, finish(record));
  wait_until_known(certificate, record);
  return certificate;
}

Result<pki::Certificate> Authority::finish(const CertificateRecord& record) {
  ASSIGN(auto certificate, pki::Certificate::parse(record.der));
  if (record.renews && !logged(certificate)) {
    ASSIGN(const auto followed, find(*record.renews));
    ASSIGN(const auto old, pki::Certificate::parse(followed.der));
    TRY(check_own_standing(old));
  }
  TRY(make_logged(certificate, record));
  return certificate;
}

Result<pki::Certificate> Authority::issue_new(const Ticket& ticket, const CertificateWish& wish,
                                              const std::optional<CertificateRecord>& old) {
  if (env_.now() >= issuing().validity().not_after) {
    return refuse(Verdict::certificate_not_valid_now, issuers_.current().name);
  }
  if (revocation_of(issuers_.current())) {
    return refuse(Verdict::certificate_revoked, issuers_.current().name);
  }
  ASSIGN(const auto login, login_named(wish.login));
  std::optional<KeyHash> renews;
  if (old) {
    ASSIGN(const auto followed, pki::Certificate::parse(old->der));
    renews = followed.key_hash();
  }
  ASSIGN(const auto intended, intend(ticket, wish, renews));
  const KeyHash key = wish.public_key.hash();
  ASSIGN(const auto before, records_.get(certificate_key(key)));
  // On the chain without a record here: the genesis has it, or older records were restored.
  if (before || main_chain().find<ledger::KeyRow>(key)) {
    return refuse(Verdict::key_certified, codec::to_hex(key));
  }
  ASSIGN(auto writes, approvals_.require(intended, wish, login));

  ASSIGN(auto certificate, build(intended));
  CertificateRecord record{.der = certificate.der(),
                           .login = login.name,
                           .usage = wish.usage,
                           .issued_at = env_.now(),
                           .account = certificate.account()
                                          ? std::optional(certificate.account()->account)
                                          : std::nullopt,
                           .renews = renews};
  // One write: the spent ticket, its certificate and what is to be done with it are there or not.
  writes.push_back({spent_key(ticket), codec::encode_record(Spent{ticket.application, key})});
  writes.push_back({certificate_key(key), codec::encode_record(record)});
  writes.push_back({unrecorded_key(key), Bytes()});
  TRY(records_.write(writes));
  TRY(make_logged(certificate, record));
  wait_until_known(certificate, record);
  return certificate;
}

Result<IntendedCertificate> Authority::intend(const Ticket& ticket, const CertificateWish& wish,
                                              const std::optional<KeyHash>& renews) const {
  ASSIGN(const auto login, login_named(wish.login));
  if (std::ranges::find(login.usages, wish.usage) == login.usages.end()) {
    return refuse(Verdict::unknown_login, std::string(codec::enum_name(wish.usage)));
  }
  const ledger::Role role = role_of(wish.usage);
  std::optional<AccountId> account;
  if (renews) {
    ASSIGN(const auto old, find(*renews));
    account = old.account;
  } else if (role == ledger::Role::display) {
    account = login.account;
  } else if (ledger::opens_account(role)) {
    account = AccountId::prefix_of(wish.public_key.hash());
  }
  return IntendedCertificate{
      .ticket = ticket.name,
      .application = ticket.application,
      .login = login.name,
      .usage = wish.usage,
      .public_key = wish.public_key,
      .account = account,
      .capabilities =
          capabilities_of(login, wish.usage, wish.simulated_element || !login.genuine_elements),
      .validity = login.validity.value_or(options_.validity),
      .renews = renews};
}

Result<pki::Certificate> Authority::build(const IntendedCertificate& intended) const {
  const Millis now = env_.now();
  const pki::CertificateContent content{
      .serial = pki::serial_from(env_.random_id<pki::SerialBits>()),
      .subject = {.organization = {},
                  .common_name = intended.login,
                  .serial_number = codec::to_hex(intended.public_key.hash())},
      // None outlives its issuer, which no path leads over then.
      .validity = {now, std::min(now + intended.validity, issuing().validity().not_after)},
      .public_key = intended.public_key,
      .profile = intended.usage,
      .account = intended.account ? std::optional(Address{options_.home, *intended.account})
                                  : std::nullopt,
      .capabilities = intended.capabilities,
      .publication = publication()};
  return pki::build_certificate(content, issuing(), *issuers_.current().signer);
}

Result<Approval> Authority::decide(const KeyHash& officer, const Digest& digest,
                                   ApprovalDecision decision) {
  const std::lock_guard lock(issuing_now_);
  return approvals_.decide(officer, digest, decision);
}

Result<std::optional<Millis>> Authority::came_at(std::string_view ticket) const {
  ASSIGN(const auto application, approvals_.find(ticket));
  return application ? std::optional(application->came_at) : std::nullopt;
}

std::optional<pki::Publication> Authority::publication() const {
  if (!options_.publication) return std::nullopt;
  return options_.publication(issuers_.current().name);
}

Result<pki::Certificate> Authority::certify_responder(const Issuer& issuer,
                                                      const crypto::PublicKey& key) {
  constexpr Duration kSlowClocks = seconds(3600);  // of those who look at it
  if (!issuer.signer) return refuse(Verdict::not_capable, issuer.name);
  const Millis now = env_.now();
  if (now >= issuer.certificate.validity().not_after) {
    return refuse(Verdict::certificate_not_valid_now, issuer.name);
  }
  const std::string& organization = issuer.certificate.subject().organization;
  ASSIGN(auto certificate,
         pki::build_certificate(
             {.serial = pki::serial_from(env_.random_id<pki::SerialBits>()),
              .subject = {.organization = organization,
                          .common_name = format("{} ocsp", organization),
                          .serial_number = {}},
              .validity = {Millis(now.value() - std::min(now.value(), kSlowClocks.value())),
                           std::min(now + kResponderGood, issuer.certificate.validity().not_after)},
              .public_key = key,
              .profile = pki::OcspResponder{}},
             issuer.certificate, *issuer.signer));
  TRY(record_own(certificate));
  return certificate;
}

tx::RegisterKey Authority::registration_of(const pki::Certificate& certificate,
                                           const ledger::CertificateId& id, ledger::Role role) {
  const auto [from, until] = certificate.validity();
  tx::RegisterKey out{.key = certificate.public_key(),
                      .role = role,
                      .valid_from = from,
                      .valid_until = until,
                      .certificate = id,
                      .account = {},
                      .chains = {}};
  // No chain but the main one has anything for it to do.
  if (role == ledger::Role::member) out.chains = std::vector<ChainId>();
  return out;
}

Result<void> Authority::make_logged(const pki::Certificate& certificate,
                                    const CertificateRecord& record) {
  if (logged(certificate)) return {};
  const ledger::Role role = role_of(record.usage);
  const auto [from, until] = certificate.validity();
  const auto id = id_of(certificate);
  if (!id) return refuse(Verdict::unknown_certificate, codec::to_hex(certificate.key_hash()));
  tx::RegisterKey registration = registration_of(certificate, *id, role);
  if (role == ledger::Role::display) registration.account = record.account;
  tx::Operation operation = std::move(registration);
  if (record.renews && ledger::opens_account(role)) {
    operation = tx::ReplaceKey{.account = *record.account,
                               .key = certificate.public_key(),
                               .valid_from = from,
                               .valid_until = until,
                               .certificate = *id};
  }
  const auto receipt = ledger_.send_and_wait(kMainChain, {std::move(operation)});
  if (!receipt && receipt.error().verdict != Verdict::key_exists) {
    return std::unexpected(receipt.error());
  }
  // The key by itself is not enough: nobody gets a certificate that has no record.
  if (!logged(certificate)) {
    return refuse(Verdict::key_exists, codec::to_hex(certificate.key_hash()));
  }
  return {};
}

void Authority::wait_until_known(const pki::Certificate& certificate,
                                 const CertificateRecord& record) {
  if (role_of(record.usage) == ledger::Role::member) return;  // the main chain's alone
  ledger_.wait_for_chains([&key = certificate.key_hash()](const ledger::View& state) {
    return state.find<ledger::KeyRow>(key).has_value();
  });
}

Result<void> Authority::set_status(const KeyHash& key, ledger::KeyStatus status,
                                   std::optional<pki::RevocationReason> reason) {
  const std::lock_guard lock(issuing_now_);
  ASSIGN(const auto record, find(key));
  ASSIGN(const auto certificate, pki::Certificate::parse(record.der));
  TRY(make_logged(certificate, record));
  const auto receipt = ledger_.send_and_wait(kMainChain, {tx::SetKeyStatus{key, status, reason}});
  const bool was_revoked = !receipt && receipt.error().verdict == Verdict::key_revoked;
  if (!receipt && !was_revoked) return std::unexpected(receipt.error());
  ledger_.wait_for_chains([&](const ledger::View& state) {
    const auto row = state.find<ledger::KeyRow>(key);
    return !row || row->status == (was_revoked ? ledger::KeyStatus::revoked : status);
  });
  if (was_revoked) return refuse(Verdict::certificate_revoked, codec::to_hex(key));
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
