#include "cli/output.h"

#include <cstdio>

namespace intaglio::cli {

void Output::raw(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Output::line(std::string_view text) {
  if (!json_) raw(std::string(text) + '\n');
}

void Output::result(const codec::Json& value) {
  if (json_) raw(value.pretty() + '\n');
}

void Output::item(const codec::Json& value) {
  if (json_) raw(value.dump() + '\n');
}

void Output::about(std::string_view name, std::string_view value) {
  about_.set(std::string(name), value);
}

void Output::refusal(const Refusal& refusal) {
  std::string text;
  if (json_) {
    const auto& row = describe(refusal.verdict);
    auto problem = codec::Json::object({{"code", row.name},
                                        {"number", static_cast<unsigned>(row.verdict)},
                                        {"kind", to_string(row.kind)},
                                        {"title", row.sentence},
                                        {"detail", refusal.where}});
    for (const auto& [name, value] : *about_.members()) problem.set(name, value);
    text = problem.dump() + '\n';
  } else {
    text = "intaglio: " + to_string(refusal) + '\n';
    for (const auto& [name, value] : *about_.members()) {
      text += format("  {}: {}\n", name, *value.text());
    }
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace intaglio::cli
