#include "cli/reference.h"

#include "cli/commands.h"
#include "cli/help.h"
#include "codec/tagged.h"
#include "tx/transaction.h"

namespace intaglio::cli {
namespace {

constexpr std::string_view kMade =
    "This page is made from the program by `./dev docs`; a test fails when it is stale.\n";

// A text between the bars of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string_view hundred_title(unsigned hundred) {
  switch (hundred) {
    case 0: return "Done";
    case 1: return "The bytes and the request";
    case 2: return "Who signed, for which ledger and chain";
    case 3: return "Money";
    case 4: return "Payment codes";
    case 5: return "Elements and enrolment";
    case 6: return "Certificates";
    case 7: return "Requests to the server";
    case 8: return "The machine";
    case 9: return "Try again";
    case 10: return "Stones";
    default: return "More";
  }
}

std::string field_table(const std::vector<codec::FieldDoc>& fields) {
  std::string out = "| Key | Member | Type | | |\n|---|---|---|---|---|\n";
  for (const auto& field : fields) {
    out += format("| {} | `{}` | {} | {} | {} |\n", field.key, field.name, cell(field.type),
                  field.required ? "required" : "optional", cell(field.doc));
  }
  return out;
}

std::string operation_section(std::string_view name, std::uint64_t type, std::string_view doc,
                              const std::vector<codec::FieldDoc>& fields) {
  return format("\n## {} ({})\n\n`\"type\": \"{}\"`: {}.\n\n{}", name, type, name, doc,
                field_table(fields));
}

std::string command_section(const Command& command) {
  return format("\n## intaglio {}\n\n```\n{}```\n", command.path, help_text(command));
}

}  // namespace

std::string verdicts_page() {
  std::string out = "# Verdicts\n\n";
  out += kMade;
  out +=
      "\nEverything that the program can answer other than a value. Receipts carry the number, "
      "JSON "
      "problems and the\ncommand line the name. A number or name, once released, never changes and "
      "is never given again.\n\n"
      "Kinds, and the exit code of a command that ends with one: accepted (0), malformed (2: it "
      "can "
      "never be right),\nrefused (3: not in this state or by this signer), later (4: try again, "
      "the "
      "answer is not known yet).\n";
  unsigned hundred = 99;
  for (const VerdictRow& row : verdicts()) {
    const auto number = static_cast<unsigned>(row.verdict);
    if (number / 100 != hundred) {
      hundred = number / 100;
      out += format("\n## {}\n\n| Number | Name | Kind | HTTP | |\n|---|---|---|---|---|\n",
                    hundred_title(hundred));
    }
    out += format("| {} | `{}` | {} | {} | {} |\n", number, row.name, to_string(row.kind),
                  row.http_status, cell(row.sentence));
  }
  return out;
}

std::string transactions_page() {
  std::string out = "# Transactions\n\n";
  out += kMade;
  out +=
      "\nA transaction is one COSE_Sign1 ([formats](formats.md)) whose payload has the fields "
      "below. "
      "Its operations are linked:\nall happen or none. In CBOR a record is a map by key, and an "
      "operation an array of its number and its record; in JSON\nand for `intaglio tx send` a "
      "record "
      "is an object by member, and an operation has its name as `type`. Amounts are in\nminor "
      "units, "
      "in JSON as text.\n\n";
  out += field_table(codec::field_docs<tx::Transaction>());
  codec::for_each_alternative<tx::Operation>([&]<typename T>(const T&) {
    out += operation_section(T::kName, T::kType, T::kDoc, codec::field_docs<T>());
  });
  return out;
}

std::string cli_page() {
  std::string out = "# The command line\n\n";
  out += kMade;
  out += format("\n```\n{}```\n", root_help_text());
  for (const Command& command : commands()) out += command_section(command);
  return out;
}

namespace {

Result<void> docs(const Arguments& arguments, Output& output) {
  const std::string& page = arguments.text("PAGE");
  if (page == "verdicts") {
    output.raw(verdicts_page());
  } else if (page == "transactions") {
    output.raw(transactions_page());
  } else if (page == "cli") {
    output.raw(cli_page());
  } else {
    return refuse(Verdict::bad_usage, "PAGE: verdicts, transactions or cli");
  }
  return {};
}

}  // namespace

std::vector<Command> docs_commands() {
  return {{"docs",
           "print a page of docs/reference",
           "Verdicts, transactions and commands as Markdown, from the program itself.",
           {{OptionKind::positional, "PAGE", "PAGE", "verdicts, transactions or cli", true}},
           {"intaglio docs verdicts > docs/reference/verdicts.md"},
           docs}};
}

}  // namespace intaglio::cli
