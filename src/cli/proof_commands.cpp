// proof, verify: what a node shows of its ledger, and what of it holds without the node.
#include "cli/commands.h"
#include "cli/proof_texts.h"
#include "cli/session.h"
#include "http/request_target.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kForAll = 0644;

// What the node gave is checked before it is kept, and said.
Result<void> check_and_say(const ledger::Genesis& genesis, ByteView bytes, Output& output) {
  tx::Trust trust(genesis);
  Json result;
  std::optional<tx::ProvenBlock> block;
  // A proof is a map, a block an array of three.
  if (const auto whole = tx::WholeBlock::decode(bytes)) {
    ASSIGN(block, trust.check(*whole));
    output.say("block {} of chain {}: {} transactions", block->header.height.value(),
               block->header.chain.value(), whole->transactions.size());
    result = block_json(*block, {});
  } else {
    ASSIGN(const auto proof, tx::LedgerProof::decode(bytes));
    ASSIGN(const auto proven, trust.check(proof));
    block = proven.block;
    result = block_json(*block, trust.named_by(block->header.chain));
    if (proven.row) {
      TRY(say_row(output, *block, *proven.row, genesis));
      ASSIGN(auto row, row_json(*proven.row));
      result.set("proven", std::move(row));
    }
    if (proven.receipt) {
      say_receipt(output, *proven.receipt);
      result.set("receipt", codec::record_to_json(*proven.receipt));
    }
  }
  say_block(output, *block, trust.named_by(block->header.chain));
  result.set("ledger", codec::to_hex(trust.ledger()));
  output.say("  ledger      {}", codec::to_hex(trust.ledger()));
  output.result(result);
  return {};
}

// Asks the node for a proof, checks it against this home's ledger, and writes it to --out.
Result<void> fetch(Session& session, const std::string& target, const crypto::Signer* reader,
                   const Arguments& arguments, Output& output) {
  ASSIGN(const auto genesis, session.genesis());
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto bytes, node->bytes(target, reader));
  TRY(check_and_say(genesis, bytes, output));
  if (!arguments.has("out")) return {};
  const std::string& path = arguments.text("out");
  TRY(session.env().write_file(path, bytes, kForAll));
  output.say("kept in {}: intaglio verify {}", path, path);
  return {};
}

Result<void> prove_account(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto reader, session.own_key(arguments));
  Address address{kHomeChain, AccountId::prefix_of(reader->public_key().hash())};
  if (arguments.has("ACCOUNT")) {
    ASSIGN(address, address_from_name(session.home(), arguments.text("ACCOUNT")));
  }
  std::string target = format("/v1/accounts/{}/proof", codec::to_text(address));
  if (arguments.has("asset")) {
    ASSIGN(auto ledger, session.ledger());
    ASSIGN(const auto asset, session.asset(ledger, arguments.text("asset")));
    target += format("?asset={}", asset.id.value());
  }
  const auto signer = element::signer_of(*reader);
  return fetch(session, target, &signer, arguments, output);
}

Result<void> prove_transaction(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const auto id = codec::id_from_hex<TxId>(arguments.text("ID"));
  if (!id) return refuse(Verdict::bad_usage, "an id is 64 hex digits");
  std::string target = format("/v1/transactions/{}/proof", codec::to_hex(*id));
  if (arguments.has("chain")) {
    ASSIGN(const auto chain, arguments.number_or("chain", 0, UINT16_MAX));
    target += format("?chain={}", chain);
  }
  return fetch(session, target, nullptr, arguments, output);
}

Result<void> prove_row(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto chain, arguments.number_or("CHAIN", 0, UINT16_MAX));
  const std::string row = http::percent_encode(arguments.text("ROW"));
  return fetch(session, format("/v1/chains/{}/rows/{}/proof", chain, row), nullptr, arguments,
               output);
}

Result<void> prove_block(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto chain, arguments.number_or("CHAIN", 0, UINT16_MAX));
  ASSIGN(const auto height, arguments.number_or("HEIGHT", 0));
  return fetch(session, format("/v1/chains/{}/blocks/{}/proof", chain, height), nullptr, arguments,
               output);
}

Result<void> verify(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto bytes,
         session.env().read_file(arguments.text("FILE"), tx::WholeBlock::kMaxBytes));
  if (!arguments.has("genesis")) {
    ASSIGN(const auto genesis, session.home().genesis());
    if (!genesis) {
      return refuse(Verdict::bad_usage, "this home has no genesis yet; --genesis FILE");
    }
    return check_and_say(*genesis, bytes, output);
  }
  const std::string& path = arguments.text("genesis");
  ASSIGN(const auto encoded, session.env().read_file(path, ledger::kMaxGenesis));
  const auto genesis = ledger::genesis_from_bytes(encoded);
  if (!genesis) return refuse_within(path, genesis.error());
  return check_and_say(*genesis, bytes, output);
}

std::vector<Option> with_out(std::vector<Option> options) {
  options.push_back({OptionKind::value, "out", "FILE", "where to keep it, for intaglio verify"});
  return options;
}

}  // namespace

std::vector<Command> proof_commands() {
  const Option chain{OptionKind::positional, "CHAIN", "CHAIN", "its number; 0 is the main chain",
                     true};
  return {
      {"proof account",
       "prove what an account has, or that there is none",
       "As of its chain's last block. The proof shows nothing of other accounts. With --asset of "
       "its balance in that one, without of the account's own row.",
       with_out({{OptionKind::positional, "ACCOUNT", "ACCOUNT",
                  "an address, a name, or NAME@CHAIN; default: the key's own"},
                 {OptionKind::value, "asset", "CODE", "of its balance in this asset"},
                 key_option()}),
       {"intaglio proof account alice --asset EUR --out balance.proof"},
       prove_account},
      {"proof transaction",
       "prove what became of a transaction",
       "Its receipt, in the block that decided it.",
       with_out({{OptionKind::positional, "ID", "ID", "the transaction's id", true},
                 {OptionKind::value, "chain", "N", "which of its chains, when it has several"}}),
       {"intaglio proof transaction $ID --out receipt.proof"},
       prove_transaction},
      {"proof row",
       "prove a row that everybody may read: a key, an asset, a chain's nodes, its parameters",
       "",
       with_out(
           {chain,
            {OptionKind::positional, "ROW", "ROW",
             "params, asset:978, key:HASH, nodes:CHAIN, certificate:ISSUER:SERIAL, issuer:HASH",
             true}}),
       {"intaglio proof row 1 nodes:2", "intaglio proof row 0 asset:978 --out euro.proof"},
       prove_row},
      {"proof block",
       "get a whole block and check it",
       "",
       with_out({chain, {OptionKind::positional, "HEIGHT", "HEIGHT", "which block", true}}),
       {"intaglio proof block 1 12 --out block.proof"},
       prove_block},
      {"verify",
       "check a proof without a node",
       "Against the genesis that this home keeps since it first asked for a proof, or the one in "
       "--genesis. Believes nobody but those whom the genesis names, and whom these named since.",
       {{OptionKind::positional, "FILE", "FILE", "what --out of a proof command wrote", true},
        {OptionKind::value, "genesis", "FILE", "the ledger's genesis, as /v1/genesis gives it"}},
       {"intaglio verify balance.proof", "intaglio verify receipt.proof --genesis genesis.cbor"},
       verify},
  };
}

}  // namespace intaglio::cli
