// What the commands that plan stones share: their inputs, how a search goes on, and that no plan is
// shown unproven.
#pragma once

#include <chrono>

#include "cli/interrupt.h"
#include "cli/stone.h"
#include "stone/saw.h"

namespace intaglio::cli {

// A search's line that is written over, where somebody looks at it. While one lives, Ctrl-C ends
// the search and not the program. For the thread that searches.
class ProgressLine {
 public:
  // For values in money, or in weight; 0 seconds are no limit.
  ProgressLine(bool is_weight, bool is_quiet, std::uint64_t seconds);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Shows where it is; false when it is to end.
  bool go_on(const stone::Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  Interrupt interrupt_;
  bool is_shown_;
  bool is_weight_;
  Clock::time_point until_;
};

// A rough, and what is to be planned in it.
struct PlanInputs {
  stone::Rough rough;
  std::vector<stone::Design> designs;
  std::vector<stone::DesignRange> ranges;
  std::optional<stone::PriceList> prices;
  stone::SpecificGravity gravity;
  std::string colour;
  std::string clarity;
  std::string best_colour;
  std::string best_clarity;
  stone::MicroCarats least;
  std::string origin;

  stone::PlanTerms terms() const {
    return {gravity,      prices ? &*prices : nullptr,
            colour,       clarity,
            least,        best_colour,
            best_clarity, ranges,
            origin};
  }
};
std::vector<Option> plan_inputs_options();
// --origin, and --allowance with --tolerance: what is kept from the surface, in nanometres.
std::vector<Option> allowance_options();
Result<std::uint32_t> allowance_argument(const Arguments& arguments);
Option layer_option();  // for those that do not divide the rough themselves
Result<PlanInputs> read_plan_inputs(const Arguments& arguments, Env& env);

// --direction, --kerf and --planes; those and --cuts, the cost left at nothing.
std::vector<Option> saw_options();
Result<stone::SawTerms> saw_argument(const Arguments& arguments);

// --gap, --cells, --seconds, --threads.
std::vector<Option> search_options();

struct MadePlan {
  stone::PlanAndProof files;
  stone::VerifiedBounds checked;
};
// No plan is shown that was not proven anew from its files.
Result<MadePlan> plan_and_verify(const stone::Rough& rough,
                                 const std::vector<stone::Design>& designs,
                                 const stone::PlanTerms& terms, const stone::SearchLimits& limits,
                                 std::uint64_t seconds, Output& output);

}  // namespace intaglio::cli
