// What a certificate allows, as it is said to people. Pure functions; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ledger/genesis.h"
#include "pki/capabilities.h"

namespace intaglio::cli {

// A name and what it holds, for each bound there is: {"allows", "pay, hold"}, {"at most",
// "50.00 EUR"}. Other assets than these are said by number, in minor units.
std::vector<std::pair<std::string, std::string>> capability_texts(
    const pki::Capabilities& capabilities, const std::vector<ledger::GenesisAsset>& assets);

}  // namespace intaglio::cli
