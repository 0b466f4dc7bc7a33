// Signatures a second in one thread: ours beside the same loop over OpenSSL alone, which keeps its
// context and its DER signature and checks no form.
#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/es256.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"

namespace intaglio::crypto {
namespace {

const Digest kDigest = Digest(std::array<std::uint8_t, 32>{1, 2, 3});

void verify(benchmark::State& state) {
  const SigningKey key = SigningKey::generate();
  const Verifier verifier(key.public_key());
  const Signature signature = key.sign(kDigest);
  for (auto _ : state) {
    if (!verifier.verify(kDigest, signature)) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify);

void verify_bare_openssl(benchmark::State& state) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  std::uint8_t der[80];
  std::size_t size = sizeof der;
  EVP_PKEY_sign_init(context);
  EVP_PKEY_sign(context, der, &size, kDigest.view().data(), Digest::kSize);
  EVP_PKEY_verify_init(context);
  for (auto _ : state) {
    if (EVP_PKEY_verify(context, der, size, kDigest.view().data(), Digest::kSize) != 1) {
      state.SkipWithError("refused");
    }
  }
  state.SetItemsProcessed(state.iterations());
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
}
BENCHMARK(verify_bare_openssl);

void sign(benchmark::State& state) {
  const SigningKey key = SigningKey::generate();
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(kDigest));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sign);

void sign_bare_openssl(benchmark::State& state) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  EVP_PKEY_sign_init(context);
  std::uint8_t der[80];
  for (auto _ : state) {
    std::size_t size = sizeof der;
    EVP_PKEY_sign(context, der, &size, kDigest.view().data(), Digest::kSize);
    benchmark::DoNotOptimize(der);
  }
  state.SetItemsProcessed(state.iterations());
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
}
BENCHMARK(sign_bare_openssl);

void parse_public_key(benchmark::State& state) {
  const SigningKey key = SigningKey::generate();
  for (auto _ : state) benchmark::DoNotOptimize(PublicKey::parse(key.public_key().view()));
}
BENCHMARK(parse_public_key);

void make_verifier(benchmark::State& state) {
  const SigningKey key = SigningKey::generate();
  for (auto _ : state) benchmark::DoNotOptimize(Verifier(key.public_key()).key_hash());
}
BENCHMARK(make_verifier);

void sha256_of(benchmark::State& state) {
  const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(message));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sha256_of)->Arg(32)->Arg(64)->Arg(1024);

void merkle_root_of(benchmark::State& state) {
  const std::vector<Digest> leaves(static_cast<std::size_t>(state.range(0)), kDigest);
  for (auto _ : state) benchmark::DoNotOptimize(merkle_root(leaves));
}
BENCHMARK(merkle_root_of)->Arg(1024);

}  // namespace
}  // namespace intaglio::crypto
