// The routes that every node has whatever it serves: is it well, what does it count, what can be
// asked of it.
#pragma once

#include <functional>

#include "http/metrics.h"
#include "http/router.h"

namespace intaglio::http {

struct StandardRoutes {
  // Quick, from any thread: nothing refused is well.
  std::function<Result<void>()> health;
  Metrics& metrics;     // must outlive the router
  codec::Json openapi;  // the OpenAPI 3.1 document
};

// GET /healthz: 200 {"status":"ok"}, or the refusal as a problem.
// GET /metrics: Prometheus text. GET /v1/openapi.json: the document.
void add_standard_routes(Router& router, StandardRoutes routes);

}  // namespace intaglio::http
