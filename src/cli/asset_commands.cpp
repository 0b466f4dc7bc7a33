// asset: what can be paid with, and who makes it.
#include "cli/commands.h"
#include "cli/sending.h"

namespace intaglio::cli {
namespace {

using codec::Json;

Result<void> asset_list(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(auto* node, session.node());
  ASSIGN(const auto ledger, node->ledger());
  Json assets = Json::array();
  for (const auto& asset : ledger.assets) {
    output.say("{:<8} {:>6}  {} decimals, at least {}  {}", asset.code, asset.id.value(),
               asset.scale, amount_text(asset.smallest, asset.scale),
               asset.issuer ? "issued by " + codec::to_hex(*asset.issuer) : "of the genesis alone");
    assets.push(codec::record_to_json(asset));
  }
  output.result(assets);
  return {};
}

// The key's hash, from its name in this home or in hex.
Result<KeyHash> issuer_key(Session& session, const std::string& text) {
  if (const auto hash = codec::id_from_hex<KeyHash>(text)) return *hash;
  ASSIGN(const auto stored, session.home().key(text));
  return stored.key.hash();
}

Result<void> asset_add(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto number, arguments.number_or("NUMBER", 0, UINT32_MAX));
  ASSIGN(const auto scale, arguments.number_or("scale", 2, 18));
  ASSIGN(const auto smallest, arguments.number_or("smallest", 1));
  ASSIGN(const auto issuer, issuer_key(sending.session(), arguments.text("issuer")));
  const tx::AddAsset operation{.asset = AssetId(static_cast<std::uint32_t>(number)),
                               .code = arguments.text("CODE"),
                               .scale = static_cast<std::uint8_t>(scale),
                               .smallest = Amount(smallest),
                               .issuer = issuer};
  ASSIGN(const auto sent, sending.send(kMainChain, operation));
  sending.tell(sent, sending.payer(kMainChain), "decision",
               Json::object({{"operation", "add_asset"}, {"asset", number}}));
  return {};
}

Result<void> asset_issue(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto to, address_from_name(sending.session().home(), arguments.text("TO")));
  ASSIGN(const auto asset, asset_argument(arguments, sending));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), asset.scale));
  output.say("issuing {} to {}", money_text({amount, asset.id}, asset), codec::to_text(to));
  ASSIGN(const auto sent,
         sending.send(to.chain, tx::Issue{to, asset.id, amount, sending.options().memo}));
  sending.tell(sent, sending.payer(to.chain), "issue",
               Json::object({{"operation", "issue"},
                             {"payee", codec::to_text(to)},
                             {"amount", std::to_string(amount.value())},
                             {"asset", asset.id.value()}}));
  return {};
}

Result<void> asset_burn(const Arguments& arguments, Output& output) {
  ASSIGN(auto sending, Sending::open(arguments, output));
  ASSIGN(const auto asset, asset_argument(arguments, sending));
  ASSIGN(const auto amount, amount_from_text(arguments.text("AMOUNT"), asset.scale));
  ASSIGN(const auto number, arguments.number_or("chain", kHomeChain.value(), UINT16_MAX));
  const ChainId chain(static_cast<std::uint16_t>(number));
  output.say("burning {} on chain {}", money_text({amount, asset.id}, asset), chain.value());
  ASSIGN(const auto sent, sending.send(chain, tx::Burn{asset.id, amount, sending.options().memo}));
  sending.tell(sent, sending.payer(chain), "burn",
               Json::object({{"operation", "burn"},
                             {"amount", std::to_string(amount.value())},
                             {"asset", asset.id.value()}}));
  return {};
}

}  // namespace

std::vector<Command> asset_commands() {
  const Option amount{OptionKind::positional, "AMOUNT", "AMOUNT", "e.g. 12.50", true};
  const Option asset{OptionKind::positional, "ASSET", "ASSET", "its code or number", true};
  const Option memo{OptionKind::value, "memo", "TEXT", "for people, at most 140 bytes"};
  return {
      {"asset list", "list what can be paid with", "", {}, {"intaglio asset list"}, asset_list},
      {"asset add",
       "make an asset known to all chains",
       "By the authority's key, on the main chain. The issuer's key is certified before, as one.",
       with_sending(
           {{OptionKind::positional, "CODE", "CODE", "3 to 8 capital letters or digits", true},
            {OptionKind::positional, "NUMBER", "NUMBER", "ISO 4217 where there is one", true},
            {OptionKind::value, "issuer", "KEY", "a key's name, or its hash in hex", true},
            {OptionKind::value, "scale", "N", "decimals people see (2)"},
            {OptionKind::value, "smallest", "N", "smallest transfer, in minor units (1)"}}),
       {"intaglio asset add TOK 50001 --scale 0 --issuer mint --key soft:node/keys/authority.key"},
       asset_add},
      {"asset issue",
       "make some of your asset",
       "By its issuer alone.",
       with_sending(
           {{OptionKind::positional, "TO", "TO", "an address, a name, or NAME@CHAIN", true},
            amount,
            asset,
            memo}),
       {"intaglio asset issue alice 100 TOK --key mint"},
       asset_issue},
      {"asset burn",
       "take some of your asset out of the world",
       "By its issuer alone, from the issuer's own account.",
       with_sending({amount, asset, memo, {OptionKind::value, "chain", "N", "on which chain (1)"}}),
       {"intaglio asset burn 10 TOK --key mint"},
       asset_burn},
  };
}

}  // namespace intaglio::cli
