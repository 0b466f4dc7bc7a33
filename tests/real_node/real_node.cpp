#include "real_node/real_node.h"

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::real_node {
namespace {

constexpr const char* kPassphrase = "correct horse";

Secret passphrase() {
  std::string text = kPassphrase;
  return Secret::take(text);
}

// The URL in "Serving ledger … at URL", the first line that `serve` prints.
std::string read_url(int from) {
  std::string line;
  for (char c = 0; ::read(from, &c, 1) == 1 && c != '\n';) line += c;
  const auto at = line.rfind(" at ");
  if (at == std::string::npos) fatal("the node said: " + line);
  return line.substr(at + 4);
}

}  // namespace

std::string program() { return INTAGLIO_PROGRAM; }

RealNode::RealNode(const service::SetupOptions& options) {
  const auto created = service::create_data_folder(folder(), options, passphrase(), system_env());
  if (!created) fatal(to_string(created.error()));
}

RealNode::~RealNode() { kill(); }

void RealNode::start() {
  CHECK(!running());
  int output[2];
  CHECK(::pipe2(output, O_CLOEXEC) == 0);
  process_ = ::fork();
  CHECK(process_ >= 0);
  if (process_ == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    ::setenv("INTAGLIO_PASSPHRASE", kPassphrase, 1);
    ::execl(program().c_str(), "intaglio", "serve", "--data", folder().c_str(), "--port", "0",
            "--no-tls", "--log", "warning", nullptr);
    ::_exit(127);
  }
  ::close(output[1]);
  url_ = read_url(output[0]);
  ::close(output[0]);
}

void RealNode::kill() {
  if (!running()) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

int RealNode::stop() {
  CHECK(running());
  ::kill(process_, SIGTERM);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

cli::NodeClient RealNode::client() const {
  auto client = cli::NodeClient::open(url_, std::nullopt, system_env());
  CHECK(client.has_value());
  return *std::move(client);
}

std::unique_ptr<element::SecureElement> RealNode::operator_key() const {
  auto key =
      element::open_key("soft:" + folder() + "/keys/authority.key", passphrase(), system_env());
  CHECK(key.has_value());
  return *std::move(key);
}

}  // namespace intaglio::real_node
