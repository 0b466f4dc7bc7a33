#include "http/node_routes.h"

#include "http/served_node.h"
#include "http/transaction_body.h"

namespace intaglio::http {
namespace {

// The node of the chain in the path: `unknown_chain`.
Result<chain::ConsensusThread*> node_of(service::LocalConsensus& nodes, const Request& request) {
  const std::string& text = request.parameter("chain");
  const auto number = codec::uint_from_digits(text);
  if (!number || *number > UINT16_MAX) return refuse(Verdict::unknown_chain, text);
  return nodes.find(ChainId(static_cast<std::uint16_t>(*number)));
}

Result<void> take_message(service::LocalConsensus& nodes, const Request& request,
                          const Reply& reply) {
  ASSIGN(auto* node, node_of(nodes, request));
  if (request.media_type() != kCborMediaType) return refuse(Verdict::bad_media_type);
  ASSIGN(auto message, chain::decode_message(request.body));
  node->ask(std::move(message), [reply](Result<chain::Standing> standing) {
    Response response;
    if (standing) {
      response.fields.add("Content-Type", kCborMediaType);
      response.body = chain::encode_standing(*standing);
    } else {
      response = refused(standing.error());
    }
    reply.send(std::move(response));
  });
  return {};
}

Result<Response> take_transactions(service::LocalConsensus& nodes, const Request& request) {
  ASSIGN(auto* node, node_of(nodes, request));
  ASSIGN(const auto body, read_transactions(request.media_type(), request.body));
  for (const ByteView each : body.transactions) node->hear(to_bytes(each));
  return Response::empty();
}

}  // namespace

void add_node_routes(Router& router, service::LocalConsensus& nodes) {
  router.add({.method = "PUT",
              .pattern = "/node/v1/chains/{chain}/message",
              .operation = "takeMessage",
              .endpoint =
                  [&nodes](const Request& request, const Reply& reply) {
                    const auto taken = take_message(nodes, request, reply);
                    if (!taken) reply.send(refused(taken.error()));
                  },
              .runs = Runs::at_once,
              .body_bytes = chain::kMaxMessage});
  router.add({.method = "PUT",
              .pattern = "/node/v1/chains/{chain}/transactions",
              .operation = "takeTransactions",
              .endpoint = answering(
                  [&nodes](const Request& request) { return take_transactions(nodes, request); }),
              .runs = Runs::at_once,
              .body_bytes = kMaxTransactions * tx::Transaction::kMaxBytes});
}

}  // namespace intaglio::http
