// What --help prints, from the list of commands: at most 100 columns, examples at the end. Pure
// functions; any thread.
#pragma once

#include "cli/command.h"

namespace intaglio::cli {

// One command: usage, what it does, its options, examples.
std::string help_text(const Command& command);

// The commands below a word, e.g. "code". Empty when there are none.
std::string group_help_text(std::string_view group);

// All commands, the options of every command, environment and exit codes.
std::string root_help_text();

}  // namespace intaglio::cli
