#include "tx/certificate/certificate.h"

namespace intaglio::tx {

Result<void> RegisterKey::check() const {
  if (role == ledger::Role::authority) return refuse(Verdict::bad_value, "role");
  if (valid_until < valid_from) return refuse(Verdict::bad_value, "valid_until");
  if ((role == ledger::Role::display) != account.has_value()) {
    return refuse(account ? Verdict::bad_value : Verdict::missing_field, "account");
  }
  return {};
}

Result<void> RegisterKey::apply(ledger::Stage& stage, const Block&, const Origin& origin) const {
  if (origin.role != ledger::Role::authority) return refuse(Verdict::not_capable, kName.data());
  const KeyHash hash = key.hash();
  const AccountId own = AccountId::prefix_of(hash);
  if (stage.find<ledger::KeyRow>(hash)) return refuse(Verdict::key_exists, "key");
  if (role == ledger::Role::holder && stage.find<ledger::AccountRow>(own)) {
    return refuse(Verdict::key_exists, "key");
  }
  if (account && !stage.find<ledger::AccountRow>(*account)) {
    return refuse(Verdict::unknown_account, "account");
  }

  stage.put<ledger::KeyRow>(hash, {.public_key = key,
                                   .role = role,
                                   .status = ledger::KeyStatus::active,
                                   .valid_from = valid_from,
                                   .valid_until = valid_until,
                                   .certificate = certificate});
  if (role == ledger::Role::holder) {
    stage.put<ledger::AccountRow>(own, {.key = hash, .open_holds = 0});
  }
  if (account) {
    stage.put<ledger::DisplayRow>(hash, {.account = *account, .epoch = 1, .from_step = {}});
  }
  return {};
}

Result<void> RevokeKey::check() const { return {}; }

Result<void> RevokeKey::apply(ledger::Stage& stage, const Block&, const Origin& origin) const {
  if (origin.role != ledger::Role::authority) return refuse(Verdict::not_capable, kName.data());
  auto row = stage.find<ledger::KeyRow>(key);
  if (!row) return refuse(Verdict::unknown_key, "key");
  if (row->role == ledger::Role::authority) return refuse(Verdict::not_capable, "key");
  if (row->status == ledger::KeyStatus::revoked) return refuse(Verdict::key_revoked, "key");

  row->status = ledger::KeyStatus::revoked;
  stage.put<ledger::KeyRow>(key, *row);
  return {};
}

}  // namespace intaglio::tx
