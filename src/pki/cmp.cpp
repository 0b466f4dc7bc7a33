// The CMP responder over OpenSSL's server. That one holds one transaction a context and one secret
// a context, and takes any sender whose chain it can build; so each transaction gets a context of
// its own, made for one sender whom we identified, and its signature is not asked for: answers to
// signed requests leave it unprotected and are signed here, by a signer that need not be a key in
// memory.
#include "pki/cmp.h"

#include <algorithm>
#include <atomic>

#include <openssl/cmp.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "crypto/sha256.h"
#include "pki/certificate_parts.h"
#include "pki/cmp_message.h"
#include "pki/openssl_handles.h"

namespace intaglio::pki {

namespace {

void free_items(STACK_OF(OSSL_CMP_ITAV) * items) {
  sk_OSSL_CMP_ITAV_pop_free(items, OSSL_CMP_ITAV_free);
}
using Server = std::unique_ptr<OSSL_CMP_SRV_CTX, Freed<OSSL_CMP_SRV_CTX_free>>;
using NativeMessage = std::unique_ptr<OSSL_CMP_MSG, Freed<OSSL_CMP_MSG_free>>;
using NativeName = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
using Items = std::unique_ptr<STACK_OF(OSSL_CMP_ITAV), Freed<free_items>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

// What the callbacks need while one request is worked on, and what they found.
struct Work {
  CmpAuthority& authority;
  const CmpIdentity& identity;
  std::string reference;                // of the secret; empty when the sender signed
  std::optional<Certificate> sender;    // who signed
  const CmpMessage* message = nullptr;  // the application, also while its client polls
  const OSSL_CMP_MSG* asked = nullptr;  // the same, when it waits
  Duration poll_after;
  std::optional<Certificate> issued;
  bool waiting = false;    // the authority has not decided
  bool confirmed = false;  // the authority was told what the client thinks of it
};

Work& work_of(OSSL_CMP_SRV_CTX* server) {
  return *static_cast<Work*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
}

OSSL_CMP_PKISI* rejection(const Refusal& refusal) {
  return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_rejection, 1 << cmp_failure(refusal.verdict),
                                 to_string(refusal).c_str());
}

OSSL_CMP_PKISI* waiting(const Refusal& refusal) {
  return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_waiting, 0, to_string(refusal).c_str());
}

OSSL_CMP_PKISI* acceptance() {
  return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_accepted, 0, nullptr);
}

Result<Certificate> certificate_for(Work& work) {
  ASSIGN(auto application, read_cmp_application(*work.message));
  application.reference = work.reference;
  application.sender = work.sender;
  const bool update = application.kind == CmpRequestKind::update;
  if (!update) return work.authority.issue(VerificationPass::grant(std::move(application)));
  if (!work.sender) return refuse(Verdict::not_signer, "kur");
  ASSIGN(const auto old, read_old_certificate(*work.message));
  if (old && !names(*old, *work.sender)) return refuse(Verdict::not_signer, "old certificate");
  return work.authority.renew(*work.sender, VerificationPass::grant(std::move(application)));
}

bool is_waiting(const Result<Certificate>& certificate) {
  return !certificate && certificate.error().verdict == Verdict::approval_pending;
}

void push(STACK_OF(X509) * to, const Certificate& certificate) {
  CHECK(X509_up_ref(certificate.native()) == 1 && sk_X509_push(to, certificate.native()) > 0);
}

// OpenSSL has verified the proof of possession when it calls this.
OSSL_CMP_PKISI* on_certificate_request(OSSL_CMP_SRV_CTX* server, const OSSL_CMP_MSG* /*request*/,
                                       int /*id*/, const OSSL_CRMF_MSG* /*crmf*/,
                                       const X509_REQ* /*pkcs10*/, X509** issued,
                                       STACK_OF(X509) * *chain, STACK_OF(X509) * *anchors) {
  Work& work = work_of(server);
  auto certificate = certificate_for(work);
  work.waiting = is_waiting(certificate);
  if (work.waiting) return waiting(certificate.error());
  if (!certificate) return rejection(certificate.error());
  CHECK(X509_up_ref(certificate->native()) == 1);
  *issued = certificate->native();
  CHECK((*chain = sk_X509_new_null()) != nullptr);
  for (const Certificate& authority : work.identity.authorities) push(*chain, authority);
  // Whoever shares a secret with us may learn from us whom to trust (RFC 9483 section 4.1.1).
  if (!work.sender) {
    CHECK((*anchors = sk_X509_new_null()) != nullptr);
    push(*anchors, work.identity.authorities.back());
  }
  work.issued = *std::move(certificate);
  return acceptance();
}

// The client asks again (RFC 4210 section 5.3.22). Once it is decided, OpenSSL takes the
// application itself, which it then frees, for what this answers.
int on_poll(OSSL_CMP_SRV_CTX* server, const OSSL_CMP_MSG* /*request*/, int /*id*/,
            OSSL_CMP_MSG** application, int64_t* check_after) {
  Work& work = work_of(server);
  *application = nullptr;
  *check_after = static_cast<int64_t>(work.poll_after.value() / 1000);
  work.waiting = is_waiting(certificate_for(work));
  if (work.waiting) return 1;
  *application = OSSL_CMP_MSG_dup(work.asked);
  return *application != nullptr ? 1 : 0;
}

Result<void> revoke(Work& work) {
  ASSIGN(const auto revocation, read_cmp_revocation(*work.message));
  if (!work.sender || !names(revocation.certificate, *work.sender)) {
    return refuse(Verdict::not_signer, "rr");
  }
  return work.authority.revoke(*work.sender, revocation.reason);
}

OSSL_CMP_PKISI* on_revocation(OSSL_CMP_SRV_CTX* server, const OSSL_CMP_MSG* /*request*/,
                              const X509_NAME* /*issuer*/, const ASN1_INTEGER* /*serial*/) {
  const auto revoked = revoke(work_of(server));
  return revoked ? acceptance() : rejection(revoked.error());
}

// id-it-caCerts (RFC 9480 section 2.14): SEQUENCE OF the authorities' certificates.
OSSL_CMP_ITAV* authorities_item(const CmpIdentity& identity) {
  Bytes all;
  for (const Certificate& authority : identity.authorities) append(all, authority.der());
  const Bytes list = der::sequence({all});
  const unsigned char* at = list.data();
  ASN1_TYPE* value = d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(list.size()));
  CHECK(value != nullptr);
  return OSSL_CMP_ITAV_create(OBJ_nid2obj(NID_id_it_caCerts), value);
}

int on_general_message(OSSL_CMP_SRV_CTX* server, const OSSL_CMP_MSG* /*request*/,
                       const STACK_OF(OSSL_CMP_ITAV) * asked, STACK_OF(OSSL_CMP_ITAV) * *answer) {
  Items items(sk_OSSL_CMP_ITAV_new_null());
  CHECK(items != nullptr);
  for (int i = 0; i < sk_OSSL_CMP_ITAV_num(asked); ++i) {
    const auto* type = OSSL_CMP_ITAV_get0_type(sk_OSSL_CMP_ITAV_value(asked, i));
    if (OBJ_obj2nid(type) != NID_id_it_caCerts) continue;
    CHECK(sk_OSSL_CMP_ITAV_push(items.get(), authorities_item(work_of(server).identity)) > 0);
    break;
  }
  *answer = items.release();
  return 1;
}

// 0 or 1, grantedWithMods: the client has taken it.
bool taken(const OSSL_CMP_PKISI* status) {
  if (status == nullptr) return true;
  unsigned char* der = nullptr;
  const int size = i2d_OSSL_CMP_PKISI(status, &der);
  CHECK(size > 0);
  bool out = false;
  if (const auto info =
          der::only_element({der, static_cast<std::size_t>(size)}, der::kSequence, "status")) {
    der::Reader in(info->content);
    const auto number = in.next(der::kInteger, "status");
    out = number && der::to_uint(*number, "status").value_or(2) <= 1;
  }
  OPENSSL_free(der);
  return out;
}

Result<void> tell(Work& work, CmpConfirmation confirmation) {
  work.confirmed = true;
  return work.authority.confirm(*work.issued, confirmation);
}

int on_confirmation(OSSL_CMP_SRV_CTX* server, const OSSL_CMP_MSG* /*request*/, int /*id*/,
                    const ASN1_OCTET_STRING* hash, const OSSL_CMP_PKISI* status) {
  Work& work = work_of(server);
  // Our certificates are signed with SHA-256, so that is their hash here (RFC 4210 section 5.3.18).
  if (!work.issued || !equal(content(hash), work.issued->fingerprint().view())) {
    ERR_raise(ERR_LIB_CMP, CMP_R_CERTHASH_UNMATCHED);
    return 0;
  }
  const auto told =
      tell(work, taken(status) ? CmpConfirmation::accepted : CmpConfirmation::rejected);
  if (told) return 1;
  ERR_raise_data(ERR_LIB_CMP, CMP_R_ERROR_PROCESSING_MESSAGE, "%s",
                 to_string(told.error()).c_str());
  return 0;
}

// The client gives up: what it got it does not want.
void on_error(OSSL_CMP_SRV_CTX* /*server*/, const OSSL_CMP_MSG* /*request*/,
              const OSSL_CMP_PKISI* /*status*/, const ASN1_INTEGER* /*code*/,
              const OSSL_CMP_PKIFREETEXT* /*details*/) {}

int keep_silent(const char* /*function*/, const char* /*file*/, int /*line*/,
                OSSL_CMP_severity /*level*/, const char* /*message*/) {
  return 1;
}

Server make_server(Work& work) {
  Server server(OSSL_CMP_SRV_CTX_new(nullptr, nullptr));
  CHECK(server != nullptr);
  CHECK(OSSL_CMP_SRV_CTX_init(server.get(), &work, on_certificate_request, on_revocation,
                              on_general_message, on_error, on_confirmation, on_poll) == 1);
  OSSL_CMP_SRV_CTX_set_accept_raverified(server.get(), 0);
  OSSL_CMP_SRV_CTX_set_accept_unprotected(server.get(), 0);
  OSSL_CMP_SRV_CTX_set_grant_implicit_confirm(server.get(), 1);
  OSSL_CMP_CTX* context = OSSL_CMP_SRV_CTX_get0_cmp_ctx(server.get());
  CHECK(OSSL_CMP_CTX_set_log_cb(context, keep_silent) == 1);
  CHECK(OSSL_CMP_CTX_set1_cert(context, work.identity.protection.native()) == 1);  // names us
  CHECK(OSSL_CMP_CTX_set_option(context, OSSL_CMP_OPT_MAC_ALGNID, NID_hmacWithSHA256) == 1);
  return server;
}

Result<NativeMessage> decode(ByteView der) {
  const Bio in(BIO_new_mem_buf(der.data(), static_cast<int>(der.size())));
  CHECK(in != nullptr);
  NativeMessage message(d2i_OSSL_CMP_MSG_bio(in.get(), nullptr));
  if (message == nullptr) return refuse(Verdict::bad_encoding, "message");
  return message;
}

Bytes encode(const OSSL_CMP_MSG* message) {
  const Bio out(BIO_new(BIO_s_mem()));
  CHECK(out != nullptr && i2d_OSSL_CMP_MSG_bio(out.get(), message) == 1);
  const unsigned char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return Bytes(data, data + size);
}

bool same_name(ByteView der, const Certificate& certificate) {
  const unsigned char* at = der.data();
  const NativeName name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  return name != nullptr &&
         X509_NAME_cmp(name.get(), X509_get_subject_name(certificate.native())) == 0;
}

// Nobody in particular, an issuing authority, or who signs for it. Who has a certificate of the one
// before asks that one.
Result<void> check_recipient(const CmpMessage& message, const CmpIdentity& identity) {
  if (equal(message.recipient, der::sequence({}))) return {};
  const auto is_recipient = [&](const Certificate& each) {
    return same_name(message.recipient, each);
  };
  const auto& all = identity.authorities;
  if (std::any_of(all.begin(), all.end() - 1, is_recipient)) return {};
  if (same_name(message.recipient, identity.protection)) return {};
  return refuse(Verdict::wrong_recipient);
}

bool starts(CmpBody kind) {
  return kind != CmpBody::cert_conf && kind != CmpBody::error && kind != CmpBody::poll_req;
}

}  // namespace

struct CmpResponder::Request {
  ByteView der;
  CmpMessage message;
  NativeMessage native;
  Digest digest;
  Bytes sender_key;  // who says to have sent it
  Bytes key;         // the same, and the transaction
};

// An application that waits. Its message's views are of its own bytes.
struct CmpResponder::Asked {
  Bytes der;
  CmpMessage message;
  NativeMessage native;
};

struct CmpResponder::Transaction {
  Transaction(CmpAuthority& authority, const CmpIdentity& identity, const Request& request,
              Duration poll_after, Millis now)
      : work{.authority = authority,
             .identity = identity,
             .reference = {},
             .sender = {},
             .poll_after = poll_after,
             .issued = {}},
        server(make_server(work)),
        sender_key(request.sender_key),
        key(request.key),
        ends_at(now + kCmpTransactionTime) {}

  OSSL_CMP_CTX* context() const { return OSSL_CMP_SRV_CTX_get0_cmp_ctx(server.get()); }

  Work work;
  const Server server;
  const Bytes sender_key;
  const Bytes key;
  std::atomic<Millis> ends_at;
  std::atomic<bool> open = true;  // something may still be asked in it
  std::mutex turn;                // guards the rest
  // To what it began with, and to what was asked last after that.
  std::vector<std::pair<Digest, Bytes>> answers;
  std::optional<Asked> asked;  // while it waits
};

CmpResponder::CmpResponder(CmpAuthority& authority, CmpIdentity identity, Duration poll_after)
    : authority_(authority), identity_(std::move(identity)), poll_after_(poll_after) {
  CHECK(!identity_.authorities.empty());
  CHECK(identity_.signer.key == identity_.protection.public_key());
}

CmpResponder::~CmpResponder() = default;

Result<Bytes> CmpResponder::respond(ByteView request, Millis now) {
  const ErrorQueueCleared cleared;
  ASSIGN(const auto addresses, read_cmp_addresses(request));
  const auto answer = [&]() -> Result<Bytes> {
    Request read{request, {}, nullptr, crypto::sha256(request), {}, {}};
    ASSIGN(read.message, read_cmp_message(request));
    ASSIGN(read.native, decode(request));
    const CmpMessage& message = read.message;
    read.sender_key = {static_cast<std::uint8_t>(message.under_secret),
                       static_cast<std::uint8_t>(message.sender_key_id.size())};
    append(read.sender_key, message.sender_key_id);
    read.key = read.sender_key;
    append(read.key, message.transaction);
    return respond_to(read, now);
  }();
  if (answer) return answer;
  std::array<std::uint8_t, 16> nonce;
  CHECK(RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) == 1);
  ASSIGN(const auto error, encode_cmp_error(addresses, identity_, answer.error(), nonce, now));
  return sign_cmp_message(error, identity_);
}

Result<Bytes> CmpResponder::respond_to(const Request& request, Millis now) {
  TRY(check_recipient(request.message, identity_));
  if (const Shared known = find(request.key, now)) {
    const std::lock_guard turn(known->turn);
    return take_turn(*known, request, now);
  }
  if (!starts(request.message.body_kind)) return refuse(Verdict::unknown_transaction);
  return begin(request, now);
}

Result<Bytes> CmpResponder::begin(const Request& request, Millis now) {
  const auto fresh =
      std::make_shared<Transaction>(authority_, identity_, request, poll_after_, now);
  std::unique_lock first(fresh->turn);  // before anybody else can see it
  TRY(identify(request, now, *fresh));
  TRY(check_protection(*fresh, request));
  ASSIGN(const auto kept, remember(fresh, now));
  if (kept == fresh) return take_turn(*fresh, request, now);
  first.unlock();  // the same request came twice at once, and the other was first
  const std::lock_guard turn(kept->turn);
  return take_turn(*kept, request, now);
}

// Who sent it, as far as that can be known before its protection is checked.
Result<void> CmpResponder::identify(const Request& request, Millis now, Transaction& out) {
  const CmpMessage& message = request.message;
  if (message.under_secret) {
    out.work.reference = as_text(message.sender_key_id);
    const auto secret = authority_.secret_of(out.work.reference);
    if (!secret) {
      const VerdictRow& row = describe(secret.error().verdict);
      const bool ours = row.kind == VerdictKind::later || row.http_status == 500;
      return ours ? std::unexpected(secret.error()) : refuse(Verdict::wrong_secret);
    }
    if (secret->empty()) return refuse(Verdict::wrong_secret);  // everybody would know it
    const ByteView bytes = secret->reveal();
    CHECK(OSSL_CMP_CTX_set1_referenceValue(out.context(), message.sender_key_id.data(),
                                           static_cast<int>(message.sender_key_id.size())) == 1 &&
          OSSL_CMP_CTX_set1_secretValue(out.context(), bytes.data(),
                                        static_cast<int>(bytes.size())) == 1);
    return {};
  }
  if (!message.signer) return refuse(Verdict::path_invalid, "no certificate");
  ASSIGN(const auto sender, Certificate::parse(*message.signer));
  if (!equal(sender.subject_der(), message.sender) ||
      !equal(issuer_key_id(sender), message.sender_key_id)) {
    return refuse(Verdict::path_invalid, "another sender's certificate");
  }
  const auto& all = identity_.authorities;
  const PathMaterial material{{all.begin(), all.end() - 1}, {all.back()}, {}};
  TRY(validate_path(sender, material, {.at = now}));
  TRY(authority_.admit(sender));
  CHECK(OSSL_CMP_CTX_set1_srvCert(out.context(), sender.native()) == 1 &&
        OSSL_CMP_CTX_set_option(out.context(), OSSL_CMP_OPT_UNPROTECTED_SEND, 1) == 1);
  out.work.sender = sender;
  return {};
}

Result<void> CmpResponder::check_protection(const Transaction& transaction,
                                            const Request& request) {
  if (OSSL_CMP_validate_msg(transaction.context(), request.native.get()) == 1) return {};
  return refuse(request.message.under_secret ? Verdict::wrong_secret : Verdict::bad_signature);
}

// The transaction's turn is held.
Result<Bytes> CmpResponder::take_turn(Transaction& transaction, const Request& request,
                                      Millis now) {
  TRY(check_protection(transaction, request));
  for (const auto& [digest, answer] : transaction.answers) {
    if (digest == request.digest) return answer;
  }
  if (!transaction.open) return refuse(Verdict::unknown_transaction);
  const CmpBody kind = request.message.body_kind;
  const bool waits = transaction.asked.has_value();
  const bool in_turn = kind == CmpBody::error || (kind == CmpBody::poll_req) == waits;
  if (starts(kind) != transaction.answers.empty() || !in_turn) {
    return refuse(Verdict::conflict, "transaction");
  }
  ASSIGN(auto answer, process(transaction, request, now));
  if (transaction.answers.size() > 1) transaction.answers.pop_back();  // of the poll before
  transaction.answers.emplace_back(request.digest, answer);
  return answer;
}

Result<Bytes> CmpResponder::process(Transaction& transaction, const Request& request, Millis now) {
  Work& work = transaction.work;
  const bool polls = request.message.body_kind == CmpBody::poll_req;
  const OSSL_CMP_MSG* asked = polls ? transaction.asked->native.get() : request.native.get();
  work.message = polls ? &transaction.asked->message : &request.message;
  work.asked = asked;
  work.waiting = false;
  ERR_clear_error();  // OpenSSL puts the first error it finds into its answer
  const NativeMessage answer(
      OSSL_CMP_SRV_process_request(transaction.server.get(), request.native.get()));
  work.message = nullptr;
  work.asked = nullptr;
  if (answer == nullptr) {
    transaction.open = false;
    return refuse(Verdict::internal, "CMP");
  }
  const bool answers_application = polls || starts(request.message.body_kind);
  const bool implicit =
      OSSL_CMP_CTX_get_option(transaction.context(), OSSL_CMP_OPT_IMPLICIT_CONFIRM) == 1;
  transaction.open = work.waiting || (answers_application && work.issued && !implicit);
  TRY(keep_asked(transaction, request, now));
  if (work.issued && !work.confirmed && !transaction.open) {
    // An empty confirmation or an error rejects what was issued (RFC 4210 section 5.3.18).
    TRY(tell(work, answers_application ? CmpConfirmation::implicit : CmpConfirmation::rejected));
  }
  const Bytes encoded = encode(answer.get());
  return work.sender ? sign_cmp_message(encoded, identity_) : encoded;
}

// An application that waits is kept for the polls to come, each of which gives it more time.
Result<void> CmpResponder::keep_asked(Transaction& transaction, const Request& request,
                                      Millis now) {
  if (!transaction.work.waiting) {
    transaction.asked.reset();
    return {};
  }
  transaction.ends_at = now + kCmpTransactionTime;
  if (transaction.asked) return {};
  Asked asked{to_bytes(request.der), {}, nullptr};
  ASSIGN(asked.native, decode(asked.der));
  transaction.asked.emplace(std::move(asked));
  // Read where it stays: the views are of these bytes.
  ASSIGN(transaction.asked->message, read_cmp_message(transaction.asked->der));
  return {};
}

CmpResponder::Shared CmpResponder::find(const Bytes& key, Millis now) {
  const std::lock_guard lock(mutex_);
  const auto found = transactions_.find(key);
  if (found == transactions_.end() || now >= found->second->ends_at.load()) return nullptr;
  return found->second;
}

// What is kept under the transaction's key: it, or who came first.
Result<CmpResponder::Shared> CmpResponder::remember(const Shared& fresh, Millis now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(transactions_,
                [&](const auto& each) { return now >= each.second->ends_at.load(); });
  const auto found = transactions_.find(fresh->key);
  if (found != transactions_.end()) return found->second;
  TRY(make_room(*fresh));
  transactions_.emplace(fresh->key, fresh);
  return fresh;
}

// One sender makes room among its own, so that nobody can push out others' for long. Those that
// still wait for a word are kept.
Result<void> CmpResponder::make_room(const Transaction& fresh) {
  const auto oldest = [&](bool of_one) {
    auto out = transactions_.end();
    for (auto each = transactions_.begin(); each != transactions_.end(); ++each) {
      if (each->second->open) continue;
      if (of_one && each->second->sender_key != fresh.sender_key) continue;
      if (out == transactions_.end() ||
          each->second->ends_at.load() < out->second->ends_at.load()) {
        out = each;
      }
    }
    return out;
  };
  const auto of_sender = std::ranges::count_if(
      transactions_, [&](const auto& each) { return each.second->sender_key == fresh.sender_key; });
  const bool full_of_one = static_cast<std::size_t>(of_sender) >= kMaxCmpTransactionsOfOne;
  if (!full_of_one && transactions_.size() < kMaxCmpTransactions) return {};
  const auto victim = oldest(full_of_one);
  if (victim == transactions_.end()) return refuse(Verdict::busy, "transactions");
  transactions_.erase(victim);
  return {};
}

}  // namespace intaglio::pki
