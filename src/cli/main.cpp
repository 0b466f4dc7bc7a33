#include "cli/command.h"

int main(int argc, char** argv) { return intaglio::cli::run_program(argc, argv); }
