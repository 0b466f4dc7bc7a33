#include "real_node/real_node.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/format.h"

namespace intaglio::real_node {
namespace {

constexpr const char* kPassphrase = "correct horse";

// A process of the program, and the end of a pipe that its standard output goes into.
struct Launched {
  int process;
  int output;
};

Launched launch(std::vector<std::string> words) {
  int output[2];
  CHECK(::pipe2(output, O_CLOEXEC) == 0);
  const int process = ::fork();
  CHECK(process >= 0);
  if (process == 0) {
    ::dup2(output[1], STDOUT_FILENO);
    // A test that aborts takes what it started with it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("INTAGLIO_PASSPHRASE", kPassphrase, 1);
    std::vector<char*> arguments;
    std::string name = "intaglio";
    arguments.push_back(name.data());
    for (std::string& each : words) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    ::execv(program().c_str(), arguments.data());
    ::_exit(127);
  }
  ::close(output[1]);
  return {process, output[0]};
}

// The first line that a process prints: "Serving ledger … at URL".
struct Started {
  int process;
  std::string line;
  std::string url;
  std::string second_url;  // of the second line, where it is waited for
};

std::string read_line(int output) {
  std::string line;
  for (char c = 0; ::read(output, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::string url_in(const std::string& line) {
  const auto at = line.rfind(" at ");
  if (at == std::string::npos) fatal("the program said: " + line);
  return line.substr(at + 4);
}

Started start_program(std::vector<std::string> words, bool two_urls = false) {
  const auto [process, output] = launch(std::move(words));
  const std::string line = read_line(output);
  Started out{process, line, url_in(line), {}};
  if (two_urls) out.second_url = url_in(read_line(output));
  ::close(output);
  return out;
}

// The exit code of a process that ends.
int wait_for_end(int& process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  process = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void kill_program(int& process) {
  if (process <= 0) return;
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  process = -1;
}

}  // namespace

std::string program() { return INTAGLIO_PROGRAM; }

RealNode::RealNode(const service::SetupOptions& options) {
  const auto created = service::create_data_folder(folder(), options, passphrase(), system_env());
  if (!created) fatal(to_string(created.error()));
}

RealNode::~RealNode() { kill(); }

void RealNode::start(const std::vector<std::string>& more) {
  CHECK(!running());
  std::vector<std::string> words = more;
  words.emplace_back("--no-tls");
  serve(std::move(words));
}

void RealNode::start_with_tls(const std::vector<std::string>& more) {
  CHECK(!running());
  std::vector<std::string> words = more;
  words.insert(words.end(), {"--certified-port", "0"});
  serve(std::move(words));
}

void RealNode::start_in_public() {
  CHECK(!running() && !url_.empty());
  const std::string port = url_.substr(url_.rfind(':') + 1);
  start({"--port", port, "--public-url", "http://127.0.0.1:" + port});
}

void RealNode::serve(std::vector<std::string> words) {
  if (std::ranges::find(words, "--port") == words.end()) {
    words.insert(words.end(), {"--port", "0"});
  }
  const std::vector<std::string> always{"serve", "--data", folder(), "--log", "warning"};
  words.insert(words.begin(), always.begin(), always.end());
  const bool is_certified = std::ranges::find(words, "--certified-port") != words.end();
  auto started = start_program(std::move(words), is_certified);
  process_ = started.process;
  url_ = std::move(started.url);
  certified_url_ = std::move(started.second_url);
}

void RealNode::kill() { kill_program(process_); }

RealConsensusNode::RealConsensusNode(RealConsensusNode&& other) noexcept
    : folder_(std::move(other.folder_)),
      url_(std::move(other.url_)),
      key_(std::move(other.key_)),
      process_(std::exchange(other.process_, -1)) {}

void RealConsensusNode::start() { start_on("0"); }

void RealConsensusNode::start_again() { start_on(url_.substr(url_.rfind(':') + 1)); }

void RealConsensusNode::start_on(const std::string& port) {
  CHECK(!running());
  // "Consensus node KEY at URL"
  auto started = start_program({"node", "--data", folder_, "--port", port, "--log", "warning"});
  process_ = started.process;
  url_ = std::move(started.url);
  key_ = started.line.substr(15, 64);
}

void RealConsensusNode::kill() { kill_program(process_); }

int RealNode::stop() {
  CHECK(running());
  ::kill(process_, SIGTERM);
  return wait_for_end(process_);
}

RealElement::RealElement(const std::string& home, const std::string& key,
                         const std::string& socket) {
  // "Element with key KEY at SOCKET"
  auto started = start_program({"element", "run", key, "--home", home, "--socket", socket});
  process_ = started.process;
  key_ = started.line.substr(17, 130);
}

RealElement::~RealElement() { kill_program(process_); }

int RealElement::stop() {
  CHECK(process_ > 0);
  ::kill(process_, SIGTERM);
  return wait_for_end(process_);
}

Ran run_program(std::vector<std::string> words) {
  auto [process, output] = launch(std::move(words));
  Ran out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(output, buffer, sizeof buffer)) > 0;) {
    out.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(output);
  out.exit_code = wait_for_end(process);
  return out;
}

cli::NodeClient RealNode::client() const {
  std::optional<http::Trust> trust;
  if (url_.starts_with("https:")) {
    auto pem = system_env().read_file(folder() + "/tls/certificate.pem", 64 * 1024);
    CHECK(pem.has_value());
    trust = http::PinnedCertificate{std::string(as_text(*pem))};
  }
  auto client = cli::NodeClient::open(url_, trust, system_env());
  CHECK(client.has_value());
  return *std::move(client);
}

std::unique_ptr<element::SecureElement> RealNode::key(const std::string& name) const {
  auto key =
      element::open_key("soft:" + folder() + "/keys/" + name + ".key", passphrase(), system_env());
  CHECK(key.has_value());
  return *std::move(key);
}

Secret RealNode::passphrase() {
  std::string text = kPassphrase;
  return Secret::take(text);
}

}  // namespace intaglio::real_node
