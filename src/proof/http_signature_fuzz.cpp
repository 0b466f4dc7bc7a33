#include "base/check.h"
#include "base/format.h"
#include "codec/base64url.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "proof/http_signature.h"

using namespace intaglio;

namespace {

// The signature base made again from the fields as they stand, by nothing but where the names of
// the components are: what was read is what was signed.
Digest digest_of(const proof::HttpRequestView& request, const proof::HttpSignatureFields& fields) {
  const auto params = std::string_view(fields.signature_input).substr(9);  // "intaglio="
  std::string base;
  for (std::string_view rest = params.substr(0, params.find(')')); !rest.empty();) {
    rest.remove_prefix(std::min(rest.find('"'), rest.size()));
    if (rest.empty()) break;
    const auto name = rest.substr(1, rest.find('"', 1) - 1);
    rest.remove_prefix(name.size() + 2);
    const auto value = name == "@method"       ? request.method
                       : name == "@target-uri" ? request.target_uri
                                               : std::string_view(fields.content_digest);
    base += format("\"{}\": {}\n", name, value);
  }
  base += format("\"@signature-params\": {}", params);
  return crypto::sha256(as_bytes(base));
}

// Nothing was said that does not stand in the fields, in one form.
void check_said(const proof::RequestSignature& said, std::string_view input) {
  const auto holds = [&](const std::string& text) { return input.find(text) != input.npos; };
  CHECK(holds(format("created={}", said.created.value() / 1000)));
  CHECK(holds(format("nonce=\"{}\"", codec::to_base64url(said.nonce.view()))));
  CHECK(holds(format("keyid=\"{}\"", codec::to_hex(said.key))));
}

}  // namespace

// Lines: method, target URI, Signature-Input, Signature; the rest is the body. The Content-Digest
// is made here: nobody guesses one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_text(ByteView(data, size));
  const auto line = [&] {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
  };
  proof::HttpRequestView request{line(), line(), {}};
  proof::HttpSignatureFields fields;
  fields.signature_input = line();
  fields.signature = line();
  request.body = as_bytes(rest);
  const Digest content = crypto::sha256(request.body);
  fields.content_digest = format("sha-256=:{}:", codec::to_base64(content.view()));
  const auto read = proof::parse_request_signature(fields, request);
  if (!read) return 0;
  check_said(read->said(), fields.signature_input);
  CHECK(read->digest() == digest_of(request, fields));
  CHECK(crypto::in_canonical_form(read->signature()));
  return 0;
}
