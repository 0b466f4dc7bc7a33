#include "http/chain.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "ledger/trust.h"

namespace intaglio::http {
namespace {

using codec::Json;

// How many blocks each chain made, and what was in them.
class BlockCounts {
 public:
  struct Count {
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
  };
  void add(const ledger::BlockHeader& header) {
    const std::lock_guard lock(mutex_);
    Count& count = by_chain_[header.chain];
    count.blocks += 1;
    count.transactions += header.count;
  }
  Count of(ChainId chain) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_chain_.find(chain);
    return found == by_chain_.end() ? Count() : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<ChainId, Count> by_chain_;
};

// Every block's news to everybody who listens.
class BlockEvents {
 public:
  using OnBlock = std::function<void(const ledger::BlockHeader&)>;
  // `on_block` is called before all others.
  BlockEvents(service::Node& node, OnBlock on_block)
      : on_block_(std::move(on_block)),
        subscription_(node.subscribe([this](const service::BlockNews& news) { publish(news); })) {}

  void add(EventStream stream) {
    const std::lock_guard lock(mutex_);
    std::erase_if(streams_, [](const EventStream& each) { return each.closed(); });
    streams_.push_back(std::move(stream));
  }

 private:
  void publish(const service::BlockNews& news) {
    const ledger::BlockHeader& header = news.header;
    on_block_(header);
    const std::lock_guard lock(mutex_);
    if (streams_.empty()) return;
    const Event event{.id = {},
                      .name = "block",
                      .data = Json::object({{"chain", header.chain.value()},
                                            {"height", header.height.value()},
                                            {"time", header.time.value()},
                                            {"hash", codec::to_hex(news.hash)},
                                            {"count", header.count}})
                                  .dump()};
    std::erase_if(streams_, [&](const EventStream& each) { return !each.send(event); });
  }

  const OnBlock on_block_;
  std::mutex mutex_;
  std::vector<EventStream> streams_;
  std::shared_ptr<void> subscription_;  // last: nothing is published once it is gone
};

// The key that signs displays' bindings.
std::string service_key(const ledger::Genesis& genesis) {
  const auto found =
      std::ranges::find(genesis.keys, ledger::Role::service, &ledger::GenesisKey::role);
  CHECK(found != genesis.keys.end());
  return codec::to_hex(found->key.view());
}

Response show_ledger(const ServedNode& served) {
  const ledger::Genesis& genesis = served.node.genesis();
  Json::Array assets;
  for (const auto& [id, row] : ledger::assets_of(served.gateway().chain(kMainChain)->store())) {
    assets.push_back(codec::record_to_json(
        ledger::GenesisAsset{id, row.code, row.scale, row.smallest, row.issuer}));
  }
  Json::Array keys;
  for (const auto& key : genesis.keys) keys.push_back(codec::record_to_json(key));
  const auto& authority = served.node.authority();
  Json::Array issuing;  // the current one first
  for (const auto& each : authority.issuers().all())
    issuing.emplace_back(each.certificate.to_pem());
  return Response::json(Json::object({{"ledger", codec::to_hex(served.gateway().ledger())},
                                      {"name", genesis.name},
                                      {"chains", genesis.chains},
                                      {"assets", std::move(assets)},
                                      {"params", codec::record_to_json(genesis.params)},
                                      {"keys", std::move(keys)},
                                      {"operator_key", codec::to_hex(served.node.operator_key())},
                                      {"service_key", service_key(genesis)},
                                      {"root_certificate", authority.root().to_pem()},
                                      {"issuing_certificates", std::move(issuing)},
                                      {"time", served.env.now().value()}}));
}

Json consensus_json(const KeyHash& node, const chain::NodeReport* report) {
  Json out = Json::object({{"node", codec::to_hex(node)}});
  out.set("answers", report != nullptr && report->answers);
  if (report == nullptr || !report->standing) return out;
  const chain::Standing& standing = *report->standing;
  out.set("height", standing.height.value());
  out.set("overlooked", standing.overlooked);
  out.set("needs_snapshot", report->needs_snapshot);
  out.set("saw_fork", standing.fork.has_value());
  if (standing.unwilling) {
    const auto verdict = verdict_from_number(standing.unwilling->verdict);
    out.set("unwilling", verdict ? describe(*verdict).name : "unknown");
    out.set("where", standing.unwilling->where);
  }
  return out;
}

// Who signs for a chain, and where its consensus nodes are.
Json nodes_json(const ServedNode& served, const chain::Application& chain) {
  const auto nodes = chain.nodes();
  const auto reports = served.node.consensus_nodes(chain.chain());
  Json consensus = Json::array();
  for (const KeyHash& each : nodes.consensus) {
    const auto found = std::ranges::find(reports, each, &chain::NodeReport::node);
    consensus.push(consensus_json(each, found == reports.end() ? nullptr : &*found));
  }
  Json out = Json::object({{"accounting", codec::to_hex(nodes.accounting)},
                           {"quorum", nodes.quorum},
                           {"consensus", std::move(consensus)}});
  if (!nodes.by_comet()) return out;
  out.set("comet_chain", ledger::comet_chain_id(chain.ledger(), chain.chain()));
  Json validators = Json::array();
  for (const auto& each : *nodes.validators) {
    const auto found = std::ranges::find(reports, each.node, &chain::NodeReport::node);
    Json validator = codec::record_to_json(each);
    validator.set("voted", found != reports.end() && found->answers);
    validators.push(std::move(validator));
  }
  out.set("validators", std::move(validators));
  return out;
}

// What the main chain has decided of who votes, which the chain itself may not have heard of yet.
std::optional<Json> decided_json(const ServedNode& served, const chain::Application& chain) {
  const auto* main_chain = served.gateway().chain(kMainChain);
  const auto nodes = main_chain->store().find<ledger::NodesRow>(chain.chain());
  return nodes && nodes->by_comet() ? std::optional(codec::record_to_json(*nodes)) : std::nullopt;
}

Json chain_json(const ServedNode& served, const chain::Application& chain) {
  const store::Tip tip = chain.tip();
  Json out = Json::object({{"chain", chain.chain().value()},
                           {"height", tip.height.value()},
                           {"time", tip.time.value()},
                           {"block", codec::to_hex(tip.block)},
                           {"state", codec::to_hex(tip.state)},
                           {"waiting", served.node.waiting(chain.chain())},
                           {"kept_from", chain.store().kept_from().value()},
                           {"nodes", nodes_json(served, chain)}});
  if (auto decided = decided_json(served, chain)) out.set("decided", *std::move(decided));
  return out;
}

Response list_chains(const ServedNode& served) {
  Json::Array chains;
  const std::uint16_t count = served.gateway().chain_count();
  for (std::uint16_t i = 0; i < count; ++i) {
    chains.emplace_back(chain_json(served, *served.gateway().chain(ChainId(i))));
  }
  return Response::json(chains);
}

Result<Response> show_chain(const ServedNode& served, const Request& request) {
  ASSIGN(const auto* chain, find_chain(served, request.parameter("chain")));
  return Response::json(chain_json(served, *chain));
}

// Two blocks of one height that the chain's accounting node signed, as its consensus nodes saw
// them.
Result<Response> list_forks(const ServedNode& served, const Request& request) {
  ASSIGN(const auto* chain, find_chain(served, request.parameter("chain")));
  Json::Array forks;
  for (const auto& report : served.node.consensus_nodes(chain->chain())) {
    if (!report.standing || !report.standing->fork) continue;
    const proof::Fork& fork = *report.standing->fork;
    Json out = Json::object({{"seen_by", codec::to_hex(report.node)}});
    for (const auto& [name, bytes] : {std::pair("first", &fork.first), {"second", &fork.second}}) {
      const auto header = proof::parse_statement<ledger::BlockHeader>(*bytes, chain->ledger());
      if (!header) continue;  // a node's word is not checked here
      out.set(name, Json::object({{"hash", codec::to_hex(header->body().hash(chain->ledger()))},
                                  {"signer", codec::to_hex(header->signer())},
                                  {"header", codec::record_to_json(header->body())},
                                  {"signed_header", codec::to_hex(*bytes)}}));
    }
    forks.push_back(std::move(out));
  }
  return Response::json(forks);
}

// The stream between two chains; nothing when it was never used. The destination is read first, so
// that what arrives meanwhile still counts as on its way, and never as more than was sent.
std::optional<Json> stream_json(const ServedNode& served, ChainId from, ChainId to) {
  const auto arrived = served.gateway().chain(to)->store().snapshot();
  const auto sent = served.gateway().chain(from)->store().snapshot();
  const auto stream = sent->find<ledger::OutStreamRow>(to);
  if (!stream) return std::nullopt;
  Json::Array money;
  for (const auto& [id, asset] : ledger::assets_of(*sent)) {
    const auto out = sent->find<ledger::TransitRow>({to, id});
    if (!out) continue;
    const auto in = arrived->find<ledger::TransitRow>({from, id});
    const std::uint64_t on_its_way = out->sent - (in ? in->received : 0);
    money.emplace_back(Json::object(
        {{"asset", id.value()}, {"code", asset.code}, {"amount", std::to_string(on_its_way)}}));
  }
  const auto cursor = arrived->find<ledger::InStreamRow>(from).value_or(ledger::InStreamRow{});
  Json out = Json::object({{"from", from.value()},
                           {"to", to.value()},
                           {"sent", stream->next},
                           {"arrived", cursor.next},
                           {"acknowledged", stream->arrived},
                           {"bytes", stream->bytes},
                           {"control_bytes", stream->control_bytes},
                           {"relayed", codec::record_to_json(served.node.relayed({from, to}))},
                           {"in_flight", std::move(money)}});
  if (const auto held_up = served.node.held_up({from, to})) {
    out.set("held_up", to_string(*held_up));
  }
  return out;
}

Response list_streams(const ServedNode& served) {
  Json::Array streams;
  const std::uint16_t count = served.gateway().chain_count();
  for (std::uint16_t from = 0; from < count; ++from) {
    for (std::uint16_t to = 0; to < count; ++to) {
      if (from == to) continue;
      if (auto stream = stream_json(served, ChainId(from), ChainId(to))) {
        streams.push_back(*std::move(stream));
      }
    }
  }
  return Response::json(streams);
}

// The id of a stored transaction: its bytes were parsed and verified before they were stored.
std::string transaction_id(ByteView bytes, const LedgerId& ledger) {
  const auto sign1 = proof::parse_sign1(bytes, tx::Transaction::kMaxBytes);
  CHECK(sign1.has_value());
  return codec::to_hex(
      proof::statement_digest(sign1->key, sign1->payload, tx::Transaction::kPurpose, ledger));
}

Result<Response> show_block(const ServedNode& served, const Request& request) {
  ASSIGN(const auto* chain, find_chain(served, request.parameter("chain")));
  const std::string& text = request.parameter("height");
  const auto height = codec::uint_from_digits(text);
  if (!height) return refuse(Verdict::bad_value, "height");
  // Height 0 stands for the genesis, which is no block.
  const auto blob = *height == 0 ? std::nullopt : chain->store().block(Height(*height));
  if (!blob) return std::unexpected(chain->no_block(Height(*height)));
  const auto stored = chain::decode_transactions(*blob);
  CHECK(stored.has_value());
  const LedgerId& ledger = chain->ledger();
  const auto [proof, consensus] = chain->stored_header(Height(*height));
  const auto shown = proof::shown_header<ledger::BlockHeader>(proof, ledger);
  CHECK(shown.has_value());
  Json::Array transactions;
  for (const Bytes& each : *stored) transactions.emplace_back(transaction_id(each, ledger));
  Json out = Json::object({{"header", codec::record_to_json(shown->header)},
                           {"hash", codec::to_hex(shown->header.hash(ledger))},
                           {"consensus", consensus}});
  if (shown->signer) out.set("signer", codec::to_hex(*shown->signer));
  const Json proof_json = codec::record_to_json(proof);
  for (const auto& [name, value] : *proof_json.members()) out.set(name, value);
  out.set("transactions", std::move(transactions));
  return Response::json(out);
}

// Of all streams.
chain::Relayed relayed(service::Node& node) {
  chain::Relayed out;
  const std::uint16_t count = node.gateway().chain_count();
  for (std::uint16_t from = 0; from < count; ++from) {
    for (std::uint16_t to = 0; to < count; ++to) out += node.relayed({ChainId(from), ChainId(to)});
  }
  return out;
}

// The metrics of each chain; those of one that is added come with its first block.
class ChainMetrics {
 public:
  explicit ChainMetrics(Served served) : served_(std::move(served)) {
    for (std::uint16_t i = 0; i < served_->gateway().chain_count(); ++i) add(ChainId(i));
  }

  void saw(const ledger::BlockHeader& header) {
    counts_->add(header);
    const std::lock_guard lock(mutex_);
    while (known_ <= header.chain.value()) add(ChainId(known_));
  }

 private:
  void add(ChainId chain) {
    Metrics& metrics = served_->metrics;
    service::Node& node = served_->node;
    const std::map<std::string, std::string> labels = {{"chain", std::to_string(chain.value())}};
    metrics.gauge_from(
        {"intaglio_chain_height", "Height of the last durable block", labels}, [&node, chain] {
          return static_cast<double>(node.gateway().chain(chain)->tip().height.value());
        });
    metrics.gauge_from(
        {"intaglio_chain_waiting", "Transactions taken in and not yet in a block", labels},
        [&node, chain] { return static_cast<double>(node.waiting(chain)); });
    metrics.counter_from(
        {"intaglio_chain_blocks_total", "Blocks made since this node started", labels},
        [counts = counts_, chain] { return static_cast<double>(counts->of(chain).blocks); });
    metrics.counter_from(
        {"intaglio_chain_transactions_total", "Transactions in those blocks", labels},
        [counts = counts_, chain] { return static_cast<double>(counts->of(chain).transactions); });
    ++known_;
  }

  const Served served_;
  const std::shared_ptr<BlockCounts> counts_ = std::make_shared<BlockCounts>();
  std::mutex mutex_;
  std::uint16_t known_ = 0;  // chains
};

void add_metrics(const Served& served) {
  Metrics& metrics = served->metrics;
  service::Node& node = served->node;
  const auto count_relayed = [&](const char* kind, std::uint64_t chain::Relayed::* bytes) {
    metrics.counter_from({"intaglio_relay_bytes_total",
                          "What the relay brought from chain to chain, by what it was for",
                          {{"kind", kind}}},
                         [&node, bytes] { return static_cast<double>(relayed(node).*bytes); });
  };
  count_relayed("data", &chain::Relayed::data_bytes);
  count_relayed("proof", &chain::Relayed::proof_bytes);
  count_relayed("cursor", &chain::Relayed::cursor_bytes);
  count_relayed("control", &chain::Relayed::control_bytes);
  metrics.gauge_from(
      {"intaglio_gateway_waiting", "Transactions taken in and not yet judged or handed on"},
      [&node] { return static_cast<double>(node.gateway().waiting()); });
}

Endpoint stream_blocks(std::shared_ptr<BlockEvents> events) {
  return [events = std::move(events)](const Request& request, const Reply& reply) {
    if (request.method == "GET") return events->add(reply.stream());
    reply.send(Response::of(kEventMediaType, ""));
  };
}

}  // namespace

void add_chain_routes(Router& router, const Served& served) {
  add_metrics(served);
  const auto metrics = std::make_shared<ChainMetrics>(served);
  const auto events = std::make_shared<BlockEvents>(
      served->node, [metrics](const ledger::BlockHeader& header) { metrics->saw(header); });
  router.add({.method = "GET",
              .pattern = "/v1/ledger",
              .operation = "getLedger",
              .endpoint = answering([served](const Request&) { return show_ledger(*served); })});
  router.add({.method = "GET",
              .pattern = "/v1/chains",
              .operation = "listChains",
              .endpoint = answering([served](const Request&) { return list_chains(*served); }),
              .runs = Runs::on_worker});
  router.add({.method = "GET",
              .pattern = "/v1/chains/{chain}",
              .operation = "getChain",
              .endpoint = answering([served](const Request& r) { return show_chain(*served, r); }),
              .runs = Runs::on_worker});
  router.add({.method = "GET",
              .pattern = "/v1/chains/{chain}/forks",
              .operation = "listForks",
              .endpoint = answering([served](const Request& r) { return list_forks(*served, r); }),
              .runs = Runs::on_worker});
  router.add({.method = "GET",
              .pattern = "/v1/chains/{chain}/blocks/{height}",
              .operation = "getBlock",
              .endpoint = answering([served](const Request& r) { return show_block(*served, r); }),
              .runs = Runs::on_worker});
  router.add({.method = "GET",
              .pattern = "/v1/streams",
              .operation = "listStreams",
              .endpoint = answering([served](const Request&) { return list_streams(*served); }),
              .runs = Runs::on_worker});
  router.add({.method = "GET",
              .pattern = "/v1/events",
              .operation = "streamBlocks",
              .endpoint = stream_blocks(events)});
}

}  // namespace intaglio::http
