#include "service/sender.h"

#include <future>
#include <thread>

namespace intaglio::service {

Result<void> refusal_of(const tx::Receipt& receipt) {
  if (receipt.accepted()) return {};
  const auto verdict = verdict_from_number(receipt.verdict);
  CHECK(verdict.has_value());
  return refuse(*verdict, receipt.where.value_or(""));
}

Result<Bytes> Sender::sign(ChainId chain, std::vector<tx::Operation> operations) const {
  const tx::Transaction body{.ledger = gateway_.ledger(),
                             .chains = {chain},
                             .account = AccountId::prefix_of(signer_.key.hash()),
                             .client = env_.random_id<ClientId>(),
                             .valid_until = env_.now() + seconds(60),
                             .operations = std::move(operations)};
  return proof::sign_statement(body, gateway_.ledger(), signer_);
}

void Sender::send(ChainId chain, std::vector<tx::Operation> operations,
                  gateway::Gateway::Done done) {
  auto bytes = sign(chain, std::move(operations));
  if (!bytes) return done(std::unexpected(std::move(bytes).error()));
  gateway_.submit(*std::move(bytes), std::move(done));
}

Result<tx::Receipt> Sender::send_and_wait(ChainId chain, std::vector<tx::Operation> operations) {
  // Shared with the callback, which may still run when this call has given up on it.
  const auto answer = std::make_shared<std::promise<Result<tx::Receipt>>>();
  auto future = answer->get_future();
  send(chain, std::move(operations),
       [answer](Result<tx::Receipt> receipt) { answer->set_value(std::move(receipt)); });
  if (future.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
    return refuse(Verdict::timed_out);
  }
  ASSIGN(auto receipt, future.get());
  TRY(refusal_of(receipt));
  return receipt;
}

void Sender::wait_for_chains(const std::function<bool(const ledger::View&)>& arrived) {
  constexpr std::chrono::seconds kPatience{5};
  constexpr std::chrono::milliseconds kPause{1};
  std::vector<const chain::Application*> waiting;
  for (std::uint16_t i = 0; i < gateway_.chain_count(); ++i) {
    waiting.push_back(gateway_.chain(ChainId(i)));
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    std::erase_if(waiting, [&](const auto* each) { return arrived(each->store()); });
    if (waiting.empty() || std::chrono::steady_clock::now() >= deadline) return;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace intaglio::service
