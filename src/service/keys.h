// Where a data folder (setup.h) keeps its secrets. For this module.
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "element/secure_element.h"

namespace intaglio::service {

// The file of a soft key: keys/NAME.key.
std::string key_path(const std::string& folder, std::string_view name);
// The file that holds the URI of another kind of key instead: keys/NAME.uri, one line.
std::string key_uri_path(const std::string& folder, std::string_view name);

// Whether there is a key of that name, of either kind.
bool has_key(const std::string& folder, std::string_view name);

// Opens it: what uri_of_key (setup.h) and element::open_key refuse.
Result<std::unique_ptr<element::SecureElement>> open_key(const std::string& folder,
                                                         std::string_view name,
                                                         const Secret& passphrase, Env& env);
// Makes a new one: in `place` (element::key_uri), or in the folder when that is empty. What an
// interrupted set-up of this folder left is used or replaced; a key that was in `place` before is
// `element_taken`.
Result<std::unique_ptr<element::SecureElement>> make_key(const std::string& folder,
                                                         std::string_view name,
                                                         const std::string& place,
                                                         const Secret& passphrase, Env& env);

// The folder and those above it, where they are not there yet: `file_failed`.
Result<void> make_folder(const std::string& path);

// The folder of a consensus node, counted from 1, inside the node's.
std::string consensus_folder(const std::string& folder, std::size_t number);

// What the desks give out is derived from a secret of each desk: displays' security keys, clients'
// one-time secrets. They stand in the folder, sealed under the passphrase.
inline constexpr std::string_view kDisplayDesk = "display";
inline constexpr std::string_view kClientDesk = "client";
Result<void> create_desk_secret(const std::string& folder, std::string_view desk,
                                const Secret& passphrase, Env& env);
// `element_locked` for another passphrase.
Result<Secret> open_desk_secret(const std::string& folder, std::string_view desk,
                                const Secret& passphrase, Env& env);

}  // namespace intaglio::service
