// Signatures a second of each kind of element, beside the key alone that a file holds.
#include <benchmark/benchmark.h>

#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "element/elements_for_test.h"
#include "element/soft_element.h"

namespace intaglio::element {
namespace {

constexpr std::string_view kMessage = "as long as the digest of a block's header";

void sign_in(SecureElement& element, benchmark::State& state) {
  for (auto _ : state) {
    if (!element.sign(as_bytes(kMessage))) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}

std::unique_ptr<SecureElement> made(const std::string& uri) {
  auto key = create_key(uri, TokenForTest::pin(), system_env());
  if (!key) fatal(to_string(key.error()));
  return *std::move(key);
}

void software_key(benchmark::State& state) {
  const auto key = crypto::SigningKey::generate();
  for (auto _ : state) {
    benchmark::DoNotOptimize(key.sign(crypto::sha256(as_bytes(kMessage))));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(software_key)->MinTime(0.5)->UseRealTime();

void soft(benchmark::State& state) {
  const auto key = make_passing_key();
  sign_in(*key, state);
}
BENCHMARK(soft)->MinTime(0.5)->UseRealTime();

// SoftHSM2, one key, as many threads as stand in the name.
void pkcs11(benchmark::State& state) {
  static std::unique_ptr<TokenForTest> token;
  static std::unique_ptr<SecureElement> key;
  if (state.thread_index() == 0) {
    token = std::make_unique<TokenForTest>();
    key = made(token->uri("a"));
  }
  for (auto _ : state) {
    if (!key->sign(as_bytes(kMessage))) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    key.reset();
    token.reset();
  }
}
BENCHMARK(pkcs11)->MinTime(0.5)->UseRealTime()->Threads(1)->Threads(2)->Threads(4);

// swtpm, with one key loaded.
void tpm(benchmark::State& state) {
  const TpmForTest chip;
  const auto key = made(chip.uri("a"));
  sign_in(*key, state);
}
BENCHMARK(tpm)->MinTime(0.5)->UseRealTime();

// Two keys that take turns: each is loaded for each signature.
void tpm_in_turn(benchmark::State& state) {
  const TpmForTest chip;
  const auto first = made(chip.uri("a"));
  const auto second = made(chip.uri("b"));
  bool is_first = false;
  for (auto _ : state) {
    is_first = !is_first;
    if (!(is_first ? first : second)->sign(as_bytes(kMessage))) state.SkipWithError("refused");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(tpm_in_turn)->MinTime(0.5)->UseRealTime();

}  // namespace
}  // namespace intaglio::element
