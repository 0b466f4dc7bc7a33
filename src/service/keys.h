// Where a data folder (setup.h) keeps its secrets. For this module.
#pragma once

#include "base/env.h"
#include "base/secret.h"

namespace intaglio::service {

std::string key_path(const std::string& folder, std::string_view name);

// The folder of a consensus node, counted from 1, inside the node's.
std::string consensus_folder(const std::string& folder, std::size_t number);

// The secret that displays' security keys are derived from, sealed under the passphrase.
Result<void> create_display_secret(const std::string& folder, const Secret& passphrase, Env& env);
// `element_locked` for another passphrase.
Result<Secret> open_display_secret(const std::string& folder, const Secret& passphrase, Env& env);

}  // namespace intaglio::service
