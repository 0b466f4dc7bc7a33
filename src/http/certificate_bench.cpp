// Enrolments through a whole node over HTTP, clients and node on the same cores: an application
// signed by the login, the challenge answered by an element in software, the answer signed by the
// login, and the certificate issued, its path judged by the client. When it comes the key is on
// every chain.
//   limit_signed_and_verified  ES256 signatures, each verified, a second of all cores
//   enrolments/CLIENTS         by so many clients at once, each its own login and connection
// `of_limit` is the ratio to the limit in the same run. An enrolment takes at least five signatures
// (both requests, the element's, the certificate's, the transaction's) and as many verifications.
#include <atomic>
#include <thread>

#include <benchmark/benchmark.h>

#include "base/log.h"
#include "base/scale_for_test.h"
#include "crypto/limit_for_test.h"
#include "http/api.h"
#include "http/client.h"
#include "http/server.h"
#include "pki/path.h"
#include "proof/http_signature.h"
#include "service/node_for_test.h"

namespace intaglio::http {
namespace {

using Clock = std::chrono::steady_clock;
using codec::Json;

double limit = 0;  // a second

void limit_signed_and_verified(benchmark::State& state) {
  for (auto _ : state) {
    const auto start = Clock::now();
    limit = crypto::signatures_verified_per_second();
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
  }
  state.counters["per_second"] = limit;
}
BENCHMARK(limit_signed_and_verified)->UseManualTime()->Iterations(2);

// Somebody who enrols elements, one after the other.
class Applicant {
 public:
  Applicant(const std::string& url, service::NodeForTest& node, const std::string& name)
      : client_(Client::open(url).value()), authority_(node->authority()) {
    node.login(name, *login_);
    CHECK(client_.get("/healthz").has_value());
  }

  // The element's certificate; a refusal says what went wrong.
  Result<pki::Certificate> enrol(element::SecureElement& element) {
    const Json wish = Json::object({{"usage", "holder"}});
    ASSIGN(const auto applied,
           post("/v1/enrolments", to_bytes(as_bytes(wish.dump())), kJsonMediaType));
    ASSIGN(const auto hex, applied.text_at("information"));
    ASSIGN(const auto bytes, codec::from_hex(hex));
    ASSIGN(const auto information, codec::decode_record<pki::ApplicationInformation>(bytes));
    ASSIGN(auto answer, service::NodeForTest::answer(information, element));
    ASSIGN(const auto issued, post("/v1/enrolments/" + codec::to_hex(information.id),
                                   std::move(answer), "application/octet-stream"));
    ASSIGN(const auto pem, issued.text_at("certificate"));
    ASSIGN(auto certificate, pki::Certificate::from_pem(pem));
    TRY(pki::validate_path(
        certificate,
        {.intermediates = {authority_.issuing()}, .anchors = {authority_.root()}, .lists = {}},
        {.at = system_env().now(), .usage = pki::CertificateUsage::holder}));
    return certificate;
  }

 private:
  Result<Json> post(const std::string& target, Bytes body, std::string_view media_type) {
    ClientRequest request{
        .method = "POST", .target = target, .fields = {}, .body = std::move(body)};
    const std::string uri = "http://" + client_.authority() + target;
    ASSIGN(
        const auto fields,
        proof::sign_http_request(
            {.method = request.method, .target_uri = uri, .body = request.body}, system_env().now(),
            system_env().random_id<proof::HttpNonce>(), element::signer_of(*login_)));
    request.fields.add("Content-Type", media_type);
    request.fields.add("Content-Digest", fields.content_digest);
    request.fields.add("Signature-Input", fields.signature_input);
    request.fields.add("Signature", fields.signature);
    ASSIGN(const auto response, client_.send(request));
    if (const auto refused = refusal_of(response)) return std::unexpected(*refused);
    return codec::parse_json(as_text(response.body));
  }

  Client client_;
  service::Authority& authority_;
  std::unique_ptr<element::SecureElement> login_ = element::make_passing_key();
};

void enrolments(benchmark::State& state) {
  log::set_level(log::Level::warning);
  const auto clients = static_cast<std::size_t>(state.range(0));
  const std::size_t each = scaled(clients == 1 ? 100 : 400 / clients);
  Metrics metrics;
  service::NodeForTest node;
  Router router;
  add_api(router, *node, metrics, system_env());
  Server server(std::move(router), {}, metrics);
  CHECK(server.start().has_value());
  std::vector<std::unique_ptr<Applicant>> applicants;
  for (std::size_t i = 0; i < clients; ++i) {
    applicants.push_back(std::make_unique<Applicant>(format("http://127.0.0.1:{}", server.port()),
                                                     node, format("applicant-{}", i)));
  }
  std::atomic<bool> failed = false;
  for (auto _ : state) {
    std::vector<std::unique_ptr<element::SecureElement>> elements;
    for (std::size_t i = 0; i < clients * each; ++i) {
      elements.push_back(element::make_passing_key());
    }
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < clients; ++i) {
      threads.emplace_back([&, i] {
        for (std::size_t n = i; n < elements.size(); n += clients) {
          if (!applicants[i]->enrol(*elements[n])) failed = true;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    state.SetIterationTime(took);
    const double a_second = static_cast<double>(elements.size()) / took;
    state.counters["certificates_per_second"] = a_second;
    state.counters["of_limit"] = a_second / limit;
    const auto& last = elements.back()->public_key();
    for (std::uint16_t chain = 0; chain < node->gateway().chain_count(); ++chain) {
      const auto row =
          node->gateway().chain(ChainId(chain))->store().find<ledger::KeyRow>(last.hash());
      if (!row) failed = true;
    }
  }
  if (failed) state.SkipWithError("a certificate was not issued, or its key is not on a chain");
}
BENCHMARK(enrolments)->ArgName("clients")->Arg(1)->Arg(8)->Arg(32)->UseManualTime()->Iterations(2);

}  // namespace
}  // namespace intaglio::http
