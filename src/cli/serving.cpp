#include "cli/serving.h"

#include <map>
#include <mutex>

#include "base/format.h"
#include "http/api.h"
#include "http/node_routes.h"
#include "service/setup.h"

namespace intaglio::cli {
namespace {

Secret copy_of(const Secret& secret) { return Secret(to_bytes(secret.reveal())); }

struct KeyAndUrl {
  KeyHash key;
  std::string url;
};
// "KEY=URL"
Result<KeyAndUrl> key_and_url(const std::string& text) {
  const auto at = text.find('=');
  const auto key = codec::id_from_hex<KeyHash>(text.substr(0, at));
  if (at == std::string::npos || !key) {
    return refuse(Verdict::bad_setting, "node.consensus (KEY=URL): " + text);
  }
  return KeyAndUrl{*key, text.substr(at + 1)};
}

http::TlsIdentity identity_of(const service::NodeTls& tls, const Secret& passphrase) {
  return {tls.certificate_pem, Secret(Bytes(tls.key_pem)), copy_of(passphrase)};
}

http::ServerOptions server_options(const ServeSettings& settings) {
  http::ServerOptions out;
  out.address = settings.address;
  out.port = settings.port;
  out.limits.body_bytes = settings.body_bytes;
  out.limits.connections = settings.connections;
  return out;
}

// What a node shows its clients.
http::TlsIdentity own_identity(const service::Node& node, const Secret& passphrase) {
  return {node.tls_certificate_pem(), Secret(Bytes(node.tls_key_pem())), copy_of(passphrase)};
}

std::string host_in_url(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  return '[' + address + ']';
}

}  // namespace

// A consensus node in another process, by a link for each chain, made when it is first used.
class ServingNode::RemoteNode {
 public:
  // The main chain's link, which says whether others can be made.
  static Result<std::unique_ptr<RemoteNode>> open(http::NodeLinkOptions options,
                                                  http::TlsIdentity identity) {
    std::unique_ptr<RemoteNode> out(new RemoteNode(std::move(options), std::move(identity)));
    ASSIGN(out->links_[kMainChain], http::NodeLink::open(out->options_, out->identity_));
    return out;
  }

  service::RemoteConsensus consensus() {
    return {options_.node,
            [this](ChainId chain, chain::Message message, chain::OtherNode::Done done) {
              link(chain).ask(std::move(message), std::move(done));
            },
            [this](ChainId chain, Bytes transaction) { link(chain).tell(std::move(transaction)); }};
  }

 private:
  RemoteNode(http::NodeLinkOptions options, http::TlsIdentity identity)
      : options_(std::move(options)), identity_(std::move(identity)) {}

  http::NodeLink& link(ChainId chain) {
    const std::lock_guard lock(mutex_);
    auto& link = links_[chain];
    if (!link) {
      http::NodeLinkOptions options = options_;
      options.chain = chain;
      auto opened = http::NodeLink::open(options, identity_);
      CHECK(opened.has_value());  // as the main chain's did
      link = *std::move(opened);
    }
    return *link;
  }

  const http::NodeLinkOptions options_;
  const http::TlsIdentity identity_;
  std::mutex mutex_;
  std::map<ChainId, std::unique_ptr<http::NodeLink>> links_;
};

Result<std::unique_ptr<ServingNode>> ServingNode::start(const ServeSettings& settings,
                                                        const Secret& passphrase, Env& env) {
  TRY(check(settings));
  std::unique_ptr<ServingNode> out(new ServingNode);
  service::Elsewhere elsewhere;
  ASSIGN(elsewhere.consensus, out->open_links(settings, passphrase, env));
  ASSIGN(elsewhere.comet, out->open_comet(settings, env));
  service::AuthorityOptions authority;
  if (!settings.public_url.empty()) {
    authority.publication = [url = settings.public_url](const std::string& issuer) {
      return http::publication_under(url, issuer);
    };
  }
  ASSIGN(out->node_,
         service::Node::open(settings.data, passphrase, env, std::move(elsewhere), authority));
  if (settings.keep_blocks > 0) out->node_->keep_blocks(settings.keep_blocks);
  http::ServerOptions options = server_options(settings);
  if (settings.tls) options.tls = own_identity(*out->node_, passphrase);
  http::Router router;
  http::add_api(router, *out->node_, out->metrics_, env);
  out->server_ =
      std::make_unique<http::Server>(std::move(router), std::move(options), out->metrics_, env);
  out->node_->start();
  TRY(out->server_->start());
  out->url_ = format("{}://{}:{}", settings.tls ? "https" : "http", host_in_url(settings.address),
                     out->server_->port());
  if (settings.certified_port) TRY(out->start_certified(settings, passphrase, env));
  return out;
}

Result<void> ServingNode::start_certified(const ServeSettings& settings, const Secret& passphrase,
                                          Env& env) {
  http::ServerOptions options = server_options(settings);
  options.port = *settings.certified_port;
  options.tls = own_identity(*node_, passphrase);
  http::CertifiedHolder holder{node_->authority().root().to_pem(), {}};
  for (const auto& each : node_->authority().issuers().certificates()) {
    if (each != node_->authority().root()) holder.authorities_pem += each.to_pem();
  }
  options.clients = std::move(holder);
  http::Router router;
  http::add_certified_api(router, *node_, metrics_, env);
  certified_server_ =
      std::make_unique<http::Server>(std::move(router), std::move(options), metrics_, env);
  TRY(certified_server_->start());
  certified_url_ =
      format("https://{}:{}", host_in_url(settings.address), certified_server_->port());
  return {};
}

Result<std::vector<service::RemoteConsensus>> ServingNode::open_links(const ServeSettings& settings,
                                                                      const Secret& passphrase,
                                                                      Env& env) {
  std::vector<service::RemoteConsensus> out;
  if (settings.consensus.empty()) return out;
  ASSIGN(const auto tls, service::read_node_tls(settings.data, env));
  for (const std::string& each : settings.consensus) {
    ASSIGN(const auto node, key_and_url(each));
    ASSIGN(auto remote, RemoteNode::open({node.url, kMainChain, node.key, tls.root_pem},
                                         identity_of(tls, passphrase)));
    out.push_back(remote->consensus());
    remote_.push_back(std::move(remote));
  }
  return out;
}

Result<std::vector<service::CometChain>> ServingNode::open_comet(const ServeSettings& settings,
                                                                 Env& env) {
  std::vector<service::CometChain> out;
  for (const std::string& each : settings.comet) {
    ASSIGN(auto comet, comet_of(each));
    if (comet.home) TRY(check_comet_home(*comet.home, env));
    auto client = http::CometClient::open(comet.rpc);
    if (!client) return refuse_within(each, client.error());
    out.push_back({comet.chain, std::move(comet.abci), (*client)->rpc(), settings.snapshot_every});
    comet_.push_back(*std::move(client));
  }
  return out;
}

ServingNode::~ServingNode() {
  // From the outside in: what a client was promised still gets its block.
  if (certified_server_) certified_server_->stop();
  if (server_) server_->stop();
  if (node_) node_->stop();
}

Result<std::unique_ptr<ServingConsensus>> ServingConsensus::start(const ServeSettings& settings,
                                                                  const Secret& passphrase,
                                                                  Env& env) {
  TRY(check(settings));
  std::unique_ptr<ServingConsensus> out(new ServingConsensus);
  ASSIGN(const auto genesis, service::read_genesis(settings.data, env));
  ASSIGN(const auto tls, service::read_node_tls(settings.data, env));
  ASSIGN(out->nodes_, service::LocalConsensus::open_alone(settings.data, genesis, passphrase, env));
  if (settings.keep_blocks > 0) out->nodes_->keep_blocks(settings.keep_blocks);
  http::ServerOptions options = server_options(settings);
  options.tls = identity_of(tls, passphrase);
  options.clients = http::CertifiedNode{tls.root_pem};
  http::Router router;
  http::add_node_routes(router, *out->nodes_);
  out->server_ =
      std::make_unique<http::Server>(std::move(router), std::move(options), out->metrics_, env);
  out->nodes_->start();
  TRY(out->server_->start());
  out->url_ = format("https://{}:{}", host_in_url(settings.address), out->server_->port());
  return out;
}

ServingConsensus::~ServingConsensus() {
  if (server_) server_->stop();
  if (nodes_) nodes_->stop();
}

Result<void> check_comet_home(const std::string& home, Env& env) {
  const std::string path = home + "/config/config.toml";
  ASSIGN(const auto text, env.read_file(path, kMaxConfig));
  const auto checked = check_comet_config(as_text(text));
  if (!checked) return refuse_within(path, checked.error());
  return {};
}

std::string advice(const Refusal& refusal, const ServeSettings& settings) {
  switch (refusal.verdict) {
    case Verdict::port_taken: {
      const bool is_certified = settings.certified_port &&
                                refusal.where.ends_with(format(":{}", *settings.certified_port));
      const unsigned port = is_certified ? *settings.certified_port : settings.port;
      return format("Port {} is in use. Stop what listens there, or take another: --{} {}", port,
                    is_certified ? "certified-port" : "port", port + 1);
    }
    case Verdict::folder_taken:
      return format("Another node works in {}. Stop it, or take another folder: --data DIR",
                    settings.data);
    case Verdict::element_locked:
      return "The passphrase does not open the node's keys: INTAGLIO_PASSPHRASE or "
             "--passphrase-file FILE";
    case Verdict::wrong_ledger:
      return format("{} holds chains of another ledger than its genesis.cbor says.", settings.data);
    case Verdict::file_failed:
      if (refusal.where.find("not certified") != std::string::npos) {
        return "Its issuing key waits for a certificate: intaglio authority certify, then install.";
      }
      return format("Make a new node there first: intaglio init --data {}", settings.data);
    default: return {};
  }
}

}  // namespace intaglio::cli
