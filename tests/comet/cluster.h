// A ledger whose chains the real CometBFT orders, all of it on this machine: for every chain one
// node of CometBFT and one application an operator, and the first operator's server in place of its
// applications. Whatever runs can be killed and started again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/folder_for_test.h"
#include "cli/node_client.h"
#include "comet/hosts.h"
#include "http/comet_client.h"
#include "process/process.h"
#include "service/network.h"

namespace intaglio::comet {

// The program, as scripts/cometbft finds or installs it; nothing when it cannot be had.
std::optional<std::string> comet_program();
// Another, whose clock can be wrong (Cluster::set_clock).
std::optional<std::string> skewed_comet_program();

// An operator's folder is a disk of its own with so many bytes.
struct SmallDisk {
  std::size_t op;
  std::size_t bytes;
};

class Cluster {
 public:
  // Makes the folders, below the system's temporary one. All on this machine, on ports that were
  // free; or each operator on a host of its own. Nothing runs yet.
  Cluster(std::string comet, service::NetworkOptions options,
          std::unique_ptr<Hosts> hosts = nullptr, std::optional<SmallDisk> small = {});
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  // Whether this machine let us make one.
  bool has_small_disk() const { return !mounted_.empty(); }

  std::size_t operators() const { return options_.validators; }
  std::uint16_t chains() const { return options_.setup.chains; }

  using Place = std::pair<std::size_t, std::uint16_t>;  // an operator, a chain
  // The clocks of an operator's nodes of CometBFT are wrong by so much, as Go writes it; they run
  // that other program. Before they start.
  void set_clock(std::size_t op, const std::string& skew) { skews_[op] = skew; }
  // From now on applications make a snapshot each so many blocks.
  void snapshot_every(std::uint64_t blocks) { snapshot_every_ = blocks; }
  // One more operator, whose nodes of these chains begin with a snapshot: its number. It is none of
  // operators(), and is started by hand.
  std::size_t join(const std::vector<std::uint16_t>& synced);

  // All that there is and does not run, but for the applications that are elsewhere; returns when
  // the server answers.
  void start(const std::set<Place>& elsewhere = {});
  void start_comet(std::size_t op, std::uint16_t chain);
  // Not of the first operator, whose server has them all.
  void start_application(std::size_t op, std::uint16_t chain);
  void start_server();
  // kill -9 of what of an operator runs for a chain; of the first, its server.
  void kill(std::size_t op, std::uint16_t chain);
  // Starts all that is not alive, and returns when everything answers. A node of CometBFT whose
  // application went is started anew with it.
  void heal();
  Process& comet(std::size_t op, std::uint16_t chain) { return comet_[{op, chain}]; }
  Process& application(std::size_t op, std::uint16_t chain) { return applications_[{op, chain}]; }
  Process& server() { return server_; }

  std::string folder(std::size_t op) const { return service::operator_folder(folder_.path(), op); }
  service::CometHome home(std::size_t op, std::uint16_t chain) const;
  const std::string& url() const { return url_; }
  // Where operators are on hosts of their own, what speaks with one runs there (Hosts::on).
  Hosts* hosts() { return hosts_.get(); }
  cli::NodeClient client() const;
  http::CometClient& rpc(std::size_t op, std::uint16_t chain);
  ledger::Genesis genesis() const;

  // What a node of CometBFT wrote.
  std::string log(std::size_t op, std::uint16_t chain) const;
  // The certified key of an operator's node.
  KeyHash node_key(std::size_t op) const;

  // CometBFT's own example application in place of ours, on the chain 0 of an operator's.
  void start_kvstore(std::size_t op);
  // Transactions in the mempool of a node of CometBFT.
  std::uint64_t unconfirmed(std::size_t op, std::uint16_t chain);
  // What all nodes of CometBFT of a chain have sent each other by now.
  std::uint64_t bytes_sent(std::uint16_t chain);
  // Seconds that cores have worked for all nodes of CometBFT, and for all applications in processes
  // of their own.
  struct Spent {
    double comet = 0;
    double applications = 0;
  };
  Spent cpu_seconds() const;

  // Waits until a node of CometBFT has that block; whether it had it in time.
  bool reaches(std::size_t op, std::uint16_t chain, Height wanted);
  // The last block of the node, or nothing when it does not answer.
  std::optional<Height> height(std::size_t op, std::uint16_t chain);
  // A chain's store of an operator's, whose processes must not run: its blocks executed once more
  // on an empty chain in the embedded mode, and whether every one has the same hash. How many.
  std::optional<std::uint64_t> replay(std::size_t op, std::uint16_t chain) const;

  // Waits until `is_so`; whether it was so in time.
  static bool wait_until(const std::function<bool()>& is_so,
                         std::chrono::seconds patience = std::chrono::seconds(60));

  static Secret passphrase();

 private:
  Process run(std::size_t op, const std::string& program, std::vector<std::string> words,
              Process::Options options) const;

  FolderForTest folder_;
  std::string mounted_;  // where a disk of ours is; taken away after all processes
  std::unique_ptr<Hosts> hosts_;
  const std::string comet_program_;
  service::NetworkOptions options_;
  std::map<std::size_t, std::string> skews_;
  std::uint64_t snapshot_every_ = 0;
  std::size_t joined_ = 0;
  std::map<std::size_t, std::uint16_t> first_ports_;  // of those that joined
  std::string url_;
  codec::Json ask(std::size_t op, std::uint16_t chain, const std::string& target) const;

  std::map<Place, std::unique_ptr<http::CometClient>> rpc_;
  std::map<Place, Process> comet_;
  std::map<Place, Process> applications_;
  Process server_;
};

}  // namespace intaglio::comet
