// curl: any request to the node, signed.
#include "cli/commands.h"
#include "cli/session.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMaxBody = 1024 * 1024;

Json fields_json(const http::Fields& fields) {
  Json out = Json::object();
  for (const auto& [name, value] : fields.all()) out.set(name, value);
  return out;
}

Result<void> print(NodeClient& node, const Call& call, const http::ClientRequest& request,
                   Output& output) {
  output.say("{} {}", request.method, node.target_uri(request.target));
  for (const auto& [name, value] : request.fields.all()) output.say("{}: {}", name, value);
  if (!call.body.empty()) output.say("\n{}", as_text(call.body));
  output.result(Json::object({{"method", request.method},
                              {"url", node.target_uri(request.target)},
                              {"fields", fields_json(request.fields)},
                              {"body", codec::to_hex(call.body)}}));
  return {};
}

Result<void> curl(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  Call call{.method = arguments.text("METHOD"), .target = arguments.text("PATH")};
  if (!call.target.starts_with('/')) return refuse(Verdict::bad_usage, "PATH begins with /");
  if (arguments.has("data")) {
    ASSIGN(call.body, session.env().read_file(arguments.text("data"), kMaxBody));
    call.media_type = arguments.text_or("type", std::string(http::kJsonMediaType));
  }
  std::unique_ptr<element::SecureElement> key;
  crypto::Signer signer;
  if (!arguments.has("unsigned")) {
    ASSIGN(key, session.own_key(arguments));
    signer = element::signer_of(*key);
  }
  ASSIGN(auto* node, session.node());
  const crypto::Signer* by = key ? &signer : nullptr;
  if (arguments.has("print")) {
    ASSIGN(const auto request, node->request(call, by));
    return print(*node, call, request, output);
  }
  ASSIGN(const auto response, node->send(call, by));
  if (const auto refusal = http::refusal_of(response)) {
    output.about("status", std::to_string(response.status));
    return std::unexpected(*refusal);
  }
  const auto text = as_text(response.body);
  output.raw(text);
  if (!text.empty() && !text.ends_with('\n')) output.raw("\n");
  return {};
}

}  // namespace

std::vector<Command> curl_commands() {
  return {{"curl",
           "sign any request to the node and send it, or print it",
           "Signed with HTTP message signatures (RFC 9421) over method, address and body, good for "
           "60 seconds and for one use. The API is at /v1/openapi.json.",
           {{OptionKind::positional, "METHOD", "METHOD", "GET, POST, ...", true},
            {OptionKind::positional, "PATH", "PATH", "path and query, e.g. /v1/chains", true},
            {OptionKind::value, "data", "FILE", "the body"},
            {OptionKind::value, "type", "TYPE", "its media type; default: application/json"},
            {OptionKind::flag, "unsigned", "", "do not sign"},
            {OptionKind::flag, "print", "", "print the request instead"},
            key_option()},
           {"intaglio curl GET /v1/ledger --unsigned",
            "intaglio curl GET /v1/logins/alice --key alice --print"},
           curl}};
}

}  // namespace intaglio::cli
