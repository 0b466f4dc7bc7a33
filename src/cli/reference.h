// The pages of docs/reference that follow from the program: printed by `intaglio docs`, written by
// `./dev docs`, and compared with what stands there by a test. Pure functions; any thread.
#pragma once

#include "cli/command.h"

namespace intaglio::cli {

std::string verdicts_page();      // the verdict table
std::string transactions_page();  // every operation and its fields
std::string cli_page();           // every command

}  // namespace intaglio::cli
