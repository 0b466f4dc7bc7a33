#include "http/standard_routes.h"

#include <utility>

namespace intaglio::http {

void add_standard_routes(Router& router, StandardRoutes routes) {
  router.add({"GET", "/healthz", "health",
              [health = std::move(routes.health)](const Request&, const Reply& reply) {
                const auto well = health();
                if (!well) return void(reply.problem(well.error()));
                reply.json(codec::Json::object({{"status", "ok"}}));
              }});
  router.add({"GET", "/metrics", "metrics",
              [&metrics = routes.metrics](const Request&, const Reply& reply) {
                reply.send(Response::of(Metrics::kMediaType, metrics.text()));
              }});
  router.add({"GET", "/v1/openapi.json", "openapi",
              [text = routes.openapi.pretty()](const Request&, const Reply& reply) {
                reply.send(Response::of(kJsonMediaType, text));
              }});
}

}  // namespace intaglio::http
