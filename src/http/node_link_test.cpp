#include "http/node_link.h"

#include <filesystem>
#include <future>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "http/node_routes.h"
#include "http/server.h"
#include "http/transaction_body.h"
#include "service/node_for_test.h"
#include "service/setup.h"

namespace intaglio::http {
namespace {

// A consensus node served as a process of its own would be, and the folder of its accounting node.
class NodeLinkTest : public ::testing::Test {
 protected:
  NodeLinkTest() {
    const auto created =
        service::create_data_folder(main(),
                                    {.name = "test",
                                     .chains = 2,
                                     .consensus = 2,
                                     .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                                     .treasury = {},
                                     .host_names = {}},
                                    service::test_passphrase(), system_env());
    CHECK(created.has_value());
    genesis_ = *service::read_genesis(main(), system_env());
    nodes_ = must(service::LocalConsensus::open_alone(main() + "/consensus-1", genesis_,
                                                      service::test_passphrase(), system_env()));
    nodes_->start();
    Router router;
    add_node_routes(router, *nodes_);
    serve(std::move(router));
  }
  void TearDown() override {
    server_->stop();
    nodes_->stop();
  }

  void serve(Router router) {
    const auto tls = must(service::read_node_tls(main() + "/consensus-1", system_env()));
    ServerOptions options;
    options.tls = identity(tls);
    options.clients = CertifiedNode{tls.root_pem};
    server_ = std::make_unique<Server>(std::move(router), std::move(options), metrics_);
    ASSERT_TRUE(server_->start());
  }
  static TlsIdentity identity(const service::NodeTls& tls) {
    return {tls.certificate_pem, Secret(Bytes(tls.key_pem)), service::test_passphrase()};
  }
  std::string main() const { return folder_ / "node"; }
  std::string url() const { return format("https://127.0.0.1:{}", server_->port()); }
  KeyHash consensus(std::size_t i) const { return genesis_.nodes[0].consensus.at(i); }
  service::NodeTls tls() const { return must(service::read_node_tls(main(), system_env())); }

  std::unique_ptr<NodeLink> link(const KeyHash& node, std::uint16_t chain = 1) {
    return must(NodeLink::open({url(), ChainId(chain), node, tls().root_pem}, identity(tls())));
  }
  static Result<chain::Standing> ask(NodeLink& link, const chain::Message& message) {
    std::promise<Result<chain::Standing>> answer;
    link.ask(message,
             [&](Result<chain::Standing> standing) { answer.set_value(std::move(standing)); });
    return answer.get_future().get();
  }
  chain::Greeting greeting(std::uint64_t session, std::uint16_t chain = 1) {
    const auto key = must(element::open_key("soft:" + main() + "/keys/node.key",
                                            service::test_passphrase(), system_env()));
    return {must(proof::sign_statement(chain::SessionStart{ChainId(chain), session},
                                       ledger::ledger_id(genesis_), element::signer_of(*key)))};
  }
  // What somebody is told who shows this identity, or none.
  Verdict knock(const TlsIdentity* shown) {
    auto client = must(Client::open(url(), CertifiedNode{tls().root_pem}, ClientOptions{}, shown));
    const auto answer = client.get("/node/v1/chains/1/message");
    return answer ? Verdict::accepted : answer.error().verdict;
  }

  FolderForTest folder_;
  ledger::Genesis genesis_;
  std::unique_ptr<service::LocalConsensus> nodes_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
};

TEST_F(NodeLinkTest, AsksANodeOnEachOfItsChains) {
  for (std::uint16_t chain = 0; chain < 2; ++chain) {
    const auto linked = link(consensus(0), chain);
    const auto standing = must(ask(*linked, greeting(7, chain)));
    EXPECT_FALSE(standing.unwilling);
    EXPECT_EQ(standing.session, 7U);
    EXPECT_EQ(standing.height, Height(0));
    const auto again = must(ask(*linked, greeting(6, chain)));
    EXPECT_EQ(again.unwilling->verdict, static_cast<std::uint16_t>(Verdict::session_over));
  }
  EXPECT_EQ(verdict_of(ask(*link(consensus(0), 2), greeting(7, 2))), Verdict::unknown_chain);
}

TEST_F(NodeLinkTest, TalksToTheNodeThatItIsFor) {
  EXPECT_EQ(verdict_of(ask(*link(consensus(1)), greeting(7))), Verdict::path_invalid);
}

TEST_F(NodeLinkTest, NobodyElseIsTalkedTo) {
  const auto own = identity(tls());
  EXPECT_EQ(knock(&own), Verdict::accepted);
  EXPECT_NE(knock(nullptr), Verdict::accepted);
  // What the node shows its clients is no node's.
  const TlsIdentity clients{
      std::string(as_text(must(system_env().read_file(main() + "/tls/certificate.pem", 65536)))),
      Secret(must(system_env().read_file(main() + "/keys/tls.key", 65536))),
      service::test_passphrase()};
  EXPECT_NE(knock(&clients), Verdict::accepted);
  // A node of another ledger.
  FolderForTest other;
  ASSERT_TRUE(service::create_data_folder(other / "node",
                                          {.name = "other",
                                           .chains = 1,
                                           .consensus = 0,
                                           .assets = {{AssetId(978), "EUR", 2, Amount(1)}},
                                           .treasury = {},
                                           .host_names = {}},
                                          service::test_passphrase(), system_env()));
  const auto foreign = identity(must(service::read_node_tls(other / "node", system_env())));
  EXPECT_NE(knock(&foreign), Verdict::accepted);
}

TEST_F(NodeLinkTest, TakesMessagesAndTransactionsAlone) {
  const auto own = identity(tls());
  auto client = must(Client::open(url(), CertifiedNode{tls().root_pem}, ClientOptions{}, &own));
  const auto put = [&](std::string_view what, std::string_view media_type, Bytes body) {
    ClientRequest request{.method = "PUT", .target = format("/node/v1/chains/1/{}", what)};
    request.fields.add("Content-Type", media_type);
    request.body = std::move(body);
    const auto answer = must(client.send(request));
    return answer.status;
  };
  EXPECT_EQ(put("message", kCborMediaType, chain::encode_message(greeting(7))), 200);
  EXPECT_EQ(put("message", "text/plain", chain::encode_message(greeting(7))), 415);
  EXPECT_EQ(put("message", kCborMediaType, {0x82, 0x09, 0xa0}), 400);
  EXPECT_EQ(put("message", kCborMediaType, Bytes(chain::kMaxMessage + 1)), 413);
  EXPECT_EQ(put("transactions", kCborSeqMediaType, {0x81, 0x01, 0x81, 0x02}), 204);
  EXPECT_EQ(put("transactions", kCborSeqMediaType, Bytes(65, 0x01)), 413);
  EXPECT_EQ(put("elsewhere", kCborMediaType, {}), 404);
}

TEST_F(NodeLinkTest, TellsAllThatItIsGivenAndNothingElse) {
  server_->stop();
  std::promise<void> all;
  Bytes told;
  constexpr std::size_t kTold = 200;
  Router router;
  router.add({.method = "PUT",
              .pattern = "/node/v1/chains/{chain}/transactions",
              .operation = "take",
              .endpoint =
                  [&](const Request& request, const Reply& reply) {
                    EXPECT_EQ(request.parameter("chain"), "1");
                    append(told, request.body);  // one connection: one at a time
                    reply.send(Response::empty());
                    if (told.size() == 2 * kTold) all.set_value();
                  },
              .body_bytes = 1 << 20});
  serve(std::move(router));
  const auto linked = link(consensus(0));
  Bytes expected;
  for (std::size_t i = 0; i < kTold; ++i) {
    const Bytes transaction{0x81, static_cast<std::uint8_t>(i % 24)};
    append(expected, transaction);
    linked->tell(transaction);
  }
  all.get_future().wait();
  EXPECT_EQ(told, expected);
}

TEST_F(NodeLinkTest, SaysThatNobodyIsThere) {
  const auto linked = link(consensus(0));
  server_->stop();
  EXPECT_EQ(verdict_of(ask(*linked, greeting(7))), Verdict::unreachable);
}

}  // namespace
}  // namespace intaglio::http
