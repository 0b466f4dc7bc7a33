#include "http/served_node.h"

namespace intaglio::http {
namespace {

constexpr std::string_view kAcceptSignature =
    "intaglio=(\"@method\" \"@target-uri\" \"content-digest\");created;alg=\"ecdsa-p256-sha256\"";

}  // namespace

Response refused(const Refusal& refusal) {
  Response out = Response::problem(refusal);
  if (out.status == 401) {
    out.fields.add("WWW-Authenticate", "Signature");
    out.fields.add("Accept-Signature", kAcceptSignature);
  }
  return out;
}

Endpoint answering(std::function<Result<Response>(const Request&)> act) {
  return [act = std::move(act)](const Request& request, const Reply& reply) {
    auto response = act(request);
    reply.send(response ? *std::move(response) : refused(response.error()));
  };
}

void WorkerRoutes::operator()(std::string_view method, std::string_view pattern,
                              std::string_view operation, Act act) const {
  router.add(
      {.method = std::string(method),
       .pattern = std::string(pattern),
       .operation = std::string(operation),
       .endpoint = answering([served = served, act](const Request& r) { return act(*served, r); }),
       .runs = Runs::on_worker});
}

Result<void> require_media_type(const Request& request, std::string_view type) {
  if (request.media_type() != type) return refuse(Verdict::bad_media_type, std::string(type));
  return {};
}

Result<const chain::Application*> find_chain(const ServedNode& served, std::string_view number) {
  const auto value = codec::uint_from_digits(number);
  if (!value) return refuse(Verdict::bad_value, "chain");
  if (*value > UINT16_MAX) return refuse(Verdict::unknown_chain, std::string(number));
  return find_chain(served, ChainId(static_cast<std::uint16_t>(*value)));
}

Result<const chain::Application*> find_chain(const ServedNode& served, ChainId chain) {
  const auto* found = served.gateway().chain(chain);
  if (found == nullptr) return refuse(Verdict::unknown_chain, std::to_string(chain.value()));
  return found;
}

}  // namespace intaglio::http
