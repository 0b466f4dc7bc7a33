// What the commands of `intaglio stone` read and say. Files are read through an Env; nothing here
// knows a node or a key.
#pragma once

#include "base/env.h"
#include "cli/command.h"
#include "stone/verifier.h"

namespace intaglio::cli {

// ROUGH and its unit, --unit.
Result<stone::Solid> read_rough(const Arguments& arguments, Env& env);
// --gravity, else --material, else diamond's.
Result<stone::SpecificGravity> gravity_argument(const Arguments& arguments);
// --prices FILE, or the sample list with --sample-prices; nothing for neither.
Result<std::optional<stone::PriceList>> prices_argument(const Arguments& arguments, Env& env);
// Each --design: a family with proportions, or SHAPE@FILE; the whole library without any.
Result<std::vector<stone::Design>> designs_argument(const Arguments& arguments, Env& env);
// A length in micrometres with at most three decimals, in nanometres.
Result<std::uint32_t> micrometres_argument(const Arguments& arguments, const std::string& name);

// "1.02 ct", from millionths of a carat, rounded down to thousandths.
std::string weight_text(stone::MicroCarats weight);
// "7,480.00 USD" by a price list, or the weight where value is weight.
std::string value_text(Amount value, const stone::Plan& plan);
// "0.82 %", rounded up.
std::string gap_text(std::uint32_t millionths);

void say_plan(Output& output, const stone::Plan& plan);
codec::Json plan_json(const stone::Plan& plan);

}  // namespace intaglio::cli
