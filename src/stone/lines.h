// For this module's readers of text: a file as lines, and a line as words. Pure; any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/result.h"

namespace intaglio::stone {

// Takes a text apart at line feeds; a carriage return before one belongs to it.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // Nothing at the end.
  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  std::size_t number() const { return number_; }  // of the line given last, from 1
  std::string_view rest() const { return rest_; }
  std::unexpected<Refusal> refuse_here(Verdict verdict, std::string_view what) const {
    return refuse(verdict, format("line {}: {}", number_, what.substr(0, 40)));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// Takes a line apart at spaces and tabs.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  // Empty at the end.
  std::string_view next() {
    const auto begin = rest_.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return rest_ = {};
    const auto end = rest_.find_first_of(" \t", begin);
    const auto word = rest_.substr(begin, end == std::string_view::npos ? end : end - begin);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end);
    return word;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// A line's cells between commas; one at least.
inline std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0;;) {
    const auto comma = line.find(',', begin);
    out.push_back(line.substr(begin, comma == std::string_view::npos ? comma : comma - begin));
    if (comma == std::string_view::npos) return out;
    begin = comma + 1;
  }
}

inline constexpr std::size_t kMaxName = 40;

// What may stand in a cell and be shown anywhere: no spaces, commas, quotes or hashes.
inline bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c <= '~' && c != ',' && c != '"' && c != '#';
  });
}

// A whole word as a finite number; nothing otherwise. A plus in front is allowed, as files have it.
inline std::optional<double> number_from(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace intaglio::stone
