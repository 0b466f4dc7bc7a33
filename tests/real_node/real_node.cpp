#include "real_node/real_node.h"

#include <algorithm>

#include "base/check.h"

namespace intaglio::real_node {
namespace {

constexpr const char* kPassphrase = "correct horse";

Process launch(const std::vector<std::string>& words) {
  return {program(), words, {.environment = {{"INTAGLIO_PASSPHRASE", kPassphrase}}}};
}

std::string url_in(const std::string& line) {
  const auto at = line.rfind(" at ");
  if (at == std::string::npos) fatal("the program said: " + line);
  return line.substr(at + 4);
}

}  // namespace

std::string program() { return INTAGLIO_PROGRAM; }

RealNode::RealNode(const service::SetupOptions& options) {
  const auto created = service::create_data_folder(folder(), options, passphrase(), system_env());
  if (!created) fatal(to_string(created.error()));
}

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
  process_ = launch(words);
  // "Serving ledger … at URL"
  url_ = url_in(process_.read_line());
  certified_url_ = is_certified ? url_in(process_.read_line()) : "";
}

void RealConsensusNode::start() { start_on("0"); }

void RealConsensusNode::start_again() { start_on(url_.substr(url_.rfind(':') + 1)); }

void RealConsensusNode::start_on(const std::string& port) {
  CHECK(!running());
  process_ = launch({"node", "--data", folder_, "--port", port, "--log", "warning"});
  // "Consensus node KEY at URL"
  const std::string line = process_.read_line();
  url_ = url_in(line);
  key_ = line.substr(15, 64);
}

RealElement::RealElement(const std::string& home, const std::string& key,
                         const std::string& socket) {
  process_ = launch({"element", "run", key, "--home", home, "--socket", socket});
  // "Element with key KEY at SOCKET"
  const std::string line = process_.read_line();
  static_cast<void>(url_in(line));
  key_ = line.substr(17, 130);
}

Ran run_program(const std::vector<std::string>& words) {
  Process process = launch(words);
  Ran out;
  out.output = process.read_all();
  out.exit_code = process.wait();
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
