#include "cli/serving.h"

#include "base/format.h"
#include "http/api.h"

namespace intaglio::cli {
namespace {

Secret copy_of(const Secret& secret) { return Secret(to_bytes(secret.reveal())); }

std::string host_in_url(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  return '[' + address + ']';
}

}  // namespace

Result<std::unique_ptr<ServingNode>> ServingNode::start(const ServeSettings& settings,
                                                        const Secret& passphrase, Env& env) {
  TRY(check(settings));
  std::unique_ptr<ServingNode> out(new ServingNode);
  ASSIGN(out->node_, service::Node::open(settings.data, passphrase, env));
  http::ServerOptions options;
  options.address = settings.address;
  options.port = settings.port;
  options.limits.body_bytes = settings.body_bytes;
  options.limits.connections = settings.connections;
  if (settings.tls) {
    options.tls = http::TlsIdentity{out->node_->tls_certificate_pem(),
                                    Secret(Bytes(out->node_->tls_key_pem())), copy_of(passphrase)};
  }
  http::Router router;
  http::add_api(router, *out->node_, out->metrics_, env);
  out->server_ =
      std::make_unique<http::Server>(std::move(router), std::move(options), out->metrics_, env);
  out->node_->start();
  TRY(out->server_->start());
  out->url_ = format("{}://{}:{}", settings.tls ? "https" : "http", host_in_url(settings.address),
                     out->server_->port());
  return out;
}

ServingNode::~ServingNode() {
  // From the outside in: what a client was promised still gets its block.
  if (server_) server_->stop();
  if (node_) node_->stop();
}

std::string advice(const Refusal& refusal, const ServeSettings& settings) {
  switch (refusal.verdict) {
    case Verdict::port_taken:
      return format("Port {} is in use. Stop what listens there, or take another: --port {}",
                    settings.port, settings.port + 1);
    case Verdict::folder_taken:
      return format("Another node works in {}. Stop it, or take another folder: --data DIR",
                    settings.data);
    case Verdict::element_locked:
      return "The passphrase does not open the node's keys: INTAGLIO_PASSPHRASE or "
             "--passphrase-file FILE";
    case Verdict::wrong_ledger:
      return format("{} holds chains of another ledger than its genesis.cbor says.", settings.data);
    case Verdict::file_failed:
      return format("Make a new node there first: intaglio init --data {}", settings.data);
    default: return {};
  }
}

}  // namespace intaglio::cli
