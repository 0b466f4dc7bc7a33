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
  std::uint64_t keep_blocks = 0;       // [node] keep_blocks: of each chain; 0: all
  std::string address = "127.0.0.1";   // [http] address
  std::uint16_t port = 8443;           // [http] port; 0: any free one
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

// What no file may say either: no TLS beyond this machine, or for holders of certificates.
Result<void> check(const ServeSettings& settings);

}  // namespace intaglio::cli
