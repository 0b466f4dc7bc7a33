#include "base/format.h"
#include "crypto/verifier_cache.h"
#include "ledger/memory_state.h"
#include "ledger/settlements.h"
#include "proof/statement.h"
#include "simulation/audit.h"

namespace intaglio::simulation {
namespace {

// All rows of one kind, one by one; how many there are.
template <ledger::Row R, typename Visit>
std::size_t each_row(const chain::Application& chain, const Visit& visit) {
  std::size_t count = 0;
  chain.store().scan(R::kKind, [&](const ledger::Slot& slot, ByteView row) {
    ++count;
    visit(slot, ledger::View::decode_row<R>(row));
    return true;
  });
  return count;
}

std::size_t open_holds(const ModelChain& model) {
  std::size_t count = 0;
  for (const auto& each : model.holds) count += each.second.is_open ? 1 : 0;
  return count;
}

// Row by row, and no others.
bool has_the_certificates(const chain::Application& chain, const ModelChain& model) {
  bool same = true;
  for (const auto& [serial, certificate] : model.certificates) {
    const auto row = chain.store().find<ledger::CertificateRow>({serial.first, serial.second});
    same &= row && codec::encode_record(*row) == codec::encode_record(certificate);
  }
  for (const auto& [issuer, expected] : model.issuers) {
    const auto row = chain.store().find<ledger::IssuerRow>(issuer);
    same &= row && codec::encode_record(*row) == codec::encode_record(expected);
  }
  const auto ignore = [](const ledger::Slot&, const auto&) {};
  return same && each_row<ledger::CertificateRow>(chain, ignore) == model.certificates.size() &&
         each_row<ledger::IssuerRow>(chain, ignore) == model.issuers.size();
}

}  // namespace

void Audit::compare_all(const chain::Application& chain) {
  const ModelChain& model = model_.chain(chain.chain());
  const auto wrong = [&](std::string_view what) {
    fail(format("chain {} block {}: {}", model.id.value(), model.height.value(), what));
  };
  compare_money(chain);
  compare_streams(chain);
  each_row<ledger::BalanceRow>(chain, [&](const ledger::Slot&, const ledger::BalanceRow& row) {
    if (row.debits_pending.value() > row.credits_posted.value()) wrong("more held than there is");
  });
  std::size_t open = 0;
  each_row<ledger::HoldRow>(chain, [&](const ledger::Slot&, const ledger::HoldRow& row) {
    open += row.state == ledger::HoldState::open ? 1 : 0;
  });
  if (open != open_holds(model)) wrong("other holds are open");
  for (const auto& [ref, hold] : model.holds) {
    const auto row = chain.store().find<ledger::HoldRow>(ref);
    const bool is_open = row && row->state == ledger::HoldState::open;
    if (!row || row->captured.value() != hold.captured || is_open != hold.is_open) {
      wrong("a hold is another");
    }
  }
  for (const auto& [ref, payment] : model.payments) {
    const auto row = chain.store().find<ledger::EntryRow>(ref);
    if (!row || row->amount.value() != payment.amount ||
        row->refunded.value() != payment.refunded) {
      wrong("a payment is another");
    }
  }
  std::map<AssetId, std::uint64_t> suspense;
  each_row<ledger::SuspenseRow>(chain, [&](const ledger::Slot&, const ledger::SuspenseRow& row) {
    suspense[row.asset] += row.amount.value();
  });
  if (suspense != model.suspense) wrong("something else is in suspense");
  for (const auto& [id, settlement] : model.settlements) {
    const auto row = chain.store().find<ledger::SettlementRow>(id);
    if (!row || static_cast<int>(row->state) != static_cast<int>(settlement.state) + 1) {
      wrong("a settlement is another");
    }
  }
  const auto settlements = each_row<ledger::SettlementRow>(
      chain, [](const ledger::Slot&, const ledger::SettlementRow&) {});
  if (settlements != model.settlements.size()) wrong("there are other settlements");
  const auto receipts =
      each_row<ledger::ReceiptRow>(chain, [](const ledger::Slot&, const ledger::ReceiptRow&) {});
  if (receipts != model.receipts.size()) wrong("other receipts are remembered");
  for (const auto& [hash, key] : model.keys) {
    const auto row = chain.store().find<ledger::KeyRow>(hash);
    if (!row || codec::encode_record(*row) != codec::encode_record(key)) wrong("a key is another");
  }
  if (!has_the_certificates(chain, model)) wrong("the record of certificates is another");
  for (const auto& [asset, expected] : model.assets) {
    const auto row = chain.store().find<ledger::AssetRow>(asset);
    if (!row || row->issued.value() != expected.issued || row->burned.value() != expected.burned) {
      wrong("an asset is another");
    }
  }
  for (const auto& [place, kept] : receipts_) {
    if (place.first != chain.chain() || !kept.is_kept) continue;
    const auto receipt = chain.receipt(place.second);
    if (!receipt || codec::encode_record(*receipt) != codec::encode_record(kept.receipt)) {
      wrong("a receipt is gone, or another");
    }
  }
}

void Audit::compare_decisions() {
  const ModelChain& main = model_.chain(kMainChain);
  for (std::uint16_t i = 1; i < model_.chain_count(); ++i) {
    const ModelChain& chain = model_.chain(ChainId(i));
    const auto wrong = [&](std::string_view what, ByteView about) {
      fail(format("chain {}: {} {}, unlike on the main chain", i, what,
                  codec::to_hex(about.first(4))));
    };
    for (const auto& [hash, key] : chain.keys) {
      const auto there = main.keys.find(hash);
      if (there == main.keys.end() || there->second.status != key.status) {
        wrong("the standing of a key", hash.view());
      }
    }
    for (const auto& [account, here] : chain.accounts) {
      const ModelAccount& there = main.accounts.at(account);
      if (here.key != there.key) wrong("another key signs for an account", account.view());
      if (here.is_frozen != there.is_frozen) wrong("the standing of an account", account.view());
    }
    for (const auto& [asset, there] : main.assets) {
      const auto here = chain.assets.find(asset);
      if (here != chain.assets.end() && here->second.issuer == there.issuer) continue;
      fail(format("chain {} does not know asset {}", i, asset.value()));
    }
  }
}

void Audit::replay(const chain::Application& chain) {
  ledger::MemoryState state;
  const ledger::EmptyView nothing;
  ledger::Stage first(&nothing);
  ledger::apply_genesis(first, genesis_, chain.chain());
  auto tree = ledger::StateTree().with(first.changes());
  state.apply(first.changes());
  crypto::VerifierCache keys(1000);
  const std::uint64_t last = chain.tip().height.value();
  for (std::uint64_t height = 1; height <= last; ++height) {
    const auto stored = chain::decode_transactions(chain.store().block(Height(height)).value());
    const auto header = proof::parse_statement<ledger::BlockHeader>(
                            chain.stored_header(Height(height)).proof.signed_header, ledger_)
                            .value()
                            .body();
    std::vector<tx::VerifiedTransaction> transactions;
    for (const Bytes& each : *stored) {
      auto parsed =
          proof::parse_statement<tx::Transaction>(each, ledger_, tx::Transaction::kMaxBytes);
      auto key = keys.find(parsed->signer());
      if (!key) key = keys.insert(public_keys_.at(parsed->signer()));
      transactions.push_back(proof::verify_statement(*std::move(parsed), *key).value());
    }
    const auto executed = tx::execute_block(
        state, ledger_, {chain.chain(), Height(height), header.time}, transactions);
    tree = tree.with(executed.changes);
    state.apply(executed.changes);
    if (tree.root() != header.state) {
      return fail(format("chain {}: block {} executed again comes to another state",
                         chain.chain().value(), height));
    }
  }
}

}  // namespace intaglio::simulation
