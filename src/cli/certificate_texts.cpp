#include "cli/certificate_texts.h"

#include <algorithm>

#include "base/format.h"
#include "cli/amounts.h"
#include "cli/texts.h"

namespace intaglio::cli {
namespace {

template <typename List, typename Said>
std::string joined(const List& items, const Said& said) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ", ";
    out += said(item);
  }
  return out;
}

using Assets = std::vector<ledger::GenesisAsset>;

std::string ceilings_text(const std::vector<pki::Ceiling>& ceilings, const Assets& assets) {
  return joined(ceilings, [&](const pki::Ceiling& each) {
    const auto asset = std::ranges::find(assets, each.asset, &ledger::GenesisAsset::id);
    if (asset != assets.end()) {
      return format("{} {}", amount_text(each.largest, asset->scale), asset->code);
    }
    return format("{} minor units of asset {}", each.largest.value(), each.asset.value());
  });
}

}  // namespace

std::vector<std::pair<std::string, std::string>> capability_texts(
    const pki::Capabilities& capabilities, const std::vector<ledger::GenesisAsset>& assets) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!capabilities.functions.empty()) {
    out.emplace_back("allows", joined(capabilities.functions, [](pki::Function each) {
                       return std::string(codec::enum_name(each));
                     }));
  }
  if (!capabilities.ceilings.empty()) {
    out.emplace_back("at most", ceilings_text(capabilities.ceilings, assets));
  }
  if (capabilities.categories) {
    out.emplace_back("categories", joined(*capabilities.categories,
                                          [](auto each) { return format("{:04}", each.value()); }));
  }
  if (capabilities.offline) {
    out.emplace_back("offline", "at most " + ceilings_text(*capabilities.offline, assets));
  }
  if (capabilities.places) {
    out.emplace_back("places",
                     joined(*capabilities.places, [](const std::string& each) { return each; }));
  }
  if (capabilities.expires_at) {
    out.emplace_back("allowed", "until " + time_text(*capabilities.expires_at));
  }
  out.emplace_back("element", capabilities.simulated_element
                                  ? "simulated: only software guards the key"
                                  : "vouched for by the operator");
  return out;
}

}  // namespace intaglio::cli
