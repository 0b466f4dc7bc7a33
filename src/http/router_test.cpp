#include "http/router.h"

#include <gtest/gtest.h>

#include "http/openapi.h"

namespace intaglio::http {
namespace {

void nothing(const Request&, const Reply&) {}

Router sample() {
  Router router;
  router.add({"GET", "/v1/accounts/{address}", "account", nothing});
  router.add({"DELETE", "/v1/accounts/{address}", "close_account", nothing});
  router.add({"GET", "/v1/accounts/mine", "my_account", nothing});
  router.add({"GET", "/v1/accounts/{address}/payments/{id}", "payment", nothing});
  router.add({"POST", "/v1/transactions", "submit", nothing});
  router.add({"GET", "/", "home", nothing});
  return router;
}

std::string operation_of(const Router& router, std::string_view method, std::string_view target) {
  const auto match = router.match(method, parse_target(target).value());
  return match ? match->route->operation : std::string(describe(match.error().verdict).name);
}

TEST(Router, FindsTheRouteOfMethodAndPath) {
  const Router router = sample();
  EXPECT_EQ(operation_of(router, "GET", "/v1/accounts/x?limit=3"), "account");
  EXPECT_EQ(operation_of(router, "DELETE", "/v1/accounts/x"), "close_account");
  EXPECT_EQ(operation_of(router, "POST", "/v1/transactions"), "submit");
  EXPECT_EQ(operation_of(router, "GET", "/"), "home");
  EXPECT_EQ(operation_of(router, "HEAD", "/v1/accounts/x"), "account");
}

TEST(Router, TakesALiteralBeforeAParameter) {
  EXPECT_EQ(operation_of(sample(), "GET", "/v1/accounts/mine"), "my_account");
}

TEST(Router, HandsOverParametersDecoded) {
  const Router router = sample();
  const auto target = parse_target("/v1/accounts/a%2Fb/payments/%C3%A9").value();
  const auto match = router.match("GET", target).value();
  EXPECT_EQ(match.parameters, (std::vector<Parameter>{{"address", "a/b"}, {"id", "\u00e9"}}));
}

TEST(Router, TellsAnUnknownPathFromAWrongMethod) {
  const Router router = sample();
  EXPECT_EQ(operation_of(router, "GET", "/v1/nothing"), "unknown_route");
  EXPECT_EQ(operation_of(router, "GET", "/v1/transactions/"), "unknown_route");
  EXPECT_EQ(operation_of(router, "GET", "/v1/accounts/"), "unknown_route");  // no empty parameter
  EXPECT_EQ(operation_of(router, "GET", "/V1/transactions"), "unknown_route");
  EXPECT_EQ(operation_of(router, "GET", "/v1/transactions"), "bad_method");
  EXPECT_EQ(operation_of(router, "get", "/"), "bad_method");
  EXPECT_EQ(operation_of(router, "HEAD", "/v1/transactions"), "bad_method");
}

TEST(Router, SaysWhichMethodsAPathTakes) {
  const Router router = sample();
  EXPECT_EQ(router.allowed(parse_target("/v1/accounts/x").value()), "DELETE, GET, HEAD, OPTIONS");
  EXPECT_EQ(router.allowed(parse_target("/v1/transactions").value()), "OPTIONS, POST");
  EXPECT_EQ(router.allowed(parse_target("*").value()), "DELETE, GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(router.allowed(parse_target("/v1/nothing").value()), "");
}

TEST(RouterDeathTest, StopsAtRoutesThatCannotBe) {
  const auto adding = [](Route route) {
    Router router = sample();
    router.add(std::move(route));
  };
  EXPECT_DEATH(adding({"POST", "/v1/transactions", "other", nothing}), "");
  EXPECT_DEATH(adding({"PUT", "/v1/transactions", "submit", nothing}), "");
  EXPECT_DEATH(adding({"PUT", "/v1/accounts/{id}", "other", nothing}), "");
  EXPECT_DEATH(adding({"GET", "no/slash", "other", nothing}), "");
  EXPECT_DEATH(adding({"GET", "/a/{}", "other", nothing}), "");
  EXPECT_DEATH(adding({"GET", "/a//b", "other", nothing}), "");
  EXPECT_DEATH(adding({"GET", "/a", "other", nullptr}), "");
}

TEST(OpenApi, IsComparedWithTheRoutes) {
  const auto document = codec::parse_json(R"({"paths":{
    "/":{"get":{"operationId":"home"},"parameters":[]},
    "/a":{"post":{"operationId":"a"},"get":{"operationId":"gone"}}}})")
                            .value();
  Router router;
  router.add({"GET", "/", "home", nothing});
  router.add({"POST", "/a", "b", nothing});
  router.add({"GET", "/c", "c", nothing});
  EXPECT_EQ(openapi_differences(document, router.routes()),
            (std::vector<std::string>{"POST /a is a in the document and b in the routes",
                                      "GET /c is a route that the document does not have",
                                      "GET /a is in the document and no route"}));
  EXPECT_TRUE(openapi_differences(codec::Json(), {}).empty());
}

}  // namespace
}  // namespace intaglio::http
