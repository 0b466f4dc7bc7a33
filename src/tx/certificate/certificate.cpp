#include "tx/certificate/certificate.h"

#include <algorithm>

#include "ledger/book.h"
#include "ledger/certificates.h"
#include "tx/decision.h"

namespace intaglio::tx {
namespace {

using ledger::KeyRow;
using ledger::KeyStatus;
using ledger::Role;

// A list that names each chain once, in order.
Result<void> check_list(std::span<const ChainId> chains) {
  if (std::ranges::adjacent_find(chains, std::ranges::greater_equal{}) != chains.end()) {
    return refuse(Verdict::bad_value, "chains");
  }
  return {};
}

// The row as the other chains have it.
KeyRow elsewhere(KeyRow row) {
  row.chains = std::nullopt;
  return row;
}

Result<KeyRow> require_active_key(const ledger::View& state, const KeyHash& key) {
  auto row = state.find<KeyRow>(key);
  if (!row) return refuse(Verdict::unknown_key, "key");
  TRY(ledger::check_standing(*row, "key"));
  return *std::move(row);
}

}  // namespace

Result<void> RegisterKey::check() const {
  if (role == Role::authority) return refuse(Verdict::bad_value, "role");
  if (valid_until < valid_from) return refuse(Verdict::bad_value, "valid_until");
  if ((role == Role::display) != account.has_value()) {
    return refuse(account ? Verdict::bad_value : Verdict::missing_field, "account");
  }
  return chains ? check_list(*chains) : Result<void>();
}

Result<void> RegisterKey::apply(ledger::Stage& stage, const Block& block,
                                const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const KeyHash hash = key.hash();
  const AccountId own = AccountId::prefix_of(hash);
  if (stage.find<KeyRow>(hash)) return refuse(Verdict::key_exists, "key");
  if (ledger::opens_account(role) && stage.find<ledger::AccountRow>(own)) {
    return refuse(Verdict::key_exists, "key");
  }
  if (account && !stage.find<ledger::AccountRow>(*account)) {
    return refuse(Verdict::unknown_account, "account");
  }
  if (chains) TRY(check_chains(stage, *chains));

  ledger::KnownKey known{.key = {.public_key = key,
                                 .role = role,
                                 .status = KeyStatus::active,
                                 .valid_from = valid_from,
                                 .valid_until = valid_until,
                                 .certificate = certificate,
                                 .chains = chains},
                         .account = ledger::opens_account(role) ? std::optional(own) : account};
  TRY(ledger::log_certificate(stage, known.key, block.time));
  ledger::take_over(stage, known);
  const auto others = chains_of(stage, known.key);
  known.key = elsewhere(known.key);
  ledger::announce(stage, block.height, others, known);
  return {};
}

Result<void> SetKeyStatus::check() const {
  // `hold` is what a list calls a suspension.
  const bool is_reason = status == KeyStatus::revoked && reason != pki::RevocationReason::hold;
  if (reason && !is_reason) return refuse(Verdict::bad_value, "reason");
  return {};
}

Result<void> SetKeyStatus::apply(ledger::Stage& stage, const Block& block,
                                 const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto row = stage.find<KeyRow>(key);
  if (!row) return refuse(Verdict::unknown_key, "key");
  if (row->status == KeyStatus::revoked) return refuse(Verdict::key_revoked, "key");
  if (row->role == Role::authority) return refuse(Verdict::not_capable, "key");

  ledger::set_certificate_status(stage, *row, status, reason, block.time);
  decide(stage, block, chains_of(stage, *row), ledger::KeyStanding{key, status});
  return {};
}

Result<void> ExtendKey::check() const {
  if (chains.empty()) return refuse(Verdict::missing_field, "chains");
  return check_list(chains);
}

Result<void> ExtendKey::apply(ledger::Stage& stage, const Block& block,
                              const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  ASSIGN(auto row, require_active_key(stage, key));
  if (row.role == Role::authority) return refuse(Verdict::not_capable, "key");
  const auto its_account = stage.find<ledger::AccountRow>(account);
  if (!its_account) return refuse(Verdict::unknown_account, "account");
  const auto display = stage.find<ledger::DisplayRow>(key);
  const bool belongs = display ? display->account == account : its_account->key == key;
  if (!belongs) return refuse(Verdict::not_signer, "account");
  TRY(check_chains(stage, chains));

  ledger::announce(stage, block.height, chains, ledger::KnownKey{elsewhere(row), account});
  if (its_account->status == ledger::AccountStatus::frozen) {
    ledger::announce(stage, block.height, chains,
                     ledger::AccountStanding{account, its_account->status});
  }
  if (!row.chains) return {};
  std::vector<ChainId> all;
  std::ranges::set_union(*row.chains, chains, std::back_inserter(all));
  row.chains = std::move(all);
  stage.put<KeyRow>(key, row);
  return {};
}

Result<void> ReplaceKey::check() const {
  if (valid_until < valid_from) return refuse(Verdict::bad_value, "valid_until");
  return {};
}

Result<void> ReplaceKey::apply(ledger::Stage& stage, const Block& block,
                               const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto known = stage.find<ledger::AccountRow>(account);
  if (!known) return refuse(Verdict::unknown_account, "account");
  if (stage.find<KeyRow>(key.hash())) return refuse(Verdict::key_exists, "key");
  const auto before = stage.find<KeyRow>(known->key);
  CHECK(before.has_value());
  // Who is suspended waits; a key that was revoked may be followed by another.
  if (before->status == KeyStatus::suspended) return refuse(Verdict::key_suspended, "account");

  ledger::ReplacedKey replaced{.account = account,
                               .key = {.public_key = key,
                                       .role = before->role,
                                       .status = KeyStatus::active,
                                       .valid_from = valid_from,
                                       .valid_until = valid_until,
                                       .certificate = certificate,
                                       .chains = before->chains}};
  TRY(ledger::log_certificate(stage, replaced.key, block.time));
  ledger::set_certificate_status(stage, *before, KeyStatus::revoked,
                                 pki::RevocationReason::superseded, block.time);
  ledger::take_over(stage, replaced);
  replaced.key = elsewhere(replaced.key);
  ledger::announce(stage, block.height, chains_of(stage, *before), replaced);
  return {};
}

Result<void> SetAccountStatus::check() const { return {}; }

Result<void> SetAccountStatus::apply(ledger::Stage& stage, const Block& block,
                                     const Origin& origin) const {
  TRY(check_decider(block, origin, kName));
  const auto row = stage.find<ledger::AccountRow>(account);
  if (!row) return refuse(Verdict::unknown_account, "account");
  const auto key = stage.find<KeyRow>(row->key);
  CHECK(key.has_value());

  decide(stage, block, chains_of(stage, *key), ledger::AccountStanding{account, status});
  return {};
}

}  // namespace intaglio::tx
