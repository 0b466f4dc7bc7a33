// How times and ages are said to people. Pure functions; any thread.
#pragma once

#include <string>

#include "base/ids.h"

namespace intaglio::cli {

// RFC 3339 in UTC, with milliseconds where there are any: "2026-11-23T22:10:01Z".
std::string time_text(Millis time);

// Rounded down to the largest unit that fits: "5 seconds", "1 minute", "3 days".
std::string age_text(Duration age);

}  // namespace intaglio::cli
