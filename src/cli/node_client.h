// The node's HTTP API as typed calls. Where a Signer is asked for, the request is signed by that
// key (RFC 9421, proof/http_signature.h). A call refuses with the problem that the node answered,
// with what http::Client refuses, and with `bad_encoding`, `missing_field` or `bad_value` for an
// answer that is not the API's.
#pragma once

#include "base/env.h"
#include "cli/amounts.h"
#include "crypto/signer.h"
#include "http/client.h"
#include "ledger/genesis.h"
#include "pki/certificate.h"
#include "pki/enrolment.h"
#include "proof/http_signature.h"
#include "proof/payment_code.h"
#include "service/certificate/enrolment_desk.h"
#include "tx/transaction.h"

namespace intaglio::cli {

// What everybody who uses a ledger knows of it.
struct LedgerInfo {
  LedgerId ledger;
  std::string name;
  std::uint16_t chains = 0;
  std::vector<ledger::GenesisAsset> assets;
  ledger::ParamsRow params;
  pki::Certificate root;
  std::vector<pki::Certificate> issuing;  // the one that issues now first
  crypto::PublicKey service_key;          // binds displays
  codec::Json json;                       // all of the answer, as it came

  static Result<LedgerInfo> from_json(const codec::Json& json);

  // By its code ("EUR") or number ("978"): `unknown_asset`.
  Result<ledger::GenesisAsset> asset(std::string_view code_or_number) const;
  Result<ledger::GenesisAsset> asset(AssetId id) const;
  // The one to take when none is named: the first.
  const ledger::GenesisAsset& default_asset() const { return assets.front(); }
};

// A certificate and what the node says of it.
struct KnownCertificate {
  pki::Certificate certificate;
  pki::Certificate issuing;  // who issued it
  ledger::KeyStatus status = ledger::KeyStatus::active;
  Millis since;  // when it became so, by the main chain
  Millis as_of;  // the node's time when it said so
  codec::Json json;

  static Result<KnownCertificate> from_json(const codec::Json& json);
};

// What the node says of a member to another one.
struct Membership {
  KnownCertificate known;
  Bytes proof;  // tx::LedgerProof of the certificate's record on the main chain

  static Result<Membership> from_json(const codec::Json& json);
};

// What waits for officers, as the node says; its digest was made anew of what it says.
struct AwaitedApproval {
  service::IntendedCertificate intended;
  Digest digest;
  Millis lapses_at;
  std::uint64_t needed = 0;
  std::vector<std::string> approved_by;
  codec::Json json;

  // `bad_value` when the digest is not of this.
  static Result<AwaitedApproval> from_json(const codec::Json& json);
};

struct Balance {
  AssetId asset;
  std::string code;
  Amount spendable;
  Amount held;
  Amount credits_posted;
  Amount debits_posted;
};

struct AccountInfo {
  Address address;
  KeyHash key;
  std::vector<Balance> balances;
  std::uint64_t open_holds = 0;
};

struct StatementEntry {
  std::string id;  // "<tx>:<index>"
  std::string kind;
  Millis time;
  SignedAmount amount;
  std::optional<std::string> counterparty;  // its address; nothing for issued money
  std::optional<std::string> of;
  std::optional<std::string> memo;
  Amount refunded;
};

// Newest first; `next` asks for the page after. What came in less what went out, at the moment of
// the first entry.
struct StatementPage {
  Amount posted;
  std::vector<StatementEntry> entries;
  std::optional<std::string> next;
};

// What a chain decided of an account's transactions, newest first; `next` asks for those before.
struct TransactionPage {
  std::vector<tx::Receipt> receipts;
  codec::Json::Array json;  // the same, as they came
  std::optional<std::string> next;
};

// A transaction in a block.
struct RecordedTransaction {
  tx::Receipt receipt;
  tx::Transaction body;
  codec::Json json;
};

struct SubmitOptions {
  bool dry_run = false;
  std::optional<std::string> idempotency_key;
};

// A binding as the element wants it (element/payment_code_applet.h).
struct BindingGrant {
  Address account;
  std::uint32_t epoch = 0;
  Bytes statement;
  Secret security_key;
};

// One HTTP request, whole but for the signature.
struct Call {
  std::string method = "GET";
  std::string target;  // path and query, encoded
  Bytes body;
  std::string media_type;  // of the body; empty without one
  std::string accept;      // empty: anything
};

// One thread at a time; holds one connection.
class NodeClient {
 public:
  // Connects with the first call. `env` must outlive the client: its clock dates the signatures.
  static Result<NodeClient> open(const std::string& url, const std::optional<http::Trust>& trust,
                                 Env& env, http::ClientOptions options = {});

  Result<LedgerInfo> ledger();
  Result<codec::Json> chains();
  Result<codec::Json> streams();
  // Where a payment stands: its members are those of GET /v1/payments/{payment}.
  Result<codec::Json> payment(const ledger::OperationRef& ref);
  // Where a settlement stands: GET /v1/settlements/{settlement}.
  Result<codec::Json> settlement(const SettlementId& id);
  Result<codec::Json> chain(ChainId id);
  Result<codec::Json> block(ChainId id, Height height);
  Result<codec::Json> forks(ChainId id);

  // Waits for the final receipt. A receipt that is not `accepted` comes back as its refusal;
  // `pending` when none was made in time. With dry_run the receipt has neither block nor time.
  Result<tx::Receipt> submit(ByteView transaction, const SubmitOptions& options = {});
  Result<RecordedTransaction> transaction(const TxId& id);

  Result<AccountInfo> account(const Address& address, const crypto::Signer& reader);
  // At most `limit` entries, from the one after `before` on.
  Result<StatementPage> statement(const Address& address, AssetId asset, unsigned limit,
                                  const std::optional<std::string>& before,
                                  const crypto::Signer& reader);
  // At most `limit` transactions, from those before `before` on.
  Result<TransactionPage> transactions(const Address& address, unsigned limit,
                                       const std::optional<std::string>& before,
                                       const crypto::Signer& reader);

  struct NewLogin {
    std::string name;
    crypto::PublicKey key;
    std::vector<pki::CertificateUsage> usages;
    std::optional<AccountId> account;  // for displays: the payee of their codes
    bool genuine_elements = false;     // the operator vouches for its elements
    std::optional<std::vector<service::Grant>> grants = {};
    std::optional<Duration> validity = {};  // of its certificates
    bool officer = false;                   // approves others' certificates
    std::optional<std::vector<service::ApprovalRule>> approvals = {};
  };
  Result<codec::Json> add_login(const NewLogin& login, const crypto::Signer& node_operator);
  Result<codec::Json> login(const std::string& name, const crypto::Signer& reader);

  Result<pki::ApplicationInformation> apply(const service::EnrolmentWish& wish,
                                            const crypto::Signer& login);
  // The element's answer, as it packed it.
  Result<KnownCertificate> submit_answer(const pki::ApplicationId& id, ByteView answer,
                                         const crypto::Signer& login);

  // All that waits, or one; by an officer or the operator.
  Result<std::vector<AwaitedApproval>> approvals(const crypto::Signer& reader);
  Result<AwaitedApproval> approval(const Digest& digest, const crypto::Signer& reader);
  // As it stands with the decision.
  Result<AwaitedApproval> decide(const Digest& digest, service::ApprovalDecision decision,
                                 const crypto::Signer& officer);

  Result<codec::Json> certificates(const crypto::Signer& node_operator);
  // The authorities: members of GET /v1/authority.
  Result<codec::Json> authority(const crypto::Signer& node_operator);
  // `unknown_certificate`.
  Result<KnownCertificate> certificate(const KeyHash& key);
  Result<KnownCertificate> certificate(const proof::KeyId& key);
  // Signed by a member: `not_reader` for everybody else.
  Result<Membership> membership(const proof::KeyId& key, const crypto::Signer& asking);
  // Signed by the operator: how it stands then.
  Result<KnownCertificate> set_certificate_status(const KeyHash& key, ledger::KeyStatus status,
                                                  std::optional<pki::RevocationReason> reason,
                                                  const crypto::Signer& node_operator);
  // What a CMP or EST client of that login is given; nothing: as long as the node thinks fit.
  Result<codec::Json> one_time_secret(const std::string& login, pki::CertificateUsage usage,
                                      std::optional<Duration> valid_for,
                                      const crypto::Signer& node_operator);

  Result<BindingGrant> binding(const KeyHash& display, const crypto::Signer& login);
  Result<void> rebind(const KeyHash& display, const AccountId& account,
                      const crypto::Signer& node_operator);
  // Those with a counter above `after`, until `on_refresh` returns false or `stop` is asked for
  // (http::Client::subscribe). Over a connection of its own.
  using OnRefresh = std::function<bool(const proof::RefreshNotification&)>;
  Result<void> refresh_notifications(const KeyHash& display, const crypto::Signer& login,
                                     const OnRefresh& on_refresh, std::uint64_t after = 0,
                                     std::stop_token stop = {});

  // The receipt of the claim on the payee's chain.
  Result<tx::Receipt> claim(const std::string& text, ByteView claim);
  Result<codec::Json> verify_code(const std::string& text);

  // An answer that is bytes, e.g. a proof; signed when there is a reader.
  Result<Bytes> bytes(const std::string& target, const crypto::Signer* reader = nullptr);

  // Any request, signed when there is a signer, and its response whatever the status.
  Result<http::Response> send(const Call& call, const crypto::Signer* signer);
  // The request as send() sends it.
  Result<http::ClientRequest> request(const Call& call, const crypto::Signer* signer);
  // "https://127.0.0.1:8443/v1/ledger"
  std::string target_uri(const std::string& target) const;

 private:
  NodeClient(http::Client client, std::string scheme, Env& env)
      : client_(std::move(client)), scheme_(std::move(scheme)), env_(&env) {}
  // The JSON of an answer that refuses nothing.
  Result<codec::Json> ask(const Call& call, const crypto::Signer* signer = nullptr);
  Result<codec::Json> ask(const std::string& method, std::string target, const codec::Json& body,
                          const crypto::Signer* signer);

  http::Client client_;
  std::string scheme_;
  Env* env_;
};

// The receipt in an answer: members of tx::Receipt, `verdict` as a name or a number.
Result<tx::Receipt> receipt_from_json(const codec::Json& json);

}  // namespace intaglio::cli
