#include <benchmark/benchmark.h>

#include "codec/record.h"

namespace intaglio::codec {
namespace {

// About what a transfer carries.
struct Payment {
  Address to;
  Amount amount;
  AssetId asset;
  ClientId id;
  Millis valid_until;
  std::optional<std::string> memo;
  static constexpr auto fields() {
    return std::tuple(field(1, "to", &Payment::to, ""), field(2, "amount", &Payment::amount, ""),
                      field(3, "asset", &Payment::asset, ""), field(4, "id", &Payment::id, ""),
                      field(5, "valid_until", &Payment::valid_until, ""),
                      field(6, "memo", &Payment::memo, ""));
  }
};

const Payment kPayment{{ChainId(3), {}},      Amount(1250), AssetId(978), {},
                       Millis(1766000000000), "two coffees"};

void encode_payment(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(encode_record(kPayment));
}
BENCHMARK(encode_payment);

void decode_payment(benchmark::State& state) {
  const Bytes bytes = encode_record(kPayment);
  for (auto _ : state) benchmark::DoNotOptimize(decode_record<Payment>(bytes));
}
BENCHMARK(decode_payment);

void write_address(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(to_text(kPayment.to));
}
BENCHMARK(write_address);

void read_address(benchmark::State& state) {
  const std::string text = to_text(kPayment.to);
  for (auto _ : state) benchmark::DoNotOptimize(address_from_text(text));
}
BENCHMARK(read_address);

}  // namespace
}  // namespace intaglio::codec
