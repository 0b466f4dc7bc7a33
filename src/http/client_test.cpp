#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "http/raw_socket.h"
#include "http/sample_server.h"

namespace intaglio::http {
namespace {

using testing::HasSubstr;

Client client_of(std::uint16_t port, ClientOptions options = {}) {
  return Client::open(format("http://127.0.0.1:{}", port), {}, options).value();
}

ClientRequest post(std::string_view target, std::string_view body) {
  ClientRequest out;
  out.method = "POST";
  out.target = target;
  out.body = to_bytes(as_bytes(body));
  return out;
}

// Reads one request's header.
std::string read_request(RawSocket& socket) { return socket.read_to("\r\n\r\n").value_or(""); }

TEST(Client, TakesPlainHttpToThisMachineAlone) {
  const auto where = [](std::string_view url) {
    const auto client = Client::open(url);
    return client ? "accepted" : client.error().where;
  };
  for (const auto* url : {"http://localhost:80", "http://127.0.0.1", "http://127.9.9.9:1/",
                          "http://[::1]:8080", "http://LOCALHOST"}) {
    EXPECT_EQ(where(url), "accepted") << url;
  }
  for (const auto* url : {"http://example.org", "http://192.0.2.1", "http://[2001:db8::1]",
                          "http://127.0.0.1.example.org", "http://localhost.example.org"}) {
    EXPECT_THAT(where(url), HasSubstr("only to this machine")) << url;
  }
  for (const auto* url :
       {"", "ftp://x", "localhost:80", "http://", "http://localhost:", "http://localhost:0",
        "http://localhost:65536", "http://localhost:8x", "http://localhost/path", "http://[::1",
        "http://user@localhost", "http://local host"}) {
    EXPECT_EQ(Client::open(url).error().verdict, Verdict::bad_value) << url;
  }
  EXPECT_EQ(where("https://localhost"), "https without anybody to trust");
}

TEST(Client, KeepsItsConnection) {
  SampleServer server;
  Client client = client_of(server.port());
  EXPECT_EQ(client.authority(), format("127.0.0.1:{}", server.port()));
  for (int i = 0; i < 10; ++i) {
    ClientRequest request = post("/echo/x?a=b", "body");
    request.fields.add("X-Value", "v");
    const auto answer = client.send(request).value();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(as_text(answer.body), R"({"method":"POST","target":"/echo/x?a=b","name":"x","a":"b",)"
                                    R"("x-value":"v","body":"body"})");
  }
  EXPECT_THAT(server.metrics.text(), HasSubstr("intaglio_http_connections 1\n"));
}

TEST(Client, ReadsProblemsAsRefusals) {
  const SampleServer server;
  Client client = client_of(server.port());
  const auto answer = client.get("/nothing").value();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(refusal_of(answer), (Refusal{Verdict::unknown_route, "/nothing"}));
  ClientRequest head;
  head.method = "HEAD";
  head.target = "/bytes/7";
  EXPECT_EQ(client.send(head).value().fields.find("Content-Length"), "7");
  EXPECT_EQ(client.get("/bytes/7").value().body.size(), 7U);
}

TEST(Client, ConnectsAgainWhenItsConnectionWasClosed) {
  std::uint16_t port = 0;
  ServerOptions options;
  std::optional<Client> client;
  {
    const SampleServer server;
    port = server.port();
    client.emplace(client_of(port));
    EXPECT_EQ(client->send(post("/echo/x", "a")).value().status, 200);
  }
  EXPECT_EQ(client->send(post("/echo/x", "a")).error().verdict, Verdict::unreachable);
  options.port = port;
  const SampleServer server(std::move(options));
  EXPECT_EQ(client->send(post("/echo/x", "a")).value().status, 200);
}

// A server that answers once, and at the second request closes without a word.
void answer_once(RawListener& listener, std::atomic<int>& connections) {
  while (connections < 2) {
    RawSocket socket = listener.accept();
    ++connections;
    if (read_request(socket).empty()) return;
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    read_request(socket);
  }
}

TEST(Client, SendsAgainWhatMayBeSentTwiceAndNothingElse) {
  for (const bool repeatable : {true, false}) {
    RawListener listener;
    std::atomic<int> connections = 0;
    std::thread serving([&] { answer_once(listener, connections); });
    Client client = client_of(listener.port());
    EXPECT_EQ(client.get("/").value().status, 200);
    if (repeatable) {
      EXPECT_EQ(client.get("/").value().status, 200);
    } else {
      EXPECT_EQ(client.send(post("/", "")).error(),
                (Refusal{Verdict::timed_out, "the connection ended"}));
      EXPECT_EQ(connections, 1);
      EXPECT_EQ(client.get("/").value().status, 200);  // lets the server end
    }
    client = client_of(1);
    serving.join();
  }
}

// What a client makes of an answer in these bytes.
Result<Response> answer_of(std::string_view bytes, ClientOptions options = {}) {
  RawListener listener;
  std::thread serving([&] {
    RawSocket socket = listener.accept();
    read_request(socket);
    socket.send(bytes);
    socket.shutdown_send();
    socket.read_to_end();
  });
  auto answer = client_of(listener.port(), options).get("/");
  serving.join();
  return answer;
}

TEST(Client, ReadsBodiesOfEveryForm) {
  EXPECT_EQ(as_text(answer_of("HTTP/1.1 200 OK\r\n\r\nto the end").value().body), "to the end");
  EXPECT_EQ(as_text(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
                        .value()
                        .body),
            "abc");
  EXPECT_EQ(as_text(answer_of("HTTP/1.1 100 Continue\r\n\r\n"
                              "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx")
                        .value()
                        .body),
            "x");
  EXPECT_EQ(answer_of("HTTP/1.1 204 No Content\r\n\r\n").value().status, 204);
}

TEST(Client, SaysWhatIsWrongWithAnAnswer) {
  EXPECT_EQ(answer_of("").error(), (Refusal{Verdict::timed_out, "the connection ended"}));
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").error().verdict,
            Verdict::timed_out);
  EXPECT_EQ(answer_of("SSH-2.0-x\r\n\r\n").error().verdict, Verdict::bad_encoding);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n" + std::string(70000, 'a')).error().verdict,
            Verdict::too_large);
  ClientOptions small;
  small.body_bytes = 3;
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", small).error().verdict,
            Verdict::too_large);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\nabcd", small).error().verdict, Verdict::too_large);
}

TEST(Client, WaitsNoLongerThanItsDeadline) {
  RawListener listener;
  std::thread serving([&] {
    RawSocket socket = listener.accept();
    socket.read_to_end();
  });
  ClientOptions options;
  options.answer = Duration(50);
  Client client = client_of(listener.port(), options);
  EXPECT_EQ(client.get("/").error(), (Refusal{Verdict::timed_out, "no answer"}));
  serving.join();
}

TEST(Client, RefusesToSendWhatWouldBeTwoRequests) {
  const SampleServer server;
  Client client = client_of(server.port());
  EXPECT_EQ(client.get("/bytes/1 HTTP/1.1\r\n\r\nGET /").error().verdict, Verdict::bad_value);
  EXPECT_EQ(client.get("").error().verdict, Verdict::bad_value);
  ClientRequest forged;
  forged.target = "/bytes/1";
  forged.fields.add("X-Value", "a\r\n\r\nGET / HTTP/1.1");
  EXPECT_EQ(client.send(forged).error(), (Refusal{Verdict::bad_value, "X-Value"}));
}

TEST(Client, SaysWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    const RawListener listener;
    port = listener.port();
  }
  EXPECT_EQ(client_of(port).get("/").error().verdict, Verdict::unreachable);
  EXPECT_EQ(client_of(port).subscribe("/", [](const Event&) { return true; }).error().verdict,
            Verdict::unreachable);
}

TEST(ClientSubscribe, AsksAgainFromTheLastEventItSaw) {
  SampleServer server;
  ClientOptions options;
  options.first_pause = Duration(1);
  std::thread publishing([&] {
    for (int i = 0; i < 3; ++i) {
      const EventStream stream = server.streams.take();
      stream.send({std::to_string(i), "tick", "x"});
    }
  });
  std::vector<std::string> seen;
  EXPECT_TRUE(client_of(server.port(), options).subscribe("/events", [&](const Event& event) {
    seen.push_back(event.id);
    return seen.size() < 3;
  }));
  publishing.join();
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(server.last_ids.take(), "");
  EXPECT_EQ(server.last_ids.take(), "0");
  EXPECT_EQ(server.last_ids.take(), "1");
}

TEST(ClientSubscribe, TakesASilentStreamForBroken) {
  SampleServer server;
  ClientOptions options;
  options.first_pause = Duration(1);
  options.silence = Duration(50);
  std::vector<EventStream> kept;
  std::thread publishing([&] {
    kept.push_back(server.streams.take());
    kept.push_back(server.streams.take());
    kept.back().send({"", "", "x"});
  });
  EXPECT_TRUE(
      client_of(server.port(), options).subscribe("/events", [](const Event&) { return false; }));
  publishing.join();
}

TEST(ClientSubscribe, StopsWhenItIsAskedTo) {
  SampleServer server;
  std::stop_source stop;
  std::thread stopping([&] {
    const EventStream stream = server.streams.take();
    stop.request_stop();
    EXPECT_TRUE(eventually([&] { return stream.closed(); }));
  });
  Client client = client_of(server.port());
  EXPECT_TRUE(client.subscribe("/events", [](const Event&) { return true; }, stop.get_token()));
  stopping.join();
  EXPECT_TRUE(client.subscribe("/events", [](const Event&) { return true; }, stop.get_token()));
}

TEST(ClientSubscribe, EndsWithTheRefusalOfWhatIsNoStream) {
  const SampleServer server;
  const auto on_event = [](const Event&) { return true; };
  EXPECT_EQ(client_of(server.port()).subscribe("/nothing", on_event).error(),
            (Refusal{Verdict::unknown_route, "/nothing"}));
  EXPECT_EQ(client_of(server.port()).subscribe("/bytes/3", on_event).error().verdict,
            Verdict::bad_media_type);
}

}  // namespace
}  // namespace intaglio::http
