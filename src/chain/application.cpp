#include "chain/application.h"

#include "base/format.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "ledger/deadlines.h"
#include "ledger/trust.h"
#include "proof/statement.h"

namespace intaglio::chain {
namespace {

// Blocks in one step, so that none waits long for it.
constexpr int kMostForgotten = 4;
// After the last moment at which a block's transactions were valid: until they have left every
// queue, a chain tells one that it decided from one that expired by its receipt.
constexpr Duration kAfterwards = seconds(600);

bool is_decided(const tx::Receipt& receipt) {
  return tx::is_decided(*verdict_from_number(receipt.verdict));
}

// Larger than any block the sequencer makes: transactions a block times bytes a transaction.
constexpr std::size_t kMaxBlockBytes = std::size_t{256} << 20;

Bytes encode_list(std::span<const Bytes> items) {
  codec::CborWriter out;
  out.array(items.size());
  for (const Bytes& each : items) out.bytes(each);
  return out.take();
}

Result<std::vector<Bytes>> decode_list(ByteView blob) {
  codec::CborReader in(blob, {.bytes = kMaxBlockBytes, .depth = 2, .items = 1 << 20});
  std::vector<Bytes> out;
  ASSIGN(const auto count, in.array());
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(const auto bytes, in.bytes());
    out.push_back(to_bytes(bytes));
  }
  TRY(in.finish());
  return out;
}

// The one at that place of a stored list.
tx::Receipt receipt_in(ByteView results, std::uint32_t index) {
  codec::CborReader in(results, {.bytes = kMaxBlockBytes, .depth = 2, .items = 1 << 20});
  const auto count = in.array();
  CHECK(count && index < *count);
  Result<ByteView> encoded = in.bytes();
  for (std::uint32_t i = 0; i < index; ++i) encoded = in.bytes();
  CHECK(encoded.has_value());
  auto receipt = codec::decode_record<tx::Receipt>(*encoded);
  CHECK(receipt.has_value());
  return *std::move(receipt);
}

Digest transactions_root(std::span<const tx::VerifiedTransaction> transactions) {
  std::vector<Digest> leaves;
  leaves.reserve(transactions.size());
  for (const auto& each : transactions) leaves.push_back(crypto::merkle_leaf(each->encoded));
  return crypto::merkle_root(leaves);
}

std::vector<Bytes> encode_receipts(std::span<const tx::Receipt> receipts) {
  std::vector<Bytes> out;
  out.reserve(receipts.size());
  for (const auto& each : receipts) out.push_back(codec::encode_record(each));
  return out;
}

}  // namespace

Bytes encode_transactions(std::span<const Bytes> transactions) { return encode_list(transactions); }

Result<std::vector<Bytes>> decode_transactions(ByteView blob) { return decode_list(blob); }

Application::Application(const ledger::Genesis& genesis, ChainId chain, crypto::Signer node)
    : chain_(chain),
      ledger_(ledger::ledger_id(genesis)),
      node_(std::move(node)),
      node_key_(node_.key.hash()) {}

Result<std::unique_ptr<Application>> Application::open(const ledger::Genesis& genesis,
                                                       ChainId chain, const std::string& folder,
                                                       crypto::Signer node,
                                                       const store::ChainStoreOptions& options,
                                                       std::optional<ledger::ChainNodes> named) {
  std::unique_ptr<Application> app(new Application(genesis, chain, std::move(node)));
  app->named_ = std::move(named);
  ASSIGN(app->store_, store::ChainStore::open(folder, options));
  app->light_blocks_ =
      std::make_unique<LightBlocks>(*app->store_, ledger::comet_chain_id(app->ledger_, chain));
  // The genesis is block 0: its hash is the ledger's id.
  const auto origin = *BlockHash::from(app->ledger_.view());
  if (app->store_->empty()) {
    const ledger::EmptyView nothing;
    ledger::Stage stage(&nothing);
    ledger::apply_genesis(stage, genesis, chain);
    const auto tree = ledger::StateTree().with(stage.changes());
    app->store_->commit({.height = Height(0),
                         .time = genesis.time,
                         .block = origin,
                         .header = {},
                         .blob = codec::encode_record(genesis),
                         .results = {},
                         .rows = stage.changes(),
                         .tree = tree,
                         .transactions = {}});
    return app;
  }
  const auto stored = app->store_->block(Height(0));
  const auto begun = stored ? crypto::sha256(*stored) : Digest{};
  if (!equal(begun.view(), app->ledger_.view())) {
    return refuse(Verdict::wrong_ledger, format("{} (another genesis)", folder));
  }
  if (const auto due = ledger::first_deadline(*app->store_)) app->next_deadline_ = due->at;
  return app;
}

Finalized Application::finalize(Millis time,
                                std::span<const tx::VerifiedTransaction> transactions) const {
  const store::Tip tip = store_->tip();
  const Millis earliest(tip.time.value() + 1);
  const tx::BlockTime at{chain_, tip.height.next(), std::max(earliest, time)};
  tx::Executed executed = tx::execute_block(*store_, ledger_, at, transactions);

  Finalized out;
  out.encoded_receipts = encode_receipts(executed.receipts);
  out.tree = store_->tree().with(executed.changes);
  out.header = {.chain = chain_,
                .height = at.height,
                .time = at.time,
                .previous = *Digest::from(tip.block.view()),
                .transactions = transactions_root(transactions),
                .receipts = crypto::merkle_root(crypto::merkle_leaves(out.encoded_receipts)),
                .state = out.tree.root(),
                .count = static_cast<std::uint32_t>(transactions.size()),
                .outbox = crypto::merkle_root(ledger::leaves_of(executed.outbox)),
                .cursors = crypto::merkle_root(ledger::leaves_of(executed.cursors))};
  out.hash = out.header.hash(ledger_);
  codec::CborWriter blob;
  blob.array(transactions.size());
  for (const auto& each : transactions) blob.bytes(each->encoded);
  out.transactions = blob.take();
  out.changes = std::move(executed.changes);
  out.receipts = std::move(executed.receipts);
  out.accounts.reserve(transactions.size());
  for (const auto& each : transactions) out.accounts.push_back(each->body.account);
  out.next_deadline = executed.next_deadline;
  return out;
}

std::vector<store::PlacedTransaction> Application::placed(const Finalized& block) const {
  std::vector<store::PlacedTransaction> out;
  out.reserve(block.receipts.size());
  for (std::uint32_t i = 0; i < block.receipts.size(); ++i) {
    // One that was decided in an earlier block keeps that receipt, also when the chain has
    // forgotten it and says now that it has expired.
    const tx::Receipt& receipt = block.receipts[i];
    if (receipt.height != block.header.height || receipt.index != i) continue;
    if (receipt.verdict == static_cast<std::uint16_t>(Verdict::expired)) {
      const auto before = this->receipt(receipt.tx);
      if (before && is_decided(*before)) continue;
    }
    // Anybody can send what names an account; what uses up a client id was signed for it.
    std::optional<AccountId> account;
    if (is_decided(receipt)) account = block.accounts[i];
    out.push_back({receipt.tx, i, account});
  }
  return out;
}

proof::FinalityProof Application::own_proof(const ledger::BlockHeader& header) const {
  if (!nodes().by_comet()) return {sign(header), {}};
  return {
      .signed_header = {}, .cosignatures = {}, .comet = proof::CometFinality{header.encode(), {}}};
}

void Application::commit(const Finalized& block) {
  if (!nodes().by_comet()) return commit(block, own_proof(block.header));
  auto before = store_->snapshot();
  commit(block, own_proof(block.header));
  const std::lock_guard lock(mutex_);
  before_last_ = std::move(before);
}

std::shared_ptr<const store::StateSnapshot> Application::proven_state() const {
  if (!nodes().by_comet()) return store_->snapshot();
  const std::lock_guard lock(mutex_);
  return before_last_;
}

void Application::commit(const Finalized& block, const proof::FinalityProof& proof) {
  const StoredHeader header{proof, static_cast<std::uint8_t>(nodes().consensus.size())};
  store_->commit({.height = block.header.height,
                  .time = block.header.time,
                  .block = block.hash,
                  .header = codec::encode_record(header),
                  .blob = block.transactions,
                  .results = encode_list(block.encoded_receipts),
                  .rows = block.changes,
                  .tree = block.tree,
                  .transactions = placed(block),
                  .notes = block.notes});
  next_deadline_ = block.next_deadline;
}

Result<void> Application::go_on_from(const store::Beginning& beginning,
                                     const store::ChainStore::Rows& rows) {
  if (!is_at_its_beginning()) return refuse(Verdict::block_gap, "own blocks");
  TRY(store_->go_on_from(beginning, rows));
  const auto due = ledger::first_deadline(*store_);
  next_deadline_ = due ? std::optional(due->at) : std::nullopt;
  return {};
}

Millis Application::time_of(Height height) const {
  const auto shown = proof::shown_header<ledger::BlockHeader>(stored_header(height).proof, ledger_);
  CHECK(shown.has_value());
  return shown->header.time;
}

std::vector<store::PlacedTransaction> Application::found_in(Height height) const {
  const auto receipts = this->receipts(height);
  const auto blob = store_->block(height);
  CHECK(receipts && blob);
  const auto transactions = decode_transactions(*blob);
  CHECK(transactions && transactions->size() == receipts->size());
  std::vector<store::PlacedTransaction> out;
  for (std::uint32_t i = 0; i < receipts->size(); ++i) {
    const auto receipt = codec::decode_record<tx::Receipt>((*receipts)[i]);
    CHECK(receipt.has_value());
    const store::Place here{height, i};
    if (store::Place{receipt->height, receipt->index} != here) continue;
    // Only what was not decided can have a later receipt.
    if (!is_decided(*receipt)) {
      if (store_->find_transaction(receipt->tx) == here) out.push_back({receipt->tx, i, {}});
      continue;
    }
    const auto parsed = proof::parse_statement<tx::Transaction>((*transactions)[i], ledger_);
    CHECK(parsed.has_value());
    out.push_back({receipt->tx, i, parsed->body().account});
  }
  return out;
}

void Application::prune(Height needed) {
  if (!keep_blocks_) return;
  const store::Tip tip = store_->tip();
  const auto params = store_->find<ledger::ParamsRow>({});
  CHECK(params.has_value());
  for (int i = 0; i < kMostForgotten; ++i) {
    const Height oldest = store_->kept_from();
    if (oldest >= needed || oldest.value() + *keep_blocks_ > tip.height.value()) return;
    if (time_of(oldest) + params->max_validity + kAfterwards >= tip.time) return;
    store_->forget_block(found_in(oldest));
  }
}

Refusal Application::no_block(Height height) const {
  const bool is_forgotten = height != Height(0) && height < store_->kept_from();
  return {is_forgotten ? Verdict::block_pruned : Verdict::unknown_block,
          std::to_string(height.value())};
}

bool Application::is_forgotten(const TxId& id) const {
  const auto entry = store_->first_from(ledger::EntryRow::slot({id, 0}));
  if (!entry || store_->kept_from() == Height(1)) return false;
  return ledger::SlotReader(entry->first).take_id<TxId>() == id;
}

std::optional<StoredHeader> Application::find_header(Height height) const {
  const auto stored = store_->header(height);
  if (!stored) return std::nullopt;
  auto header = codec::decode_record<StoredHeader>(*stored);
  CHECK(header.has_value());
  return *std::move(header);
}

ledger::NodesRow Application::nodes() const {
  if (auto row = store_->find<ledger::NodesRow>(chain_)) return *std::move(row);
  // A chain that was added is not in its genesis: its first packets bring the row.
  if (named_) return ledger::row_of(*named_);
  return {.accounting = node_key_, .consensus = {}, .quorum = 0};
}

Result<proof::BlockSigners> Application::signers() const {
  if (!named_ || store_->find<ledger::NodesRow>(chain_)) {
    return ledger::block_signers(*store_, chain_);
  }
  proof::BlockSigners out{
      .accounting = named_->accounting.public_key, .consensus = {}, .quorum = named_->quorum};
  for (const auto& each : named_->consensus) out.consensus.push_back(each.public_key);
  return out;
}

StoredHeader Application::stored_header(Height height) const {
  auto header = find_header(height);
  CHECK(header.has_value());
  return *std::move(header);
}

proof::FinalityProof Application::signed_header(Height height,
                                                const std::optional<KeyHash>& wanted) const {
  proof::FinalityProof proof = stored_header(height).proof;
  if (wanted != node_key_ || proof.comet) return proof;
  const auto parsed = proof::parse_statement<ledger::BlockHeader>(proof.signed_header, ledger_);
  CHECK(parsed.has_value());
  if (parsed->signer() == *wanted) return proof;
  proof.signed_header = sign(parsed->body());
  return proof;
}

std::optional<tx::Receipt> Application::receipt(const TxId& id) const {
  // A commit under way is on disk a moment before it is the tip: results() gives nothing then.
  const auto place = store_->find_transaction(id);
  const auto results = place ? store_->results(place->height) : std::nullopt;
  if (!results) return std::nullopt;
  return receipt_in(*results, place->index);
}

std::vector<tx::Receipt> Application::receipts_of(const AccountId& account,
                                                  const std::optional<store::Place>& before,
                                                  std::size_t most) const {
  const store::Place end{tip().height.next(), 0};
  const auto places = store_->transactions_of(account, before ? std::min(*before, end) : end, most);
  std::vector<tx::Receipt> out;
  out.reserve(places.size());
  std::optional<Bytes> results;
  Height of;
  for (const store::Place& each : places) {
    if (each.height != of) results = store_->results(each.height);
    of = each.height;
    if (!results) break;
    out.push_back(receipt_in(*results, each.index));
  }
  return out;
}

std::optional<Bytes> Application::transaction(const tx::Receipt& receipt) const {
  const auto blob = store_->block(receipt.height);
  if (!blob) return std::nullopt;
  auto transactions = decode_transactions(*blob);
  CHECK(transactions && receipt.index < transactions->size());
  return std::move((*transactions)[receipt.index]);
}

std::optional<std::vector<Bytes>> Application::receipts(Height height) const {
  const auto stored = store_->results(height);
  if (!stored) return std::nullopt;
  auto receipts = decode_list(*stored);
  CHECK(receipts.has_value());
  return *std::move(receipts);
}

}  // namespace intaglio::chain
