// The OpenAPI document (3.1) beside the routes that are really there.
#pragma once

#include <string>
#include <vector>

#include "http/router.h"

namespace intaglio::http {

// What the document and the routes disagree on, one line each: an operation that only one of them
// has, and an operationId that is not the route's operation. Empty when they agree.
std::vector<std::string> openapi_differences(const codec::Json& document,
                                             const std::vector<Route>& routes);

}  // namespace intaglio::http
