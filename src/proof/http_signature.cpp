#include "proof/http_signature.h"

#include <optional>

#include "base/format.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "crypto/sha256.h"

namespace intaglio::proof {
namespace {

constexpr std::string_view kMethod = "@method";
constexpr std::string_view kTargetUri = "@target-uri";
constexpr std::string_view kContentDigest = "content-digest";
constexpr std::string_view kComponents[] = {kMethod, kTargetUri, kContentDigest};
constexpr std::string_view kAlgorithm = "ecdsa-p256-sha256";
constexpr std::string_view kLabel = "intaglio";
constexpr std::string_view kSignatureHead = "intaglio=:";
constexpr std::string_view kDigestHead = "sha-256=:";

constexpr std::size_t kMaxField = 1024;
constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxUri = 8 * 1024;
constexpr std::size_t kMaxKey = 64;
constexpr std::size_t kMaxString = 128;
constexpr std::size_t kMaxInteger = 15;  // digits, RFC 8941 section 3.3.1

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Reads the value of a structured field (RFC 8941) in the form that its serialisation has (section
// 4.1), so that what was read is, byte for byte, what was signed.
class FieldReader {
 public:
  FieldReader(std::string_view field, std::string_view text) : field_(field), text_(text) {}

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  Result<void> expect(char c) {
    if (!take(c)) return refuse_here();
    return {};
  }

  // A key of a dictionary or a parameter: section 3.1.2.
  Result<std::string_view> key() {
    const std::size_t start = at_;
    if (at_ == text_.size() || (!is_lower(text_[at_]) && text_[at_] != '*')) return refuse_here();
    while (at_ < text_.size() && is_key_character(text_[at_])) ++at_;
    if (at_ - start > kMaxKey) return refuse_here();
    return text_.substr(start, at_ - start);
  }

  // A string without escapes, none of ours needing one: section 3.3.3.
  Result<std::string_view> string() {
    TRY(expect('"'));
    const std::size_t start = at_;
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    const auto value = text_.substr(start, at_ - start);
    if (value.size() > kMaxString) return refuse_here();
    TRY(expect('"'));
    return value;
  }

  // An integer that is not negative, without leading zeros.
  Result<std::uint64_t> integer() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    const auto digits = text_.substr(start, at_ - start);
    const auto value = codec::uint_from_digits(digits);
    const bool one_form = digits == "0" || !digits.starts_with('0');
    if (!value || !one_form || digits.size() > kMaxInteger) return refuse_here();
    return *value;
  }

  Result<void> finish() const {
    if (at_ != text_.size()) return refuse_here();
    return {};
  }

  std::size_t offset() const { return at_; }
  std::string_view from(std::size_t start) const { return text_.substr(start, at_ - start); }

 private:
  static bool is_key_character(char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
  }
  static bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }
  std::unexpected<Refusal> refuse_here() const {
    return refuse(Verdict::bad_encoding, format("{}.byte {}", field_, at_));
  }

  std::string_view field_;
  std::string_view text_;
  std::size_t at_ = 0;
};

// Our member of Signature-Input; views into the field.
struct Input {
  std::array<std::string_view, std::size(kComponents)> components;  // as they are ordered
  std::string_view params;                                          // its whole value
  std::optional<std::uint64_t> created;
  std::optional<std::string_view> nonce;
  std::optional<std::string_view> key_id;
  std::optional<std::string_view> algorithm;
};

std::string parameter(std::string_view name) { return format("signature-input.{}", name); }

Result<void> read_components(FieldReader& in, Input& out) {
  TRY(in.expect('('));
  std::size_t count = 0;
  while (!in.next_is(')')) {
    if (count > 0) TRY(in.expect(' '));
    ASSIGN(const auto name, in.string());
    if (std::ranges::find(kComponents, name) == std::end(kComponents)) {
      return refuse(Verdict::unknown_field, parameter(name));
    }
    const auto seen = std::span(out.components).first(count);
    if (std::ranges::find(seen, name) != seen.end()) {
      return refuse(Verdict::duplicate_field, parameter(name));
    }
    out.components[count++] = name;
  }
  for (const auto name : kComponents) {
    if (std::ranges::find(out.components, name) == out.components.end()) {
      return refuse(Verdict::request_unsigned, parameter(name));
    }
  }
  return in.expect(')');
}

Result<void> read_parameter(FieldReader& in, Input& out) {
  ASSIGN(const auto name, in.key());
  TRY(in.expect('='));
  if (name == "created") {
    if (out.created) return refuse(Verdict::duplicate_field, parameter(name));
    ASSIGN(const auto created, in.integer());
    out.created = created;
    return {};
  }
  std::optional<std::string_view>* text = nullptr;
  if (name == "nonce") text = &out.nonce;
  if (name == "keyid") text = &out.key_id;
  if (name == "alg") text = &out.algorithm;
  if (text == nullptr) return refuse(Verdict::unknown_field, parameter(name));
  if (text->has_value()) return refuse(Verdict::duplicate_field, parameter(name));
  ASSIGN(const auto value, in.string());
  *text = value;
  return {};
}

Result<Input> read_input(std::string_view field) {
  FieldReader in("signature-input", field);
  Input out;
  ASSIGN(const auto label, in.key());
  // A signature of somebody else's is none of ours.
  if (label != kLabel) return refuse(Verdict::request_unsigned, parameter(label));
  TRY(in.expect('='));
  const std::size_t start = in.offset();
  TRY(read_components(in, out));
  while (in.take(';')) TRY(read_parameter(in, out));
  TRY(in.finish());
  out.params = in.from(start);
  if (!out.created) return refuse(Verdict::missing_field, parameter("created"));
  if (!out.nonce) return refuse(Verdict::missing_field, parameter("nonce"));
  if (!out.key_id) return refuse(Verdict::missing_field, parameter("keyid"));
  if (!out.algorithm) return refuse(Verdict::missing_field, parameter("alg"));
  if (*out.algorithm != kAlgorithm) return refuse(Verdict::bad_algorithm, parameter("alg"));
  return out;
}

Result<RequestSignature> read_said(const Input& input) {
  const auto nonce = codec::from_base64url(*input.nonce);
  if (!nonce || nonce->size() != HttpNonce::kSize) {
    return refuse(Verdict::bad_value, parameter("nonce"));
  }
  const auto is_lower_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  const auto key = codec::id_from_hex<KeyHash>(*input.key_id);
  if (!key || !std::ranges::all_of(*input.key_id, is_lower_hex)) {
    return refuse(Verdict::bad_value, parameter("keyid"));
  }
  return RequestSignature{*key, Millis(*input.created * 1000), *HttpNonce::from(*nonce)};
}

// LABEL=:BASE64:
Result<crypto::Signature> read_signature(std::string_view field) {
  const auto refused = [](Verdict verdict) { return refuse(verdict, "signature"); };
  if (!field.starts_with(kSignatureHead) || !field.ends_with(':') ||
      field.size() <= kSignatureHead.size()) {
    return refused(Verdict::bad_encoding);
  }
  const auto bytes = codec::from_base64(
      field.substr(kSignatureHead.size(), field.size() - kSignatureHead.size() - 1));
  if (!bytes) return refused(Verdict::bad_encoding);
  const auto signature = crypto::Signature::from(*bytes);
  if (!signature) return refused(Verdict::bad_signature_form);
  const auto low_s = crypto::to_low_s(*signature);
  if (!crypto::in_canonical_form(low_s)) return refused(Verdict::bad_signature_form);
  return low_s;
}

std::string digest_of(ByteView body) {
  return format("{}{}:", kDigestHead, codec::to_base64(crypto::sha256(body).view()));
}

// Whether these can stand on lines of a signature base: no line break, nothing but visible ASCII.
Result<void> check_request(const HttpRequestView& request) {
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  const auto check = [&](std::string_view text, std::size_t max,
                         std::string_view name) -> Result<void> {
    if (text.size() > max) return refuse(Verdict::too_large, std::string(name));
    if (text.empty() || !std::ranges::all_of(text, is_visible)) {
      return refuse(Verdict::bad_encoding, std::string(name));
    }
    return {};
  };
  TRY(check(request.method, kMaxMethod, "method"));
  return check(request.target_uri, kMaxUri, "target-uri");
}

Result<void> check_fields(const HttpSignatureFields& fields) {
  const std::pair<std::string_view, std::string_view> all[] = {
      {"signature-input", fields.signature_input},
      {"signature", fields.signature},
      {kContentDigest, fields.content_digest}};
  for (const auto& [name, value] : all) {
    if (value.empty()) return refuse(Verdict::request_unsigned, std::string(name));
    if (value.size() > kMaxField) return refuse(Verdict::too_large, std::string(name));
  }
  return {};
}

std::string base_of(const HttpRequestView& request, std::string_view content_digest,
                    std::span<const std::string_view, std::size(kComponents)> names,
                    std::string_view params) {
  std::array<HttpComponent, std::size(kComponents)> components;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto value = names[i] == kMethod      ? request.method
                       : names[i] == kTargetUri ? request.target_uri
                                                : content_digest;
    components[i] = {names[i], value};
  }
  return http_signature_base(components, params);
}

}  // namespace

std::string http_signature_base(std::span<const HttpComponent> components,
                                std::string_view params) {
  std::string out;
  for (const auto& component : components) {
    out += format("\"{}\": {}\n", component.name, component.value);
  }
  out += format("\"@signature-params\": {}", params);
  return out;
}

Result<UnverifiedRequestSignature> parse_request_signature(const HttpSignatureFields& fields,
                                                           const HttpRequestView& request) {
  TRY(check_fields(fields));
  TRY(check_request(request));
  ASSIGN(const auto input, read_input(fields.signature_input));
  ASSIGN(const auto said, read_said(input));
  ASSIGN(const auto signature, read_signature(fields.signature));
  if (!fields.content_digest.starts_with(kDigestHead)) {
    return refuse(Verdict::bad_algorithm, std::string(kContentDigest));
  }
  if (fields.content_digest != digest_of(request.body)) {
    return refuse(Verdict::request_altered, std::string(kContentDigest));
  }
  const std::string base = base_of(request, fields.content_digest, input.components, input.params);
  return UnverifiedRequestSignature(said, crypto::sha256(as_bytes(base)), signature);
}

Result<Verified<RequestSignature>> verify_request_signature(
    const UnverifiedRequestSignature& signature, const crypto::Verifier& verifier, Millis now) {
  const RequestSignature& said = signature.said();
  if (elapsed(said.created, now) > kRequestSignatureAge ||
      elapsed(now, said.created) > kRequestSignatureAhead) {
    return refuse(Verdict::request_stale,
                  format("created {}, now {}", said.created.value() / 1000, now.value() / 1000));
  }
  if (said.key != verifier.key_hash() ||
      !verifier.verify(signature.digest(), signature.signature())) {
    return refuse(Verdict::request_altered, "signature");
  }
  return VerificationPass::grant(said);
}

Result<HttpSignatureFields> sign_http_request(const HttpRequestView& request, Millis created,
                                              const HttpNonce& nonce,
                                              const crypto::Signer& signer) {
  TRY(check_request(request));
  const std::string params =
      format("(\"{}\" \"{}\" \"{}\");created={};nonce=\"{}\";alg=\"{}\";keyid=\"{}\"", kMethod,
             kTargetUri, kContentDigest, created.value() / 1000, codec::to_base64url(nonce.view()),
             kAlgorithm, codec::to_hex(signer.key.hash()));
  HttpSignatureFields out;
  out.content_digest = digest_of(request.body);
  const std::string base = base_of(request, out.content_digest, kComponents, params);
  ASSIGN(const auto signature, signer.sign(as_bytes(base)));
  out.signature_input = format("{}={}", kLabel, params);
  out.signature = format("{}{}:", kSignatureHead, codec::to_base64(signature.view()));
  return out;
}

}  // namespace intaglio::proof
