#include "http/comet_client.h"

#include "base/format.h"
#include "codec/hex.h"
#include "proof/comet_json.h"

namespace intaglio::http {
namespace {

using codec::Json;

constexpr ClientOptions kOptions{
    .connect = seconds(3), .answer = seconds(20), .body_bytes = std::size_t{8} << 20};
constexpr codec::JsonLimits kLimits{.bytes = std::size_t{8} << 20, .depth = 32};
// That RPC gives at once.
constexpr std::size_t kValidatorsAPage = 100;

// What a JSON-RPC answer says is wrong, by CometBFT's own words: it has no numbers for them.
Refusal refusal_of_rpc(const Json& error) {
  const std::string message = error.text_at("message").value_or("");
  const std::string what = error.text_at("data").value_or(message);
  const auto says = [&](std::string_view words) { return what.find(words) != std::string::npos; };
  if (says("mempool is full")) return {Verdict::busy, "CometBFT's mempool"};
  if (says("too large")) return {Verdict::too_large, "CometBFT: " + what};
  if (says("must be less than or equal to") || says("is not available") || says("could not find") ||
      says("not found")) {
    return {Verdict::unknown_block, "CometBFT: " + what};
  }
  return {Verdict::unreachable, "CometBFT: " + what};
}

bool is_there_already(const Json& error) {
  return error.text_at("data").value_or("").find("tx already exists in cache") != std::string::npos;
}

Result<const Json*> member(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found == nullptr) return refuse(Verdict::missing_field, std::string(name));
  return found;
}

}  // namespace

Result<std::unique_ptr<CometClient>> CometClient::open(const std::string& url) {
  if (!url.starts_with("http://")) return refuse(Verdict::bad_value, "URL scheme: http");
  std::unique_ptr<CometClient> out(new CometClient(url));
  ASSIGN(auto first, Client::open(url, {}, kOptions));
  out->idle_.push_back(std::move(first));
  return out;
}

Result<Json> CometClient::call(const ClientRequest& request) {
  std::optional<Client> client;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      client.emplace(std::move(idle_.back()));
      idle_.pop_back();
    }
  }
  if (!client) {
    ASSIGN(auto opened, Client::open(url_, {}, kOptions));
    client.emplace(std::move(opened));
  }
  const auto response = client->send(request);
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(*std::move(client));
  }
  if (!response) return std::unexpected(response.error());
  return codec::parse_json(as_text(response->body), kLimits);
}

Result<Json> CometClient::get(std::string target) {
  ASSIGN(const auto answer, call({.method = "GET", .target = std::move(target)}));
  if (const Json* error = answer.find("error")) return std::unexpected(refusal_of_rpc(*error));
  ASSIGN(const Json* result, member(answer, "result"));
  return *result;
}

Result<chain::abci::CheckTxAnswer> CometClient::broadcast(ByteView transaction) {
  // The form of a URI call, in the body since an URI is short: what comes as JSON, CometBFT reads
  // from its first byte to its last eight times over.
  ClientRequest request{.method = "POST", .target = "/broadcast_tx_sync"};
  request.fields.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = to_bytes(as_bytes("tx=0x" + codec::to_hex(transaction)));
  ASSIGN(const auto answer, call(request));
  if (const Json* error = answer.find("error")) {
    if (is_there_already(*error)) return chain::abci::CheckTxAnswer{};
    return std::unexpected(refusal_of_rpc(*error));
  }
  ASSIGN(const Json* result, member(answer, "result"));
  ASSIGN(const auto code, result->uint_at("code"));
  if (code > UINT32_MAX) return refuse(Verdict::bad_value, "result.code");
  return chain::abci::CheckTxAnswer{.code = static_cast<std::uint32_t>(code),
                                    .data = {},
                                    .log = result->text_at("log").value_or(""),
                                    .codespace = result->text_at("codespace").value_or("")};
}

Result<proof::LightBlock> CometClient::light_block(Height height) {
  ASSIGN(const auto commit, get(format("/commit?height={}", height.value())));
  ASSIGN(const Json* signed_header, member(commit, "signed_header"));
  ASSIGN(const Json* header, member(*signed_header, "header"));
  ASSIGN(const Json* votes, member(*signed_header, "commit"));
  Json::Array validators;
  while (true) {
    ASSIGN(const auto page,
           get(format("/validators?height={}&page={}&per_page={}", height.value(),
                      validators.size() / kValidatorsAPage + 1, kValidatorsAPage)));
    ASSIGN(const auto total, page.uint_at("total"));
    ASSIGN(const Json* items, member(page, "validators"));
    if (items->items() == nullptr || items->items()->empty()) {
      return refuse(Verdict::bad_value, "validators");
    }
    validators.insert(validators.end(), items->items()->begin(), items->items()->end());
    if (validators.size() >= total || total > proof::kMaxCometValidators) break;
  }
  ASSIGN(auto read_header, proof::comet_header_from_json(*header));
  ASSIGN(auto read_commit, proof::comet_commit_from_json(*votes));
  ASSIGN(auto set, proof::comet_validators_from_json(Json(std::move(validators))));
  return proof::LightBlock{std::move(read_header), std::move(read_commit), std::move(set)};
}

Result<std::vector<proof::DoubleVote>> CometClient::double_votes(Height height) {
  ASSIGN(const auto answer, get(format("/block?height={}", height.value())));
  ASSIGN(const Json* block, member(answer, "block"));
  ASSIGN(const Json* evidence, member(*block, "evidence"));
  return proof::double_votes_from_json(*evidence);
}

Result<CometClient::Status> CometClient::status() {
  ASSIGN(const auto answer, get("/status"));
  ASSIGN(const Json* node, member(answer, "node_info"));
  ASSIGN(const Json* sync, member(answer, "sync_info"));
  Status out;
  ASSIGN(out.chain, node->text_at("network"));
  ASSIGN(out.version, node->text_at("version"));
  ASSIGN(const auto height, sync->uint_at("latest_block_height"));
  out.height = Height(height);
  ASSIGN(const auto time, sync->text_at("latest_block_time"));
  ASSIGN(out.time, proof::comet_time_from_text(time));
  const Json* catching_up = sync->find("catching_up");
  out.catching_up = catching_up != nullptr && *catching_up == Json(true);
  return out;
}

chain::CometRpc CometClient::rpc() {
  return {.broadcast = [this](ByteView transaction) { return broadcast(transaction); },
          .light_block = [this](Height height) { return light_block(height); },
          .double_votes = [this](Height height) { return double_votes(height); }};
}

}  // namespace intaglio::http
