// How connections begin and end: starting, event streams, stopping.
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "http/raw_socket.h"
#include "http/sample_server.h"

namespace intaglio::http {
namespace {

using testing::HasSubstr;

std::string get(std::string_view target) {
  return format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", target);
}

TEST(ServerStart, SaysWhichPortIsTaken) {
  const SampleServer first;
  Metrics metrics;
  ServerOptions options;
  options.port = first.port();
  Server second(Router(), std::move(options), metrics);
  EXPECT_EQ(second.start().error(),
            (Refusal{Verdict::port_taken, format("127.0.0.1:{}", first.port())}));
}

TEST(ServerStart, RefusesSettingsThatCannotBe) {
  Metrics metrics;
  ServerOptions no_address;
  no_address.address = "nowhere";
  EXPECT_EQ(Server(Router(), std::move(no_address), metrics).start().error().verdict,
            Verdict::bad_setting);
  ServerOptions foreign;
  foreign.address = "192.0.2.1";  // RFC 5737: nobody's
  EXPECT_EQ(Server(Router(), std::move(foreign), metrics).start().error().verdict,
            Verdict::bad_setting);
  ServerOptions no_identity;
  no_identity.tls = TlsIdentity{"", Secret()};
  EXPECT_EQ(Server(Router(), std::move(no_identity), metrics).start().error(),
            (Refusal{Verdict::bad_setting, "certificate"}));
}

TEST(EventStream, DeliversEventsAsTheyAreSent) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/events"));
  EventStream stream = server.streams.take();
  const auto head = socket.read_to("\r\n\r\n");
  EXPECT_THAT(*head, HasSubstr("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"));
  EXPECT_THAT(*head, HasSubstr("Cache-Control: no-store\r\n"));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(stream.send({std::to_string(i), "tick", "line\nline"}));
    EXPECT_EQ(socket.read_to("\n\n"), format("id: {}\nevent: tick\ndata: line\ndata: line\n\n", i));
  }
  stream.send({"", "", "last"});
  stream.close();
  EXPECT_FALSE(stream.send({"", "", "too late"}));
  EXPECT_EQ(socket.read_to_end(), "data: last\n\n");
}

TEST(EventStream, EndsWhenItsLastCopyIsGone) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/events"));
  {
    const EventStream stream = server.streams.take();
    const std::vector<EventStream> copies(2, stream);
    copies[1].send({"", "", "x"});
  }
  EXPECT_THAT(socket.read_to_end(), HasSubstr("data: x\n\n"));
}

TEST(EventStream, TellsASilentClientThatItIsStillThere) {
  Limits limits;
  limits.keep_alive = Duration(20);
  SampleServer server(with_limits(limits));
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/events"));
  const EventStream stream = server.streams.take();
  socket.read_to("\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(socket.read_to("\n\n"), kKeepAliveComment);
  stream.send({"", "", "x"});
  EXPECT_TRUE(socket.read_to("data: x\n\n").has_value());
}

TEST(EventStream, NoticesThatItsClientWent) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/events"));
  const EventStream stream = server.streams.take();
  socket.read_to("\r\n\r\n");
  EXPECT_FALSE(stream.closed());
  socket.close();
  EXPECT_TRUE(eventually([&] { return stream.closed(); }));
}

TEST(EventStream, CutsAClientThatDoesNotRead) {
  Limits limits;
  limits.event_queue_bytes = 64 * 1024;
  limits.write = Duration(200);
  SampleServer server(with_limits(limits));
  RawSocket slow = RawSocket::to(server.port(), 4096);
  slow.send(get("/events"));
  const EventStream to_slow = server.streams.take();
  RawSocket good = RawSocket::to(server.port());
  good.send(get("/events"));
  const EventStream to_good = server.streams.take();
  const std::string data(1000, 'x');
  good.read_to("\r\n\r\n");
  int sent = 0;
  while (to_slow.send({"", "", data})) {
    ASSERT_LT(++sent, 100000);
    // The other stream goes on meanwhile.
    ASSERT_TRUE(to_good.send({"", "", data}));
    ASSERT_TRUE(good.read_to("\n\n").has_value());
  }
  EXPECT_TRUE(to_slow.closed());
  EXPECT_TRUE(eventually([&] {
    return server.metrics.text().find("intaglio_http_connections 1\n") != std::string::npos;
  }));
}

TEST(ServerStop, AnswersWhatIsInFlight) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  RawSocket idle = RawSocket::to(server.port());
  socket.send(get("/later"));
  const Reply reply = server.replies.take();
  const std::uint16_t port = server.port();
  std::thread stopping([&] { server.server->stop(); });
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_TRUE(eventually([&] { return !RawSocket::to(port).connected(); }));
  EXPECT_TRUE(reply.json(codec::Json("done")));
  const std::string answer = socket.read_to_end();
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("done")"));
  stopping.join();
}

TEST(ServerStop, RefusesRequestsThatCameTooLate) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  const std::string request = get("/bytes/1");
  // One request answered and the next begun, so that the connection is not idle.
  socket.send(request + request.substr(0, 20));
  EXPECT_EQ(read_response(socket).status, 200);
  const std::uint16_t port = server.port();
  std::thread stopping([&] { server.server->stop(); });
  EXPECT_TRUE(eventually([&] { return !RawSocket::to(port).connected(); }));
  socket.send(request.substr(20));
  EXPECT_THAT(socket.read_to_end(), HasSubstr(R"("code":"shutting_down")"));
  stopping.join();
}

TEST(ServerStop, EndsEventStreams) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/events"));
  const EventStream stream = server.streams.take();
  stream.send({"", "", "x"});
  socket.read_to("data: x\n\n");
  server.server->stop();
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_FALSE(stream.send({"", "", "y"}));
}

TEST(ServerStop, ClosesWhatIsNotAnsweredByTheDeadline) {
  SampleServer server;
  RawSocket socket = RawSocket::to(server.port());
  socket.send(get("/later"));
  const Reply reply = server.replies.take();
  server.server->stop(Duration(50));
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_FALSE(reply.json(codec::Json(1)));
  server.server.reset();
  EXPECT_FALSE(reply.json(codec::Json(1)));
}

TEST(ServerStop, MayBeAskedForTwiceAndBeforeStarting) {
  SampleServer server;
  server.server->stop();
  server.server->stop();
  Metrics metrics;
  Server never(Router(), {}, metrics);
  never.stop();
}

}  // namespace
}  // namespace intaglio::http
