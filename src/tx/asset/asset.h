// Assets: the authority adds one on the main chain and names its issuer, who alone makes it and
// takes it out of the world again.
#pragma once

#include "tx/transactor.h"

namespace intaglio::tx {

using codec::field;

// Makes an asset known to all chains. Its issuer's key is certified before, with that role.
struct AddAsset {
  static constexpr std::uint64_t kType = 26;
  static constexpr std::string_view kName = "add_asset";
  static constexpr std::string_view kDoc = "makes an asset and its issuer known to all chains";

  AssetId asset;
  std::string code;
  std::uint8_t scale = 0;
  Amount smallest;
  KeyHash issuer;

  static constexpr auto fields() {
    return std::tuple(
        field(1, "asset", &AddAsset::asset, "its number, ISO 4217 where there is one"),
        field(2, "code", &AddAsset::code, "three to eight capital letters or digits"),
        field(3, "scale", &AddAsset::scale, "decimal places people see, at most 18"),
        field(4, "smallest", &AddAsset::smallest, "the smallest transfer"),
        field(5, "issuer", &AddAsset::issuer, "hash of the issuer's key"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// The issuer makes some of an asset, for an account on this chain.
struct Issue {
  static constexpr std::uint64_t kType = 8;
  static constexpr std::string_view kName = "issue";
  static constexpr std::string_view kDoc = "makes some of the signer's asset";

  Address to;
  AssetId asset;
  Amount amount;
  std::optional<std::string> memo;

  static constexpr auto fields() {
    return std::tuple(field(1, "to", &Issue::to, "who gets it, on this chain"),
                      field(2, "asset", &Issue::asset, "of which asset"),
                      field(3, "amount", &Issue::amount, "how much, in minor units"),
                      field(4, "memo", &Issue::memo, "for people, at most 140 bytes"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

// The issuer takes some of an asset out of the world, from their own account.
struct Burn {
  static constexpr std::uint64_t kType = 9;
  static constexpr std::string_view kName = "burn";
  static constexpr std::string_view kDoc = "takes some of the signer's asset out of the world";

  AssetId asset;
  Amount amount;
  std::optional<std::string> memo;

  static constexpr auto fields() {
    return std::tuple(field(1, "asset", &Burn::asset, "of which asset"),
                      field(2, "amount", &Burn::amount, "how much, in minor units"),
                      field(3, "memo", &Burn::memo, "for people, at most 140 bytes"));
  }
  Result<void> check() const;
  Result<void> apply(ledger::Stage& stage, const Block& block, const Origin& origin) const;
};

}  // namespace intaglio::tx
