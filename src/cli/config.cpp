// The only place of toml++.
#include "cli/config.h"

#include <algorithm>
#include <functional>
#include <map>

#include <toml++/toml.h>

#include "base/format.h"
#include "codec/json.h"

namespace intaglio::cli {
namespace {

using Setter = std::function<bool(ServeSettings&, const toml::node&)>;

Setter text(std::string ServeSettings::* member) {
  return [member](ServeSettings& settings, const toml::node& node) {
    const auto value = node.value_exact<std::string>();
    if (value) settings.*member = *value;
    return value.has_value() && !value->empty();
  };
}

template <typename Int>
Setter number(Int ServeSettings::* member, std::int64_t least, std::int64_t most) {
  return [=](ServeSettings& settings, const toml::node& node) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) return false;
    settings.*member = static_cast<Int>(*value);
    return true;
  };
}

Setter flag(bool ServeSettings::* member) {
  return [member](ServeSettings& settings, const toml::node& node) {
    const auto value = node.value_exact<bool>();
    if (value) settings.*member = *value;
    return value.has_value();
  };
}

Setter texts(std::vector<std::string> ServeSettings::* member) {
  return [member](ServeSettings& settings, const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr) return false;
    for (const toml::node& each : *list) {
      const auto value = each.value_exact<std::string>();
      if (!value) return false;
      (settings.*member).push_back(*value);
    }
    return true;
  };
}

const std::map<std::string, Setter, std::less<>>& known_settings() {
  static const std::map<std::string, Setter, std::less<>> known = {
      {"node.data", text(&ServeSettings::data)},
      {"node.consensus", texts(&ServeSettings::consensus)},
      {"node.comet", texts(&ServeSettings::comet)},
      {"node.snapshot_every", number(&ServeSettings::snapshot_every, 0, INT64_MAX)},
      {"node.keep_blocks", number(&ServeSettings::keep_blocks, 0, INT64_MAX)},
      {"http.address", text(&ServeSettings::address)},
      {"http.port", number(&ServeSettings::port, 0, UINT16_MAX)},
      {"http.certified_port", number(&ServeSettings::certified_port, 0, UINT16_MAX)},
      {"http.public_url", text(&ServeSettings::public_url)},
      {"http.tls", flag(&ServeSettings::tls)},
      {"http.body_bytes", number(&ServeSettings::body_bytes, 4096, 1 << 26)},
      {"http.connections", number(&ServeSettings::connections, 1, 1 << 16)},
      {"log.level", text(&ServeSettings::log_level)}};
  return known;
}

// Nothing, or http(s)://HOST with what may follow, as it stands in certificates.
bool is_public_url(std::string_view url) {
  if (url.empty()) return true;
  const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  return host != 0 && url.size() > host && url.size() <= 200 && url.back() != '/' &&
         std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; }) &&
         url.find_first_of("\"#<>?\\^`{|}") == std::string_view::npos;
}

constexpr double kMaxBlockInterval = 5;  // seconds

// Whether a duration as Go writes it ("1m30s", "500ms") is no longer than that.
bool is_within(std::string_view text, double most) {
  static const std::map<std::string, double, std::less<>> kUnits = {
      {"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
  double sum = 0;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = codec::uint_from_digits(text.substr(0, digits));
    const auto unit = std::min(text.find_first_of("0123456789", digits), text.size());
    const auto found = kUnits.find(text.substr(digits, unit - digits));
    if (!number || (found == kUnits.end() && *number != 0)) return false;
    if (found != kUnits.end()) sum += static_cast<double>(*number) * found->second;
    text.remove_prefix(unit);
  }
  return sum <= most;
}

// The packaged library reports by exception: it ends here.
Result<toml::table> parse_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return refuse(Verdict::bad_setting,
                  format("line {}: {}", error.source().begin.line, error.description()));
  }
}

}  // namespace

Result<ServeSettings> parse_config(std::string_view text) {
  if (text.size() > kMaxConfig) return refuse(Verdict::too_large);
  ASSIGN(const auto parsed, parse_toml(text));
  ServeSettings settings;
  for (const auto& [section, node] : parsed) {
    const auto* table = node.as_table();
    if (table == nullptr) {
      // TOML allows an empty name, and writes it so.
      return refuse(Verdict::bad_setting,
                    section.str().empty() ? R"("")" : std::string(section.str()));
    }
    for (const auto& [name, value] : *table) {
      const std::string full = format("{}.{}", section.str(), name.str());
      const auto known = known_settings().find(full);
      if (known == known_settings().end() || !known->second(settings, value)) {
        return refuse(Verdict::bad_setting, full);
      }
    }
  }
  TRY(check(settings));
  return settings;
}

Result<CometSetting> comet_of(const std::string& text) {
  const auto equals = std::min(text.find('='), text.size());
  const auto first = std::min(text.find(',', equals), text.size());
  const auto second = std::min(text.find(',', std::min(first + 1, text.size())), text.size());
  const auto chain = codec::uint_from_digits(text.substr(0, equals));
  if (first == text.size() || !chain || *chain > UINT16_MAX) {
    return refuse(Verdict::bad_setting,
                  "node.comet (CHAIN=ABCI,RPC or CHAIN=ABCI,RPC,HOME): " + text);
  }
  CometSetting out{ChainId(static_cast<std::uint16_t>(*chain)),
                   text.substr(equals + 1, first - equals - 1),
                   text.substr(first + 1, second - first - 1), std::nullopt};
  if (second < text.size()) out.home = text.substr(second + 1);
  return out;
}

Result<void> check_comet_config(std::string_view text) {
  if (text.size() > kMaxConfig) return refuse(Verdict::too_large);
  ASSIGN(const auto config, parse_toml(text));
  if (!config["consensus"]["create_empty_blocks"].value_or(true)) {
    return refuse(Verdict::bad_setting, "consensus.create_empty_blocks");
  }
  for (const auto* name : {"create_empty_blocks_interval", "timeout_commit"}) {
    const auto duration = config["consensus"][name].value<std::string>();
    if (duration && !is_within(*duration, kMaxBlockInterval)) {
      return refuse(Verdict::bad_setting, format("consensus.{} ({}, at most 5s)", name, *duration));
    }
  }
  return {};
}

Result<void> check(const ServeSettings& settings) {
  for (const std::string& each : settings.comet) TRY(comet_of(each));
  const bool loopback = settings.address.starts_with("127.") || settings.address == "::1";
  if (!settings.tls && !loopback) {
    return refuse(Verdict::bad_setting, "http.tls (only 127.0.0.1 and ::1 go without)");
  }
  if (!is_public_url(settings.public_url)) {
    return refuse(Verdict::bad_setting,
                  "http.public_url (http:// or https://, a host, no slash at the end)");
  }
  if (!settings.tls && settings.certified_port) {
    return refuse(Verdict::bad_setting, "http.certified_port (over TLS only)");
  }
  for (const auto* level : {"debug", "info", "warning", "error"}) {
    if (settings.log_level == level) return {};
  }
  return refuse(Verdict::bad_setting, "log.level");
}

}  // namespace intaglio::cli
