#include "cli/stone_planning.h"

#include <cstdio>

#include <unistd.h>

#include "cli/amounts.h"

namespace intaglio::cli {
namespace {

// "X,Y,Z,MM": a direction, and how far along it stones may go, both by the scan's axes.
Result<stone::Layer> layer_from(const std::string& text, const stone::Solid& rough) {
  const auto refused = refuse(Verdict::bad_usage, "--layer " + text);
  const auto numbers = numbers_from(text, 4);
  if (!numbers) return refused;
  const stone::Vec3 direction{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
  if (!(stone::length(direction) > 1e-9)) return refused;
  stone::Layer layer{stone::grid_direction(direction), 0};
  const double offset =
      (*numbers)[3] * 1e6 -
      stone::dot(stone::unit(stone::to_vec(layer.direction)), stone::origin_of(rough));
  if (!(std::abs(offset) < stone::kMaxCoordinate)) return refused;
  layer.offset = static_cast<std::int32_t>(std::floor(offset));
  return layer;
}

// "X,Y,Z,DEGREES" or "X,Y,Z,FROM,TO": how far from a line through the scan the table's axis may be.
Result<stone::AxisLimit> axis_from(const std::string& text) {
  const auto refused = refuse(Verdict::bad_usage, "--table-axis " + text);
  auto numbers = numbers_from(text, 4);
  if (numbers) numbers->insert(numbers->begin() + 3, 0);
  if (!numbers) numbers = numbers_from(text, 5);
  if (!numbers) return refused;
  const stone::Vec3 direction{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
  const auto is_angle = [](double degrees) { return degrees >= 0 && degrees <= 90; };
  if (!(stone::length(direction) > 1e-9) || !is_angle((*numbers)[3]) || !is_angle((*numbers)[4])) {
    return refused;
  }
  const stone::AxisLimit limit{stone::grid_direction(direction),
                               static_cast<std::uint32_t>(std::lround((*numbers)[3] * 1000)),
                               static_cast<std::uint32_t>(std::lround((*numbers)[4] * 1000))};
  if (!stone::check_axis_limit(limit)) return refused;
  return limit;
}

// "H", or "F-H": the worst that a stone may have, and the best where that is another. A grade of
// the list may have a dash of its own.
Result<void> take_range(const std::string& option, const std::string& text,
                        const std::vector<std::string>& grades, std::string& worst,
                        std::string& best) {
  const auto rank = [&](const std::string& grade) { return std::ranges::find(grades, grade); };
  const auto dash = text.find('-');
  worst = text;
  if (dash == std::string::npos || rank(text) != grades.end()) return {};
  best = text.substr(0, dash);
  worst = text.substr(dash + 1);
  if (rank(best) > rank(worst)) return refuse(Verdict::bad_usage, "--" + option + ' ' + text);
  return {};
}

Result<std::vector<stone::GridDirection>> directions_argument(const Arguments& arguments) {
  auto texts = arguments.list("direction");
  if (texts.empty()) texts = {"1,0,0", "0,1,0", "0,0,1"};
  std::vector<stone::GridDirection> out;
  for (const std::string& text : texts) {
    const auto numbers = numbers_from(text, 3);
    const auto refused = refuse(Verdict::bad_usage, "--direction " + text);
    if (!numbers) return refused;
    const stone::Vec3 direction{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
    if (!(stone::length(direction) > 1e-9)) return refused;
    out.push_back(stone::grid_direction(direction));
  }
  return out;
}

}  // namespace

ProgressLine::ProgressLine(bool is_weight, bool is_quiet, std::uint64_t seconds)
    : is_shown_(!is_quiet && ::isatty(STDERR_FILENO) == 1),
      is_weight_(is_weight),
      until_(seconds == 0 ? Clock::time_point::max()
                          : Clock::now() + std::chrono::seconds(seconds)) {}

ProgressLine::~ProgressLine() {
  if (is_shown_) std::fputs("\r\033[K", stderr);
}

bool ProgressLine::go_on(const stone::Progress& progress) {
  if (is_shown_) {
    const unsigned scale = is_weight_ ? 6 : 2;
    const auto gap = stone::gap_between(progress.value.value(), progress.bound.value());
    const std::size_t done = gap >= 300'000 ? 0 : 20 - gap / 15'000;
    const auto text = format("\r\033[K[{:<20}] best {}, bound {}, gap {}, {} cells",
                             std::string(done, '#'), amount_text(progress.value, scale),
                             amount_text(progress.bound, scale), gap_text(gap), progress.cells);
    std::fputs(text.c_str(), stderr);
  }
  return !interrupt_.happened() && Clock::now() < until_;
}

std::vector<Option> plan_inputs_options() {
  return joined(
      {{rough_option(), unit_option(), inclusions_option(), beside_option()},
       material_options(),
       {{OptionKind::list, "design", "DESIGN",
         "\"round\", \"round table=57 crown=34.5\", or SHAPE@FILE of a GemCad file or a convex "
         "mesh; all of the library without any; \"round table=53..62\" leaves a proportion to the "
         "plan"}},
       price_options(),
       {{OptionKind::value, "colour", "GRADE",
         "that the stones will have, default G; or BEST-WORST, planned at the worst"},
        {OptionKind::value, "clarity", "GRADE",
         "of a stone that holds no inclusion, default VS1; or BEST-WORST"},
        {OptionKind::value, "at-least", "CARATS", "lighter stones count as worth nothing"},
        {OptionKind::value, "table-axis", "X,Y,Z,DEGREES",
         "the table's axis is no further from that line, by the scan's axes; or X,Y,Z,FROM,TO"}},
       allowance_options()});
}

std::vector<Option> allowance_options() {
  return {{OptionKind::value, "origin", "NAME",
           "natural (default), laboratory-grown, treated: as the price list calls it"},
          {OptionKind::value, "allowance", "UM",
           "micrometres that polishing takes, kept from the surface"},
          {OptionKind::value, "tolerance", "UM",
           "micrometres that the scanner may be off, kept as well"}};
}

Result<std::uint32_t> allowance_argument(const Arguments& arguments) {
  ASSIGN(const auto polish, micrometres_argument(arguments, "allowance"));
  ASSIGN(const auto scanner, micrometres_argument(arguments, "tolerance"));
  return polish + scanner;  // a sum that is too large is refused with the rough
}

Result<PlanInputs> read_plan_inputs(const Arguments& arguments, Env& env) {
  PlanInputs out;
  ASSIGN(const auto allowance, allowance_argument(arguments));
  out.origin = arguments.text_or("origin", "");
  ASSIGN(out.gravity, gravity_argument(arguments));
  ASSIGN(out.prices, prices_argument(arguments, env));
  ASSIGN(auto asked, asked_designs_argument(arguments, env));
  out.designs = std::move(asked.designs);
  out.ranges = std::move(asked.ranges);
  const std::vector<std::string> none;
  TRY(take_range("colour", arguments.text_or("colour", "G"),
                 out.prices ? out.prices->colours() : none, out.colour, out.best_colour));
  TRY(take_range("clarity", arguments.text_or("clarity", "VS1"),
                 out.prices ? out.prices->clarities() : none, out.clarity, out.best_clarity));
  ASSIGN(out.least, stone::carats_from_text(arguments.text_or("at-least", "0")));
  ASSIGN(auto solid, read_rough(arguments, env));
  ASSIGN(auto inclusions, inclusions_argument(arguments, solid, env));
  std::vector<stone::Layer> layers;
  for (const std::string& text : arguments.list("layer")) {
    ASSIGN(layers.emplace_back(), layer_from(text, solid));
  }
  ASSIGN(const auto whole, stone::rough_from(std::move(solid), allowance, std::move(inclusions)));
  ASSIGN(out.rough, stone::below(whole, layers));
  if (arguments.has("table-axis")) {
    ASSIGN(out.rough.axis, axis_from(arguments.text("table-axis")));
  }
  return out;
}

Option layer_option() {
  return {OptionKind::list, "layer", "X,Y,Z,MM",
          "stones lie below that plane: its direction and offset by the scan's axes"};
}

std::vector<Option> saw_options() {
  return {{OptionKind::list, "direction", "X,Y,Z",
           "across the planes, by the scan's axes; all three without any"},
          {OptionKind::value, "kerf", "UM", "micrometres that the saw takes; default 60"},
          {OptionKind::value, "planes", "N", "at most across one direction of a part; default 64"}};
}

Result<stone::SawTerms> saw_argument(const Arguments& arguments) {
  stone::SawTerms saw;
  ASSIGN(saw.directions, directions_argument(arguments));
  ASSIGN(saw.kerf, micrometres_argument(arguments, "kerf", "60"));
  ASSIGN(const auto planes, arguments.number_or("planes", saw.planes, stone::kMaxSawPlanes));
  saw.planes = planes;
  ASSIGN(const auto depth, arguments.number_or("cuts", saw.depth, stone::kMaxSawDepth));
  saw.depth = static_cast<std::uint32_t>(depth);
  return saw;
}

std::vector<Option> search_options() {
  return {{OptionKind::value, "gap", "PERCENT", "of the value; default 1"},
          {OptionKind::value, "cells", "N", "at most; default 4000000"},
          {OptionKind::value, "seconds", "N", "at most"},
          {OptionKind::value, "threads", "N", "default: one a core; changes no plan"}};
}

Result<MadePlan> plan_and_verify(const stone::Rough& rough,
                                 const std::vector<stone::Design>& designs,
                                 const stone::PlanTerms& terms, const stone::SearchLimits& limits,
                                 std::uint64_t seconds, Output& output) {
  Result<stone::PlanAndProof> made = refuse(Verdict::internal);
  {
    ProgressLine progress(terms.prices == nullptr, output.json(), seconds);
    made = stone::make_plan(rough, designs, terms, limits,
                            [&](const stone::Progress& at) { return progress.go_on(at); });
  }
  if (!made) return std::unexpected(made.error());
  ASSIGN(const auto checked,
         stone::verify_plan(made->plan, made->proof, rough.solid, rough.inclusions, terms.prices));
  return MadePlan{*std::move(made), checked};
}

}  // namespace intaglio::cli
