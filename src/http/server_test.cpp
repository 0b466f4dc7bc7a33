#include "http/server.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "http/raw_socket.h"
#include "http/sample_server.h"
#include "http/standard_routes.h"

namespace intaglio::http {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string get(std::string_view target, std::string_view more = "") {
  return format("GET {} HTTP/1.1\r\nHost: x\r\n{}\r\n", target, more);
}

std::string post(std::string_view target, std::string_view body, std::string_view more = "") {
  return format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}", target,
                body.size(), more, body);
}

// What the answer to these bytes refuses, on a connection of their own.
std::string code_of(const SampleServer& server, std::string_view bytes) {
  RawSocket socket = RawSocket::to(server.port());
  EXPECT_TRUE(socket.send(bytes));
  const auto answer = read_response(socket);
  const auto problem = codec::parse_json(answer.body);
  if (!problem) return format("status {}", answer.status);
  return problem->text_at("code").value_or(format("status {}", answer.status));
}

TEST(Server, AnswersRequestsOnAConnectionItKeeps) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  for (int i = 0; i < 3; ++i) {
    socket.send(get(format("/echo/a%2F{}?q=%26", i), "X-Value: 1\r\nx-value: 2\r\n"));
    const auto answer = read_response(socket);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, format(R"({{"method":"GET","target":"/echo/a%2F{0}?q=%26",)"
                                  R"("name":"a/{0}","q":"&","x-value":"1, 2","body":""}})",
                                  i));
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("\r\nDate: "));
    EXPECT_THAT(answer.head, Not(HasSubstr("Connection: close")));
  }
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  std::string all = get("/later");
  for (int i = 0; i < 50; ++i) all += post("/echo/x", format("body {}", i));
  socket.send(all);
  server.replies.take().json(codec::Json("first"));
  EXPECT_EQ(read_response(socket).body, R"("first")");
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(read_response(socket).body, HasSubstr(format(R"("body":"body {}")", i)));
  }
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/echo/x", "Connection: close\r\n"));
  const std::string all = socket.read_to_end();
  EXPECT_THAT(all, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  RawSocket old = RawSocket::to(server.port());
  old.send("GET /echo/x HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_to_end(), HasSubstr("Connection: close\r\n"));
}

TEST(Server, AnswersHeadWithoutABodyAndOptionsWithTheMethods) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send("HEAD /bytes/5 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = read_response(socket, true);
  EXPECT_EQ(head.status, 200);
  EXPECT_THAT(head.head, HasSubstr("Content-Length: 5\r\n"));
  socket.send("OPTIONS /echo/x HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto options = read_response(socket);
  EXPECT_EQ(options.status, 204);
  EXPECT_THAT(options.head, HasSubstr("Allow: GET, HEAD, OPTIONS, POST\r\n"));
  EXPECT_THAT(options.head, Not(HasSubstr("Content-Length")));
  socket.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_response(socket).status, 204);
  socket.send(get("/bytes/1"));
  EXPECT_EQ(read_response(socket).body, "x");  // nothing of the answers before was left
}

TEST(Server, RefusesUnknownPathsAndWrongMethods) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/nothing/here"));
  const auto unknown = read_response(socket);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr(R"("code":"unknown_route")"));
  EXPECT_THAT(unknown.head, HasSubstr("Content-Type: application/problem+json\r\n"));
  socket.send("DELETE /echo/x HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto method = read_response(socket);
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(method.head, HasSubstr("Allow: GET, HEAD, OPTIONS, POST\r\n"));
}

TEST(Server, GivesEveryAnswerTheRequestsId) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/echo/x", "X-Request-Id: my-1.a\r\n"));
  EXPECT_THAT(read_response(socket).head, HasSubstr("X-Request-Id: my-1.a\r\n"));
  socket.send(get("/nothing", "X-Request-Id: not one\r\n"));
  const auto own = read_response(socket);
  EXPECT_THAT(own.head, HasSubstr("X-Request-Id: "));
  EXPECT_THAT(own.head, Not(HasSubstr("not one")));
}

TEST(Server, RefusesWhatIsMalformed) {
  const SampleServer server;
  const std::string host = "Host: x\r\n";
  for (const std::string& request : std::vector<std::string>{
           get("/echo/%zz"),
           get("/echo/%00"),
           get("/echo/../x"),
           get("/echo/%FF"),
           get("echo"),
           std::string("GET /echo/x HTTP/1.1\r\n\r\n"),
           "GET /echo/x HTTP/1.1\r\n" + host + host + "\r\n",
           std::string("GET / /x HTTP/1.1\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no TLS here\r\n\r\n", 27),
           "GET /echo/x HTTP/1.1\r\n" + host + "no colon\r\n\r\n",
           "GET /echo/x HTTP/1.1\r\n" + host + "A : b\r\n\r\n",
           "GET /echo/x HTTP/1.1\nHost: x\n\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "POST /echo/x HTTP/1.1\r\n" + host +
               "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n",
           "POST /echo/x HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
           std::string("POST /echo/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    const std::string code = code_of(server, request);
    EXPECT_THAT(code, testing::AnyOf("bad_encoding", "bad_version")) << request;
  }
  EXPECT_EQ(code_of(server, "GET /echo/x HTTP/2.0\r\nHost: x\r\n\r\n"), "bad_version");
  EXPECT_EQ(code_of(server, get("/echo/x?a=1&a=2")), "duplicate_field");
  EXPECT_EQ(code_of(server, get("/echo/x", "Expect: wonders\r\n")), "bad_value");
}

TEST(Server, RefusesHeadersAboveTheLimit) {
  const SampleServer server;
  const std::string field = "X-Value: " + std::string(20000, 'a') + "\r\n";
  EXPECT_EQ(code_of(server, get("/echo/x", field)), "too_large");
  EXPECT_EQ(code_of(server, get("/" + std::string(20000, 'a'))), "too_large");
  EXPECT_EQ(code_of(server, get("/" + std::string(9000, 'a'))), "too_large");
  EXPECT_EQ(code_of(server, get("/bytes/0", "X-Value: " + std::string(15000, 'a') + "\r\n")),
            "status 200");
}

TEST(Server, RefusesBodiesAboveTheLimitBeforeTheyAreSent) {
  const SampleServer server;
  const std::string head = "POST /echo/x HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(code_of(server, head + "Content-Length: 1048577\r\n\r\n"), "too_large");
  EXPECT_EQ(code_of(server, head + "Content-Length: 18446744073709551615\r\n\r\n"), "too_large");
  EXPECT_EQ(code_of(server, head + "Transfer-Encoding: chunked\r\n\r\n100001\r\n"), "too_large");
  // Whole, but unread by the server: the answer must arrive all the same.
  EXPECT_EQ(code_of(server, post("/echo/x", std::string(1048577, 'a'))), "too_large");
  EXPECT_EQ(code_of(server, post("/large/x", std::string(3 * 1024 * 1024 + 1, 'a'))), "too_large");
}

TEST(Server, TakesBodiesUpToTheLimit) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{70000}, std::size_t{1024} * 1024}) {
    socket.send(post("/echo/x", std::string(size, 'b')));
    const auto answer = read_response(socket);
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.body.size(), testing::Gt(size));
  }
  socket.send(post("/large/x", std::string(3 * 1024 * 1024, 'b')));
  EXPECT_EQ(read_response(socket).status, 200);
}

TEST(Server, ReadsChunkedBodiesAndLeavesTrailersAside) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(
      "POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n5;x=y\r\n");
  socket.send("defgh\r\n0\r\nX-Value: forged\r\n\r\n");
  const auto answer = read_response(socket);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("body":"abcdefgh")"));
  EXPECT_THAT(answer.body, Not(HasSubstr("forged")));
}

TEST(Server, TellsAClientThatAsksFirstToGoOn) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(
      "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("hi");
  EXPECT_THAT(read_response(socket).body, HasSubstr(R"("body":"hi")"));
  RawSocket large = RawSocket::to(server.port());
  large.send(
      "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(read_response(large).status, 413);
}

TEST(Server, WritesAnswersOfAnySize) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  for (const std::size_t size : {0U, 1U, 65536U, 65537U, 5000000U}) {
    socket.send(get(format("/bytes/{}", size)));
    EXPECT_EQ(read_response(socket).body, std::string(size, 'x'));
  }
}

TEST(Server, LetsNoEndpointEndAFieldEarly) {
  const SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/split"));
  EXPECT_THAT(read_response(socket).head, HasSubstr("X-Value: a  X-Forged: b\r\n"));
}

TEST(Server, ClosesOnAClientThatIsTooSlow) {
  Limits limits;
  limits.read = Duration(200);
  const SampleServer server(with_limits(limits));
  for (const auto* begun : {"G", "GET /echo/x HTTP/1.1\r\nHost: x\r\n",
                            "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawSocket socket = RawSocket::to(server.port());
    socket.send(begun);
    EXPECT_EQ(socket.read_to_end(), "") << begun;
  }
}

TEST(Server, ClosesOnAClientThatSendsAByteNowAndThen) {
  Limits limits;
  limits.read = Duration(200);
  const SampleServer server(with_limits(limits));
  RawSocket socket = RawSocket::to(server.port());
  socket.send("GET /echo/x HTTP/1.1\r\nX: ");
  EXPECT_TRUE(eventually([&] { return !socket.send("a"); }));
}

TEST(Server, ClosesAConnectionThatIsIdle) {
  Limits limits;
  limits.idle = Duration(100);
  const SampleServer server(with_limits(limits));
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/bytes/1"));
  EXPECT_EQ(read_response(socket).status, 200);
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST(Server, ClosesOnAClientThatDoesNotReadItsAnswer) {
  Limits limits;
  limits.write = Duration(200);
  SampleServer server(with_limits(limits));
  RawSocket socket = RawSocket::to(server.port(), 4096);
  socket.send(get("/bytes/20000000"));
  EXPECT_TRUE(eventually([&] {
    return server.metrics.text().find("operation=\"bytes\",status=\"2xx\"} 1\n") !=
           std::string::npos;
  }));
  EXPECT_LT(socket.read_to_end().size(), 20000000U);
}

TEST(Server, AnswersInternalForAnEndpointThatFails) {
  const SampleServer server;
  EXPECT_EQ(code_of(server, get("/drop")), "internal");
  EXPECT_EQ(code_of(server, get("/throw")), "internal");
}

TEST(Server, TakesTheAnswerFromAnyThreadOnce) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  for (int i = 0; i < 100; ++i) {
    socket.send(get("/later"));
    const Reply reply = server.replies.take();
    std::atomic<int> taken = 0;
    std::thread one([&] { taken += reply.json(codec::Json("a")) ? 1 : 0; });
    std::thread two([&] { taken += reply.json(codec::Json("b")) ? 1 : 0; });
    one.join();
    two.join();
    EXPECT_EQ(taken, 1);
    EXPECT_THAT(read_response(socket).body, testing::AnyOf(R"("a")", R"("b")"));
  }
}

TEST(Server, SaysWhenAnEndpointDoesNotAnswerInTime) {
  Limits limits;
  limits.answer = Duration(50);
  SampleServer server(with_limits(limits));
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/later"));
  const auto answer = read_response(socket);
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"timed_out")"));
  EXPECT_FALSE(server.replies.take().json(codec::Json(1)));
  socket.send(get("/bytes/1"));
  EXPECT_EQ(read_response(socket).status, 200);  // the connection is as good as before
}

TEST(Server, SaysWhenTooManyRequestsAreInFlight) {
  Limits limits;
  limits.requests_in_flight = 1;
  SampleServer server(with_limits(limits));
  RawSocket first = RawSocket::to(server.port());
  first.send(get("/later"));
  const Reply reply = server.replies.take();
  RawSocket second = RawSocket::to(server.port());
  second.send(get("/bytes/1"));
  const auto busy = read_response(second);
  EXPECT_EQ(busy.status, 503);
  EXPECT_THAT(busy.head, HasSubstr("Retry-After: 1\r\n"));
  reply.json(codec::Json(1));
  EXPECT_EQ(read_response(first).status, 200);
  second.send(get("/bytes/1"));
  EXPECT_EQ(read_response(second).status, 200);
}

TEST(Server, SaysWhenThereAreTooManyConnections) {
  Limits limits;
  limits.connections = 2;
  const SampleServer server(with_limits(limits));
  RawSocket first = RawSocket::to(server.port());
  RawSocket second = RawSocket::to(server.port());
  for (RawSocket* socket : {&first, &second}) {
    socket->send(get("/bytes/1"));
    EXPECT_EQ(read_response(*socket).status, 200);
  }
  RawSocket third = RawSocket::to(server.port());
  third.send(get("/bytes/1"));
  EXPECT_THAT(third.read_to_end(), HasSubstr("HTTP/1.1 503"));
  first.send(get("/bytes/1"));
  EXPECT_EQ(read_response(first).status, 200);
}

TEST(Server, KeepsItsThreadsFreeOfEndpointsThatWait) {
  SampleServer server(with_limits({}));  // one thread
  RawSocket waiting = RawSocket::to(server.port());
  waiting.send(get("/wait"));
  RawSocket other = RawSocket::to(server.port());
  other.send(get("/later"));
  EXPECT_EQ(read_response(other).body, R"("from the worker")");
  EXPECT_EQ(read_response(waiting).body, "true");
}

TEST(Server, ServesManyClientsAtOnce) {
  const SampleServer server;
  std::atomic<int> right = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      RawSocket socket = RawSocket::to(server.port());
      for (int i = 0; i < 50; ++i) {
        const std::string body = format("{}-{}", c, i);
        socket.send(post("/echo/x", body));
        const auto answer = read_response(socket);
        if (answer.body.find(format(R"("body":"{}")", body)) != std::string::npos) ++right;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, 16 * 50);
}

TEST(Server, SurvivesClientsThatGoAtAnyMoment) {
  SampleServer server;
  const std::string request = post("/echo/x", "body");
  for (std::size_t sent = 0; sent <= request.size(); ++sent) {
    RawSocket socket = RawSocket::to(server.port());
    socket.send(request.substr(0, sent));
  }
  {
    RawSocket socket = RawSocket::to(server.port());
    socket.send(get("/later"));
    const Reply reply = server.replies.take();
    socket.close();
    reply.json(codec::Json(1));
  }
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/bytes/1"));
  EXPECT_EQ(read_response(socket).status, 200);
}

TEST(Server, CountsByOperation) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  for (const auto* target : {"/bytes/1", "/bytes/2", "/nothing"}) {
    socket.send(get(target));
    read_response(socket);
  }
  // The count comes after the last byte is written.
  EXPECT_TRUE(eventually([&] {
    const std::string text = server.metrics.text();
    const auto has = [&](std::string_view line) { return text.find(line) != std::string::npos; };
    return has("intaglio_http_requests_total{operation=\"bytes\",status=\"2xx\"} 2\n") &&
           has("intaglio_http_requests_total{operation=\"none\",status=\"4xx\"} 1\n") &&
           has("intaglio_http_request_seconds_count{operation=\"bytes\"} 2\n") &&
           has("intaglio_http_connections 1\n");
  }));
}

TEST(StandardRoutes, TellHowTheNodeIs) {
  Metrics metrics;
  std::atomic<bool> well = true;
  Router router;
  add_standard_routes(router, {[&]() -> Result<void> {
                                 if (!well) return refuse(Verdict::storage_failed, "chain 1");
                                 return {};
                               },
                               metrics, codec::Json::object({{"openapi", "3.1.0"}})});
  Server server(std::move(router), {}, metrics);
  ASSERT_TRUE(server.start().has_value());
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/healthz") + get("/metrics") + get("/v1/openapi.json"));
  EXPECT_EQ(read_response(socket).body, R"({"status":"ok"})");
  const auto text = read_response(socket);
  EXPECT_THAT(text.head, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(text.body, HasSubstr("{operation=\"health\",status=\"2xx\"} 1\n"));
  EXPECT_THAT(read_response(socket).body, HasSubstr(R"("openapi": "3.1.0")"));
  well = false;
  socket.send(get("/healthz"));
  EXPECT_THAT(read_response(socket).body, HasSubstr(R"("detail":"chain 1")"));
}

}  // namespace
}  // namespace intaglio::http
