// How times, ages and counts of signatures are said to people. Pure functions; any thread.
#pragma once

#include <string>

#include "base/ids.h"

namespace intaglio::cli {

// RFC 3339 in UTC, with milliseconds where there are any: "2026-11-23T22:10:01Z".
std::string time_text(Millis time);

// Rounded down to the largest unit that fits: "5 seconds", "1 minute", "3 days".
std::string age_text(Duration age);

// Who signed a block: "the accounting node alone", "2 of 3 consensus nodes".
std::string signatures_text(std::uint64_t cosigned, std::uint64_t consensus);

}  // namespace intaglio::cli
