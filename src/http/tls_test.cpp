#include "http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/format.h"
#include "http/client.h"
#include "http/raw_socket.h"
#include "http/sample_server.h"
#include "http/test_identity.h"

namespace intaglio::http {
namespace {

using testing::HasSubstr;

// The programs that speak to us as strangers are part of the tests: where checks decide, their
// absence is a failure.
bool has_program(const std::string& name) {
  std::string output;
  return run_program("command -v " + name, output) == 0;
}
#define NEED_PROGRAM(name)                                                     \
  if (!has_program(name)) {                                                    \
    if (std::getenv("CI") != nullptr) FAIL() << name << " is not installed";   \
    GTEST_SKIP() << name << " IS NOT INSTALLED: no second opinion on our TLS"; \
  }                                                                            \
  static_assert(true)

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    NEED_PROGRAM("openssl");
    std::string output;
    ASSERT_TRUE(make_identity(scratch_, "node", "DNS:localhost,IP:127.0.0.1", output)) << output;
    ASSERT_TRUE(make_identity(scratch_, "other", "DNS:other.example", output)) << output;
  }
  std::string pem(const std::string& name) { return read_text(scratch_ / (name + ".crt")); }
  ServerOptions options(const std::string& name = "node") {
    ServerOptions out;
    out.tls = load_identity(scratch_, name);
    return out;
  }
  static std::string url(const SampleServer& server, std::string_view host = "127.0.0.1") {
    return format("https://{}:{}", host, server.port());
  }
  // What a client that trusts so is refused; `accepted` when it gets its answer.
  static Verdict verdict_of(const std::string& url, const Trust& trust) {
    auto client = Client::open(url, trust);
    if (!client) return client.error().verdict;
    const auto answer = client->get("/bytes/1");
    return answer ? Verdict::accepted : answer.error().verdict;
  }

  FolderForTest scratch_;
};

TEST_F(Tls, PinnedCertificateIsTrustedWhateverTheNameInTheUrl) {
  const SampleServer server(options("other"));
  EXPECT_EQ(verdict_of(url(server), PinnedCertificate{pem("other")}), Verdict::accepted);
  EXPECT_EQ(verdict_of(url(server, "localhost"), PinnedCertificate{pem("other")}),
            Verdict::accepted);
}

TEST_F(Tls, AnotherCertificateThanThePinnedOneIsNot) {
  const SampleServer server(options());
  EXPECT_EQ(verdict_of(url(server), PinnedCertificate{pem("other")}), Verdict::path_invalid);
}

TEST_F(Tls, AuthorityVouchesForTheNamesInTheCertificateAlone) {
  const SampleServer server(options());
  const TrustedAuthorities node{pem("node")};
  EXPECT_EQ(verdict_of(url(server), node), Verdict::accepted);
  EXPECT_EQ(verdict_of(url(server, "localhost"), node), Verdict::accepted);
  EXPECT_EQ(verdict_of(url(server, "127.0.0.2"), node), Verdict::unreachable);  // nobody there
  EXPECT_EQ(verdict_of(url(server), TrustedAuthorities{pem("other")}), Verdict::path_invalid);
  const SampleServer other(options("other"));
  const TrustedAuthorities both{pem("node") + pem("other")};
  EXPECT_EQ(verdict_of(url(other), both), Verdict::path_invalid);
  EXPECT_EQ(verdict_of(url(other, "localhost"), both), Verdict::path_invalid);
}

TEST_F(Tls, ServerWithoutTlsIsNotSpokenToInTheClear) {
  const SampleServer server;
  EXPECT_EQ(verdict_of(url(server), PinnedCertificate{pem("node")}), Verdict::unreachable);
}

TEST_F(Tls, CarriesRequestsOfAnySizeAndEvents) {
  SampleServer server(options());
  auto client = Client::open(url(server), PinnedCertificate{pem("node")}).value();
  for (const std::size_t size : {0U, 1U, 16384U, 65537U, 1000000U}) {
    ClientRequest request{.method = "POST", .target = "/echo/x", .fields = {}, .body = {}};
    request.body = Bytes(size, 'b');
    const auto answer = client.send(request).value();
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(std::string(as_text(answer.body)), HasSubstr(std::string(size, 'b')));
  }
  EXPECT_EQ(client.get("/bytes/5000000").value().body.size(), 5000000U);
  std::thread publishing([&] {
    const EventStream stream = server.streams.take();
    for (int i = 0; i < 100; ++i) stream.send({std::to_string(i), "tick", std::string(500, 'x')});
    // The client ends it.
    EXPECT_TRUE(eventually([&] { return stream.closed(); }));
  });
  int events = 0;
  EXPECT_TRUE(client.subscribe("/events", [&](const Event&) { return ++events < 100; }));
  EXPECT_EQ(events, 100);
  publishing.join();
}

TEST_F(Tls, CurlIsAnswered) {
  NEED_PROGRAM("curl");
  const SampleServer server(options());
  const std::string trusting = "curl -sS --max-time 30 --cacert " + scratch_ / "node.crt" + " ";
  std::string output;
  EXPECT_EQ(run_program(trusting + "'" + url(server, "localhost") + "/echo/a%20b?x=1+2'", output),
            0)
      << output;
  EXPECT_THAT(output, HasSubstr(R"("name":"a b","x":"1 2")"));
  // Two requests over one connection, the second with a body above curl's "Expect: 100-continue".
  const std::string body = scratch_ / "body";
  std::ofstream(body) << std::string(2 * 1024 * 1024, 'b');
  EXPECT_EQ(
      run_program(trusting + "-v -o /dev/null '" + url(server) + "/bytes/9' --next " +
                      trusting.substr(5) + "-v -o /dev/null -w '%{http_code} %{num_connects}' " +
                      "--data-binary @" + body + " '" + url(server) + "/large/x'",
                  output),
      0);
  EXPECT_THAT(output, HasSubstr("200 0"));
  EXPECT_THAT(output, HasSubstr("100 Continue"));
  EXPECT_THAT(output, HasSubstr("ALPN"));
  // 60: the certificate is not believed.
  EXPECT_EQ(run_program("curl -sS --max-time 30 '" + url(server) + "/bytes/9'", output), 60);
}

TEST_F(Tls, CurlReadsEvents) {
  NEED_PROGRAM("curl");
  SampleServer server(options());
  std::thread publishing([&] {
    const EventStream stream = server.streams.take();
    stream.send({"1", "refresh", "a\nb"});
    stream.close();
  });
  std::string output;
  EXPECT_EQ(run_program("curl -sSN --max-time 30 --cacert " + scratch_ / "node.crt" + " '" +
                            url(server) + "/events'",
                        output),
            0);
  EXPECT_EQ(output, "id: 1\nevent: refresh\ndata: a\ndata: b\n\n");
  publishing.join();
}

TEST_F(Tls, OpenSslFindsVersions12And13AndGoodSuitesAlone) {
  const SampleServer server(options());
  const auto handshake = [&](const std::string& arguments, std::string& output) {
    return run_program(
        format("openssl s_client -connect 127.0.0.1:{} {}", server.port(), arguments), output);
  };
  std::string output;
  EXPECT_EQ(handshake("-tls1_3", output), 0) << output;
  EXPECT_THAT(output, HasSubstr("TLSv1.3, Cipher is TLS_AES_"));
  EXPECT_EQ(handshake("-tls1_2 -alpn h2,http/1.1", output), 0) << output;
  EXPECT_THAT(output, HasSubstr("Cipher is ECDHE-ECDSA-AES"));
  EXPECT_THAT(output, HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(output, HasSubstr("Secure Renegotiation IS supported"));
  EXPECT_NE(handshake("-tls1_1 -cipher ALL:@SECLEVEL=0", output), 0);
  EXPECT_NE(handshake("-tls1_2 -cipher AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0", output), 0);
  EXPECT_NE(handshake("-alpn h2", output), 0);
}

TEST_F(Tls, HandshakeThatDoesNotEndIsClosed) {
  ServerOptions slow = options();
  slow.limits.read = Duration(200);
  const SampleServer server(std::move(slow));
  RawSocket silent = RawSocket::to(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  RawSocket begun = RawSocket::to(server.port());
  begun.send("\x16\x03\x01");
  EXPECT_EQ(begun.read_to_end(), "");
}

TEST_F(Tls, SpeakingInTheClearIsCountedAsAFailedHandshake) {
  SampleServer server(options());
  RawSocket socket = RawSocket::to(server.port());
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  socket.read_to_end();
  EXPECT_TRUE(eventually([&] {
    return server.metrics.text().find("intaglio_http_failed_handshakes_total 1\n") !=
           std::string::npos;
  }));
}

TEST_F(Tls, RefusesAnIdentityThatIsNone) {
  const auto where = [](const TlsIdentity& identity) {
    const auto settings = server_settings(identity);
    return settings ? "accepted" : settings.error().where;
  };
  EXPECT_EQ(where(load_identity(scratch_, "node")), "accepted");
  TlsIdentity mixed = load_identity(scratch_, "node");
  mixed.key_pem = load_identity(scratch_, "other").key_pem;
  EXPECT_EQ(where(mixed), "the key is not the certificate's");
  TlsIdentity keyless = load_identity(scratch_, "node");
  keyless.key_pem = Secret();
  EXPECT_EQ(where(keyless), "key");
  EXPECT_EQ(where({"no PEM", Secret()}), "certificate");
  EXPECT_EQ(client_settings(PinnedCertificate{"no PEM"}).error().verdict, Verdict::bad_setting);
  EXPECT_EQ(client_settings(TrustedAuthorities{""}).error().verdict, Verdict::bad_setting);
}

}  // namespace
}  // namespace intaglio::http
