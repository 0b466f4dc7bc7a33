// A node as its routes see it: what they share. Inside this module alone.
#pragma once

#include "http/metrics.h"
#include "http/router.h"
#include "http/signed_request.h"

namespace intaglio::http {

struct ServedNode {
  ServedNode(service::Node& served, Metrics& counted, Env& world)
      : node(served), metrics(counted), env(world), signatures(served, world) {}

  service::Node& node;
  Metrics& metrics;
  Env& env;
  SignedRequests signatures;

  gateway::Gateway& gateway() const { return node.gateway(); }
};

// Routes hold it, so it lives as long as the router. Any thread.
using Served = std::shared_ptr<ServedNode>;

// An endpoint that answers with what `act` returns, or with its refusal as a problem. A problem of
// status 401 says which signature is asked for (Accept-Signature, RFC 9421 section 5.1).
Endpoint answering(std::function<Result<Response>(const Request&)> act);

// Adds routes that wait for the disk or a chain, so that they run on a worker.
struct WorkerRoutes {
  using Act = Result<Response> (*)(ServedNode&, const Request&);
  void operator()(std::string_view method, std::string_view pattern, std::string_view operation,
                  Act act) const;

  Router& router;
  const Served& served;
};

// The request's refusal, as answering() gives it.
Response refused(const Refusal& refusal);

// `bad_media_type` unless the body is of this one.
Result<void> require_media_type(const Request& request, std::string_view type);

// A chain by its number in a path or address: `unknown_chain`.
Result<const chain::Application*> find_chain(const ServedNode& served, std::string_view number);
Result<const chain::Application*> find_chain(const ServedNode& served, ChainId chain);

// A path's id in hex: `bad_value` naming the parameter.
template <typename Id>
Result<Id> id_parameter(const Request& request, std::string_view name) {
  auto id = codec::id_from_hex<Id>(request.parameter(name));
  if (!id) return refuse(Verdict::bad_value, std::string(name));
  return *std::move(id);
}

// The request's JSON body as a record: unknown members are refused.
template <codec::Record T>
Result<T> body_record(const Request& request) {
  ASSIGN(const auto json, request.json());
  return codec::record_from_json<T>(json);
}

}  // namespace intaglio::http
