#include "http/chain.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "crypto/sha256.h"
#include "http/api_for_test.h"
#include "http/raw_socket.h"

namespace intaglio::http {
namespace {

using codec::Json;
using testing::HasSubstr;

TEST(Chain, TheLedgerSaysWhatEverybodyMustKnow) {
  ApiForTest api;
  const auto shown = api.get("/v1/ledger");
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.text("ledger"), codec::to_hex(api.ledger()));
  EXPECT_EQ(*shown.json.find("chains"), Json(3));
  EXPECT_EQ(shown.json.find("assets")->items()->front().text_at("smallest"), "1");
  const auto root = pki::Certificate::from_pem(shown.text("root_certificate"));
  const auto issuing =
      pki::Certificate::from_pem(*shown.json.find("issuing_certificates")->items()->front().text());
  ASSERT_TRUE(root && issuing);
  EXPECT_TRUE(pki::validate_path(*issuing, {{}, {*root}, {}}, {.at = system_env().now()}));
  EXPECT_EQ(shown.text("operator_key"), codec::to_hex(api.node_operator().public_key().hash()));
  EXPECT_EQ(shown.text("service_key"),
            codec::to_hex(api.node().key("service")->public_key().view()));
}

TEST(Chain, StandsWhereItsLastBlockPutIt) {
  ApiForTest api;
  const auto alice = api.holder("alice");
  const auto sent = api.submit(api.payment(api.treasury(), *alice, 5));
  const auto one = api.get("/v1/chains/1");
  ASSERT_EQ(one.status, 200);
  EXPECT_EQ(*one.json.find("height"), *sent.json.find("height"));
  EXPECT_EQ(*one.json.find("time"), *sent.json.find("time"));
  EXPECT_EQ(*one.json.find("waiting"), Json(0));
  const auto all = api.get("/v1/chains");
  ASSERT_EQ(all.json.items()->size(), 3U);
  EXPECT_EQ(all.json.items()->at(1), one.json);
  EXPECT_EQ(api.get("/v1/chains/3").summary(), "404 unknown_chain");
  EXPECT_EQ(api.get("/v1/chains/65536").summary(), "404 unknown_chain");
  EXPECT_EQ(api.get("/v1/chains/main").summary(), "400 bad_value");
}

TEST(Chain, ABlockIsItsSignedHeaderAndItsTransactions) {
  ApiForTest api;
  const auto alice = api.holder("alice");
  const auto sent = api.submit(api.payment(api.treasury(), *alice, 5));
  const auto height = *sent.json.find("height")->integer();
  const auto block = api.get(format("/v1/chains/1/blocks/{}", height));
  ASSERT_EQ(block.status, 200);
  EXPECT_EQ(*block.json.find("transactions"), Json::array({sent.text("tx")}));
  EXPECT_EQ(block.text("hash"), api.get("/v1/chains/1").text("block"));
  // Everything that is said follows from what the node signed.
  const auto signed_header = codec::from_hex(block.text("signed_header"));
  ASSERT_TRUE(signed_header.has_value());
  auto parsed = proof::parse_statement<ledger::BlockHeader>(*signed_header, api.ledger());
  ASSERT_TRUE(parsed.has_value());
  const auto node_key = api.node().key("node");
  const auto verified =
      proof::verify_statement(*std::move(parsed), crypto::Verifier(node_key->public_key()));
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(codec::to_hex((*verified)->body.hash(api.ledger())), block.text("hash"));
  EXPECT_EQ(codec::to_hex((*verified)->signer), block.text("signer"));
  EXPECT_EQ(codec::record_to_json((*verified)->body), *block.json.find("header"));

  EXPECT_EQ(api.get(format("/v1/chains/1/blocks/{}", height + 1)).summary(), "404 unknown_block");
  EXPECT_EQ(api.get("/v1/chains/1/blocks/0").summary(), "404 unknown_block");
  EXPECT_EQ(api.get("/v1/chains/1/blocks/last").summary(), "400 bad_value");
  EXPECT_EQ(api.get("/v1/chains/7/blocks/1").summary(), "404 unknown_chain");
}

TEST(Chain, ItsConsensusNodesAreShownAndWhatTheySigned) {
  ApiForTest api(3);
  const auto alice = api.holder("alice");
  const auto sent = api.submit(api.payment(api.treasury(), *alice, 5));
  // Two of three at least; the third may have been as quick.
  EXPECT_GE(sent.json.uint_at("cosigned").value_or(0), 2U);
  EXPECT_EQ(sent.json.uint_at("consensus"), 3U);
  const auto shown = api.get("/v1/transactions/" + sent.text("tx"));
  EXPECT_EQ(*shown.json.find("cosigned"), *sent.json.find("cosigned"));

  const auto& genesis = api.node()->genesis();
  const auto block =
      api.get(format("/v1/chains/1/blocks/{}", *sent.json.find("height")->integer()));
  EXPECT_EQ(block.json.uint_at("consensus"), 3U);
  const auto signers =
      must(ledger::block_signers(api.node()->gateway().chain(ChainId(1))->store(), ChainId(1)));
  EXPECT_EQ(signers.quorum, 2U);
  // Whoever knows the nodes can check that it is final.
  const proof::FinalityProof proof{
      must(codec::from_hex(block.text("signed_header"))),
      must(codec::FieldType<std::vector<proof::Cosignature>>::from_json(
          *block.json.find("cosignatures")))};
  const auto verified =
      must(proof::verify_finality<ledger::BlockHeader>(proof, signers, api.ledger()));
  EXPECT_EQ(codec::to_hex(verified->hash), block.text("hash"));
  EXPECT_EQ(verified->cosigned, sent.json.uint_at("cosigned"));

  const auto chain = api.get("/v1/chains/1");
  const auto* nodes = chain.json.find("nodes");
  ASSERT_NE(nodes, nullptr);
  EXPECT_EQ(nodes->text_at("accounting"), codec::to_hex(genesis.nodes[1].accounting));
  EXPECT_EQ(nodes->uint_at("quorum"), 2U);
  ASSERT_EQ(nodes->find("consensus")->items()->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& each = nodes->find("consensus")->items()->at(i);
    EXPECT_EQ(each.text_at("node"), codec::to_hex(genesis.nodes[1].consensus[i]));
    EXPECT_EQ(*each.find("answers"), Json(true));
    EXPECT_EQ(*each.find("saw_fork"), Json(false));
  }
  EXPECT_EQ(api.get("/v1/chains/1/forks").json, Json::array());
  EXPECT_EQ(api.get("/v1/chains/9/forks").summary(), "404 unknown_chain");
}

TEST(Chain, EveryBlockIsNews) {
  ApiForTest api;
  const auto alice = api.holder("alice");
  auto socket = RawSocket::to(api.port());
  socket.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(socket.read_to("\r\n\r\n").value_or(""), HasSubstr("text/event-stream"));
  const auto sent = api.submit(api.payment(api.treasury(), *alice, 5));
  // What the main chain decided may still make blocks elsewhere.
  EventReader reader;
  Event event;
  Result<Json> news = Json();
  while (news && news->uint_at("chain").value_or(0) != 1U) {
    const std::string text = socket.read_to("\n\n").value_or("");
    ASSERT_TRUE(reader.push(as_bytes(text)));
    ASSERT_TRUE(reader.next(event)) << text;
    EXPECT_EQ(event.name, "block");
    news = codec::parse_json(event.data);
  }
  ASSERT_TRUE(news.has_value());
  const auto height = sent.json.uint_at("height").value_or(0);
  EXPECT_EQ(news->uint_at("height"), height);
  EXPECT_EQ(*news->find("count"), Json(1));
  EXPECT_EQ(news->text_at("hash"), api.get(format("/v1/chains/1/blocks/{}", height)).text("hash"));
  const SchemaCheck check(api.document());
  EXPECT_EQ(
      check.fault(*api.document().find("components")->find("schemas")->find("BlockNews"), *news),
      "");

  const std::string metrics(as_text(api.get("/metrics").body));
  EXPECT_THAT(metrics, HasSubstr(format("intaglio_chain_height{{chain=\"1\"}} {}",
                                        *sent.json.find("height")->integer())));
  for (const auto* name :
       {"intaglio_chain_waiting{chain=\"0\"} 0", "intaglio_chain_blocks_total{chain=\"1\"} 2",
        "intaglio_chain_transactions_total{chain=\"1\"} 2", "intaglio_gateway_waiting 0",
        "intaglio_transactions_total{verdict=\"accepted\"} 1"}) {
    EXPECT_THAT(metrics, HasSubstr(name));
  }
}

TEST(Chain, AStreamSaysWhatBringingItCost) {
  ApiForTest api;
  const auto alice = api.holder("alice");
  api.submit(
      api.sign(api.treasury(),
               api.transaction(api.treasury(), {tx::Transfer{.to = ApiForTest::address(*alice, 2),
                                                             .asset = AssetId(978),
                                                             .amount = Amount(7),
                                                             .memo = {},
                                                             .code = {},
                                                             .code_text = {}}})));
  // The source forgets the packet once the cursor that acknowledges it was brought back.
  const auto stream = [&]() -> Json {
    const auto streams = api.get("/v1/streams");
    for (const Json& each : *streams.json.items()) {
      if (each.uint_at("from") == 1U && each.uint_at("to") == 2U) return each;
    }
    return {};
  };
  while (stream().uint_at("acknowledged") != 1U) {
  }
  const Json relayed = *stream().find("relayed");
  EXPECT_EQ(relayed.uint_at("groups"), 1U);
  EXPECT_EQ(relayed.uint_at("packets"), 1U);
  EXPECT_EQ(relayed.uint_at("cursors"), 1U);
  const std::string metrics(as_text(api.get("/metrics").body));
  for (const auto* kind : {"data", "proof", "cursor"}) {
    const auto bytes = relayed.uint_at(format("{}_bytes", kind));
    EXPECT_THAT(metrics, HasSubstr(format("intaglio_relay_bytes_total{{kind=\"{}\"}} {}\n", kind,
                                          bytes.value_or(0))));
  }
  EXPECT_THAT(metrics, HasSubstr("intaglio_relay_bytes_total{kind=\"control\"} "));
}

// A node whose chain 1 had a payment in block 1 or so, then made blocks more than a day later, and
// keeps one.
class ForgottenBlocks : public testing::Test {
 protected:
  void pay_and_forget(service::NodeForTest& node) {
    const auto login = node.login("alice", *alice_);
    must(node.enrol(login, pki::CertificateUsage::holder, *alice_));
    const auto treasury = node.key("treasury");
    const LedgerId ledger = node->gateway().ledger();
    const tx::Transaction body{
        .ledger = ledger,
        .chains = {kChain},
        .account = ApiForTest::account(*treasury),
        .client = system_env().random_id<ClientId>(),
        .valid_until = system_env().now() + seconds(60),
        .operations = {tx::Transfer{
            .to = ApiForTest::address(*alice_), .asset = AssetId(978), .amount = Amount(700)}}};
    std::promise<Result<tx::Receipt>> paid;
    node->gateway().submit(
        must(proof::sign_statement(body, ledger, element::signer_of(*treasury))),
        [&](Result<tx::Receipt> receipt) { paid.set_value(std::move(receipt)); });
    payment_ = must(paid.get_future().get());
    const ledger::Genesis genesis = node->genesis();
    node.close();
    const auto key = node.key("node");
    auto chain = must(chain::Application::open(genesis, kChain, node.folder() + "/chain-1",
                                               element::signer_of(*key)));
    chain->keep_blocks(1);
    const Millis later = chain->tip().time + seconds(25 * 3600);
    chain->commit(chain->finalize(later, {}));
    while (chain->store().kept_from() < chain->tip().height) chain->prune(chain->tip().height);
    chain.reset();
    node.open();
  }

  static constexpr ChainId kChain{1};
  std::unique_ptr<element::SecureElement> alice_ = element::make_passing_key();
  tx::Receipt payment_;
  ApiForTest api_{0, [this](service::NodeForTest& node) { pay_and_forget(node); }};
};

TEST_F(ForgottenBlocks, HaveAVerdictOfTheirOwnAndWhatTheyLedToIsThere) {
  const std::string block = "/v1/chains/1/blocks/" + std::to_string(payment_.height.value());
  const std::string id = codec::to_hex(payment_.tx);
  EXPECT_EQ(api_.get(block).summary(), "410 block_pruned");
  EXPECT_EQ(api_.get(block + "/proof").summary(), "410 block_pruned");
  EXPECT_EQ(api_.get("/v1/transactions/" + id).summary(), "410 block_pruned");
  EXPECT_EQ(api_.get("/v1/transactions/" + id + "/proof").summary(), "410 block_pruned");
  EXPECT_EQ(api_.get("/v1/chains/1/blocks/99999").summary(), "404 unknown_block");
  EXPECT_EQ(api_.get("/v1/transactions/" + std::string(64, '0')).summary(),
            "404 unknown_transaction");
  // The money, the books and where a payment stands are rows.
  EXPECT_EQ(api_.get("/v1/payments/" + id).text("state"), "paid");
  const std::string alice = "/v1/accounts/" + codec::to_text(ApiForTest::address(*alice_));
  EXPECT_EQ(api_.get(alice + "/statement", alice_.get()).text("posted"), "700");
  EXPECT_EQ(api_.get(alice + "/proof", alice_.get()).status, 200);
  const auto kept = api_.get("/v1/chains/1").json.uint_at("kept_from");
  EXPECT_GT(kept.value_or(0), payment_.height.value());
  const auto treasury = codec::to_text(ApiForTest::address(api_.treasury()));
  const auto listed = api_.get("/v1/accounts/" + treasury + "/transactions", &api_.treasury());
  EXPECT_TRUE(listed.json.find("transactions")->items()->empty());
  EXPECT_EQ(listed.json.uint_at("kept_from"), kept);
}

}  // namespace
}  // namespace intaglio::http
