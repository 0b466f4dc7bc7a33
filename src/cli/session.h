// What a client command begins with: the home folder, the node, the keys and their passphrase, as
// the command line and the environment name them.
#pragma once

#include "cli/command.h"
#include "cli/home.h"
#include "element/payment_code_applet.h"
#include "element/secure_element.h"

namespace intaglio::cli {

// One thread; for the length of one command.
class Session {
 public:
  // --home, --node, --passphrase-file. Reads nothing yet.
  static Result<Session> open(const Arguments& arguments, Env& env = system_env());

  Home& home() { return home_; }
  const Home& home() const { return home_; }
  Env& env() { return home_.env(); }

  // The node of this home; --node replaces its URL, and not whom TLS believes.
  Result<NodeClient*> node();
  // A connection more, for another thread: from any thread, while nothing changes this home.
  Result<NodeClient> another_node() const;
  // As it was when this home was connected: a ledger's rules and authority do not change.
  Result<LedgerInfo> ledger();
  // The genesis of this home's ledger, which the node is asked for once: `wrong_ledger` for
  // another.
  Result<ledger::Genesis> genesis();
  // An asset by its code or number, asked of the node when `ledger`, which then learns it, does not
  // know it: assets are added.
  Result<ledger::GenesisAsset> asset(LedgerInfo& ledger, std::string_view code_or_number);
  Result<ledger::GenesisAsset> asset(LedgerInfo& ledger, AssetId id);

  // A key by name in this home, or by its element's URI.
  Result<std::unique_ptr<element::SecureElement>> key(const std::string& name_or_uri);
  // The key of --key, else of $INTAGLIO_KEY, else the only one of this home: `bad_usage`.
  Result<std::string> key_name(const Arguments& arguments);
  Result<std::unique_ptr<element::SecureElement>> own_key(const Arguments& arguments);
  Result<std::unique_ptr<element::PaymentCodeApplet>> applet(const StoredDisplay& display);

  // $INTAGLIO_PASSPHRASE, else the first line of --passphrase-file, else asked for at the terminal,
  // twice for a new one: `bad_usage` without any of them, or for an empty one. Once a session.
  Result<const Secret*> passphrase(bool is_new = false);

 private:
  Result<void> learn_assets(LedgerInfo& ledger);
  explicit Session(Home home) : home_(std::move(home)) {}

  Home home_;
  std::string node_url_;         // of --node
  std::string passphrase_file_;  // of --passphrase-file
  std::optional<Secret> passphrase_;
  std::unique_ptr<NodeClient> node_;
};

// The options that commands share.
Option key_option();                    // --key NAME
std::vector<Option> sending_options();  // --idempotency-key, --dry-run, --key

// Asks a yes-or-no question at the terminal; false without one.
bool confirm(std::string_view question);

}  // namespace intaglio::cli
