// The only place of CLI11: turns the list of commands into its parser.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/check.h"
#include "base/log.h"
#include "cli/help.h"
#include "codec/record.h"

namespace intaglio::cli {
namespace {

constexpr std::string_view kVersion = "intaglio 0.1.0";
constexpr const char* kNoCommand = "A subcommand is required";  // in the parser's words

// Where CLI11 puts what it parsed for one option.
struct Parsed {
  const Option* option;
  CLI::Option* known;
  std::vector<std::string> values;
  bool flag = false;
};

struct ParsedCommand {
  const Command* command;
  CLI::App* app;
  std::deque<Parsed> options;
};

void add_option(CLI::App& app, const Option& option, std::deque<Parsed>& into) {
  Parsed& parsed = into.emplace_back();
  parsed.option = &option;
  const std::string name = option.kind == OptionKind::positional ? option.name : "--" + option.name;
  if (option.kind == OptionKind::flag) {
    parsed.known = app.add_flag(name, parsed.flag, option.help);
    return;
  }
  parsed.known = app.add_option(name, parsed.values, option.help);
  // One value at a time: what follows is the next positional's.
  parsed.known->required(option.required)->expected(1)->allow_extra_args(false);
  if (option.kind == OptionKind::list) {
    parsed.known->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  } else {
    parsed.known->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
}

// "code show" below the group "code". Help comes from the list (help.h), not from the parser.
CLI::App& subcommand(CLI::App& root, const Command& command) {
  CLI::App* app = &root;
  std::string rest = command.path;
  while (true) {
    const std::size_t space = rest.find(' ');
    const std::string word = rest.substr(0, space);
    const bool is_leaf = space == std::string::npos;
    const auto there = app->get_subcommands([&](CLI::App* each) { return each->check_name(word); });
    CLI::App* below = there.empty() ? nullptr : there.front();
    if (below == nullptr) {
      below = app->add_subcommand(word);
      below->fallthrough();
      if (!is_leaf) {
        below->require_subcommand(1);
        below->formatter_fn([word](const CLI::App*, const std::string&, CLI::AppFormatMode) {
          return group_help_text(word);
        });
      }
    }
    app = below;
    if (is_leaf) break;
    rest = rest.substr(space + 1);
  }
  app->formatter_fn([&command](const CLI::App*, const std::string&, CLI::AppFormatMode) {
    return help_text(command);
  });
  return *app;
}

Arguments arguments_of(const std::deque<Parsed>& global, const std::deque<Parsed>& own) {
  Arguments out;
  for (const auto* list : {&global, &own}) {
    for (const Parsed& parsed : *list) {
      if (parsed.known->count() > 0) out.set(parsed.option->name, parsed.values);
    }
  }
  return out;
}

// Before anything is parsed: whether what is wrong with the command line is to be said as JSON.
bool wants_json(int argc, char** argv) {
  return std::any_of(argv, argv + argc,
                     [](const char* word) { return std::string_view(word) == "--json"; });
}

// The parser says that a command is required when there is one that it does not know.
std::string what_is_wrong(const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_name() != "RequiredError" || error.what() != std::string_view(kNoCommand)) {
    return error.what();
  }
  std::string words;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i)
    words += (words.empty() ? "" : " ") + std::string(argv[i]);
  return words.empty() ? kNoCommand : "no command \"" + words + '"';
}

int refuse_usage(const std::string& what, bool json) {
  const Refusal refusal{Verdict::bad_usage, what};
  Output(json).refusal(refusal);
  if (!json) std::fputs("  intaglio --help, or intaglio COMMAND --help\n", stderr);
  return exit_code(refusal);
}

}  // namespace

const std::string& Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  CHECK(found != values_.end() && found->second.size() == 1);
  return found->second.front();
}

std::string Arguments::text_or(const std::string& name, const std::string& fallback) const {
  return has(name) ? text(name) : fallback;
}

std::vector<std::string> Arguments::list(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::uint64_t> Arguments::number_or(const std::string& name, std::uint64_t fallback,
                                           std::uint64_t max) const {
  if (!has(name)) return fallback;
  const auto number = codec::uint_from_json(codec::Json(text(name)), max);
  if (!number) return refuse(Verdict::bad_usage, "--" + name + " " + text(name));
  return *number;
}

int exit_code(const Refusal& refusal) {
  switch (describe(refusal.verdict).kind) {
    case VerdictKind::accepted: return 0;
    case VerdictKind::malformed: return 2;
    case VerdictKind::refused: return 3;
    case VerdictKind::later: return 4;
  }
  fatal("a verdict kind outside its enum");
}

int run_program(int argc, char** argv) {
  if (argc <= 1) {
    std::fputs(root_help_text().c_str(), stderr);
    return exit_code({Verdict::bad_usage, {}});
  }
  CLI::App root("", "intaglio");
  root.require_subcommand(1);
  root.set_version_flag("--version", std::string(kVersion));
  root.formatter_fn(
      [](const CLI::App*, const std::string&, CLI::AppFormatMode) { return root_help_text(); });
  std::deque<Parsed> global;
  for (const Option& option : global_options()) add_option(root, option, global);
  std::deque<ParsedCommand> parsed;
  for (const Command& command : commands()) {
    ParsedCommand& each = parsed.emplace_back();
    each.command = &command;
    each.app = &subcommand(root, command);
    for (const Option& option : command.options) add_option(*each.app, option, each.options);
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return root.exit(asked);
  } catch (const CLI::ParseError& error) {
    return refuse_usage(what_is_wrong(error, argc, argv), wants_json(argc, argv));
  }
  for (const ParsedCommand& each : parsed) {
    if (!each.app->parsed() || !each.command->run) continue;
    const Arguments arguments = arguments_of(global, each.options);
    if (arguments.has("verbose")) log::set_level(log::Level::debug);
    Output output(arguments.has("json"));
    const auto done = each.command->run(arguments, output);
    if (done) return 0;
    output.refusal(done.error());
    return exit_code(done.error());
  }
  return refuse_usage("no command", wants_json(argc, argv));
}

}  // namespace intaglio::cli
