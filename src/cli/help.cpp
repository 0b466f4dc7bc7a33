#include "cli/help.h"

#include <algorithm>

#include "codec/utf8.h"

namespace intaglio::cli {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kLeft = 32;  // where what an option is for begins

// Words in lines of at most kColumns, every line but the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t first_at) {
  std::string out;
  std::size_t column = first_at;
  bool at_start = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(text.size(), space + 1));
    const std::size_t width = codec::utf8_length(word);
    if (!at_start && column + 1 + width > kColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
      at_start = true;
    }
    if (!at_start) out += ' ';
    out += word;
    column += width + (at_start ? 0 : 1);
    at_start = false;
  }
  return out;
}

std::string paragraph(std::string_view text) { return wrapped(text, 0, 0) + '\n'; }

// "  left        right, wrapped below itself"
std::string row(const std::string& left, std::string_view right) {
  std::string out = "  " + left;
  if (out.size() + 2 > kLeft) {
    out += '\n' + std::string(kLeft, ' ');
  } else {
    out.append(kLeft - out.size(), ' ');
  }
  return out + wrapped(right, kLeft, kLeft) + '\n';
}

std::string option_name(const Option& option) {
  if (option.kind == OptionKind::positional) return option.value_name;
  if (option.kind == OptionKind::flag) return "--" + option.name;
  return "--" + option.name + ' ' + option.value_name;
}

std::string usage_of(const Command& command) {
  std::string text = "intaglio " + command.path;
  const std::size_t indent = text.size() + 8;
  bool any_optional = false;
  for (const Option& option : command.options) {
    if (option.kind == OptionKind::positional) {
      text += option.required ? ' ' + option.value_name : " [" + option.value_name + ']';
    } else if (option.required) {
      text += ' ' + option_name(option);
    } else {
      any_optional = true;
    }
  }
  if (any_optional) text += " [OPTIONS]";
  return "Usage: " + wrapped(text, indent, 7) + '\n';
}

std::string option_rows(const std::vector<Option>& options, bool positional) {
  std::string out;
  for (const Option& option : options) {
    if ((option.kind == OptionKind::positional) != positional) continue;
    out += row(option_name(option),
               option.help + (option.required && !positional ? " (required)" : ""));
  }
  return out;
}

std::string titled(std::string_view title, const std::string& rows) {
  return rows.empty() ? "" : format("\n{}:\n{}", title, rows);
}

// "code" of "code show"; empty for a command of one word.
std::string_view group_of(const Command& command) {
  const std::string_view path = command.path;
  const std::size_t space = path.find(' ');
  return space == std::string_view::npos ? std::string_view() : path.substr(0, space);
}

std::string command_rows(std::string_view group, bool all) {
  std::string out;
  for (const Command& command : commands()) {
    if (all || group_of(command) == group) out += row(command.path, command.summary);
  }
  return out;
}

}  // namespace

std::string help_text(const Command& command) {
  std::string out = usage_of(command);
  std::string summary = command.summary + '.';
  summary.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(summary.front())));
  out += '\n' + paragraph(summary);
  if (!command.details.empty()) out += '\n' + paragraph(command.details);
  out += titled("Arguments", option_rows(command.options, true));
  out += titled("Options", option_rows(command.options, false));
  out += "\nExamples:\n";
  for (const auto& example : command.examples) out += "  " + example + '\n';
  return out + "\nOptions of every command, environment and exit codes: intaglio --help\n";
}

std::string group_help_text(std::string_view group) {
  const std::string rows = command_rows(group, false);
  if (group.empty() || rows.empty()) return {};
  return format("Usage: intaglio {} COMMAND\n\nCommands:\n{}\nMore: intaglio {} COMMAND --help\n",
                group, rows, group);
}

std::string root_help_text() {
  std::string out = "Intaglio: transactions that carry their own proof.\n\n";
  out += "Usage: intaglio COMMAND [OPTIONS]\n\nCommands:\n" + command_rows("", true);
  out += "\nOptions of every command:\n" + option_rows(global_options(), false);
  out += row("--help", "what a command does, with examples");
  out += row("--version", "the program's version");
  out += "\nEnvironment:\n";
  out += row("INTAGLIO_HOME", "the client's folder");
  out += row("INTAGLIO_KEY", "the key that signs, when there are several");
  out += row("INTAGLIO_PASSPHRASE",
             "opens the keys; take --passphrase-file where others could "
             "read the environment");
  out += "\nExit codes:\n";
  out += row("0", "done");
  out += row("2", "malformed: the command line or the bytes can never be right");
  out += row("3", "refused: well formed, and not allowed in this state or by this signer");
  out += row("4", "later: not known yet, or not now; the same command may be tried again");
  return out + "\nEvery verdict by name: docs/reference/verdicts.md\n";
}

}  // namespace intaglio::cli
