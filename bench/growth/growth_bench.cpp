// What a ledger weighs as it grows.
//   million_accounts   a node with a million certified holders, each paid once: how long it takes
//                      to start and the memory that it then holds, beside a node with 64
//   disk/LINKED        bytes on disk a transfer, as they are left and compacted
// The accounts are made as a user's are: the authority's signed transactions register the keys, the
// treasury's pay them, 64 operations under one signature. A node is measured in a process of its
// own (this program again, with a command), since memory that a process once had stays with it.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include <benchmark/benchmark.h>

#include "base/format.h"
#include "base/scale_for_test.h"
#include "codec/hex.h"
#include "element/secure_element.h"
#include "service/chains_for_test.h"
#include "service/sender.h"

namespace intaglio {
namespace {

using Clock = std::chrono::steady_clock;

constexpr AssetId kEuro{978};
constexpr std::size_t kLinked = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double megabytes_resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes * 1024 / 1e6;
  }
  fatal("/proc/self/status has no VmRSS");
}

Secret passphrase() {
  std::string text = "correct horse";
  return Secret::take(text);
}

// A node over a folder, and those who make its accounts.
struct Growing {
  explicit Growing(const std::string& folder)
      : node(service::Node::open(folder, passphrase(), system_env()).value()),
        authority_key(key(folder, "authority")),
        treasury_key(key(folder, "treasury")),
        authority(node->gateway(), element::signer_of(*authority_key), system_env()),
        treasury(node->gateway(), element::signer_of(*treasury_key), system_env()) {
    node->start();
  }
  static std::unique_ptr<element::SecureElement> key(const std::string& folder,
                                                     const std::string& name) {
    return element::open_key(format("soft:{}/keys/{}.key", folder, name), passphrase(),
                             system_env())
        .value();
  }

  // Some hundred transactions are under way at a time.
  void send(service::Sender& sender, std::vector<tx::Operation> operations) {
    while (under_way >= 256) std::this_thread::yield();
    ++under_way;
    sender.send(kMainChain, std::move(operations), [this](const Result<tx::Receipt>& receipt) {
      const auto done = receipt ? service::refusal_of(*receipt) : std::unexpected(receipt.error());
      if (!done) fatal(to_string(done.error()));
      --under_way;
    });
  }
  void finish() {
    while (under_way != 0) std::this_thread::yield();
  }

  std::unique_ptr<service::Node> node;
  std::unique_ptr<element::SecureElement> authority_key;
  std::unique_ptr<element::SecureElement> treasury_key;
  service::Sender authority;
  service::Sender treasury;
  std::atomic<std::size_t> under_way = 0;
};

tx::Transfer payment_to(const AccountId& account) {
  return {.to = {kMainChain, account},
          .asset = kEuro,
          .amount = Amount(100),
          .memo = {},
          .code = {},
          .code_text = {}};
}

// The point with the other y: as good a key as the first, for a subtraction.
crypto::PublicKey mirrored(const crypto::PublicKey& key) {
  static const Bytes p =
      codec::from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff").value();
  Bytes point = to_bytes(key.view());
  int borrow = 0;
  for (std::size_t i = p.size(); i-- > 0;) {
    const int digit = p[i] - point[33 + i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    point[33 + i] = static_cast<std::uint8_t>(digit + 256 * borrow);
  }
  return crypto::PublicKey::parse(point).value();
}

tx::RegisterKey registration(const crypto::PublicKey& key) {
  return {
      .key = key,
      .role = ledger::Role::holder,
      .valid_from = Millis(0),
      .valid_until = system_env().now() + seconds(365 * 24 * 3600),
      .certificate = {.issuer = {},
                      .serial = *SerialNumber::from(key.hash().view().first(SerialNumber::kSize)),
                      .hash = crypto::sha256(key.view())},
      .account = {},
      .chains = std::vector<ChainId>()};
}

// The commands: each prints lines of a name and a number.

void make(const std::string& folder, std::size_t accounts) {
  CHECK(service::create_data_folder(folder,
                                    {.name = "growth",
                                     .chains = 1,
                                     .assets = {{kEuro, "EUR", 2, Amount(1)}},
                                     .treasury = {{Amount(1'000'000'000'000), kEuro}}},
                                    passphrase(), system_env()));
  Growing growing(folder);
  const auto start = Clock::now();
  std::vector<AccountId> made;
  crypto::PublicKey key;
  while (made.size() < accounts) {
    std::vector<tx::Operation> registrations;
    while (registrations.size() < kLinked && made.size() < accounts) {
      key = made.size() % 2 == 0 ? crypto::SigningKey::generate().public_key() : mirrored(key);
      registrations.emplace_back(registration(key));
      made.push_back(AccountId::prefix_of(key.hash()));
    }
    growing.send(growing.authority, std::move(registrations));
  }
  growing.finish();
  for (std::size_t paid = 0; paid < accounts;) {
    std::vector<tx::Operation> payments;
    while (payments.size() < kLinked && paid < accounts) {
      payments.emplace_back(payment_to(made[paid++]));
    }
    growing.send(growing.treasury, std::move(payments));
  }
  growing.finish();
  std::cout << "made_seconds " << seconds_since(start) << '\n';
}

void start(const std::string& folder) {
  const auto began = Clock::now();
  Growing growing(folder);
  std::cout << "start_seconds " << seconds_since(began) << '\n';
  const auto& store = growing.node->gateway().chain(kMainChain)->store();
  const auto id_of = [](ByteView row) {
    return AccountId::prefix_of(codec::decode_record<ledger::AccountRow>(row).value().key);
  };
  const AccountId treasury = AccountId::prefix_of(growing.treasury_key->public_key().hash());
  AccountId payee;
  store.scan(ledger::RowKind::account, [&](const ledger::Slot&, ByteView row) {
    payee = id_of(row);
    return payee == treasury;
  });
  growing.send(growing.treasury, {payment_to(payee)});
  growing.finish();
  std::cout << "first_receipt_seconds " << seconds_since(began) << '\n'
            << "megabytes " << megabytes_resident() << '\n';
  // Everybody's rows are asked for once, so that every cache is as full as it gets.
  std::size_t accounts = 0;
  store.scan(ledger::RowKind::account, [&](const ledger::Slot&, ByteView row) {
    CHECK(store.find<ledger::AccountRow>(id_of(row)).has_value());
    CHECK(store.find<ledger::BalanceRow>({id_of(row), kEuro}).has_value());
    ++accounts;
    return true;
  });
  std::cout << "accounts " << accounts << '\n' << "megabytes_read " << megabytes_resident() << '\n';
}

// The files of the chain.
double bytes_in(const std::string& folder) {
  double out = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
    if (each.is_regular_file()) out += static_cast<double>(each.file_size());
  }
  return out;
}

// What the program prints when it is called with this command.
std::map<std::string, double> run(const std::string& command) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  std::FILE* const pipe = ::popen(format("'{}' {}", self, command).c_str(), "r");
  CHECK(pipe != nullptr);
  std::map<std::string, double> out;
  char name[64] = {};
  double value = 0;
  while (std::fscanf(pipe, "%63s %lf", name, &value) == 2) out[name] = value;
  CHECK(::pclose(pipe) == 0);
  return out;
}

void million_accounts(benchmark::State& state) {
  const std::size_t accounts = scaled(1'000'000, 640);
  for (auto _ : state) {
    const FolderForTest folder;
    run(format("make '{}' 64", folder / "none"));
    const auto made = run(format("make '{}' {}", folder / "million", accounts));
    const auto none = run(format("start '{}'", folder / "none"));
    const auto million = run(format("start '{}'", folder / "million"));
    state.SetIterationTime(million.at("start_seconds"));
    state.counters["made_seconds"] = made.at("made_seconds");
    for (const char* figure :
         {"accounts", "start_seconds", "first_receipt_seconds", "megabytes", "megabytes_read"}) {
      state.counters[figure] = million.at(figure);
      state.counters[std::string(figure) + "_of_none"] = none.at(figure);
    }
    state.counters["disk_bytes_per_account"] =
        bytes_in(folder / "million/chain-0") / static_cast<double>(accounts);
  }
}
BENCHMARK(million_accounts)->UseManualTime()->Unit(benchmark::kSecond)->Iterations(1);

void disk(benchmark::State& state) {
  const auto linked = static_cast<std::size_t>(state.range(0));
  const std::size_t count = scaled(linked == 1 ? 150'000 : 640'000, 640) / linked;
  for (auto _ : state) {
    service::ChainsForTest chains(1, 1000);
    const auto before = chains.tips();
    const double empty = bytes_in(chains.folder() + "/chain-0");
    const auto began = Clock::now();
    std::atomic<std::size_t> under_way = 0;
    for (std::size_t i = 0; i < count; ++i) {
      while (under_way >= 10'000) std::this_thread::yield();
      ++under_way;
      chains.node().gateway().submit(chains.transfer(i, {kMainChain, kMainChain}, linked),
                                     [&](const Result<tx::Receipt>& receipt) {
                                       CHECK(receipt && receipt->accepted());
                                       --under_way;
                                     });
    }
    while (under_way != 0) std::this_thread::yield();
    state.SetIterationTime(seconds_since(began));
    const auto a_transfer = [&](double bytes) {
      return bytes / static_cast<double>(count * linked);
    };
    const auto in_blocks = chains.in_blocks(before);
    const double left = bytes_in(chains.folder() + "/chain-0");
    chains.store(kMainChain).compact();
    state.counters["bytes_per_transfer"] = a_transfer(left - empty);
    state.counters["bytes_per_transfer_compacted"] =
        a_transfer(bytes_in(chains.folder() + "/chain-0") - empty);
    state.counters["of_them_blocks"] =
        a_transfer(static_cast<double>(in_blocks.headers + in_blocks.users));
    state.counters["transactions_per_block"] =
        static_cast<double>(in_blocks.transactions) / static_cast<double>(in_blocks.blocks);
  }
}
BENCHMARK(disk)
    ->ArgName("linked")
    ->Arg(1)
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kSecond)
    ->Iterations(1);

}  // namespace
}  // namespace intaglio

int main(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  if (given.size() == 3 && given[0] == "make") {
    intaglio::make(given[1], std::stoul(given[2]));
    return 0;
  }
  if (given.size() == 2 && given[0] == "start") {
    intaglio::start(given[1]);
    return 0;
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
