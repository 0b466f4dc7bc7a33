#include "element/element_socket.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"
#include "element/enrolment_client.h"
#include "element/soft_element.h"

namespace intaglio::element {
namespace {

constexpr Millis kNow{1767225600000};

class ElementSocket : public testing::Test {
 protected:
  void serve(Duration patience = seconds(10)) {
    server_ = must(ElementServer::listen(path_, applet_));
    thread_ = std::jthread(
        [this, patience](const std::stop_token& stop) { server_->run(stop, patience); });
  }
  void stop() {
    thread_ = {};
    server_.reset();
  }
  void TearDown() override { stop(); }

  static pki::ApplicationInformation information() {
    pki::ApplicationInformation out;
    out.issued_at = kNow;
    out.expires_at = kNow + seconds(600);
    out.login = "alice";
    out.profile = pki::EnrolmentProfile::framed;
    return out;
  }

  // A connection that speaks no APDUs.
  FileDescriptor raw() const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    FileDescriptor out(::socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK(::connect(*out, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
    return out;
  }
  // Whether the other side hangs up without a word.
  static bool is_left(const FileDescriptor& connection) {
    char byte = 0;
    return ::recv(*connection, &byte, 1, 0) <= 0;
  }

  FolderForTest folder_;
  const std::string path_ = folder_ / "element.sock";
  std::unique_ptr<SecureElement> key_ = make_passing_key();
  EnrolmentApplet applet_{*key_};
  std::unique_ptr<ElementServer> server_;
  std::jthread thread_;
};

TEST_F(ElementSocket, CarriesAnEnrolment) {
  serve();
  const auto channel = must(SocketChannel::connect(path_));
  EXPECT_EQ(must(describe_over(*channel)).key, key_->public_key());
  const Bytes answer = must(enrol_over(*channel, information()));
  EXPECT_EQ(answer.size(), pki::kFramedAnswer);
  const auto decoded = must(pki::decode_framed(answer));
  EXPECT_TRUE(pki::verify_application(decoded, information(), kNow).has_value());
}

TEST_F(ElementSocket, EachClientFindsACardJustPutIn) {
  serve();
  const CommandApdu get_data{.cla = enrolment_command::kOwnClass,
                             .ins = enrolment_command::kGetData,
                             .data = {},
                             .expected = 256};
  auto first = must(SocketChannel::connect(path_));
  ASSERT_TRUE(describe_over(*first).has_value());
  EXPECT_EQ(must(transmit(*first, get_data)).status, 0x9000);  // it is selected
  const auto second = must(SocketChannel::connect(path_));     // waits for the first to leave
  first.reset();
  EXPECT_EQ(must(transmit(*second, get_data)).status, 0x6985);
}

TEST_F(ElementSocket, OneThatSpeaksNoApdusOrNothingIsLeft) {
  serve(Duration(50));
  const auto long_one = raw();
  const std::uint8_t length[] = {0x01, 0x06, 0x00};  // 262 bytes
  ASSERT_EQ(::send(*long_one, length, sizeof length, 0), 3);
  EXPECT_TRUE(is_left(long_one));
  const auto silent = raw();
  EXPECT_TRUE(is_left(silent));
  const auto slow = raw();
  ASSERT_EQ(::send(*slow, length, 1, 0), 1);
  EXPECT_TRUE(is_left(slow));
  EXPECT_TRUE(describe_over(*must(SocketChannel::connect(path_))).has_value());
}

TEST_F(ElementSocket, AnAnswerThatDoesNotComeInTimeEndsTheChannel) {
  server_ = must(ElementServer::listen(path_, applet_));  // and nobody serves
  const auto channel = must(SocketChannel::connect(path_, Duration(20)));
  EXPECT_EQ(describe_over(*channel).error().verdict, Verdict::timed_out);
  EXPECT_EQ(describe_over(*channel).error().verdict, Verdict::unreachable);
}

TEST_F(ElementSocket, IsItsOwnersAloneAndGoesWithTheServer) {
  serve();
  struct stat found{};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  const auto channel = must(SocketChannel::connect(path_));
  stop();
  EXPECT_NE(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(describe_over(*channel).error().verdict, Verdict::unreachable);
  EXPECT_EQ(SocketChannel::connect(path_).error().verdict, Verdict::unreachable);
}

TEST_F(ElementSocket, ReplacesWhatAKilledProcessLeftAndNothingElse) {
  {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path_.copy(name.sun_path, sizeof name.sun_path - 1);
    const FileDescriptor left(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(*left, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  serve();
  EXPECT_EQ(ElementServer::listen(path_, applet_).error().verdict, Verdict::port_taken);
  EXPECT_TRUE(describe_over(*must(SocketChannel::connect(path_))).has_value());

  const std::string file = folder_ / "file";
  ASSERT_TRUE(system_env().write_file(file, Bytes{1}, 0600).has_value());
  EXPECT_EQ(ElementServer::listen(file, applet_).error().verdict, Verdict::file_failed);
  EXPECT_EQ(must(system_env().read_file(file, 1)), Bytes{1});
  EXPECT_EQ(ElementServer::listen(folder_ / std::string(200, 'a'), applet_).error().verdict,
            Verdict::bad_value);
  EXPECT_EQ(ElementServer::listen(folder_ / "none/element.sock", applet_).error().verdict,
            Verdict::file_failed);
}

}  // namespace
}  // namespace intaglio::element
