// The only place of toml++.
#include "cli/config.h"

#include <algorithm>
#include <functional>
#include <map>

#include <toml++/toml.h>

#include "base/format.h"

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

Result<void> check(const ServeSettings& settings) {
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
