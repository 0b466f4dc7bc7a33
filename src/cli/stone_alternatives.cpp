// stone alternatives: what else a rough could become, each with its own bound.
#include "base/env.h"
#include "cli/stone.h"
#include "cli/stone_pages.h"
#include "cli/stone_planning.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;
// Between the points of a stone that is kept no number of cells brings the bound down.
constexpr std::uint64_t kMostCellsBeside = 20'000;

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

Result<void> write_alternative(const Alternative& each, const MadePlan& made,
                               const stone::Rough& rough, const std::string& folder, Env& env) {
  std::string path = folder + '/' + each.name;
  std::ranges::replace(path, ' ', '-');
  TRY(env.write_file(path + ".cbor", stone::encode_plan(each.plan), kFileMode));
  TRY(env.write_file(path + ".proof", made.files.proof, kFileMode));
  if (!each.plan.stone) return {};
  ASSIGN(const auto mesh, stone_mesh(each.plan, made.files.proof, rough.solid));
  return env.write_file(path + ".stl", mesh, kFileMode);
}

// What is left of a rough beside a plan's stone.
Result<stone::Rough> beside(const stone::Rough& rough, const stone::PlanAndProof& first) {
  auto inclusions = rough.inclusions;
  ASSIGN(const auto mesh, stone_mesh(first.plan, first.proof, rough.solid));
  TRY(add_kept_stone(mesh, rough.solid, inclusions));
  ASSIGN(const auto whole, stone::rough_from(rough.solid, rough.allowance, std::move(inclusions)));
  ASSIGN(auto out, stone::below(whole, rough.layers));
  out.axis = rough.axis;
  return out;
}

Json say_alternatives(Output& output, const std::vector<Alternative>& all) {
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
  return rows;
}

Result<void> stone_alternatives(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto limits, limits_argument(arguments));
  ASSIGN(const auto seconds, arguments.number_or("seconds", 0, 1'000'000));
  ASSIGN(const auto inputs, read_plan_inputs(arguments, env));
  if (!inputs.ranges.empty()) return refuse(Verdict::bad_usage, "--design with a range");
  auto all = questions(inputs);
  const auto answer = [&](Alternative& each, const stone::Rough& rough,
                          const stone::SearchLimits& within) -> Result<MadePlan> {
    stone::PlanTerms terms = inputs.terms();
    if (each.by_weight) terms.prices = nullptr;
    ASSIGN(auto made, plan_and_verify(rough, each.designs, terms, within, seconds, output));
    each.plan = made.files.plan;
    if (arguments.has("out")) {
      TRY(write_alternative(each, made, rough, arguments.text("out"), env));
    }
    return made;
  };
  std::optional<stone::PlanAndProof> first;
  for (Alternative& each : all) {
    ASSIGN(auto made, answer(each, inputs.rough, limits));
    if (!first) first = std::move(made.files);
  }
  if (first->plan.stone) {
    ASSIGN(const auto left, beside(inputs.rough, *first));
    Alternative next{"next stone", inputs.designs, !inputs.prices, {}};
    stone::SearchLimits within = limits;
    within.cells = std::min(limits.cells, kMostCellsBeside);
    TRY(answer(next, left, within));
    all.push_back(std::move(next));
  }
  say_terms(output, all.front().plan);
  output.result(say_alternatives(output, all));
  return {};
}

}  // namespace

std::vector<Command> stone_alternatives_commands() {
  return {
      {"stone alternatives",
       "what else a rough could become: most value, most weight, the best of each shape",
       "Each is a plan of its own, with its bound, verified. The last is the best stone of what "
       "is left beside the first one, after 20,000 cells at most. A plane or a stone that is to be "
       "kept is a --layer or a --beside here, too.",
       joined(
           {plan_inputs_options(),
            {layer_option()},
            search_options(),
            {{OptionKind::value, "out", "DIR",
              "write each plan there with its proof and its stone: most-value.cbor, .proof, .stl; "
              "next-stone's are verified with --beside most-value.stl"}}}),
       {"intaglio stone alternatives rough.stl --sample-prices"},
       stone_alternatives}};
}

}  // namespace intaglio::cli
