// What is built around a signature, beside the signature alone; one thread. The digests are of
// messages of the size that the formats sign.
#include <benchmark/benchmark.h>

#include "crypto/sha256.h"
#include "crypto/verifier_cache.h"
#include "proof/claim.h"
#include "proof/http_signature.h"
#include "proof/payment_code.h"
#include "proof/statement.h"

namespace intaglio::proof {
namespace {

constexpr std::string_view kGuid = "org.intaglio";
constexpr std::string_view kUri = "https://127.0.0.1:8443/v1/transactions?wait=10000";

struct Bench {
  crypto::SigningKey key = crypto::SigningKey::generate();
  crypto::Signer signer{key.public_key(), [this](ByteView message) -> Result<crypto::Signature> {
                          return key.sign(crypto::sha256(message));
                        }};
  LedgerId ledger;
  PaymentCode code;
  Bytes body = Bytes(400, 7);

  Bench() {
    code.account = codec::to_text({ChainId(1), AccountId::prefix_of(key.public_key().hash())});
    code.currency = AssetId(978);
    code.amount = "12.50";
    code.category = "5814";
    code.country = "EE";
    code.merchant = "KOHVIK TUULIK";
    code.city = "TALLINN";
    code.reference = "INV2026112300420";
    code.terminal = "POS00017";
    code.key = KeyId::prefix_of(key.public_key().hash());
    code.step = TimeStep(119589540);
    code.counter = 137;
    code.security = SecurityValue();
  }
  std::string make_code() const {
    const auto information = code_information(code, kGuid);
    const auto signature = signer.sign(code_to_be_signed(*information));
    return *assemble_code(*information, *signature, kGuid);
  }
  HttpRequestView request() const { return {"POST", kUri, body}; }
};

const Bench& bench() {
  static const Bench made;
  return made;
}

void es256_sign(benchmark::State& state) {
  const Bytes message(300, 1);
  for (auto _ : state) benchmark::DoNotOptimize(bench().signer.sign(message));
}
BENCHMARK(es256_sign);

void code_build_and_sign(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench().make_code());
}
BENCHMARK(code_build_and_sign);

void request_sign(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(sign_http_request(bench().request(), Millis(0), {}, bench().signer));
  }
}
BENCHMARK(request_sign);

void statement_sign(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(sign_statement(Claim{}, bench().ledger, bench().signer));
  }
}
BENCHMARK(statement_sign);

void es256_verify(benchmark::State& state) {
  const Bytes message(300, 1);
  const auto signature = bench().signer.sign(message);
  const crypto::Verifier verifier(bench().key.public_key());
  for (auto _ : state) {
    if (!verifier.verify(crypto::sha256(message), *signature)) state.SkipWithError("refused");
  }
}
BENCHMARK(es256_verify);

void code_parse_and_verify(benchmark::State& state) {
  const std::string text = bench().make_code();
  crypto::VerifierCache keys(64);
  keys.insert(bench().key.public_key());
  const KeyHash key = bench().key.public_key().hash();
  for (auto _ : state) {
    const auto parsed = parse_payment_code(text, kGuid);
    if (!verify_payment_code(*parsed, *keys.find(key))) state.SkipWithError("refused");
  }
}
BENCHMARK(code_parse_and_verify);

void request_parse_and_verify(benchmark::State& state) {
  const auto fields = sign_http_request(bench().request(), Millis(0), {}, bench().signer);
  const crypto::Verifier verifier(bench().key.public_key());
  for (auto _ : state) {
    const auto parsed = parse_request_signature(*fields, bench().request());
    if (!verify_request_signature(*parsed, verifier, Millis(0))) state.SkipWithError("refused");
  }
}
BENCHMARK(request_parse_and_verify);

void statement_parse_and_verify(benchmark::State& state) {
  const auto bytes = sign_statement(Claim{}, bench().ledger, bench().signer);
  const crypto::Verifier verifier(bench().key.public_key());
  for (auto _ : state) {
    auto parsed = parse_statement<Claim>(*bytes, bench().ledger);
    if (!verify_statement(*std::move(parsed), verifier)) state.SkipWithError("refused");
  }
}
BENCHMARK(statement_parse_and_verify);

void statement_parse(benchmark::State& state) {
  const auto bytes = sign_statement(Claim{}, bench().ledger, bench().signer);
  for (auto _ : state) benchmark::DoNotOptimize(parse_statement<Claim>(*bytes, bench().ledger));
}
BENCHMARK(statement_parse);

void code_parse(benchmark::State& state) {
  const std::string text = bench().make_code();
  for (auto _ : state) benchmark::DoNotOptimize(parse_payment_code(text, kGuid));
}
BENCHMARK(code_parse);

}  // namespace
}  // namespace intaglio::proof
