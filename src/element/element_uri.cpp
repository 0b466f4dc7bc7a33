#include "element/element_uri.h"

#include <charconv>

#include "base/format.h"
#include "codec/utf8.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kPkcs11 = "pkcs11:";
constexpr std::string_view kTpm = "tpm:";
constexpr std::string_view kSoft = "soft:";
constexpr std::string_view kHandle = "handle=";
constexpr std::string_view kTcti = "tcti=";
constexpr std::uint32_t kFirstPersistent = 0x81000000;
constexpr std::uint32_t kLastPersistent = 0x81ffffff;

// Fixed in the structures of PKCS #11 (section 3.2, CK_TOKEN_INFO); the others are ours.
constexpr std::size_t kMaxToken = 32;
constexpr std::size_t kMaxSerial = 16;
constexpr std::size_t kMaxObject = 64;
constexpr std::size_t kMaxId = 64;
constexpr std::size_t kMaxPath = 1024;

std::unexpected<Refusal> wrong(std::string_view what, std::string_view why) {
  return refuse(Verdict::unknown_element, format("{}: {}", what, why));
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// pk11-pchar and pk11-qchar of RFC 7512, section 2.3, without escapes. A query may hold more.
bool stands_for_itself(char c, bool in_query) {
  constexpr std::string_view kInPath = "-._~:[]@!$'()*+,=&";
  constexpr std::string_view kInQuery = "-._~:[]@!$'()*+,=/?|";
  return is_alphanumeric(c) || (in_query ? kInQuery : kInPath).find(c) != std::string_view::npos;
}

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

Result<Bytes> unescape(std::string_view name, std::string_view value, bool in_query) {
  Bytes out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      if (!stands_for_itself(value[i], in_query)) return wrong(name, "a character not escaped");
      out.push_back(static_cast<std::uint8_t>(value[i]));
      continue;
    }
    if (value.size() - i < 3) return wrong(name, "an escape cut short");
    const auto high = digit_of(value[i + 1]);
    const auto low = digit_of(value[i + 2]);
    if (!high || !low) return wrong(name, "an escape that is no two hexadecimal digits");
    out.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
    i += 2;
  }
  return out;
}

void escape(std::string& to, ByteView bytes, bool in_query) {
  for (const std::uint8_t byte : bytes) {
    const char c = static_cast<char>(byte);
    // An "&" separates query attributes; "?" is legal in one and reads badly.
    if (stands_for_itself(c, in_query) && c != '?') {
      to += c;
    } else {
      to += format("%{:02X}", byte);
    }
  }
}

void put(std::string& to, std::string_view name, ByteView value) {
  if (value.empty()) return;
  if (to.size() > kPkcs11.size()) to += ';';
  to += name;
  to += '=';
  escape(to, value, false);
}

// Calls `take(name, value)` for each attribute of a list.
template <typename Take>
Result<void> each_attribute(std::string_view list, char separator, Take take) {
  for (std::size_t number = 1;; ++number) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view attribute = list.substr(0, end);
    const std::size_t equals = attribute.find('=');
    if (equals == std::string_view::npos) {
      return wrong(format("attribute {}", number), "NAME=VALUE is wanted");
    }
    TRY(take(attribute.substr(0, equals), attribute.substr(equals + 1)));
    if (end == list.size()) return {};
    list.remove_prefix(end + 1);
  }
}

class Pkcs11Reader {
 public:
  Result<void> take_path(std::string_view name, std::string_view value) {
    if (name == "token") return take_text(name, value, out_.token, kMaxToken);
    if (name == "serial") return take_text(name, value, out_.serial, kMaxSerial);
    if (name == "object") return take_text(name, value, out_.object, kMaxObject);
    if (name == "id") return take_id(value);
    if (name == "type") {
      if (value != "private") return wrong(name, "a key that signs is private");
      if (std::exchange(has_type_, true)) return wrong(name, "stands twice");
      return {};
    }
    return unknown(name);
  }

  Result<void> take_query(std::string_view name, std::string_view value) {
    if (name != "module-path") return unknown(name);
    TRY(take_text(name, value, out_.module_path, kMaxPath, true));
    if (!out_.module_path.starts_with('/')) return wrong(name, "is no absolute path");
    return {};
  }

  Result<Pkcs11Uri> finish() && {
    if (out_.token.empty()) return wrong("token", "missing");
    if (out_.module_path.empty()) return wrong("module-path", "missing");
    return std::move(out_);
  }

 private:
  static Result<void> unknown(std::string_view name) {
    if (name.starts_with("pin-")) {
      return wrong(name, "a PIN never stands in a URI; it is the passphrase");
    }
    return wrong(name.substr(0, 60), "not an attribute that this program goes by");
  }

  static Result<Bytes> take_bytes(std::string_view name, std::string_view value, std::size_t limit,
                                  bool in_query = false) {
    if (value.empty()) return wrong(name, "empty");
    ASSIGN(auto bytes, unescape(name, value, in_query));
    if (bytes.size() > limit) return wrong(name, format("longer than {} bytes", limit));
    return bytes;
  }

  static Result<void> take_text(std::string_view name, std::string_view value, std::string& to,
                                std::size_t limit, bool in_query = false) {
    if (!to.empty()) return wrong(name, "stands twice");
    ASSIGN(const auto bytes, take_bytes(name, value, limit, in_query));
    const auto text = as_text(bytes);
    if (codec::utf8_error(text) || text.find('\0') != std::string_view::npos) {
      return wrong(name, "not text");
    }
    to = text;
    return {};
  }

  Result<void> take_id(std::string_view value) {
    if (!out_.id.empty()) return wrong("id", "stands twice");
    ASSIGN(out_.id, take_bytes("id", value, kMaxId));
    return {};
  }

  Pkcs11Uri out_;
  bool has_type_ = false;
};

Result<std::uint32_t> parse_handle(std::string_view text) {
  if (!text.starts_with("0x")) return wrong("handle", "0x and hexadecimal digits");
  const std::string_view digits = text.substr(2);
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() != 8) {
    return wrong("handle", "0x and eight hexadecimal digits");
  }
  if (value < kFirstPersistent || value > kLastPersistent) {
    return wrong("handle", "not that of a persistent object (0x81000000 to 0x81ffffff)");
  }
  return value;
}

// It becomes a value in an OpenSSL configuration, where "$", "#" and quotes mean more.
Result<std::string> parse_tcti(std::string_view text) {
  constexpr std::string_view kOthers = "-._:=,/@+";
  const auto is_plain = [&](char c) {
    return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos;
  };
  if (text.empty()) return wrong("tcti", "empty");
  if (text.size() > kMaxPath || !std::ranges::all_of(text, is_plain)) {
    return wrong("tcti", format("letters, digits and {} only", kOthers));
  }
  return std::string(text);
}

}  // namespace

Result<std::string> scheme_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos) {
    return refuse(
        Verdict::unknown_element,
        format("'{}' (an element's URI starts with its scheme: soft:PATH)", uri.substr(0, 60)));
  }
  if (uri.size() > kMaxElementUri) return wrong("URI", format("over {} bytes", kMaxElementUri));
  return std::string(uri.substr(0, colon));
}

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view uri) {
  if (!uri.starts_with(kPkcs11) || uri.size() > kMaxElementUri) return wrong("URI", "not pkcs11:");
  uri.remove_prefix(kPkcs11.size());
  const std::size_t question = uri.find('?');
  Pkcs11Reader reader;
  TRY(each_attribute(uri.substr(0, question), ';', [&](std::string_view name, std::string_view v) {
    return reader.take_path(name, v);
  }));
  if (question != std::string_view::npos) {
    TRY(each_attribute(uri.substr(question + 1), '&',
                       [&](std::string_view name, std::string_view value) {
                         return reader.take_query(name, value);
                       }));
  }
  return std::move(reader).finish();
}

std::string to_text(const Pkcs11Uri& uri) {
  std::string out(kPkcs11);
  put(out, "token", as_bytes(uri.token));
  put(out, "serial", as_bytes(uri.serial));
  put(out, "object", as_bytes(uri.object));
  put(out, "id", uri.id);
  out += "?module-path=";
  escape(out, as_bytes(uri.module_path), true);
  return out;
}

Result<TpmUri> parse_tpm_uri(std::string_view uri) {
  if (!uri.starts_with(kTpm) || uri.size() > kMaxElementUri) return wrong("URI", "not tpm:");
  uri.remove_prefix(kTpm.size());
  TpmUri out;
  const std::size_t question = uri.find('?');
  if (question != std::string_view::npos) {
    const std::string_view query = uri.substr(question + 1);
    if (!query.starts_with(kTcti)) return wrong("query", "?tcti= is the only one");
    ASSIGN(out.tcti, parse_tcti(query.substr(kTcti.size())));
  }
  const std::string_view key = uri.substr(0, question);
  if (key.starts_with(kHandle)) {
    ASSIGN(out.handle, parse_handle(key.substr(kHandle.size())));
    return out;
  }
  if (key.empty()) return wrong("path", "missing");
  if (key.size() > kMaxPath || key.find('\0') != std::string_view::npos) {
    return wrong("path", "too long, or not text");
  }
  out.path = key;
  return out;
}

std::string to_text(const TpmUri& uri) {
  std::string out(kTpm);
  out += uri.handle ? format("{}0x{:08x}", kHandle, *uri.handle) : uri.path;
  if (!uri.tcti.empty()) out += format("?{}{}", kTcti, uri.tcti);
  return out;
}

Result<std::string> key_uri(const std::string& place, std::string_view name) {
  if (place.starts_with(kPkcs11)) {
    ASSIGN(auto uri, parse_pkcs11_uri(place));
    if (!uri.object.empty() || !uri.id.empty())
      return wrong("object", "names one key, not a place");
    uri.object = format("intaglio-{}", name);
    return to_text(uri);
  }
  if (place.starts_with(kTpm)) {
    ASSIGN(auto uri, parse_tpm_uri(place));
    if (uri.handle) return wrong("handle", "names one key, not a place");
    uri.path += format("/{}.tpm", name);
    return to_text(uri);
  }
  if (place.starts_with(kSoft) && place.size() > kSoft.size()) {
    return format("{}/{}.key", place, name);
  }
  return wrong(place.substr(0, 60), "no place for keys: soft:, tpm: or pkcs11:");
}

}  // namespace intaglio::element
