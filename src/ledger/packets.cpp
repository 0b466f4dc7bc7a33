#include "ledger/packets.h"

#include <algorithm>

#include "codec/tagged.h"
#include "ledger/streams.h"

namespace intaglio::ledger {
namespace {

void put_new_key(Stage& stage, const KeyRow& key) {
  const KeyHash hash = key.public_key.hash();
  if (!stage.find<KeyRow>(hash)) stage.put<KeyRow>(hash, key);
}

}  // namespace

std::optional<AccountId> sender_of(const Packet& packet) {
  if (const auto* credit = std::get_if<CreditPacket>(&packet)) return credit->from;
  if (const auto* cancel = std::get_if<CancelPacket>(&packet)) return cancel->payer;
  const auto* leg = std::get_if<LegPacket>(&packet);
  if (leg == nullptr) return std::nullopt;
  return leg->terms.legs.at(leg->leg).payer.account;
}

std::optional<Money> money_of(const Packet& packet) {
  const auto carried = []<typename T>(const T& body) -> std::optional<Money> {
    if constexpr (std::same_as<T, LegPacket>) {
      // Only a chain that lies sends a leg that its terms do not have.
      if (body.leg >= std::min(body.terms.legs.size(), Terms::kMaxLegs)) return std::nullopt;
      const Leg& leg = body.terms.legs[body.leg];
      return Money{leg.amount, leg.asset};
    } else if constexpr (requires { body.amount; }) {
      return Money{body.amount, body.asset};
    } else {
      return std::nullopt;
    }
  };
  return std::visit(carried, packet);
}

void take_over(Stage& stage, const KnownKey& decision) {
  const KeyHash hash = decision.key.public_key.hash();
  put_new_key(stage, decision.key);
  if (!decision.account) return;
  const bool is_open = stage.find<AccountRow>(*decision.account).has_value();
  if (opens_account(decision.key.role) && !is_open) {
    stage.put<AccountRow>(*decision.account, {.key = hash});
  }
  // A display of an account that is not here has nothing to show codes for.
  if (decision.key.role == Role::display && is_open && !stage.find<DisplayRow>(hash)) {
    stage.put<DisplayRow>(hash, {.account = *decision.account, .epoch = 1, .from_step = {}});
  }
}

void take_over(Stage& stage, const KeyStanding& decision) {
  auto row = stage.find<KeyRow>(decision.key);
  if (!row || row->status == KeyStatus::revoked || row->status == decision.status) return;
  row->status = decision.status;
  stage.put<KeyRow>(decision.key, *row);
}

void take_over(Stage& stage, const ReplacedKey& decision) {
  auto account = stage.find<AccountRow>(decision.account);
  if (!account || account->key == decision.key.public_key.hash()) return;
  take_over(stage, KeyStanding{account->key, KeyStatus::revoked});
  put_new_key(stage, decision.key);
  account->key = decision.key.public_key.hash();
  stage.put<AccountRow>(decision.account, *account);
}

void take_over(Stage& stage, const AccountStanding& decision) {
  auto account = stage.find<AccountRow>(decision.account);
  if (!account || account->status == decision.status) return;
  account->status = decision.status;
  stage.put<AccountRow>(decision.account, *account);
}

void take_over(Stage& stage, const ChainNodes& decision) {
  put_new_key(stage, decision.accounting);
  for (const KeyRow& each : decision.consensus) put_new_key(stage, each);
  const NodesRow row = row_of(decision);
  // A chain that is new, and proves its blocks by those who vote there first. (On itself nothing
  // reads the row.)
  if (row.by_comet() && !stage.find<NodesRow>(decision.chain)) {
    stage.put<TrustRow>(decision.chain, first_trust(row));
  }
  stage.put<NodesRow>(decision.chain, row);
}

NodesRow row_of(const ChainNodes& nodes) {
  NodesRow out{.accounting = nodes.accounting.public_key.hash(),
               .consensus = {},
               .quorum = nodes.quorum,
               .validators = nodes.validators};
  for (const KeyRow& each : nodes.consensus) out.consensus.push_back(each.public_key.hash());
  return out;
}

ChainNodes nodes_of(const View& state, ChainId chain) {
  const auto nodes = state.find<NodesRow>(chain);
  CHECK(nodes.has_value());
  const auto key = [&](const KeyHash& hash) {
    auto row = state.find<KeyRow>(hash);
    CHECK(row.has_value());
    row->chains = std::nullopt;
    return *std::move(row);
  };
  ChainNodes out{.chain = chain,
                 .accounting = key(nodes->accounting),
                 .consensus = {},
                 .quorum = nodes->quorum,
                 .validators = nodes->validators};
  for (const KeyHash& each : nodes->consensus) out.consensus.push_back(key(each));
  return out;
}

void take_over(Stage& stage, const KnownAsset& decision) {
  if (stage.find<AssetRow>(decision.asset)) return;
  stage.put<AssetRow>(decision.asset, {.code = decision.code,
                                       .scale = decision.scale,
                                       .smallest = decision.smallest,
                                       .issued = {},
                                       .burned = {},
                                       .issuer = decision.issuer});
}

void take_over(Stage& stage, const VouchedHeader& decision) {
  const auto row = stage.find<TrustRow>(decision.chain);
  // Before the first header it is who commits that, which the main chain may know better.
  const bool is_news = row && (decision.header.height > row->height || row->height == Height(0));
  if (is_news) stage.put<TrustRow>(decision.chain, decision.header);
}

}  // namespace intaglio::ledger

namespace intaglio::codec {

void FieldType<ledger::Packet>::write(CborWriter& out, const ledger::Packet& packet) {
  write_tagged(out, packet);
}

Result<ledger::Packet> FieldType<ledger::Packet>::read(CborReader& in) {
  return read_tagged<ledger::Packet>(in);
}

Json FieldType<ledger::Packet>::to_json(const ledger::Packet& packet) {
  return tagged_to_json(packet);
}

Result<ledger::Packet> FieldType<ledger::Packet>::from_json(const Json& json) {
  return tagged_from_json<ledger::Packet>(json);
}

}  // namespace intaglio::codec
