// stone saw: two stones from one rough, the plane between them, and what is proven of all others.
#include "base/check.h"
#include "base/env.h"
#include "cli/amounts.h"
#include "cli/stone.h"
#include "cli/stone_pages.h"
#include "cli/stone_planning.h"
#include "stone/gltf.h"
#include "stone/picture.h"
#include "stone/saw.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;

Result<stone::SawTerms> saw_and_cost(const Arguments& arguments, bool is_weight) {
  ASSIGN(auto saw, saw_argument(arguments));
  const auto cost = amount_from_text(arguments.text_or("saw-cost", "0"), is_weight ? 6 : 2);
  if (!cost) return refuse(Verdict::bad_usage, "--saw-cost " + arguments.text("saw-cost"));
  saw.cost = *cost;
  return saw;
}

// "across (0.000, 0.000, 1.000) at 1.234567 mm", in the coordinates of the scan.
std::string plane_text(const stone::Layer& plane, const stone::Solid& rough) {
  const stone::Vec3 n = stone::unit(stone::to_vec(plane.direction));
  return format("across ({:.6f}, {:.6f}, {:.6f}) at {:.6f} mm", n.x, n.y, n.z,
                (plane.offset + stone::dot(n, stone::origin_of(rough))) / 1e6);
}

// Planes after the first: of each part the last of those that it lies below, once.
void say_more_cuts(Output& output, const stone::Sawing& sawing, const stone::Solid& rough) {
  if (!sawing.parts) return;
  for (const stone::SawnPlace& part : *sawing.parts) {
    for (std::size_t i = 1; i < part.layers.size(); ++i) {
      output.say("below      {}", plane_text(part.layers[i], rough));
    }
  }
}

// The plane, and what is proven of all others.
void say_result(Output& output, const stone::Sawing& sawing, const stone::Plan& terms,
                const stone::Solid& rough) {
  if (sawing.plane) {
    output.say("saw        {}", plane_text(*sawing.plane, rough));
    say_more_cuts(output, sawing, rough);
  } else {
    output.line("saw        not at all: two stones would be worth less");
  }
  output.say("kerf       {:.3f} mm", sawing.kerf / 1e6);
  output.say(
      "value      {}{}", value_text(sawing.value, terms),
      sawing.cost == Amount(0) ? "" : ", sawing at " + value_text(sawing.cost, terms) + " paid");
  for (const stone::GridDirection& direction : sawing.directions) {
    const stone::Vec3 n = stone::unit(stone::to_vec(direction));
    output.say("across     ({:.6f}, {:.6f}, {:.6f})", n.x, n.y, n.z);
  }
  const std::uint32_t depth = sawing.depth.value_or(1);
  output.say(
      "proven     no stone of these designs, and no {} with {} across these directions between "
      "them, are worth more than {}: gap {}",
      depth == 1 ? "two" : std::to_string(1U << depth), depth == 1 ? "a plane" : "planes",
      value_text(sawing.bound, terms),
      gap_text(stone::gap_between(sawing.value.value(), sawing.bound.value())));
  if (!sawing.any_bound) return;
  output.say(
      "proven     by weight: no {} stones of these designs, however they are parted, are worth "
      "more than {}: gap {}",
      1U << depth, value_text(*sawing.any_bound, terms),
      gap_text(stone::gap_between(sawing.value.value(), sawing.any_bound->value())));
}

// The plans of a sawing by their names: the files' names as well.
std::string side_name(const stone::Sawing& sawing, std::size_t plan) {
  if (!sawing.plane) return "whole";
  if (sawing.parts) return format("part-{}", plan + 1);
  return plan == 0 ? "below" : "above";
}

// `plans` are those that the sawing names.
void say_sawing(Output& output, const stone::Sawing& sawing,
                const std::vector<const stone::Plan*>& plans, const stone::Plan& terms,
                const stone::Solid& rough) {
  say_terms(output, terms);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const stone::Plan& plan = *plans[i];
    const std::string name = side_name(sawing, i);
    if (!plan.stone) {
      output.say("{:<10} no stone that is worth anything", name);
      continue;
    }
    output.say("{:<10} {}, {}, {}", name, plan.designs[plan.stone->design].name,
               weight_text(plan.stone->weight), value_text(plan.stone->value, plan));
  }
  say_result(output, sawing, terms, rough);
}

Json sawing_json(const stone::SawingAndProof& made) {
  Json out = codec::record_to_json(made.sawing);
  out.set("gap", stone::gap_between(made.sawing.value.value(), made.sawing.bound.value()));
  Json plans = Json::array();
  for (const auto& plan : made.plans) plans.push(plan_json(plan.plan));
  out.set("planned", std::move(plans));
  return out;
}

Result<void> write_sawing(const std::string& folder, const stone::Rough& rough,
                          const stone::SawingAndProof& made, Env& env) {
  const auto write = [&](const std::string& name, ByteView content) {
    return env.write_file(folder + '/' + name, content, kFileMode);
  };
  TRY(write("saw.cbor", stone::encode_sawing(made.sawing)));
  TRY(write("saw.json", as_bytes(sawing_json(made).pretty() + '\n')));
  TRY(write("saw.proof", made.proof));
  for (std::size_t i = 0; i < made.plans.size(); ++i) {
    const std::string name = side_name(made.sawing, i);
    TRY(write(name + ".cbor", stone::encode_plan(made.plans[i].plan)));
    TRY(write(name + ".proof", made.plans[i].proof));
    if (!made.plans[i].plan.stone) continue;
    ASSIGN(const auto mesh, stone_mesh(made.plans[i].plan, made.plans[i].proof, rough.solid));
    TRY(write(name + ".stl", mesh));
  }
  ASSIGN(const auto drawn, drawn_sawing(made.sawing, made.proof, rough.solid, rough.inclusions));
  const Bytes picture = stone::draw_sheet(drawn.scene);
  TRY(write("saw.png", picture));
  TRY(write("saw.glb", stone::to_glb(drawn.scene)));
  return write("report.html", as_bytes(saw_report_html(drawn, picture)));
}

Result<void> stone_saw(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto limits, limits_argument(arguments, "3"));
  ASSIGN(const auto seconds, arguments.number_or("seconds", 0, 1'000'000));
  ASSIGN(const auto inputs, read_plan_inputs(arguments, env));
  const bool is_weight = !inputs.prices;
  ASSIGN(const auto saw, saw_and_cost(arguments, is_weight));
  Result<stone::SawingAndProof> made = refuse(Verdict::internal);
  {
    ProgressLine progress(is_weight, output.json(), seconds);
    made = stone::make_sawing(inputs.rough, inputs.designs, inputs.terms(), saw, limits,
                              [&](const stone::Progress& at) { return progress.go_on(at); });
  }
  if (!made) return std::unexpected(made.error());
  ASSIGN(const auto checked, stone::verify_sawing(made->sawing, made->proof, inputs.rough.solid,
                                                  inputs.rough.inclusions, inputs.terms().prices));
  if (arguments.has("out")) {
    TRY(write_sawing(arguments.text("out"), inputs.rough, *made, env));
  }
  std::vector<const stone::Plan*> plans;
  for (const auto& each : made->plans) plans.push_back(&each.plan);
  stone::Plan terms = *plans.front();
  terms.layers.clear();  // those are its part's
  say_sawing(output, made->sawing, plans, terms, inputs.rough.solid);
  output.say("verified   {} cells, {} bounds", checked.cells, checked.leaves);
  output.result(sawing_json(*made));
  return {};
}

Result<void> stone_verify_saw(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto file, env.read_file(arguments.text("SAW"), stone::kMaxPlan));
  ASSIGN(const auto sawing, stone::decode_sawing(file));
  ASSIGN(const auto proof, env.read_file(arguments.text("PROOF"), stone::kMaxProof));
  ASSIGN(const auto rough, read_rough(arguments, env));
  ASSIGN(const auto inclusions, inclusions_argument(arguments, rough, env));
  ASSIGN(const auto prices, prices_argument(arguments, env));
  ASSIGN(const auto checked,
         stone::verify_sawing(sawing, proof, rough, inclusions, prices ? &*prices : nullptr));
  const auto proven = stone::decode_saw_proof(proof);
  if (!proven) return std::unexpected(proven.error());
  std::vector<const stone::Plan*> plans;
  for (const Digest& hash : sawing.plans) {
    const auto* plan = stone::plan_by_hash(*proven, hash);
    CHECK(plan != nullptr);  // the verifier found it
    plans.push_back(&plan->plan);
  }
  say_sawing(output, sawing, plans, proven->whole.plan, rough);
  output.say("verified   {} cells, {} bounds: the stones lie on their sides, and the bound holds",
             checked.cells, checked.leaves);
  Json out = codec::record_to_json(sawing);
  out.set("cells", checked.cells);
  out.set("leaves", checked.leaves);
  out.set("whole", plan_json(proven->whole.plan));
  output.result(out);
  return {};
}

}  // namespace

std::vector<Command> stone_saw_commands() {
  return {
      {"stone saw",
       "find the planes that divide a rough into the stones of most value",
       "Tries planes across the given directions, plans both sides of each as `stone plan` does, "
       "and ends when no other plane across them can be better by the gap. With --cuts each part "
       "may be sawn again. What the saw takes "
       "and costs is left out. Every plan is verified before anything is shown.",
       joined({plan_inputs_options(),
               saw_options(),
               {{OptionKind::value, "cuts", "N",
                 "how often in a row a part may be sawn, up to 3; default 1, for two stones"},
                {OptionKind::value, "saw-cost", "AMOUNT", "of each cut; carats without prices"},
                {OptionKind::value, "gap", "PERCENT", "of the value; default 3"},
                {OptionKind::value, "cells", "N", "for each side of a plane; default 4000000"},
                {OptionKind::value, "seconds", "N", "at most"},
                {OptionKind::value, "threads", "N", "default: one a core; changes no plan"},
                {OptionKind::value, "out", "DIR",
                 "write saw.cbor, saw.json, saw.proof, saw.png, saw.glb and report.html there, and "
                 "the "
                 "plans of all parts with their proofs and stones"}}}),
       {"intaglio stone saw rough.stl --design round --sample-prices --direction 0,0,1 --out ."},
       stone_saw},
      {"stone verify-saw",
       "prove a sawing anew from its files: all its plans, and every plane that was tried",
       "",
       joined({{{OptionKind::positional, "SAW", "SAW", "saw.cbor", true},
                {OptionKind::positional, "PROOF", "PROOF", "saw.proof", true},
                rough_option(),
                unit_option(),
                inclusions_option(),
                beside_option()},
               price_options()}),
       {"intaglio stone verify-saw saw.cbor saw.proof rough.stl --sample-prices"},
       stone_verify_saw}};
}

}  // namespace intaglio::cli
