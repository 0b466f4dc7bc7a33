#include "comet/cluster.h"

#include <random>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/format.h"
#include "base/socket_file.h"

namespace intaglio::comet {
namespace {

constexpr const char* kPassphrase = "correct horse";

bool is_free(std::uint16_t port) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return ::bind(*socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// The first of so many ports that are free, below those that systems give out.
std::uint16_t free_ports(std::size_t count) {
  std::random_device random;
  while (true) {
    const auto first = static_cast<std::uint16_t>(12'000 + random() % 18'000);
    bool all = true;
    for (std::size_t i = 0; i < count && all; ++i) {
      all = is_free(static_cast<std::uint16_t>(first + i));
    }
    if (all) return first;
  }
}

}  // namespace

std::optional<std::string> comet_program() {
  static const std::optional<std::string> found = []() -> std::optional<std::string> {
    Process script("/bin/bash", {INTAGLIO_SOURCE "/scripts/cometbft"}, {});
    std::string path = script.read_all();
    if (script.wait() != 0 || path.empty()) return std::nullopt;
    path.pop_back();
    return path;
  }();
  return found;
}

Cluster::Cluster(std::string comet, service::NetworkOptions options)
    : comet_program_(std::move(comet)), options_(std::move(options)) {
  options_.first_port = free_ports(std::size_t{2} * options_.validators * options_.setup.chains);
  const auto made = service::create_network(folder_.path(), options_, passphrase(), system_env());
  if (!made) fatal(to_string(made.error()));
}

Secret Cluster::passphrase() {
  std::string text = kPassphrase;
  return Secret::take(text);
}

ledger::Genesis Cluster::genesis() const {
  auto genesis = service::read_genesis(folder(0), system_env());
  CHECK(genesis.has_value());
  return *std::move(genesis);
}

void Cluster::start_comet(std::size_t op, std::uint16_t chain) {
  const std::string home = this->home(op, chain).folder;
  comet_[{op, chain}] =
      Process(comet_program_, {"start", "--home", home},
              {.folder = folder(op), .log = format("{}/{}.log", folder(op), home)});
}

void Cluster::start_application(std::size_t op, std::uint16_t chain) {
  CHECK(op > 0);
  Process node(INTAGLIO_PROGRAM,
               {"node", "--data", ".", "--chain", std::to_string(chain), "--abci",
                home(op, chain).address, "--log", "warning"},
               {.folder = folder(op), .environment = {{"INTAGLIO_PASSPHRASE", kPassphrase}}});
  // "Chain N at block H, for CometBFT at ADDRESS"
  const std::string line = node.read_line();
  if (line.find("for CometBFT") == std::string::npos) fatal("the program said: " + line);
  applications_[{op, chain}] = std::move(node);
}

void Cluster::start_server() {
  const std::string port = url_.empty() ? "0" : url_.substr(url_.rfind(':') + 1);
  server_ =
      Process(INTAGLIO_PROGRAM,
              {"serve", "--config", "serve.toml", "--port", port, "--no-tls", "--log", "warning"},
              {.folder = folder(0), .environment = {{"INTAGLIO_PASSPHRASE", kPassphrase}}});
  const std::string line = server_.read_line();
  const auto at = line.rfind(" at ");
  if (at == std::string::npos) fatal("the program said: " + line);
  url_ = line.substr(at + 4);
}

void Cluster::start() {
  for (std::size_t op = 0; op < operators(); ++op) {
    for (std::uint16_t chain = 0; chain < chains(); ++chain) {
      if (op > 0 && !application(op, chain).alive()) start_application(op, chain);
      if (!comet(op, chain).alive()) start_comet(op, chain);
    }
  }
  // Last: it waits for blocks.
  if (!server_.alive()) start_server();
}

void Cluster::kill(std::size_t op, std::uint16_t chain) {
  comet(op, chain).kill();
  if (op > 0) {
    application(op, chain).kill();
  } else {
    server_.kill();
  }
}

cli::NodeClient Cluster::client() const {
  auto client = cli::NodeClient::open(url_, {}, system_env());
  CHECK(client.has_value());
  return *std::move(client);
}

http::CometClient& Cluster::rpc(std::size_t op, std::uint16_t chain) {
  auto& client = rpc_[{op, chain}];
  if (!client) {
    auto opened = http::CometClient::open(home(op, chain).rpc_url());
    CHECK(opened.has_value());
    client = *std::move(opened);
  }
  return *client;
}

std::optional<Height> Cluster::height(std::size_t op, std::uint16_t chain) {
  const auto status = rpc(op, chain).status();
  if (!status) return std::nullopt;
  return status->height;
}

bool Cluster::wait_until(const std::function<bool()>& is_so, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

bool Cluster::reaches(std::size_t op, std::uint16_t chain, Height wanted) {
  return wait_until([&] { return height(op, chain).value_or(Height(0)) >= wanted; });
}

}  // namespace intaglio::comet
