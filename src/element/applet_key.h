// Keys that belong to a payment code applet and sign through it alone. For this module.
//
// A key in a file is an applet's when the applet's memory is beside it (PATH.applet), one in a
// token when its label ends in ".applet". A TPM's handle carries no mark and is never an applet's.
#pragma once

#include "element/secure_element.h"

namespace intaglio::element {

enum class KeyUser { anybody, applet };

inline constexpr std::string_view kAppletEnding = ".applet";

// create_key and open_key for one of the two; the other's keys are `unknown_element`.
Result<std::unique_ptr<SecureElement>> create_key_for(KeyUser user, const std::string& uri,
                                                      const Secret& passphrase, Env& env);
Result<std::unique_ptr<SecureElement>> open_key_for(KeyUser user, const std::string& uri,
                                                    const Secret& passphrase, Env& env);

// That what lives at `path` is for `user`: `unknown_element` for anybody when an applet's memory is
// beside it.
Result<void> check_user(KeyUser user, const std::string& path, Env& env);

// Where the applet of an open key keeps its memory: beside the key's file, or else in `folder`
// under the first bytes of the key's hash.
Result<std::string> memory_path(const SecureElement& key, const std::string& folder);

}  // namespace intaglio::element
