// For this module's tests: the command line program, run in this process.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/result_for_test.h"
#include "cli/command.h"
#include "codec/json.h"

namespace intaglio::cli {

// How a run ended and what it wrote.
struct Ran {
  int code;
  std::string out;
  std::string err;

  codec::Json json() const { return must(codec::parse_json(out)); }
  std::string at(std::string_view member) const { return must(json().text_at(member)); }
  // The verdict of a refusal.
  std::string verdict() const {
    const auto problem = codec::parse_json(err.substr(0, err.find('\n')));
    return problem ? problem->text_at("code").value_or(err) : err;
  }
};

// `words` without the program's name.
inline Ran run_captured(std::vector<std::string> words) {
  words.insert(words.begin(), "intaglio");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_program(static_cast<int>(words.size()), argv.data());
  std::string out = testing::internal::GetCapturedStdout();
  return {code, std::move(out), testing::internal::GetCapturedStderr()};
}

}  // namespace intaglio::cli
