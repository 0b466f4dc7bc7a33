// Commands as data: one list from which the parser, the help, docs/reference/cli.md and the
// dispatch follow.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/output.h"

namespace intaglio::cli {

enum class OptionKind : std::uint8_t {
  flag,        // --last
  value,       // --amount 12.50
  list,        // --usage holder --usage display
  positional,  // pay TO AMOUNT
};

struct Option {
  OptionKind kind;
  std::string name;        // "amount", without dashes
  std::string value_name;  // "AMOUNT", for help
  std::string help;
  bool required = false;
};

// What the user typed, by option name.
class Arguments {
 public:
  void set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }
  bool has(const std::string& name) const { return values_.contains(name); }
  // The only value of a required option.
  const std::string& text(const std::string& name) const;
  std::string text_or(const std::string& name, const std::string& fallback) const;
  std::vector<std::string> list(const std::string& name) const;
  // `bad_usage` naming the option unless it is a whole number up to `max`.
  Result<std::uint64_t> number_or(const std::string& name, std::uint64_t fallback,
                                  std::uint64_t max = UINT64_MAX) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct Command {
  std::string path;     // "code show"
  std::string summary;  // one line
  std::string details;  // a paragraph, may be empty
  std::vector<Option> options;
  std::vector<std::string> examples;  // whole command lines
  std::function<Result<void>(const Arguments&, Output&)> run;
};

// All commands, in the order help shows them.
const std::vector<Command>& commands();

// Options that every command takes: --home, --node, --passphrase-file, --json, --verbose.
const std::vector<Option>& global_options();

// 0 accepted, 2 malformed (also usage), 3 refused, 4 later; documented in docs/reference/cli.md.
int exit_code(const Refusal& refusal);

// Parses, runs, prints, and returns the process's exit code. Never throws.
int run_program(int argc, char** argv);

}  // namespace intaglio::cli
