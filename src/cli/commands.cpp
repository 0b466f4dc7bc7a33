#include "cli/commands.h"

#include <iterator>

namespace intaglio::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> out;
    for (const auto subject : {demo_commands,        node_commands,
                               home_commands,        element_commands,
                               element_run_commands, certificate_commands,
                               approval_commands,    certificate_log_commands,
                               authority_commands,   payment_code_commands,
                               payment_commands,     settlement_commands,
                               asset_commands,       account_commands,
                               chain_commands,       proof_commands,
                               snapshot_commands,    backup_commands,
                               transaction_commands, stone_commands,
                               curl_commands,        docs_commands}) {
      auto more = subject();
      std::ranges::move(more, std::back_inserter(out));
    }
    return out;
  }();
  return all;
}

const std::vector<Option>& global_options() {
  static const std::vector<Option> all = {
      {OptionKind::value, "home", "DIR",
       "the client's folder; default: $INTAGLIO_HOME, or .intaglio in your own"},
      {OptionKind::value, "node", "URL", "another address of the node"},
      {OptionKind::value, "passphrase-file", "FILE",
       "its first line opens the keys; default: $INTAGLIO_PASSPHRASE, or a question"},
      {OptionKind::flag, "json", "", "one JSON value on standard output, errors as JSON too"},
      {OptionKind::flag, "verbose", "", "log more to standard error"}};
  return all;
}

}  // namespace intaglio::cli
