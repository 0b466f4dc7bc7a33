// The node's configuration file (TOML), what it may say and what holds when it says nothing. Every
// setting is also a flag of `intaglio serve`; flags win.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/env.h"

namespace intaglio::cli {

struct ServeSettings {
  std::string data = "data/node";      // [node] data
  std::vector<std::string> consensus;  // [node] consensus: KEY=URL of nodes in other processes
  // [node] comet: CHAIN=ABCI,RPC,HOME of each chain that CometBFT orders, as comet_of reads them
  std::vector<std::string> comet = {};
  // [node] snapshot_every: blocks, of chains that CometBFT orders; 0: no snapshots
  std::uint64_t snapshot_every = 0;
  std::uint64_t keep_blocks = 0;      // [node] keep_blocks: of each chain; 0: all
  std::string address = "127.0.0.1";  // [http] address
  std::uint16_t port = 8443;          // [http] port; 0: any free one
  // [http] certified_port: where holders of the authority's certificates are served; 0: any free
  // one
  std::optional<std::uint16_t> certified_port = {};
  std::string public_url = {};  // [http] public_url: where the world finds it; empty: nowhere
  bool tls = true;              // [http] tls; false is for loopback alone
  std::uint64_t body_bytes = 1 << 20;  // [http] body_bytes
  std::uint64_t connections = 1024;    // [http] connections
  std::string log_level = "info";      // [log] level: debug, info, warning, error
  bool operator==(const ServeSettings&) const = default;
};

inline constexpr std::size_t kMaxConfig = 64 * 1024;

// `bad_setting` names the line, or the setting that is unknown or out of range.
Result<ServeSettings> parse_config(std::string_view text);

// Where a chain's application listens for CometBFT, the URL of that node's RPC, and its folder, as
// far as that is here.
struct CometSetting {
  ChainId chain;
  std::string abci;
  std::string rpc;
  std::optional<std::string> home;
};
// "0=unix://abci-0.sock,http://127.0.0.1:26601,comet-0"; `bad_setting`.
Result<CometSetting> comet_of(const std::string& text);

// Whether CometBFT makes blocks as a chain of ours needs them, by its config.toml: also when nobody
// pays, since deadlines are judged by the time of blocks, and at most five seconds apart.
// `bad_setting` names what is otherwise.
Result<void> check_comet_config(std::string_view text);

// What no file may say either: no TLS beyond this machine, or for holders of certificates.
Result<void> check(const ServeSettings& settings);

}  // namespace intaglio::cli
