// What the commands of `intaglio stone` read and say. Files are read through an Env; nothing here
// knows a node or a key.
#pragma once

#include "base/env.h"
#include "cli/command.h"
#include "stone/verifier.h"

namespace intaglio::cli {

// What several commands take.
Option rough_option();
Option unit_option();
Option inclusions_option();
Option beside_option();
std::vector<Option> material_options();
std::vector<Option> price_options();
std::vector<Option> plan_files();  // PLAN, PROOF, ROUGH with its unit and inclusions
std::vector<Option> joined(std::initializer_list<std::vector<Option>> lists);

// The mesh that the argument `name` names, in the unit of --unit.
Result<stone::Solid> read_scan(const Arguments& arguments, const std::string& name, Env& env);
// ROUGH.
Result<stone::Solid> read_rough(const Arguments& arguments, Env& env);
// The mesh in a file.
Result<stone::Solid> read_solid(const std::string& path, stone::Unit unit, Env& env);
// The names of a folder's scans, ascending: what ends in .stl, .ply or .obj.
Result<std::vector<std::string>> scans_in(const std::string& folder);
// --inclusions FILE, in the unit of the rough's mesh; meshes are looked for from the file's folder.
// And the stones of --beside.
Result<std::vector<stone::Inclusion>> inclusions_argument(const Arguments& arguments,
                                                          const stone::Solid& rough, Env& env);
// --beside FILE, each a mesh in millimetres, as a stone that no other may meet: what nobody may
// hold. One is added to the inclusions; `bad_value` for a name that stands there already.
Result<void> add_kept_stone(ByteView mesh, const stone::Solid& rough,
                            std::vector<stone::Inclusion>& inclusions);
bool is_kept_stone(const stone::Inclusion& inclusion);
// PLAN.
Result<stone::Plan> read_plan(const Arguments& arguments, Env& env);

// A plan, what proves it, and what it is of.
struct Proven {
  stone::Plan plan;
  Bytes proof;
  stone::Solid rough;
  std::vector<stone::Inclusion> inclusions;
};
Result<Proven> read_proven(const Arguments& arguments, Env& env);

// --gravity, else --material, else diamond's.
Result<stone::SpecificGravity> gravity_argument(const Arguments& arguments);
// --prices FILE, or the sample list with --sample-prices; nothing for neither.
Result<std::optional<stone::PriceList>> prices_argument(const Arguments& arguments, Env& env);
// Each --design: a family with proportions, or SHAPE@FILE; the whole library without any.
Result<std::vector<stone::Design>> designs_argument(const Arguments& arguments, Env& env);
// The same, and of those with "LOW..HIGH" the ranges, whose proportions are left to the plan.
struct AskedDesigns {
  std::vector<stone::Design> designs;
  std::vector<stone::DesignRange> ranges;
};
Result<AskedDesigns> asked_designs_argument(const Arguments& arguments, Env& env);
// A length in micrometres with at most three decimals, in nanometres.
Result<std::uint32_t> micrometres_argument(const Arguments& arguments, const std::string& name,
                                           const std::string& usual = "0");
// "1,-0.5,2e3": numbers between commas, exactly so many.
std::optional<std::vector<double>> numbers_from(std::string_view text, std::size_t count);

// --gap, --cells and --threads.
Result<stone::SearchLimits> limits_argument(const Arguments& arguments,
                                            const std::string& usual_gap = "1");

// "1.02 ct", from millionths of a carat, rounded down to thousandths.
std::string weight_text(stone::MicroCarats weight);
// "7,480.00 USD" by a price list, or the weight where value is weight.
std::string value_text(Amount value, const stone::Plan& plan);
// "0.82 %", rounded up.
std::string gap_text(std::uint32_t millionths);

// "SI1, holds a": of the plan's stone, in a plan with inclusions.
std::string clarity_text(const stone::Plan& plan);
// "within 20.000 degrees of (0.000000, 0.000000, 1.000000)": of the table's axis.
std::string axis_text(const stone::AxisLimit& axis);
// "the 19 designs at 2 clarities", and the ranges of proportions that were left to the plan.
std::string tried_text(const stone::Plan& plan);

// The commands of stone_match.cpp and so on, parts of stone_commands().
std::vector<Command> stone_match_commands();
std::vector<Command> stone_parcel_commands();
std::vector<Command> stone_saw_commands();
std::vector<Command> stone_alternatives_commands();

// The rough and the prices of a plan; all of it.
void say_terms(Output& output, const stone::Plan& plan);
void say_plan(Output& output, const stone::Plan& plan);
codec::Json plan_json(const stone::Plan& plan);

}  // namespace intaglio::cli
