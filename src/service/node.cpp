#include "service/node.h"

#include <algorithm>
#include <future>
#include <map>

#include "base/log.h"
#include "proof/double_vote.h"
#include "service/certificate/open_issuers.h"
#include "service/certificate/recorder.h"
#include "service/keys.h"
#include "service/relay.h"
#include "service/setup.h"

namespace intaglio::service {
namespace {

constexpr std::size_t kMaxPem = 64 * 1024;

using Key = std::unique_ptr<element::SecureElement>;

}  // namespace

// In the order they are made; they are taken apart the other way round.
struct Node::Parts {
  explicit Parts(Env& world) : env(world) {}

  Env& env;
  ledger::Genesis genesis;
  Key node_key;
  Key authority_key;
  std::optional<OpenIssuers> issuers;
  Key service_key;
  KeyHash operator_key;
  std::string tls_certificate;
  Bytes tls_key;
  std::unique_ptr<store::RecordStore> records;
  std::unique_ptr<LocalConsensus> consensus;
  std::unique_ptr<Chains> chains;
  std::unique_ptr<gateway::Gateway> gateway;
  std::unique_ptr<Sender> node_sender;
  std::unique_ptr<Relay> relay;
  std::unique_ptr<Sender> authority_sender;
  std::unique_ptr<Sender> service_sender;
  std::unique_ptr<Authority> authority;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<EnrolmentDesk> enrolment_desk;
  std::unique_ptr<ClientDesk> client_desk;
  std::unique_ptr<StatusDesk> status_desk;
  std::unique_ptr<pki::CmpResponder> cmp;
  std::unique_ptr<DisplayDesk> display_desk;

  // Who wants to hear of blocks; shared with the handles, which may outlive the node.
  struct Listeners {
    std::mutex mutex;
    std::map<std::uint64_t, OnBlock> by_id;
    std::uint64_t next = 0;
  };
  std::shared_ptr<Listeners> listeners = std::make_shared<Listeners>();

  Result<void> open_keys(const std::string& folder, const Secret& passphrase) {
    // Each takes a fifth of a second on purpose: side by side.
    const auto open = [&](std::string_view name) {
      return std::async(std::launch::async,
                        [&, name] { return open_key(folder, name, passphrase, env); });
    };
    auto node_opened = open("node");
    auto authority_opened = open("authority");
    auto issuers_opened =
        std::async(std::launch::async, [&] { return open_issuers(folder, passphrase, env); });
    auto service_opened = open("service");
    ASSIGN(node_key, node_opened.get());
    ASSIGN(authority_key, authority_opened.get());
    ASSIGN(issuers, issuers_opened.get());
    ASSIGN(service_key, service_opened.get());
    operator_key = authority_key->public_key().hash();
    ASSIGN(const auto certificate, env.read_file(folder + "/tls/certificate.pem", kMaxPem));
    tls_certificate = as_text(certificate);
    ASSIGN(tls_key, env.read_file(key_path(folder, "tls"), kMaxPem));
    return {};
  }

  Result<void> open_chains(const std::string& folder, Elsewhere elsewhere) {
    ASSIGN(chains, Chains::open({folder, genesis, element::signer_of(*node_key), *consensus,
                                 std::move(elsewhere), env,
                                 [this](ChainId chain, const proof::DoubleVote& votes,
                                        chain::CometOrdering::Settled settled) {
                                   prove_double_vote(chain, votes, std::move(settled));
                                 }},
                                [this, to = listeners](const chain::Finalized& block) {
                                  relay->saw(block.header);
                                  const std::lock_guard lock(to->mutex);
                                  for (const auto& [id, listener] : to->by_id) {
                                    listener({block.header, block.hash});
                                  }
                                }));
    std::vector<gateway::Gateway::Nodes> all;
    for (std::uint16_t i = 0; i < chains->count(); ++i) all.push_back(chains->nodes(ChainId(i)));
    gateway = std::make_unique<gateway::Gateway>(ledger::ledger_id(genesis), std::move(all), env);
    node_sender = std::make_unique<Sender>(*gateway, element::signer_of(*node_key), env);
    relay = std::make_unique<Relay>(*node_sender, env);
    return {};
  }

  // Whether the main chain has the voter among the chain's validators still.
  bool is_named(ChainId chain, const proof::DoubleVote& votes) const {
    const auto both = proof::read_double_vote(votes);
    const auto nodes = gateway->chain(kMainChain)->store().find<ledger::NodesRow>(chain);
    return both && nodes && nodes->by_comet() &&
           std::ranges::any_of(*nodes->validators, [&](const ledger::Validator& each) {
             return proof::comet_address(each.key) == both->first.validator;
           });
  }

  // Any node may; the first that does is the one that counts. One vote of many settles the others,
  // and so does what was decided before a restart.
  void prove_double_vote(ChainId chain, const proof::DoubleVote& votes,
                         chain::CometOrdering::Settled settled) const {
    if (!is_named(chain, votes)) return settled(true);
    node_sender->send(kMainChain, {tx::ProveDoubleVote{chain, votes}},
                      [chain, settled = std::move(settled)](const Result<tx::Receipt>& receipt) {
                        const auto done =
                            receipt ? refusal_of(*receipt) : std::unexpected(receipt.error());
                        if (!done) {
                          log::info("chain {}: the double vote is not on the main chain: {}",
                                    chain.value(), to_string(done.error()));
                        }
                        // What is wrong with the sender says nothing of the votes.
                        settled(done || (receipt && done.error().where.starts_with("operations[")));
                      });
  }

  Result<void> open_services(const std::string& folder, const Secret& passphrase,
                             const AuthorityOptions& options) {
    ASSIGN(records, store::RecordStore::open(folder + "/records"));
    ASSIGN(auto display_secret, open_desk_secret(folder, kDisplayDesk, passphrase, env));
    ASSIGN(auto client_secret, open_desk_secret(folder, kClientDesk, passphrase, env));
    authority_sender = std::make_unique<Sender>(*gateway, element::signer_of(*authority_key), env);
    service_sender = std::make_unique<Sender>(*gateway, element::signer_of(*service_key), env);
    authority =
        std::make_unique<Authority>(*records, issuers->issuers, *authority_sender, env, options);
    ASSIGN(auto own, own_certificates(folder, env));
    recorder = std::make_unique<Recorder>(*authority, Unrecorded{.own = std::move(own)});
    enrolment_desk = std::make_unique<EnrolmentDesk>(*records, *authority, gateway->ledger(), env);
    client_desk = std::make_unique<ClientDesk>(*records, *authority, std::move(client_secret), env);
    status_desk = std::make_unique<StatusDesk>(*records, *authority, env);
    cmp = std::make_unique<pki::CmpResponder>(
        *client_desk, pki::CmpIdentity{.authorities = authority->issuers().certificates(),
                                       .protection = issuers->cmp,
                                       .signer = element::signer_of(*issuers->cmp_key)});
    display_desk = std::make_unique<DisplayDesk>(*records, *authority, *service_sender,
                                                 std::move(display_secret), env);
    return {};
  }
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::open(const std::string& folder, const Secret& passphrase,
                                         Env& env, Elsewhere elsewhere,
                                         const AuthorityOptions& options) {
  auto parts = std::make_unique<Parts>(env);
  ASSIGN(parts->genesis, read_genesis(folder, env));
  TRY(parts->open_keys(folder, passphrase));
  ASSIGN(parts->consensus, LocalConsensus::open_inside(folder, parts->genesis, passphrase, env));
  TRY(parts->open_chains(folder, std::move(elsewhere)));
  TRY(parts->open_services(folder, passphrase, options));
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

void Node::keep_blocks(std::uint64_t count) {
  parts_->chains->keep_blocks(count);
  parts_->consensus->keep_blocks(count);
}

void Node::start() {
  parts_->consensus->start();
  parts_->chains->start([&gateway = *parts_->gateway](gateway::Gateway::Nodes added) {
    gateway.add(std::move(added));
  });
  parts_->gateway->start();
  parts_->relay->start();
  // After a rest the chains first hear what the main chain decided meanwhile; then they may go on.
  const Duration age = parts_->genesis.params.control_max_age;
  const Millis now = parts_->env.now();
  const Millis oldest(now.value() > age.value() ? now.value() - age.value() : 0);
  parts_->node_sender->wait_for_chains([&](const ledger::View& state) {
    const auto main_chain = state.find<ledger::InStreamRow>(kMainChain);
    return !main_chain || main_chain->as_of > oldest;  // the main chain has no such row
  });
  parts_->recorder->start();
}

void Node::stop() {
  // From the outside in: what the gateway took in still finds its chain.
  parts_->recorder->ask_to_stop();
  parts_->relay->stop();
  parts_->gateway->stop();
  parts_->chains->stop();
  parts_->recorder->stop();
  parts_->consensus->stop();
}

std::shared_ptr<void> Node::subscribe(OnBlock listener) {
  const auto& listeners = parts_->listeners;
  const std::lock_guard lock(listeners->mutex);
  const std::uint64_t id = listeners->next++;
  listeners->by_id.emplace(id, std::move(listener));
  return {nullptr, [listeners, id](void*) {
            const std::lock_guard leaving(listeners->mutex);
            listeners->by_id.erase(id);
          }};
}

const ledger::Genesis& Node::genesis() const { return parts_->genesis; }
gateway::Gateway& Node::gateway() { return *parts_->gateway; }
Authority& Node::authority() { return *parts_->authority; }
EnrolmentDesk& Node::enrolment_desk() { return *parts_->enrolment_desk; }
ClientDesk& Node::client_desk() { return *parts_->client_desk; }
StatusDesk& Node::status_desk() { return *parts_->status_desk; }
pki::CmpResponder& Node::cmp() { return *parts_->cmp; }
DisplayDesk& Node::display_desk() { return *parts_->display_desk; }
const KeyHash& Node::operator_key() const { return parts_->operator_key; }
chain::Relayed Node::relayed(const tx::Route& stream) const {
  return parts_->relay->relayed(stream);
}
std::optional<Refusal> Node::held_up(const tx::Route& stream) const {
  return parts_->relay->held_up(stream);
}
std::size_t Node::waiting(ChainId chain) const { return parts_->chains->ordering(chain).waiting(); }
std::vector<chain::NodeReport> Node::consensus_nodes(ChainId chain) const {
  return parts_->chains->ordering(chain).nodes();
}
const std::string& Node::tls_certificate_pem() const { return parts_->tls_certificate; }
const Bytes& Node::tls_key_pem() const { return parts_->tls_key; }

}  // namespace intaglio::service
