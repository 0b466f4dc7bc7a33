#include "http/node_link.h"

#include "base/format.h"
#include "base/log.h"
#include "http/transaction_body.h"

namespace intaglio::http {
namespace {

constexpr std::size_t kMaxTold = 20'000;
// How long the telling rests when nobody is there.
constexpr std::chrono::milliseconds kRest{500};
constexpr ClientOptions kAsking{.connect = seconds(3), .answer = seconds(10)};

std::string target_of(ChainId chain, std::string_view what) {
  return format("/node/v1/chains/{}/{}", chain.value(), what);
}

}  // namespace

NodeLink::NodeLink(NodeLinkOptions options, Client asking, Client telling)
    : options_(std::move(options)), asking_(std::move(asking)), telling_(std::move(telling)) {
  asker_ = std::thread([this] { run_asking(); });
  teller_ = std::thread([this] { run_telling(); });
}

Result<std::unique_ptr<NodeLink>> NodeLink::open(const NodeLinkOptions& options,
                                                 const TlsIdentity& identity) {
  const CertifiedNode node{options.root_pem, options.node};
  ASSIGN(auto asking, Client::open(options.url, node, kAsking, &identity));
  ASSIGN(auto telling, Client::open(options.url, node, kAsking, &identity));
  return std::unique_ptr<NodeLink>(new NodeLink(options, std::move(asking), std::move(telling)));
}

NodeLink::~NodeLink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  asker_.join();
  teller_.join();
}

chain::OtherNode NodeLink::other() {
  return {options_.node, [this](chain::Message message, chain::OtherNode::Done done) {
            ask(std::move(message), std::move(done));
          }};
}

void NodeLink::ask(chain::Message message, chain::OtherNode::Done done) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back({std::move(message), std::move(done)});
  }
  wake_.notify_all();
}

void NodeLink::tell(Bytes transaction) {
  {
    const std::lock_guard lock(mutex_);
    if (told_.size() >= kMaxTold) return;
    told_.push_back(std::move(transaction));
    if (told_.size() > 1) return;
  }
  wake_.notify_all();
}

void NodeLink::run_asking() {
  while (true) {
    std::optional<Asked> asked;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !asked_.empty(); });
      if (asked_.empty()) return;
      asked = std::move(asked_.front());
      asked_.pop_front();
      if (stopping_) {
        lock.unlock();
        asked->done(refuse(Verdict::shutting_down));
        continue;
      }
    }
    auto standing = exchange(asked->message);
    if (!standing) {
      log::debug("node {} of chain {}: {}", options_.url, options_.chain.value(),
                 to_string(standing.error()));
    }
    asked->done(std::move(standing));
  }
}

Result<chain::Standing> NodeLink::exchange(const chain::Message& message) {
  ClientRequest request{.method = "PUT", .target = target_of(options_.chain, "message")};
  request.fields.add("Content-Type", kCborMediaType);
  request.body = chain::encode_message(message);
  ASSIGN(const auto response, asking_.send(request));
  if (const auto refused = refusal_of(response)) return std::unexpected(*refused);
  return chain::decode_standing(response.body);
}

void NodeLink::run_telling() {
  while (true) {
    ClientRequest request{.method = "PUT", .target = target_of(options_.chain, "transactions")};
    request.fields.add("Content-Type", kCborSeqMediaType);
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !told_.empty(); });
      if (stopping_) return;
      for (std::size_t i = 0; i < kMaxTransactions && !told_.empty(); ++i) {
        append(request.body, told_.front());
        told_.pop_front();
      }
    }
    const auto response = telling_.send(request);
    if (response && response->status < 300) continue;
    // Nobody there: these are lost, which is no harm, and others gather.
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kRest, [this] { return stopping_; });
  }
}

}  // namespace intaglio::http
