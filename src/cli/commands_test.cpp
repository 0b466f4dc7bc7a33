// The commands against a real node behind real TLS, in the order a user calls them.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/folder_for_test.h"
#include "base/format.h"
#include "cli/command.h"
#include "cli/run_for_test.h"
#include "cli/serving.h"
#include "pki/test_authority.h"
#include "service/setup.h"

namespace intaglio::cli {
namespace {

using codec::Json;
using testing::HasSubstr;

// One node and one home for all tests of a run: making their keys takes a while.
class FirstPayment : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("INTAGLIO_PASSPHRASE", "correct-horse", 1);
    folder = std::make_unique<FolderForTest>();
    service::SetupOptions options;
    options.consensus = 1;
    options.assets = {{AssetId(978), "EUR", 2, Amount(1)}};
    options.treasury = {{Amount(1'000'000), AssetId(978)}};
    const Secret passphrase(to_bytes(as_bytes("correct-horse")));
    const auto made = service::create_data_folder(node_folder(), options, passphrase, system_env());
    ASSERT_TRUE(made) << to_string(made.error());
    ServeSettings settings;
    settings.data = node_folder();
    settings.port = 0;
    serving = must(ServingNode::start(settings, passphrase, system_env()));
    connect();
    enrol_people();
  }
  static void TearDownTestSuite() {
    serving.reset();
    folder.reset();
    ::unsetenv("INTAGLIO_PASSPHRASE");
  }

  static std::string node_folder() { return folder->path() + "/node"; }
  static std::string node_key(const std::string& name) {
    return "soft:" + node_folder() + "/keys/" + name + ".key";
  }
  static std::string path(const std::string& name) { return folder->path() + '/' + name; }

  // With --json and the home of these tests.
  static Ran run(std::vector<std::string> words, bool json = true) {
    words.insert(words.end(), {"--home", path("home")});
    if (json) words.emplace_back("--json");
    return run_captured(std::move(words));
  }
  static Ran done(std::vector<std::string> words) {
    auto ran = run(std::move(words));
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }

  static void connect() {
    const auto ran =
        done({"connect", serving->url(), "--trust", node_folder() + "/tls/certificate.pem"});
    EXPECT_EQ(ran.at("ledger"), codec::to_hex(ledger::ledger_id(serving->node().genesis())));
  }

  static void enrol_people() {
    for (const std::string name : {"alice", "bob", "shop"}) {
      done({"key", "new", name});
      std::vector<std::string> add = {"login",   "add",    name,    "--public-key",       name,
                                      "--usage", "holder", "--key", node_key("authority")};
      if (name == "shop") add.insert(add.end(), {"--usage", "display", "--account", "shop"});
      done(add);
      done({"enrol", name, "--usage", "holder"});
    }
    for (const std::string name : {"alice", "bob"}) {
      done({"pay", name, "100", "--key", node_key("treasury")});
    }
    done({"enrol", "counter", "--usage", "display", "--login", "shop", "--merchant",
          "Kohvik Tuulik", "--city", "Tallinn", "--country", "EE"});
  }

  static std::string spendable(const std::string& name) {
    const auto balances = *done({"account", "show", name}).json().find("balances");
    return balances.items()->empty() ? "0" : must((*balances.items())[0].text_at("spendable"));
  }

  // The parts of the tests below: each test starts a node, which takes a while.
  static void a_code_is_paid_once();
  static void a_code_that_was_altered_on_the_way_is_refused_by_the_scan();
  static void a_payment_by_name_is_waited_for_and_repeated_without_paying_twice();
  static void a_refused_payment_names_its_verdict_and_the_transaction();
  static void a_dry_run_says_what_would_happen_and_changes_nothing();
  static void a_hold_is_captured_in_part_and_released();
  static void any_transaction_goes_as_json();
  static void a_statement_adds_up_and_is_read_by_its_own_key_alone();
  static void a_payment_across_chains_is_followed_until_it_arrives_or_comes_back();
  static void a_payment_that_is_short_on_one_chain_draws_on_the_others();
  static void a_settlement_is_proposed_signed_by_each_and_shown();
  static void an_asset_is_added_issued_and_burned();
  static void chains_and_blocks_are_shown();
  static void any_request_can_be_signed_sent_and_printed();
  static void a_certificate_is_shown_with_its_age_when_offline();
  static void a_node_that_shows_another_certificate_is_not_talked_to();
  static void a_proof_of_a_balance_is_kept_and_verified();
  static void receipts_rows_and_blocks_are_proven();
  static void a_proof_that_was_touched_or_is_of_another_ledger_is_refused();

  static inline std::unique_ptr<FolderForTest> folder;
  static inline std::unique_ptr<ServingNode> serving;
};

void FirstPayment::a_code_is_paid_once() {
  const auto shown = done({"code", "show", "counter", "--amount", "12.50", "--once", "--png",
                           path("code.png"), "--svg", path("code.svg"), "--reference", "table 4"});
  EXPECT_EQ(shown.at("reason"), "first");
  EXPECT_TRUE(shown.at("text").starts_with("000201"));

  const auto scanned = done({"code", "scan", path("code.png")});
  EXPECT_EQ(scanned.at("text"), shown.at("text"));
  EXPECT_EQ(scanned.at("amount"), "1250");
  EXPECT_EQ(scanned.at("merchant"), "Kohvik Tuulik");
  EXPECT_EQ(scanned.at("payee"), done({"key", "show", "shop"}).at("address"));
  EXPECT_EQ(scanned.json().find("certificate_age"), nullptr) << "asked just now";

  const auto offline = done({"code", "scan", shown.at("text"), "--offline"});
  EXPECT_NE(offline.json().find("certificate_age"), nullptr) << "by what was remembered";

  EXPECT_EQ(run({"pay", "--code", path("code.png"), "--amount", "1", "--yes", "--key", "alice"})
                .verdict(),
            "code_wrong_amount");
  const std::string before = spendable("shop");
  const auto paid = done({"pay", "--code", path("code.png"), "--yes", "--key", "alice"});
  EXPECT_EQ(paid.at("amount"), "1250");
  EXPECT_EQ(std::stoll(spendable("shop")) - std::stoll(before), 1250);

  EXPECT_EQ(run({"pay", "--code", path("code.png"), "--yes", "--key", "alice"}).verdict(),
            "code_used");
  const auto other = run({"pay", "--code", path("code.png"), "--yes", "--key", "bob"});
  EXPECT_EQ(other.verdict(), "code_used");
  EXPECT_EQ(other.code, 3);

  const auto shown_tx = done({"tx", "show", paid.at("transaction")});
  EXPECT_EQ(shown_tx.at("verdict"), "accepted");
  EXPECT_EQ(done({"refund", paid.at("payment"), "2.50", "--key", "shop"}).at("of"),
            paid.at("payment"));
  EXPECT_EQ(std::stoll(spendable("shop")) - std::stoll(before), 1000);
}

void FirstPayment::a_code_that_was_altered_on_the_way_is_refused_by_the_scan() {
  auto text = done({"code", "scan", path("code.png"), "--offline"}).at("text");
  const auto amount = text.find("540512.50");
  ASSERT_NE(amount, std::string::npos);
  text.replace(amount, 9, "540592.50");
  EXPECT_EQ(run({"code", "scan", text, "--offline"}).verdict(), "bad_checksum");
  EXPECT_EQ(run({"code", "scan", node_folder() + "/tls/certificate.pem"}).code, 2) << "no picture";
}

void FirstPayment::a_payment_by_name_is_waited_for_and_repeated_without_paying_twice() {
  const std::string before = spendable("bob");
  const std::vector<std::string> pay = {
      "pay", "bob", "3.20", "--key", "alice", "--memo", "lunch", "--idempotency-key", "lunch 7"};
  const auto first = done(pay);
  const auto again = done(pay);
  EXPECT_EQ(again.at("transaction"), first.at("transaction"));
  EXPECT_EQ(std::stoll(spendable("bob")) - std::stoll(before), 320);
  auto other = pay;
  other[2] = "3.30";
  EXPECT_EQ(run(other).verdict(), "conflict");
}

void FirstPayment::a_refused_payment_names_its_verdict_and_the_transaction() {
  const auto ran = run({"pay", "bob", "1000000", "--key", "alice"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.verdict(), "insufficient_funds");
  const auto problem = must(codec::parse_json(ran.err));
  const auto id = must(problem.text_at("transaction"));
  EXPECT_EQ(done({"tx", "show", id}).at("verdict"), "insufficient_funds");
  EXPECT_EQ(run({"pay", "bob@7", "1", "--key", "alice", "--from", "1"}).verdict(), "unknown_chain");
  // No money went anywhere: what the main chain decided is all that crossed.
  const Json streams = done({"chain", "streams"}).json();
  for (const Json& stream : *streams.items()) {
    EXPECT_EQ(stream.uint_at("from"), 0U);
    EXPECT_EQ(stream.uint_at("bytes"), stream.uint_at("control_bytes"));
    EXPECT_TRUE(stream.find("in_flight")->items()->empty());
  }
  EXPECT_EQ(run({"pay", "bob", "1.005", "--key", "alice"}).verdict(), "bad_value");
  EXPECT_EQ(run({"pay", "bob", "1", "XYZ", "--key", "alice"}).verdict(), "unknown_asset");
}

void FirstPayment::a_dry_run_says_what_would_happen_and_changes_nothing() {
  const std::string before = spendable("alice");
  const auto ran = done({"pay", "bob", "1", "--key", "alice", "--dry-run"});
  EXPECT_EQ(*ran.json().find("final")->boolean(), false);
  EXPECT_EQ(run({"pay", "bob", "1000000", "--key", "alice", "--dry-run"}).verdict(),
            "insufficient_funds");
  EXPECT_EQ(spendable("alice"), before);
}

void FirstPayment::a_hold_is_captured_in_part_and_released() {
  const auto held = done({"hold", "shop", "20", "--for", "600", "--key", "alice"});
  const auto captured = done({"capture", held.at("hold"), "5", "--key", "shop"});
  EXPECT_EQ(captured.at("of"), held.at("hold"));
  EXPECT_EQ(run({"capture", held.at("hold"), "16", "--key", "shop"}).verdict(),
            "capture_too_large");
  EXPECT_EQ(run({"release", held.at("hold"), "--key", "bob"}).verdict(), "not_signer");
  done({"release", held.at("hold"), "--key", "shop"});
  EXPECT_EQ(run({"capture", held.at("hold"), "1", "--key", "shop"}).verdict(), "hold_closed");
  // A capture can be refunded like any payment: its asset is the hold's.
  done({"refund", captured.at("payment"), "1", "--key", "shop"});
}

void FirstPayment::any_transaction_goes_as_json() {
  const auto bob = done({"key", "show", "bob"}).at("address");
  const std::string operation = "{\"type\":\"transfer\",\"to\":\"" + bob +
                                "\",\"asset\":978,\"amount\":\"5\",\"memo\":\"by hand\"}";
  const auto sent = done({"tx", "send", "[" + operation + "," + operation + "]", "--key", "alice"});
  EXPECT_EQ(sent.at("transaction").size(), 64U);
  std::ofstream(path("one.json")) << operation;
  done({"tx", "send", path("one.json"), "--key", "alice"});
  EXPECT_EQ(run({"tx", "send", "{\"type\":\"nonsense\"}", "--key", "alice"}).verdict(),
            "bad_value");
}

void FirstPayment::a_statement_adds_up_and_is_read_by_its_own_key_alone() {
  done({"pay", "shop", "0.10", "--key", "alice", "--memo", "=tip, with \"care\""});
  const auto statement = done({"account", "statement", "alice"}).json();
  EXPECT_EQ(statement.text_at("opening"), "0");
  EXPECT_FALSE(statement.find("entries")->items()->empty());
  const auto newest = done({"account", "statement", "alice", "--limit", "1"}).json();
  EXPECT_EQ(newest.find("entries")->items()->size(), 1U);
  EXPECT_EQ(newest.text_at("closing"), statement.text_at("closing"));
  const auto csv = run({"account", "statement", "alice", "--csv"}, false);
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_NE(csv.out.find("\"'=tip, with \"\"care\"\"\""), std::string::npos) << csv.out;
  EXPECT_EQ(run({"account", "show", "alice", "--key", "bob"}).verdict(), "not_reader");
  const auto own = done({"account", "transactions", "alice", "--limit", "1"}).json();
  EXPECT_EQ(own.find("transactions")->items()->size(), 1U);
  EXPECT_EQ(own.find("transactions")->items()->front().text_at("verdict"), "accepted");
  EXPECT_EQ(run({"account", "transactions", "alice", "--key", "bob"}).verdict(), "not_reader");
}

void FirstPayment::a_payment_across_chains_is_followed_until_it_arrives_or_comes_back() {
  const auto pay = [](const std::string& to) {
    return std::vector<std::string>{"pay", to, "1.10", "--key", "alice", "--from", "1"};
  };
  const auto paid = done(pay("bob@2"));
  EXPECT_EQ(paid.at("state"), "paid");
  EXPECT_EQ(done({"tx", "payment", paid.at("payment")}).at("state"), "paid");
  EXPECT_EQ(done({"account", "statement", "bob@2"}).json().text_at("closing"), "110");
  done({"key", "new", "nobody"});
  const auto back = run(pay("nobody@2"));
  EXPECT_EQ(back.code, 3);
  EXPECT_EQ(back.verdict(), "unknown_account");
  const auto problem = must(codec::parse_json(back.err));
  const auto standing = done({"tx", "payment", must(problem.text_at("transaction"))});
  EXPECT_EQ(standing.at("state"), "came_back");
  EXPECT_EQ(standing.at("verdict"), "unknown_account");
  EXPECT_EQ(run({"tx", "payment", std::string(64, '0')}).verdict(), "unknown_payment");
  EXPECT_EQ(run({"tx", "payment", "x"}).verdict(), "bad_value");
}

void FirstPayment::a_payment_that_is_short_on_one_chain_draws_on_the_others() {
  done({"pay", "alice@2", "7", "--key", "alice", "--from", "1"});
  const long long here = std::stoll(spendable("alice"));
  const std::string all_and_two_more = format("{}.{:02}", (here + 200) / 100, (here + 200) % 100);
  const auto pay = [](const std::string& amount, bool yes) {
    std::vector<std::string> out{"pay", "bob", amount, "--from", "auto", "--key", "alice"};
    if (yes) out.emplace_back("--yes");
    return out;
  };
  const std::string before = spendable("bob");
  EXPECT_EQ(run(pay(all_and_two_more, false)).verdict(), "bad_usage") << "it has to be looked at";
  EXPECT_EQ(run(pay("10000", true)).verdict(), "insufficient_funds");
  EXPECT_EQ(spendable("bob"), before);
  const auto paid = done(pay(all_and_two_more, true));
  EXPECT_EQ(paid.at("state"), "paid");
  EXPECT_EQ(std::stoll(spendable("bob")) - std::stoll(before), here + 200);
  EXPECT_EQ(spendable("alice"), "0");
  EXPECT_EQ(spendable("alice@2"), "500");
  const auto standing = done({"settlement", "show", paid.at("settlement")});
  EXPECT_EQ(standing.at("state"), "delivered");
  // One chain is enough, though another than the payee's: an ordinary transfer.
  const auto plain = done(pay("5", true));
  EXPECT_EQ(plain.at("state"), "paid");
  EXPECT_EQ(plain.json().find("settlement"), nullptr);
  EXPECT_EQ(spendable("alice@2"), "0");
}

void FirstPayment::a_settlement_is_proposed_signed_by_each_and_shown() {
  const std::string deal = path("deal.json");
  const std::string before = spendable("shop");
  done({"settlement", "propose", deal, "--leg", "bob:2.50", "--leg", "shop:1", "--deliver",
        "shop:2.50", "--deliver", "bob:1", "--memo", "change"});
  EXPECT_EQ(run({"settlement", "show", deal}).verdict(), "unknown_settlement");
  done({"settlement", "sign", deal, "--key", "bob", "--yes"});
  EXPECT_EQ(done({"settlement", "show", deal}).at("state"), "open");
  EXPECT_EQ(run({"settlement", "sign", deal, "--key", "alice", "--yes"}).verdict(), "no_leg");
  done({"settlement", "sign", deal, "--key", "shop", "--yes"});
  EXPECT_EQ(done({"settlement", "show", deal}).at("state"), "delivered");
  EXPECT_EQ(std::stoll(spendable("shop")) - std::stoll(before), 150);
  EXPECT_EQ(run({"settlement", "cancel", deal, "--key", "bob"}).verdict(), "settlement_closed");

  done(
      {"settlement", "propose", deal, "--leg", "bob:2", "--leg", "shop:2", "--deliver", "alice:4"});
  done({"settlement", "sign", deal, "--key", "bob", "--yes"});
  done({"settlement", "cancel", deal, "--key", "shop"});
  const auto ended = done({"settlement", "show", deal});
  EXPECT_EQ(ended.at("state"), "returned");
  EXPECT_EQ(ended.at("verdict"), "settlement_cancelled");
  EXPECT_EQ(
      run({"settlement", "propose", deal, "--leg", "bob:2", "--deliver", "alice:3"}).verdict(),
      "bad_value");
  EXPECT_EQ(run({"settlement", "propose", deal, "--leg", "bob", "--deliver", "alice:3"}).verdict(),
            "bad_usage");
}

void FirstPayment::an_asset_is_added_issued_and_burned() {
  done({"key", "new", "mint"});
  const auto login = done({"login", "add", "mint", "--public-key", "mint", "--usage", "issuer",
                           "--genuine-elements", "--key", node_key("authority")});
  EXPECT_EQ(*login.json().find("genuine_elements"), codec::Json(true));
  std::vector<std::string> enrol{"enrol", "mint", "--usage", "issuer", "--profile", "round"};
  EXPECT_EQ(run(enrol).verdict(), "bad_usage");
  enrol.back() = "framed";
  const auto enrolled = done(enrol).json();
  EXPECT_EQ(enrolled.text_at("profile"), "framed");
  EXPECT_EQ(enrolled.uint_at("answer_bytes"), pki::kFramedAnswer);
  // The login is vouched for, but the element knows that it is software.
  const auto certificate = must(pki::Certificate::from_pem(must(enrolled.text_at("certificate"))));
  EXPECT_TRUE(certificate.capabilities()->simulated_element);
  done({"asset", "add", "TOK", "50001", "--scale", "0", "--issuer", "mint", "--key",
        node_key("authority")});
  // It is on its way to chain 1.
  const std::vector<std::string> issue{"asset", "issue", "mint", "100", "TOK", "--key", "mint"};
  auto issued = run(issue);
  while (issued.verdict() == "unknown_asset") issued = run(issue);
  EXPECT_EQ(issued.code, 0) << issued.err;
  done({"asset", "burn", "10", "TOK", "--key", "mint"});
  done({"pay", "bob", "40", "TOK", "--key", "mint"});
  const auto balances = *done({"account", "show", "mint"}).json().find("balances");
  EXPECT_EQ(balances.items()->at(0).text_at("code"), "TOK");
  EXPECT_EQ(balances.items()->at(0).text_at("spendable"), "50");
  EXPECT_EQ(run({"asset", "issue", "bob", "1", "TOK", "--key", "alice"}).verdict(), "not_capable");
  const auto assets = done({"asset", "list"}).json();
  EXPECT_EQ(assets.items()->size(), 2U);
}

void FirstPayment::chains_and_blocks_are_shown() {
  const auto chains = done({"chain", "list"}).json();
  ASSERT_EQ(chains.items()->size(), 3U);
  const auto chain = done({"chain", "show", "1"}).json();
  const auto height = must(chain.uint_at("height"));
  ASSERT_GT(height, 0U);
  const auto block = done({"chain", "block", "1", std::to_string(height)});
  EXPECT_EQ(block.at("hash"), must(chain.text_at("block")));
  const auto said = run({"chain", "block", "1", std::to_string(height)}, false);
  EXPECT_THAT(said.out, HasSubstr("signed by 1 of 1 consensus nodes"));
  EXPECT_THAT(run({"chain", "show", "1"}, false).out, HasSubstr("consensus nodes  1; 1 sign"));
  EXPECT_EQ(done({"chain", "forks", "1"}).json(), Json::array());
  EXPECT_THAT(run({"chain", "forks", "1"}, false).out, HasSubstr("no consensus node"));
  const Json shown = block.json();
  const auto& transactions = *shown.find("transactions")->items();
  ASSERT_FALSE(transactions.empty());
  EXPECT_THAT(run({"tx", "show", *transactions[0].text()}, false).out,
              HasSubstr("signed   by 1 of 1 consensus nodes"));
  EXPECT_EQ(run({"chain", "show", "9"}).verdict(), "unknown_chain");
}

void FirstPayment::a_proof_of_a_balance_is_kept_and_verified() {
  const auto account = done({"account", "show", "alice"}).json();
  const auto spendable = must(account.find("balances")->items()->at(0).text_at("spendable"));
  done({"proof", "account", "alice", "--asset", "EUR", "--key", "alice", "--out", path("b.proof")});
  const auto ran = done({"verify", path("b.proof")});
  const auto proven = ran.json();
  const Json& row = *proven.find("proven")->find("row");
  const auto in = codec::uint_from_digits(*row.text_at("credits_posted"));
  const auto out = codec::uint_from_digits(*row.text_at("debits_posted"));
  const auto held = codec::uint_from_digits(*row.text_at("debits_pending"));
  EXPECT_EQ(std::to_string(*in - *out - *held), spendable);
  EXPECT_EQ(proven.uint_at("cosigned"), 1U);
  const auto said = run({"verify", path("b.proof")}, false).out;
  EXPECT_THAT(said, HasSubstr("EUR\n"));
  EXPECT_THAT(said, HasSubstr("signed by   1 of 1 consensus nodes"));
  EXPECT_THAT(said, HasSubstr("who signs   by the genesis"));
}

void FirstPayment::receipts_rows_and_blocks_are_proven() {
  const auto paid = done({"pay", "bob", "0.01", "--key", node_key("treasury")});
  const auto id = paid.at("transaction");
  const auto header = done({"proof", "transaction", id, "--out", path("r.proof")}).json();
  EXPECT_THAT(run({"verify", path("r.proof")}, false).out, HasSubstr("verdict     accepted"));
  EXPECT_EQ(done({"verify", path("r.proof")}).json().find("receipt")->text_at("tx"), id);
  EXPECT_EQ(run({"proof", "transaction", std::string(64, '0')}).verdict(), "unknown_transaction");
  EXPECT_THAT(run({"proof", "row", "1", "key:" + std::string(64, '0')}, false).out,
              HasSubstr("no key " + std::string(64, '0') + " is known on chain 1"));
  EXPECT_THAT(run({"proof", "row", "1", "nodes:1"}, false).out, HasSubstr("quorum      1"));
  EXPECT_EQ(run({"proof", "row", "1", "secrets"}).verdict(), "bad_value");
  const auto height = std::to_string(must(header.find("header")->uint_at("height")));
  const auto block = done({"proof", "block", "1", height, "--out", path("block.proof")}).json();
  EXPECT_EQ(block.text_at("block"), done({"chain", "block", "1", height}).at("hash"));
  EXPECT_THAT(run({"verify", path("block.proof")}, false).out,
              HasSubstr("block " + height + " of chain 1: 1 transactions"));
}

void FirstPayment::a_proof_that_was_touched_or_is_of_another_ledger_is_refused() {
  const auto verified = [](ByteView bytes) {
    must(system_env().write_file(path("touched.proof"), bytes, 0600));
    return run({"verify", path("touched.proof")}).verdict();
  };
  Bytes proof = must(system_env().read_file(path("b.proof"), 100'000));
  proof[proof.size() - 40] ^= 1;  // in the way up
  EXPECT_EQ(verified(proof), "bad_proof");
  EXPECT_EQ(verified(ByteView(proof).first(100)), "truncated");
  // The genesis of another ledger: of the same people, and a moment later.
  auto genesis = serving->node().genesis();
  genesis.time = genesis.time + Duration(1);
  must(system_env().write_file(path("other.cbor"), codec::encode_record(genesis), 0600));
  EXPECT_EQ(run({"verify", path("b.proof"), "--genesis", path("other.cbor")}).verdict(),
            "bad_signature");
  must(system_env().write_file(path("same.cbor"), codec::encode_record(serving->node().genesis()),
                               0600));
  EXPECT_EQ(run_captured({"verify", path("b.proof"), "--genesis", path("same.cbor"), "--home",
                          path("nobody")})
                .code,
            0);
  EXPECT_EQ(run_captured({"verify", path("b.proof"), "--home", path("nobody"), "--json"}).verdict(),
            "bad_usage");
}

void FirstPayment::any_request_can_be_signed_sent_and_printed() {
  const auto own = run({"curl", "GET", "/v1/logins/alice", "--key", "alice"});
  EXPECT_EQ(own.code, 0) << own.err;
  EXPECT_EQ(own.at("name"), "alice");
  EXPECT_EQ(run({"curl", "GET", "/v1/logins/alice", "--unsigned"}).verdict(), "request_unsigned");
  const auto printed = run({"curl", "GET", "/v1/chains", "--key", "alice", "--print"}).json();
  EXPECT_EQ(printed.text_at("url"), serving->url() + "/v1/chains");
  EXPECT_TRUE(printed.find("fields")->find("Signature-Input") != nullptr);
}

void FirstPayment::a_certificate_is_shown_with_its_age_when_offline() {
  const auto online = done({"cert", "show", "alice"});
  EXPECT_EQ(online.at("status"), "active");
  EXPECT_EQ(online.at("path"), "accepted");
  EXPECT_EQ(online.json().find("age"), nullptr);
  const auto offline = done({"cert", "show", online.at("key").substr(0, 16), "--offline"});
  EXPECT_EQ(offline.at("key"), online.at("key"));
  EXPECT_NE(offline.json().find("age"), nullptr);
  EXPECT_EQ(run({"cert", "list", "--key", "alice"}).verdict(), "not_signer");
  const auto list = done({"cert", "list", "--key", node_key("authority")}).json();
  EXPECT_GE(list.find("certificates")->items()->size(), 4U);
}

void FirstPayment::a_node_that_shows_another_certificate_is_not_talked_to() {
  const auto stranger = pki::TestAuthority().issue(
      pki::content_for(pki::make_signer(), "node", pki::TlsServer{.names = {}}));
  std::ofstream(path("stranger.pem")) << stranger.to_pem();
  EXPECT_EQ(run({"connect", serving->url(), "--trust", path("stranger.pem")}).verdict(),
            "path_invalid");
  EXPECT_EQ(run({"chain", "list"}).code, 0) << "what was known before still holds";
}

TEST_F(FirstPayment, ACodeIsShownScannedAndPaidOnceAndByNobodyElse) {
  a_code_is_paid_once();
  a_code_that_was_altered_on_the_way_is_refused_by_the_scan();
}

TEST_F(FirstPayment, MoneyMovesByNameByHoldAndByJson) {
  a_payment_by_name_is_waited_for_and_repeated_without_paying_twice();
  a_refused_payment_names_its_verdict_and_the_transaction();
  a_dry_run_says_what_would_happen_and_changes_nothing();
  a_hold_is_captured_in_part_and_released();
  any_transaction_goes_as_json();
  a_statement_adds_up_and_is_read_by_its_own_key_alone();
  a_payment_across_chains_is_followed_until_it_arrives_or_comes_back();
  a_payment_that_is_short_on_one_chain_draws_on_the_others();
  a_settlement_is_proposed_signed_by_each_and_shown();
  an_asset_is_added_issued_and_burned();
}

TEST_F(FirstPayment, ARevokedDisplayShowsNothingThatAnybodyTakes) {
  done({"enrol", "kiosk", "--usage", "display", "--login", "shop", "--city", "Tartu"});
  const auto shown = done({"code", "show", "kiosk", "--amount", "1", "--once"});
  done({"code", "scan", shown.at("text")});
  done({"cert", "revoke", "kiosk", "--key", node_key("authority")});
  EXPECT_EQ(run({"code", "scan", shown.at("text")}).verdict(), "code_key_revoked");
  EXPECT_EQ(run({"code", "scan", shown.at("text"), "--offline"}).verdict(), "code_key_revoked")
      << "remembered";
  EXPECT_EQ(run({"pay", "--code", shown.at("text"), "--yes", "--key", "alice"}).verdict(),
            "code_key_revoked");
}

TEST_F(FirstPayment, ADisplayThatIsBoundAnewShowsCodesForItsNewAccount) {
  const auto till = done({"enrol", "till", "--usage", "display", "--login", "shop", "--city",
                          "Tartu", "--profile", "framed"});
  EXPECT_EQ(till.json().uint_at("answer_bytes"), pki::kFramedAnswer);
  const auto before = done({"code", "show", "till", "--amount", "1", "--once"});
  done({"code", "bind", "till", "bob", "--key", node_key("authority")});
  const auto after = done({"code", "show", "till", "--amount", "1", "--once"});
  EXPECT_EQ(after.at("account"), done({"key", "show", "bob"}).at("address"));
  EXPECT_EQ(run({"pay", "--code", before.at("text"), "--yes", "--key", "alice"}).verdict(),
            "code_not_bound");
  EXPECT_EQ(*done({"code", "scan", after.at("text")}).json().find("payee_certified")->boolean(),
            false);
}

TEST_F(FirstPayment, WhatTheNodeSaysIsShownToThoseWhoMayRead) {
  chains_and_blocks_are_shown();
  any_request_can_be_signed_sent_and_printed();
  a_certificate_is_shown_with_its_age_when_offline();
  a_node_that_shows_another_certificate_is_not_talked_to();
}

TEST_F(FirstPayment, WhatTheNodeProvesHoldsWithoutIt) {
  a_proof_of_a_balance_is_kept_and_verified();
  receipts_rows_and_blocks_are_proven();
  a_proof_that_was_touched_or_is_of_another_ledger_is_refused();
}

}  // namespace
}  // namespace intaglio::cli
