// For the CMP responder's tests: the responder on a port, and the real openssl program as its
// client in a folder of its own.
#pragma once

#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pki/cmp_for_test.h"
#include "pki/test_authority.h"

namespace intaglio::pki {

// As much of HTTP as the openssl program needs to reach the responder: POST with a length, on
// connections that stay.
class Loopback {
 public:
  explicit Loopback(CmpResponder& responder) : responder_(responder) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
          ::listen(listener_, 16) == 0 &&
          ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] {
      for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;) {
        connections_.emplace_back([this, peer] {
          while (serve_one(peer)) {
          }
          ::close(peer);
        });
      }
    });
  }
  ~Loopback() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : connections_) each.join();
    ::close(listener_);
  }
  // What was done before somebody called this has happened for all who call it later: clients are
  // other processes, through which the thread sanitizer cannot see that.
  void meet() const { const std::lock_guard lock(meeting_); }

  std::string server() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  bool serve_one(int peer) {
    std::string in;
    std::size_t need = std::string::npos;
    std::size_t head = 0;
    while (need == std::string::npos || in.size() < need) {
      char buffer[4096];
      const auto n = ::recv(peer, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      in.append(buffer, static_cast<std::size_t>(n));
      head = in.find("\r\n\r\n");
      const auto length = in.find("Content-Length: ");
      if (head == std::string::npos || length == std::string::npos) continue;
      need = head + 4 + std::stoul(in.substr(length + 16));
    }
    meet();
    const auto answer = responder_.respond(as_bytes(in).subspan(head + 4), kCmpNow);
    meet();
    std::string out = answer ? "HTTP/1.1 200 OK\r\nContent-Type: application/pkixcmp\r\n"
                             : "HTTP/1.1 400 Bad Request\r\n";
    const ByteView body = answer ? ByteView(*answer) : ByteView{};
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    out += as_text(body);
    return ::send(peer, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
  }

  CmpResponder& responder_;
  mutable std::mutex meeting_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> connections_;  // of the acceptor, until it is joined
};

// A responder on a port, and a folder in which the openssl program is its client.
struct Cmp : testing::Test {
  CmpAuthorityForTest authority;
  CmpIdentity identity = cmp_identity();
  CmpResponder responder{authority, identity, Duration(0)};  // who waits asks again at once
  FolderForTest folder;
  Loopback loopback{responder};

  Cmp() {
    write_file(folder, "root", as_bytes(identity.authorities.back().to_pem()));
    write_file(folder, "issuing", as_bytes(identity.authorities.front().to_pem()));
    make_key("key");
  }
  void make_key(const std::string& name,
                const std::string& kind = "EC -pkeyopt ec_paramgen_curve:P-256") const {
    ASSERT_EQ(in_folder("openssl genpkey -algorithm " + kind + " -out " + name).exit_code, 0);
  }
  Ran in_folder(const std::string& command) const {
    loopback.meet();
    Ran ran = run("cd " + folder.path() + " && " + command);
    loopback.meet();
    return ran;
  }
  std::string client(const std::string& arguments) const {
    return "openssl cmp -config '' -no_proxy 127.0.0.1 -total_timeout 60 -server " +
           loopback.server() + " -path pkix/ -attime " + std::to_string(kCmpNow.value() / 1000) +
           ' ' + arguments;
  }
  Ran cmp(const std::string& arguments) const { return in_folder(client(arguments)); }

  static constexpr auto kSecret = "-ref app-42 -secret pass:pass -recipient '/CN=CMP issuing' ";
  static constexpr auto kSigned = "-cert cert -key key -trusted root ";
  static constexpr auto kErrors = " -unprotected_errors -trusted root ";

  // A first certificate for "key", in the file "cert".
  Certificate enrol() const {
    const Ran ran =
        cmp(std::string(kSecret) + "-cmd ir -newkey key -subject /CN=dev1 -certout cert");
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return certificate("cert");
  }
  Certificate certificate(const std::string& file) const {
    return must(Certificate::from_pem(as_text(read_bytes(folder / file))));
  }
  // The openssl program was refused, with this failure and verdict.
  void expect_refused(const Ran& ran, std::string_view failure, std::string_view verdict) const {
    EXPECT_NE(ran.exit_code, 0);
    EXPECT_TRUE(ran.says(failure)) << ran.output;
    EXPECT_TRUE(ran.says(verdict)) << ran.output;
  }
};

}  // namespace intaglio::pki
