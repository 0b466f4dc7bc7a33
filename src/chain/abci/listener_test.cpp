#include "chain/abci/listener.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/folder_for_test.h"
#include "base/result_for_test.h"

namespace intaglio::chain::abci {
namespace {

Verdict refused(const std::string& address) { return verdict_of(Listener::listen(address)); }

TEST(Listener, ListensOnASocketFileThatIsItsOwnersAlone) {
  const FolderForTest folder;
  const std::string path = folder / "abci";
  {
    const auto listener = must(Listener::listen("unix://" + path));
    EXPECT_EQ(listener->address(), "unix://" + path);
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
    const auto client = must(connect("unix://" + path));
    EXPECT_GE(*listener->accept(), 0);
    EXPECT_EQ(refused("unix://" + path), Verdict::port_taken);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(verdict_of(connect("unix://" + path)), Verdict::unreachable);
}

TEST(Listener, TakesTheWayOfADeadProcessAndOfNothingElse) {
  const FolderForTest folder;
  const std::string path = folder / "abci";
  {
    // Bound and closed without being removed.
    const FileDescriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(*dead, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(refused("unix://" + path), Verdict::accepted);
  std::ofstream(path) << "somebody's file";
  EXPECT_EQ(refused("unix://" + path), Verdict::file_failed);
  EXPECT_EQ(refused("unix://" + folder.path() + "/nowhere/abci"), Verdict::file_failed);
}

TEST(Listener, ListensOnAPortAndSaysWhich) {
  for (const std::string host : {"tcp://127.0.0.1:", "tcp://localhost:"}) {
    const auto listener = must(Listener::listen(host + "0"));
    EXPECT_TRUE(listener->address().starts_with(host));
    EXPECT_FALSE(listener->address().ends_with(":0"));
    const auto client = must(connect(listener->address()));
    EXPECT_GE(*listener->accept(), 0);
    EXPECT_EQ(refused(listener->address()), Verdict::port_taken);
  }
}

TEST(Listener, KnowsNoOtherAddress) {
  for (const char* const address : {"", "127.0.0.1:1", "tcp://", "tcp://host", "tcp://:1",
                                    "tcp://127.0.0.1:", "unix://", "http://127.0.0.1:1"}) {
    EXPECT_EQ(refused(address), Verdict::bad_value) << address;
    EXPECT_EQ(verdict_of(connect(address)), Verdict::bad_value) << address;
  }
  EXPECT_EQ(refused("unix://" + std::string(200, 'p')), Verdict::bad_value);
  EXPECT_EQ(refused("tcp://127.0.0.1:port"), Verdict::unreachable);
}

}  // namespace
}  // namespace intaglio::chain::abci
