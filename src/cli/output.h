// What a command says: to people in lines, to programs (--json) as one JSON value on standard
// output. Errors always go to standard error, problems as JSON there too.
#pragma once

#include <string>
#include <string_view>

#include "base/format.h"
#include "codec/json.h"

namespace intaglio::cli {

class Output {
 public:
  explicit Output(bool json) : json_(json) {}
  bool json() const { return json_; }

  // A line for people; nothing with --json.
  void line(std::string_view text);
  template <typename... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    line(fmt::format(text, std::forward<Args>(args)...));
  }

  // The command's result for programs; nothing without --json.
  void result(const codec::Json& value);
  // One of many results that come over time: a line of its own.
  void item(const codec::Json& value);

  // A file's content, e.g. CSV, as it is, whatever --json says.
  void raw(std::string_view text);

  // What a refusal after this is about, e.g. the id of a transaction that was sent: said with it.
  void about(std::string_view name, std::string_view value);

  // "intaglio: ...", or with --json {"code", "number", "kind", "title", "detail", ...}.
  void refusal(const Refusal& refusal);

 private:
  bool json_;
  codec::Json about_ = codec::Json::object();
};

}  // namespace intaglio::cli
