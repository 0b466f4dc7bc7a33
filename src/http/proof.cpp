#include "http/proof.h"

#include "http/account.h"
#include "http/submission.h"
#include "http/transaction_body.h"

namespace intaglio::http {
namespace {

Response cbor(ByteView bytes) { return Response::of(kCborMediaType, as_text(bytes)); }

Result<Response> show_genesis(ServedNode& served, const Request&) {
  return cbor(codec::encode_record(served.node.genesis()));
}

// Of the account's balance in one asset, or without one of the account's own row; that there is
// none is proven too.
Result<Response> prove_account(ServedNode& served, const Request& request) {
  ASSIGN(const auto account, read_account(served, request));
  const AccountId& id = account.address.account;
  ledger::Slot slot = ledger::AccountRow::slot(id);
  if (request.query_value("asset") != nullptr) {
    ASSIGN(const auto number, request.query_number_or("asset", 0, UINT32_MAX));
    slot = ledger::BalanceRow::slot({id, AssetId(static_cast<std::uint32_t>(number))});
  }
  ASSIGN(const auto* chain, find_chain(served, account.address.chain));
  ASSIGN(const auto proof, prover_of(served, *chain).row(slot));
  return cbor(proof.encode());
}

// On the chain asked for, which need not be said where there is only one.
Result<Response> prove_receipt(ServedNode& served, const Request& request) {
  ASSIGN(const auto id, id_parameter<TxId>(request, "id"));
  const auto receipts = served.gateway().find(id);
  if (receipts.empty()) return std::unexpected(no_transaction(served.gateway(), id));
  auto receipt = receipts.begin();
  if (const auto* text = request.query_value("chain")) {
    ASSIGN(const auto* asked, find_chain(served, *text));
    receipt = std::ranges::find(receipts, asked->chain(), &tx::Receipt::chain);
    if (receipt == receipts.end()) return refuse(Verdict::unknown_transaction, codec::to_hex(id));
  } else if (receipts.size() > 1) {
    return refuse(Verdict::missing_field, "chain");
  }
  ASSIGN(const auto* chain, find_chain(served, receipt->chain));
  ASSIGN(const auto proof, prover_of(served, *chain).receipt(*receipt));
  return cbor(proof.encode());
}

template <typename Int>
Result<Int> number_in(std::string_view text) {
  const auto number = codec::uint_from_digits(text);
  if (!number || *number > std::numeric_limits<Int>::max())
    return refuse(Verdict::bad_value, "row");
  return static_cast<Int>(*number);
}

Result<ledger::Slot> certificate_slot(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return refuse(Verdict::bad_value, "row");
  const auto issuer = codec::id_from_hex<KeyHash>(text.substr(0, colon));
  const auto serial = codec::id_from_hex<SerialNumber>(text.substr(colon + 1));
  if (!issuer || !serial) return refuse(Verdict::bad_value, "row");
  return ledger::CertificateRow::slot({*issuer, *serial});
}

// A row that everybody may read, by its name: params, asset:978, key:HASH, nodes:CHAIN,
// trust:CHAIN, certificate:ISSUER:SERIAL, issuer:HASH.
Result<ledger::Slot> public_row(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view key = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (text == "params") return ledger::ParamsRow::slot({});
  if (kind == "asset") {
    ASSIGN(const auto id, number_in<std::uint32_t>(key));
    return ledger::AssetRow::slot(AssetId(id));
  }
  if (kind == "nodes" || kind == "trust") {
    ASSIGN(const auto number, number_in<std::uint16_t>(key));
    const ChainId chain(number);
    return kind == "nodes" ? ledger::NodesRow::slot(chain) : ledger::TrustRow::slot(chain);
  }
  if (kind == "certificate") return certificate_slot(key);
  if (kind == "issuer") {
    const auto hash = codec::id_from_hex<KeyHash>(key);
    if (hash) return ledger::IssuerRow::slot(*hash);
  }
  if (kind == "key") {
    const auto hash = codec::id_from_hex<KeyHash>(key);
    if (hash) return ledger::KeyRow::slot(*hash);
  }
  return refuse(Verdict::bad_value, "row");
}

Result<Response> prove_row(ServedNode& served, const Request& request) {
  ASSIGN(const auto* chain, find_chain(served, request.parameter("chain")));
  ASSIGN(const auto slot, public_row(request.parameter("row")));
  ASSIGN(const auto proof, prover_of(served, *chain).row(slot));
  return cbor(proof.encode());
}

Result<Response> prove_block(ServedNode& served, const Request& request) {
  ASSIGN(const auto* chain, find_chain(served, request.parameter("chain")));
  const auto height = codec::uint_from_digits(request.parameter("height"));
  if (!height) return refuse(Verdict::bad_value, "height");
  ASSIGN(const auto block, prover_of(served, *chain).block(Height(*height)));
  return cbor(block.encode());
}

}  // namespace

chain::Prover prover_of(const ServedNode& served, const chain::Application& chain) {
  const auto* main_chain = served.gateway().chain(kMainChain);
  CHECK(main_chain != nullptr);
  return {served.node.genesis(), *main_chain, chain};
}

void add_proof_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/genesis", "getGenesis", show_genesis);
  add("GET", "/v1/accounts/{address}/proof", "proveAccount", prove_account);
  add("GET", "/v1/transactions/{id}/proof", "proveReceipt", prove_receipt);
  add("GET", "/v1/chains/{chain}/rows/{row}/proof", "proveRow", prove_row);
  add("GET", "/v1/chains/{chain}/blocks/{height}/proof", "proveBlock", prove_block);
}

}  // namespace intaglio::http
