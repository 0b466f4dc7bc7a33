// stone alternatives: what else a rough could become, each with its own bound.
#include "base/env.h"
#include "cli/stone.h"
#include "cli/stone_planning.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;

// One question about the rough, and its answer.
struct Alternative {
  std::string name;
  std::vector<stone::Design> designs;
  bool by_weight = false;
  stone::Plan plan;
};

// The most value and the most weight of all, then the best of each shape.
std::vector<Alternative> questions(const PlanInputs& inputs) {
  std::vector<Alternative> out;
  if (inputs.prices) out.push_back({"most value", inputs.designs, false, {}});
  out.push_back({"most weight", inputs.designs, true, {}});
  for (const stone::Design& design : inputs.designs) {
    const auto same = [&](const Alternative& other) { return other.name == design.shape; };
    auto at = std::ranges::find_if(out, same);
    if (at == out.end()) at = out.insert(out.end(), {design.shape, {}, !inputs.prices, {}});
    at->designs.push_back(design);
  }
  return out;
}

Result<void> stone_alternatives(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto limits, limits_argument(arguments));
  ASSIGN(const auto seconds, arguments.number_or("seconds", 0, 1'000'000));
  ASSIGN(const auto inputs, read_plan_inputs(arguments, env));
  if (!inputs.ranges.empty()) return refuse(Verdict::bad_usage, "--design with a range");
  auto all = questions(inputs);
  for (Alternative& each : all) {
    stone::PlanTerms terms = inputs.terms();
    if (each.by_weight) terms.prices = nullptr;
    ASSIGN(const auto made,
           plan_and_verify(inputs.rough, each.designs, terms, limits, seconds, output));
    each.plan = made.files.plan;
    if (!arguments.has("out")) continue;
    std::string path = arguments.text("out") + '/' + each.name;
    std::ranges::replace(path, ' ', '-');
    TRY(env.write_file(path + ".cbor", stone::encode_plan(each.plan), kFileMode));
    TRY(env.write_file(path + ".proof", made.files.proof, kFileMode));
  }
  say_terms(output, all.front().plan);
  output.say("{:<12} {:>10} {:>18} {:>18} {:>8}  {}", "", "weight", "value", "at most", "gap",
             "design");
  Json rows = Json::array();
  for (const Alternative& each : all) {
    const auto& plan = each.plan;
    const Amount value = plan.stone ? plan.stone->value : Amount(0);
    output.say("{:<12} {:>10} {:>18} {:>18} {:>8}  {}", each.name,
               plan.stone ? weight_text(plan.stone->weight) : "none", value_text(value, plan),
               value_text(plan.bound, plan),
               gap_text(stone::gap_between(value.value(), plan.bound.value())),
               plan.stone ? plan.designs[plan.stone->design].name : "");
    rows.push(Json::object({{"name", each.name}, {"plan", plan_json(plan)}}));
  }
  output.result(rows);
  return {};
}

}  // namespace

std::vector<Command> stone_alternatives_commands() {
  return {{"stone alternatives",
           "what else a rough could become: most value, most weight, the best of each shape",
           "Each is a plan of its own, with its bound, verified.",
           joined({plan_inputs_options(),
                   {layer_option()},
                   search_options(),
                   {{OptionKind::value, "out", "DIR",
                     "write each plan there with its proof: most-value.cbor, round.cbor, ..."}}}),
           {"intaglio stone alternatives rough.stl --sample-prices"},
           stone_alternatives}};
}

}  // namespace intaglio::cli
