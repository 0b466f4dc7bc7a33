#include "simulation/world.h"

namespace intaglio::simulation {
namespace {

constexpr std::uint16_t kMostChains = 6;

}  // namespace

std::vector<ChainId> Authority::some_chains() {
  std::vector<ChainId> out;
  for (std::uint16_t i = 1; i < world().chain_count(); ++i) {
    if (dice().one_in(2)) out.emplace_back(i);
  }
  return out;
}

void Authority::act() {
  const auto deed = static_cast<Deed>(dice().between(static_cast<std::uint64_t>(Deed::register_key),
                                                     static_cast<std::uint64_t>(Deed::add_asset)));
  if (!world().plan().tries(deed)) return;
  switch (deed) {
    case Deed::register_key: return register_key();
    case Deed::add_chain: return add_chain();
    case Deed::add_asset: return add_asset();
    default: return about(dice().pick(world().people().all()), static_cast<std::uint8_t>(deed));
  }
}

void Authority::register_key() {
  if (registered_ >= 3) return;
  Person& person =
      world().people().add("late " + std::to_string(registered_++), ledger::Role::holder);
  world().audit().know_key(person.key->public_key());
  tx::RegisterKey operation{.key = person.key->public_key(),
                            .role = person.role,
                            .valid_from = Millis(clock().now().value() - 5000),
                            .valid_until = clock().now() + seconds(dice().one_in(4) ? 20 : 3600),
                            .certificate = certificate_of(person.key->public_key()),
                            .account = {},
                            .chains = {}};
  if (dice().one_in(2)) operation.chains = some_chains();
  send({kMainChain}, {operation});
  world().add_holder(person).start();
}

// As an authority makes them; now and then with a serial number that it has used before.
ledger::CertificateId Authority::certificate_of(const crypto::PublicKey& key) {
  const KeyHash issuer = world().genesis().keys.front().key.hash();
  const Digest hash = crypto::sha256(key.view());
  if (!last_serial_ || !dice().one_in(10)) {
    last_serial_ = SerialNumber::from(hash.view().first(SerialNumber::kSize));
  }
  return {.issuer = issuer, .serial = *last_serial_, .hash = hash};
}

// Suspends it and lets it go on more often than it ends it for good.
void Authority::set_key_status(const KeyHash& key, ChainId where) {
  using ledger::KeyStatus;
  static constexpr std::array kStatuses = {KeyStatus::revoked, KeyStatus::suspended,
                                           KeyStatus::active, KeyStatus::active};
  const KeyStatus status = dice().pick(kStatuses);
  std::optional<pki::RevocationReason> reason;
  if (status == KeyStatus::revoked && dice().one_in(2)) {
    reason = pki::RevocationReason::key_compromise;
  }
  send({where}, {tx::SetKeyStatus{key, status, reason}});
}

void Authority::add_chain() {
  if (world().chain_count() >= kMostChains) return;
  send({kMainChain}, {tx::AddChain{world().genesis().nodes.front().accounting, {}, 0}});
}

void Authority::add_asset() {
  const Person* issuer = nullptr;
  for (const Person& each : world().people().all()) {
    if (each.role == ledger::Role::issuer) issuer = &each;
  }
  if (issuer == nullptr || assets_ >= 2) return;
  send({kMainChain}, {tx::AddAsset{.asset = AssetId(1000 + assets_++),
                                   .code = "NEW",
                                   .scale = 2,
                                   .smallest = Amount(dice().between(1, 3)),
                                   .issuer = issuer->key->public_key().hash()}});
}

void Authority::about(Person& person, std::uint8_t deed) {
  if (person.role != ledger::Role::holder) return;
  const KeyHash key = person.key->public_key().hash();
  const ChainId where = dice().one_in(20) ? any_chain() : kMainChain;
  switch (static_cast<Deed>(deed)) {
    case Deed::set_key_status: return set_key_status(key, where);
    case Deed::freeze:
      return send({where}, {tx::SetAccountStatus{
                               person.account, dice().one_in(2) ? ledger::AccountStatus::frozen
                                                                : ledger::AccountStatus::active}});
    case Deed::replace_key: {
      const auto& fresh = world().people().new_key(person.name);
      world().audit().know_key(fresh.public_key());
      return send({where}, {tx::ReplaceKey{.account = person.account,
                                           .key = fresh.public_key(),
                                           .valid_from = Millis(0),
                                           .valid_until = Millis(UINT64_MAX),
                                           .certificate = certificate_of(fresh.public_key())}});
    }
    default: {
      auto chains = some_chains();
      if (chains.empty()) return;
      return send({where}, {tx::ExtendKey{key, person.account, std::move(chains)}});
    }
  }
}

void Issuer::act() {
  const auto deed = dice().one_in(2) ? Deed::issue : Deed::burn;
  if (!world().plan().tries(deed)) return;
  const ChainId chain = any_chain();
  if (chain.value() >= world().model().chain_count()) return;
  std::vector<AssetId> mine;
  for (const auto& [asset, row] : world().model().chain(chain).assets) {
    if (row.issuer == person().account || dice().one_in(10)) mine.push_back(asset);
  }
  if (mine.empty()) return;
  const AssetId asset = dice().pick(mine);
  const Amount amount(dice().between(1, 500));
  if (deed == Deed::burn) return send({chain}, {tx::Burn{asset, amount, {}}});
  const Person& to = dice().pick(world().people().all());
  send({chain}, {tx::Issue{{chain, to.account}, asset, amount, {}}});
}

}  // namespace intaglio::simulation
