#include "comet/cluster.h"

#include <random>
#include <thread>

#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/format.h"
#include "base/socket_file.h"
#include "chain/application.h"
#include "chain/door.h"
#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "element/secure_element.h"

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

std::optional<std::string> program_of_script(const std::vector<std::string>& words) {
  std::vector<std::string> all{INTAGLIO_SOURCE "/scripts/cometbft"};
  all.insert(all.end(), words.begin(), words.end());
  Process script("/bin/bash", all, {});
  std::string path = script.read_all();
  if (script.wait() != 0 || path.empty()) return std::nullopt;
  path.pop_back();
  return path;
}

}  // namespace

std::optional<std::string> comet_program() {
  static const auto found = program_of_script({});
  return found;
}

std::optional<std::string> skewed_comet_program() {
  static const auto found = program_of_script({"--skewed"});
  return found;
}

Cluster::Cluster(std::string comet, service::NetworkOptions options, std::unique_ptr<Hosts> hosts,
                 std::optional<SmallDisk> small)
    : hosts_(std::move(hosts)), comet_program_(std::move(comet)), options_(std::move(options)) {
  if (small) {
    const std::string place = folder(small->op);
    std::filesystem::create_directories(place);
    const std::string size = format("size={}", small->bytes);
    if (::mount("tmpfs", place.c_str(), "tmpfs", 0, size.c_str()) == 0) mounted_ = place;
  }
  if (hosts_) {
    for (std::size_t i = 0; i < hosts_->count(); ++i) options_.hosts.push_back(Hosts::address(i));
  } else {
    options_.first_port = free_ports(std::size_t{2} * options_.validators * options_.setup.chains);
  }
  const auto made = service::create_network(folder_.path(), options_, passphrase(), system_env());
  if (!made) fatal(to_string(made.error()));
}

Cluster::~Cluster() {
  comet_.clear();
  applications_.clear();
  server_.kill();
  if (!mounted_.empty()) ::umount(mounted_.c_str());
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

Process Cluster::run(std::size_t op, const std::string& program, std::vector<std::string> words,
                     Process::Options options) const {
  options.folder = folder(op);
  options.environment.emplace_back("INTAGLIO_PASSPHRASE", kPassphrase);
  if (!hosts_) return {program, words, options};
  auto there = hosts_->enter(op);
  const std::string first = there.front();
  there.erase(there.begin());
  there.push_back(program);
  there.insert(there.end(), words.begin(), words.end());
  return {first, there, options};
}

void Cluster::start_comet(std::size_t op, std::uint16_t chain) {
  const std::string home = this->home(op, chain).folder;
  const auto skew = skews_.find(op);
  const bool is_right = skew == skews_.end();
  comet_[{op, chain}] =
      run(op, is_right ? comet_program_ : *skewed_comet_program(), {"start", "--home", home},
          {.log = format("{}/{}.log", folder(op), home),
           .environment = {{"COMETBFT_SKEW", is_right ? "" : skew->second}}});
}

void Cluster::start_kvstore(std::size_t op) {
  const std::string home = this->home(op, 0).folder;
  comet_[{op, 0}] =
      run(op, comet_program_, {"start", "--home", home, "--proxy_app", "persistent_kvstore"},
          {.log = format("{}/{}.log", folder(op), home)});
}

codec::Json Cluster::ask(std::size_t op, std::uint16_t chain, const std::string& target) const {
  auto client = http::Client::open(home(op, chain).rpc_url());
  CHECK(client.has_value());
  const auto response = client->get(target);
  if (!response) return {};
  const auto json = codec::parse_json(as_text(response->body), {.bytes = 1 << 20, .depth = 32});
  const codec::Json* result = json ? json->find("result") : nullptr;
  return result == nullptr ? codec::Json() : *result;
}

std::uint64_t Cluster::unconfirmed(std::size_t op, std::uint16_t chain) {
  return ask(op, chain, "/num_unconfirmed_txs").uint_at("n_txs").value_or(1);
}

std::uint64_t Cluster::bytes_sent(std::uint16_t chain) {
  std::uint64_t out = 0;
  for (std::size_t op = 0; op < operators(); ++op) {
    const auto info = ask(op, chain, "/net_info");
    const codec::Json* peers = info.find("peers");
    if (peers == nullptr || peers->items() == nullptr) continue;
    for (const auto& peer : *peers->items()) {
      const codec::Json* status = peer.find("connection_status");
      const codec::Json* sent = status == nullptr ? nullptr : status->find("SendMonitor");
      if (sent != nullptr) out += sent->uint_at("Bytes").value_or(0);
    }
  }
  return out;
}

Cluster::Spent Cluster::cpu_seconds() const {
  Spent out;
  for (const auto& [place, process] : comet_) out.comet += process.cpu_seconds();
  for (const auto& [place, process] : applications_) out.applications += process.cpu_seconds();
  return out;
}

void Cluster::start_application(std::size_t op, std::uint16_t chain) {
  CHECK(op > 0);
  Process node = run(op, INTAGLIO_PROGRAM,
                     {"node", "--chain", std::to_string(chain), "--abci", home(op, chain).address,
                      "--comet-home", home(op, chain).folder, "--snapshot-every",
                      std::to_string(snapshot_every_), "--log", "warning"},
                     {});
  // "Chain N at block H, for CometBFT at ADDRESS"
  const std::string line = node.read_line();
  if (line.find("for CometBFT") == std::string::npos) fatal("the program said: " + line);
  applications_[{op, chain}] = std::move(node);
}

void Cluster::start_server() {
  const std::string port = url_.empty() ? "0" : url_.substr(url_.rfind(':') + 1);
  server_ = run(0, INTAGLIO_PROGRAM,
                {"serve", "--config", "serve.toml", "--port", port, "--no-tls", "--snapshot-every",
                 std::to_string(snapshot_every_), "--log", "warning"},
                {});
  const std::string line = server_.read_line();
  const auto at = line.rfind(" at ");
  if (at == std::string::npos) fatal("the program said: " + line);
  url_ = line.substr(at + 4);
}

void Cluster::start(const std::set<Place>& elsewhere) {
  for (std::size_t op = 0; op < operators(); ++op) {
    for (std::uint16_t chain = 0; chain < chains(); ++chain) {
      const bool is_here = op > 0 && !elsewhere.contains({op, chain});
      if (is_here && !application(op, chain).alive()) start_application(op, chain);
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

service::CometHome Cluster::home(std::size_t op, std::uint16_t chain) const {
  auto out = service::comet_home(options_, op, ChainId(chain));
  const auto joined = first_ports_.find(op);
  if (joined != first_ports_.end()) {
    out.peer_port = static_cast<std::uint16_t>(joined->second + 2 * chain);
    out.rpc_port = static_cast<std::uint16_t>(out.peer_port + 1);
  }
  return out;
}

std::size_t Cluster::join(const std::vector<std::uint16_t>& synced) {
  const std::size_t number = operators() + joined_++;
  service::JoinOptions options;
  options.first_port = free_ports(std::size_t{2} * chains());
  for (const std::uint16_t chain : synced) {
    const auto height = this->height(0, chain);
    CHECK(height.has_value());
    const auto block = rpc(0, chain).light_block(*height);
    CHECK(block.has_value());
    options.state_sync.push_back(
        {ChainId(chain), home(0, chain).rpc_url(), *height, block->header.hash()});
  }
  const auto made =
      service::join_network(folder(0), folder(number), options, passphrase(), system_env());
  if (!made) fatal(to_string(made.error()));
  first_ports_[number] = options.first_port;
  return number;
}

void Cluster::heal() {
  for (std::size_t op = 0; op < operators(); ++op) {
    for (std::uint16_t chain = 0; chain < chains(); ++chain) {
      const bool has_application = op == 0 ? server_.alive() : application(op, chain).alive();
      if (!has_application) comet(op, chain).kill();
    }
  }
  start();
  for (std::size_t op = 0; op < operators(); ++op) {
    for (std::uint16_t chain = 0; chain < chains(); ++chain) {
      if (!wait_until([&] { return height(op, chain).has_value(); })) {
        fatal(format("CometBFT of operator {} for chain {} does not answer", op + 1, chain));
      }
    }
  }
}

std::optional<std::uint64_t> Cluster::replay(std::size_t op, std::uint16_t chain) const {
  const auto genesis = this->genesis();
  const auto key = crypto::SigningKey::generate();
  const crypto::Signer nobody{key.public_key(), [&](ByteView message) -> Result<crypto::Signature> {
                                return key.sign(crypto::sha256(message));
                              }};
  const FolderForTest empty;
  const auto ran = chain::Application::open(genesis, ChainId(chain),
                                            format("{}/chain-{}", folder(op), chain), nobody);
  const auto replayed = chain::Application::open(genesis, ChainId(chain), empty / "chain", nobody);
  CHECK(ran && replayed);
  const chain::Door door(**replayed, 1000);
  for (Height at(1); at <= (*ran)->tip().height; at = at.next()) {
    const auto shown =
        proof::shown_header<ledger::BlockHeader>((*ran)->stored_header(at).proof, (*ran)->ledger());
    const auto blob = (*ran)->store().block(at);
    CHECK(shown && blob);
    const ledger::BlockHeader& header = shown->header;
    const auto transactions = chain::decode_transactions(*blob);
    CHECK(transactions.has_value());
    std::vector<tx::VerifiedTransaction> verified;
    for (const Bytes& each : *transactions) {
      auto one = door.verify(each);
      CHECK(one.has_value());
      verified.push_back(*std::move(one));
    }
    const auto block = (*replayed)->finalize(header.time, verified);
    if (block.header.hash((*ran)->ledger()) != header.hash((*ran)->ledger())) return std::nullopt;
    (*replayed)->commit(block);
  }
  return (*ran)->tip().height.value();
}

std::string Cluster::log(std::size_t op, std::uint16_t chain) const {
  const auto log = system_env().read_file(format("{}/{}.log", folder(op), home(op, chain).folder),
                                          std::size_t{64} << 20);
  return log ? std::string(as_text(*log)) : "";
}

KeyHash Cluster::node_key(std::size_t op) const {
  const auto key =
      element::open_key("soft:" + folder(op) + "/keys/node.key", passphrase(), system_env());
  CHECK(key.has_value());
  return (*key)->public_key().hash();
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
