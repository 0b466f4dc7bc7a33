#include "cli/payment_code.h"

#include "crypto/sha256.h"
#include "symbol/reader.h"

namespace intaglio::cli {
namespace {

constexpr std::string_view kCodeStart = "000201";  // every EMVCo code's first object
constexpr std::size_t kMaxPicture = 8 * 1024 * 1024;

// A code's key is named by 8 bytes: the node must know the whole of it.
Result<LookedUp> display_certificate(Home& home, NodeClient* node, const proof::KeyId& key) {
  auto found = look_up_certificate(home, node, key);
  if (!found && found.error().verdict == Verdict::unknown_certificate) {
    return refuse(Verdict::code_unknown_key, codec::to_hex(key));
  }
  return found;
}

}  // namespace

Result<std::string> code_text(const std::string& what, Env& env) {
  if (what.starts_with(kCodeStart)) return what;
  ASSIGN(const auto picture, env.read_file(what, kMaxPicture));
  auto texts = symbol::read_symbols(picture);
  if (!texts) return refuse_within(what, texts.error());
  if (texts->size() > 1) return refuse(Verdict::duplicate_field, what + ": several symbols");
  return std::move(texts->front());
}

Result<Scanned> scan_code(Home& home, NodeClient* node, const LedgerInfo& ledger,
                          const std::string& text) {
  const Millis now = home.env().now();
  ASSIGN(const auto unverified, proof::parse_payment_code(text, ledger.params.code_guid));
  ASSIGN(const auto found, display_certificate(home, node, unverified.code().key));
  const pki::Certificate& certificate = found.known.certificate;
  if (found.known.status != ledger::KeyStatus::active) {
    return refuse(found.known.status == ledger::KeyStatus::revoked ? Verdict::code_key_revoked
                                                                   : Verdict::code_key_suspended,
                  codec::to_hex(certificate.key_hash()));
  }
  TRY(check_path(found.known, ledger, pki::CertificateUsage::display, now));
  const crypto::Verifier verifier(certificate.public_key());
  ASSIGN(const auto verified, proof::verify_payment_code(unverified, verifier));
  TRY(proof::judge_freshness(verified->step, now, ledger.params.code_step,
                             ledger.params.code_window));
  ASSIGN(const auto payee, verified->payee());
  ASSIGN(const auto asset, ledger.asset(verified->currency));
  ASSIGN(const auto amount, verified->minor_units(asset.scale));
  const auto& certified = certificate.account();
  const bool payee_certified = certified && certified->account == payee.account;
  return Scanned{text, *verified, certificate, found.age, payee, asset, amount, payee_certified};
}

Result<tx::Receipt> claim_code(NodeClient& node, const Payer& payer, const Scanned& scanned,
                               Env& env) {
  const proof::Claim claim{.code = crypto::sha256(as_bytes(scanned.text)),
                           .claimant = payer.address,
                           .claimed_at = env.now(),
                           .nonce = env.random_id<proof::ClaimNonce>()};
  ASSIGN(const auto statement, proof::sign_statement(claim, payer.ledger, payer.signer));
  return node.claim(scanned.text, statement);
}

Result<Payment> pay_code(NodeClient& node, const Payer& payer, const Scanned& scanned,
                         std::optional<Amount> amount, const PaymentOptions& options, Env& env,
                         const OnSigned& on_signed) {
  if (scanned.amount && amount && *amount != *scanned.amount) {
    return refuse(Verdict::code_wrong_amount, "--amount: the code states its own");
  }
  const auto to_pay = scanned.amount ? scanned.amount : amount;
  if (!to_pay) return refuse(Verdict::code_wrong_amount, "--amount: the code states none");
  const tx::Transfer transfer{.to = scanned.payee,
                              .asset = scanned.asset.id,
                              .amount = *to_pay,
                              .memo = options.memo ? options.memo : scanned.code.reference,
                              .code = scanned.key(),
                              .code_text = {}};
  return send_operations(node, payer, {transfer}, options, env, on_signed);
}

}  // namespace intaglio::cli
