#include "tx/payment_code/payment_code.h"

#include "crypto/sha256.h"
#include "ledger/book.h"
#include "proof/claim.h"
#include "proof/statement.h"
#include "tx/payment_code/redemption.h"

namespace intaglio::tx {
namespace {

// The payer's own signed word that they scanned this text.
Result<AccountId> verify_claim(const ledger::View& state, const Block& block, ByteView claim,
                               std::string_view text) {
  ASSIGN(auto parsed, proof::parse_statement<proof::Claim>(claim, block.ledger));
  const auto key = state.find<ledger::KeyRow>(parsed.signer());
  if (!key) return refuse(Verdict::unknown_key, codec::to_hex(parsed.signer()));
  TRY(ledger::check_standing(*key));
  if (block.time < key->valid_from || block.time > key->valid_until) {
    return refuse(Verdict::key_not_valid_now);
  }
  ASSIGN(const auto verified,
         proof::verify_statement(std::move(parsed), crypto::Verifier(key->public_key)));
  const proof::Claim& body = verified->body;
  const auto account = state.find<ledger::AccountRow>(body.claimant.account);
  if (!account || account->key != verified->signer) return refuse(Verdict::not_signer, "claimant");
  if (body.code != crypto::sha256(as_bytes(text))) return refuse(Verdict::bad_value, "code");
  return body.claimant.account;
}

}  // namespace

Result<void> BindDisplay::check() const { return {}; }

Result<void> BindDisplay::apply(ledger::Stage& stage, const Block& block,
                                const Origin& origin) const {
  if (origin.role != ledger::Role::service) return refuse(Verdict::not_capable, kName.data());
  auto bound = stage.find<ledger::DisplayRow>(display);
  if (!bound) return refuse(Verdict::unknown_display, "display");
  if (!stage.find<ledger::AccountRow>(account)) return refuse(Verdict::unknown_account, "account");

  bound->account = account;
  ++bound->epoch;
  bound->from_step = proof::time_step(block.time, block.params.code_step);
  stage.put<ledger::DisplayRow>(display, *bound);
  return {};
}

Result<void> ClaimCode::check() const { return {}; }

Result<void> ClaimCode::apply(ledger::Stage& stage, const Block& block,
                              const Origin& origin) const {
  if (origin.role != ledger::Role::service) return refuse(Verdict::not_capable, kName.data());
  const auto code = verify_code_text(stage, block, display, text);
  if (!code) return refuse_within("text", code.error());
  const proof::PaymentCode& said = **code;
  const auto claimant = verify_claim(stage, block, claim, text);
  if (!claimant) return refuse_within("claim", claimant.error());
  const ledger::CodeRow::Key slot{display, said.step, said.counter};
  auto row = stage.find<ledger::CodeRow>(slot);
  if (row && row->payment) return refuse(Verdict::code_used, "text");
  const bool claimed = row && row->claimant && block.time <= row->claimed_until.value_or(Millis(0));
  if (claimed && *row->claimant != *claimant) return refuse(Verdict::code_claimed, "text");
  if (!row) {
    auto fresh = fresh_code_row(stage, said);
    if (!fresh) return refuse_within("text", fresh.error());
    row = *std::move(fresh);
  }

  row->claimant = *claimant;
  row->claimed_until = block.time + block.params.claim_time;
  stage.put<ledger::CodeRow>(slot, *row);
  return {};
}

}  // namespace intaglio::tx
