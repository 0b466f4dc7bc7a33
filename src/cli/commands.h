// The commands, a function a subject; commands.cpp joins them in the order that help shows.
#pragma once

#include "cli/command.h"

namespace intaglio::cli {

std::vector<Command> node_commands();             // serve, init
std::vector<Command> demo_commands();             // demo
std::vector<Command> home_commands();             // connect, key
std::vector<Command> element_commands();          // element
std::vector<Command> certificate_commands();      // login, enrol, cert
std::vector<Command> authority_commands();        // authority
std::vector<Command> approval_commands();         // cert pending, approve, refuse
std::vector<Command> certificate_log_commands();  // cert audit, cert member
std::vector<Command> element_run_commands();      // element run
std::vector<Command> payment_code_commands();     // code
std::vector<Command> payment_commands();          // pay, refund, hold, capture, release
std::vector<Command> settlement_commands();       // settlement
std::vector<Command> asset_commands();            // asset
std::vector<Command> account_commands();          // account
std::vector<Command> chain_commands();            // chain
std::vector<Command> proof_commands();            // proof, verify
std::vector<Command> snapshot_commands();         // snapshot
std::vector<Command> backup_commands();           // backup
std::vector<Command> transaction_commands();      // tx
std::vector<Command> stone_commands();            // stone
std::vector<Command> curl_commands();             // curl
std::vector<Command> docs_commands();             // docs

}  // namespace intaglio::cli
