#include "cli/proof_texts.h"

#include "cli/amounts.h"
#include "cli/texts.h"
#include "codec/address.h"
#include "codec/hex.h"
#include "ledger/all_rows.h"

namespace intaglio::cli {
namespace {

using codec::Json;

// The key of a slot of this kind: the proof that nothing is there may be of any bytes.
template <ledger::Row R>
bool is_slot_of(const ledger::Slot& slot) {
  return slot.kind() == R::kKind && slot.bytes().size() == R::slot({}).bytes().size();
}

std::string money_said(Amount amount, AssetId id, const ledger::Genesis& genesis) {
  const auto found = std::ranges::find(genesis.assets, id, &ledger::GenesisAsset::id);
  if (found != genesis.assets.end()) {
    return format("{} {}", amount_text(amount, found->scale), found->code);
  }
  return format("{} minor units of asset {}", amount.value(), id.value());
}

void say_balance(Output& output, const std::string& who, AssetId asset,
                 const ledger::BalanceRow& row, const ledger::Genesis& genesis) {
  const auto gone = add(row.debits_posted, row.debits_pending);
  const auto spendable = gone ? subtract(row.credits_posted, *gone) : std::nullopt;
  output.say("{}", who);
  output.say("  to spend    {}", money_said(spendable.value_or(Amount()), asset, genesis));
  output.say("  held        {}", money_said(row.debits_pending, asset, genesis));
}

// Whether it was said: the rows that people ask for have words of their own.
Result<bool> say_known(Output& output, ChainId chain, const ledger::ProvenRow& row,
                       const ledger::Genesis& genesis) {
  ledger::SlotReader key(row.slot);
  if (is_slot_of<ledger::BalanceRow>(row.slot)) {
    const std::string who = codec::to_text(Address{chain, key.take_id<AccountId>()});
    const AssetId asset(key.take<std::uint32_t>());
    ledger::BalanceRow balance;
    if (row.row) {
      ASSIGN(balance, codec::decode_record<ledger::BalanceRow>(*row.row));
    }
    say_balance(output, who, asset, balance, genesis);
    if (!row.row) output.line("  and never had any");
    return true;
  }
  if (is_slot_of<ledger::AccountRow>(row.slot) && !row.row) {
    output.say("there is no account {}", codec::to_text(Address{chain, key.take_id<AccountId>()}));
    return true;
  }
  if (is_slot_of<ledger::KeyRow>(row.slot) && !row.row) {
    output.say("no key {} is known on chain {}", codec::to_hex(key.take_id<KeyHash>()),
               chain.value());
    return true;
  }
  return false;
}

}  // namespace

void say_block(Output& output, const tx::ProvenBlock& block,
               const std::optional<tx::ProvenBlock>& named_by) {
  const auto& header = block.header;
  output.say("  as of       block {} of chain {}, at {}", header.height.value(),
             header.chain.value(), time_text(header.time));
  output.say("  hash        {}", codec::to_hex(block.hash));
  output.say("  signed by   {}", block.by_votes
                                      ? "more than two thirds of its validators' votes"
                                      : signatures_text(block.cosigned, block.consensus));
  output.say("  who signs   {}",
             named_by ? format("by block {} of the main chain, at {}",
                               named_by->header.height.value(), time_text(named_by->header.time))
                      : "by the genesis");
}

Json block_json(const tx::ProvenBlock& block, const std::optional<tx::ProvenBlock>& named_by) {
  Json out = Json::object({{"header", codec::record_to_json(block.header)},
                           {"block", codec::to_hex(block.hash)},
                           {"accounting", codec::to_hex(block.accounting)},
                           {"cosigned", block.cosigned},
                           {"consensus", block.consensus}});
  if (block.by_votes) out.set("by_votes", true);
  if (named_by) {
    out.set("signers_of", Json::object({{"height", named_by->header.height.value()},
                                        {"block", codec::to_hex(named_by->hash)}}));
  }
  return out;
}

Result<void> say_row(Output& output, const tx::ProvenBlock& block, const ledger::ProvenRow& row,
                     const ledger::Genesis& genesis) {
  ASSIGN(const bool is_said, say_known(output, block.header.chain, row, genesis));
  if (is_said) return {};
  const std::string name = format("{} {}", ledger::name_of(row.slot.kind()),
                                  codec::to_hex(as_bytes(row.slot.bytes().substr(1))));
  if (!row.row) {
    output.say("there is no {}", name);
    return {};
  }
  ASSIGN(const auto value, row_json(row));
  output.say("{}", name);
  for (const auto& [field, content] : *value.find("row")->members()) {
    output.say("  {:<11} {}", field, content.text() ? *content.text() : content.dump());
  }
  return {};
}

Result<Json> row_json(const ledger::ProvenRow& row) {
  Json out = Json::object({{"kind", ledger::name_of(row.slot.kind())},
                           {"slot", codec::to_hex(as_bytes(row.slot.bytes()))}});
  std::optional<Refusal> refused;
  ledger::for_each_row_kind([&]<ledger::Row R>(const R&) {
    if (!row.row || row.slot.kind() != R::kKind) return;
    const auto decoded = codec::decode_record<R>(*row.row);
    if (decoded) {
      out.set("row", codec::record_to_json(*decoded));
    } else {
      refused = decoded.error();
    }
  });
  if (refused) return refuse_within("row", *refused);
  return out;
}

void say_receipt(Output& output, const tx::Receipt& receipt) {
  const auto verdict = verdict_from_number(receipt.verdict);
  output.say("transaction {}", codec::to_hex(receipt.tx));
  output.say("  verdict     {}{}", verdict ? describe(*verdict).name : "unknown",
             receipt.where && !receipt.where->empty() ? " at " + *receipt.where : "");
}

}  // namespace intaglio::cli
