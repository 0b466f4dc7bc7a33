#include "cli/texts.h"

#include <ctime>

#include "base/format.h"

namespace intaglio::cli {

std::string time_text(Millis time) {
  // Past year 9999 there is no such text; the moment is still a number.
  constexpr std::uint64_t kLast = 253'402'300'799'999;
  if (time.value() > kLast) return format("{} ms since 1970", time.value());
  const auto whole = static_cast<std::time_t>(time.value() / 1000);
  const std::uint64_t rest = time.value() % 1000;
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  const std::string seconds =
      format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
             utc.tm_hour, utc.tm_min, utc.tm_sec);
  return rest == 0 ? seconds + 'Z' : format("{}.{:03}Z", seconds, rest);
}

std::string age_text(Duration age) {
  struct Unit {
    std::uint64_t seconds;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  const std::uint64_t whole = age.value() / 1000;
  for (const Unit& unit : kUnits) {
    const std::uint64_t count = whole / unit.seconds;
    if (count == 0) continue;
    return format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

std::string signatures_text(std::uint64_t cosigned, std::uint64_t consensus) {
  if (consensus == 0) return "the accounting node alone";
  return format("{} of {} consensus nodes", cosigned, consensus);
}

}  // namespace intaglio::cli
