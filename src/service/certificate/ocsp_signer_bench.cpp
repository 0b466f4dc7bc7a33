// An answer by OCSP, one thread, without the question's way here.
//   es256_sign       one signature: the limit of what follows
//   ocsp_signed      an answer to a question with a nonce, which is signed each time
//   ocsp_kept        to one without, said before
#include <benchmark/benchmark.h>

#include "service/certificate/ocsp_signer.h"
#include "service/node_for_test.h"

namespace intaglio::service {
namespace {

struct Bench {
  NodeForTest node;
  std::unique_ptr<element::SecureElement> key = element::make_passing_key();
  OcspSigner signer{node->authority(), system_env()};

  Result<Bytes> respond(const pki::OcspResponseContent& content) {
    return signer.respond(node->authority().issuers().current(), content);
  }
  static pki::OcspResponseContent content() {
    const Millis now(system_env().now().value() / 1000 * 1000);
    // As long as one by SHA-1, with the serial of a certificate of ours.
    return {{{{{}, {}, {}, Bytes(75, 1)}, pki::OcspGood{}}}, now, now, now + seconds(3600), {}};
  }
};

Bench& bench() {
  static Bench made;
  return made;
}

void es256_sign(benchmark::State& state) {
  const auto signer = element::signer_of(*bench().key);
  const Bytes message(300, 1);
  for (auto _ : state) benchmark::DoNotOptimize(signer.sign(message));
}
BENCHMARK(es256_sign);

void ocsp_signed(benchmark::State& state) {
  auto content = Bench::content();
  content.nonce = Bytes(16, 7);
  for (auto _ : state) CHECK(bench().respond(content).has_value());
}
BENCHMARK(ocsp_signed);

void ocsp_kept(benchmark::State& state) {
  const auto content = Bench::content();
  for (auto _ : state) CHECK(bench().respond(content).has_value());
}
BENCHMARK(ocsp_kept);

}  // namespace
}  // namespace intaglio::service
