// stone: a rough, what could be cut from it, and what is proven about that.
#include <thread>

#include "base/env.h"
#include "cli/commands.h"
#include "cli/stone.h"
#include "cli/stone_pages.h"
#include "cli/stone_planning.h"
#include "stone/families.h"
#include "stone/gltf.h"
#include "stone/picture.h"
#include "stone/sample_rough.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;

Result<void> stone_check(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(auto solid, read_rough(arguments, env));
  ASSIGN(const auto gravity, gravity_argument(arguments));
  const auto weight = stone::weight_of(stone::volume_six(solid.corners, solid.triangles), gravity);
  ASSIGN(const auto rough, stone::rough_from(solid, 0));
  const auto hull_weight =
      stone::weight_of(stone::volume_six(rough.solid.corners, rough.hull), gravity);
  output.say("closed     {} corners, {} triangles", solid.corners.size(), solid.triangles.size());
  output.say("mended     {} corners welded, {} triangles dropped, {} turned", solid.welded,
             solid.dropped, solid.turned);
  output.say("weight     {}; its hull would weigh {}", weight_text(weight),
             weight_text(hull_weight));
  output.say("hash       {}", codec::to_hex(stone::rough_hash(solid)));
  output.result(Json::object({{"corners", solid.corners.size()},
                              {"triangles", solid.triangles.size()},
                              {"welded", solid.welded},
                              {"dropped", solid.dropped},
                              {"turned", solid.turned},
                              {"weight", weight.value()},
                              {"hull_weight", hull_weight.value()},
                              {"is_convex", rough.is_convex},
                              {"hash", codec::to_hex(stone::rough_hash(solid))}}));
  if (!arguments.has("weight")) return {};
  ASSIGN(const auto scale, stone::carats_from_text(arguments.text("weight")));
  // A scan is good to about a hundredth.
  const auto apart =
      scale > weight ? scale.value() - weight.value() : weight.value() - scale.value();
  if (apart * 100 > scale.value()) {
    return refuse(Verdict::weight_differs,
                  weight_text(weight) + " by the scan, " + weight_text(scale) + " by the scale");
  }
  return {};
}

Result<void> stone_designs(const Arguments& arguments, Output& output) {
  ASSIGN(const auto designs, designs_argument(arguments, system_env()));
  Json out = Json::array();
  for (const stone::Design& design : designs) {
    const auto size = stone::size_of(design);
    const auto family = std::ranges::find(stone::families(), design.shape, &stone::Family::name);
    const bool is_proven = family != stone::families().end() && family->is_proven;
    output.say(
        "{}\n  {} facets, {} corners, {}-fold; length by width {:.2f}, depth {:.1f} % of "
        "the width{}",
        design.name, design.facets, design.corners.size(), design.symmetry,
        size.length / size.width, 100 * size.depth / size.width,
        is_proven ? "; cut grade " + design.cut_grade + " (estimate)" : "; proportions not proven");
    out.push(Json::object({{"name", design.name},
                           {"shape", design.shape},
                           {"facets", design.facets},
                           {"corners", design.corners.size()},
                           {"symmetry", design.symmetry},
                           {"cut_grade", design.cut_grade},
                           {"hash", codec::to_hex(stone::design_hash(design.corners))}}));
  }
  output.result(out);
  return {};
}

Result<void> stone_prices(const Arguments& arguments, Output& output) {
  ASSIGN(const auto given, prices_argument(arguments, system_env()));
  const stone::PriceList& prices = given ? *given : stone::PriceList::sample();
  output.raw(output.json() ? prices.to_json().dump() + '\n' : prices.to_csv());
  return {};
}

Result<void> write_plan(const std::string& folder, const stone::Rough& rough,
                        const stone::PlanAndProof& made, Env& env) {
  const auto write = [&](const char* name, ByteView content) {
    return env.write_file(folder + '/' + name, content, kFileMode);
  };
  TRY(write("plan.cbor", stone::encode_plan(made.plan)));
  TRY(write("plan.json", as_bytes(plan_json(made.plan).pretty() + '\n')));
  TRY(write("plan.proof", made.proof));
  if (!made.plan.stone) return {};
  ASSIGN(const auto mesh, stone_mesh(made.plan, made.proof, rough.solid));
  TRY(write("stone.stl", mesh));
  ASSIGN(const auto drawn, drawn_plan(made.plan, made.proof, rough.solid, rough.inclusions));
  const Bytes picture = stone::draw_sheet(drawn.scene);
  TRY(write("plan.glb", stone::to_glb(drawn.scene)));
  TRY(write("stone.png", picture));
  return write("report.html", as_bytes(report_html(drawn, picture)));
}

Result<void> stone_plan(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(auto limits, limits_argument(arguments));
  ASSIGN(limits.dents, arguments.number_or("dents", limits.dents, 20'000'000));
  ASSIGN(const auto seconds, arguments.number_or("seconds", 0, 1'000'000));
  ASSIGN(const auto inputs, read_plan_inputs(arguments, env));
  ASSIGN(const auto made,
         plan_and_verify(inputs.rough, inputs.designs, inputs.terms(), limits, seconds, output));
  if (arguments.has("out")) {
    TRY(write_plan(arguments.text("out"), inputs.rough, made.files, env));
  }
  say_plan(output, made.files.plan);
  output.say("verified   {} cells, {} bounds", made.checked.cells, made.checked.leaves);
  output.result(plan_json(made.files.plan));
  return {};
}

Result<void> stone_show(const Arguments& arguments, Output& output) {
  ASSIGN(const auto plan, read_plan(arguments, system_env()));
  say_plan(output, plan);
  output.result(plan_json(plan));
  return {};
}

Result<stone::VerifiedBounds> verify(const Proven& read, const Arguments& arguments, Env& env) {
  ASSIGN(const auto prices, prices_argument(arguments, env));
  return stone::verify_plan(read.plan, read.proof, read.rough, read.inclusions,
                            prices ? &*prices : nullptr);
}

Result<void> stone_verify(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto read, read_proven(arguments, env));
  ASSIGN(const auto checked, verify(read, arguments, env));
  say_plan(output, read.plan);
  output.say("verified   {} cells, {} bounds: the stone lies inside, and the bounds hold",
             checked.cells, checked.leaves);
  output.result(Json::object(
      {{"cells", checked.cells}, {"leaves", checked.leaves}, {"plan", plan_json(read.plan)}}));
  return {};
}

// PLAN where it is a sawing; nothing where it is a plan, or neither.
Result<std::optional<stone::Sawing>> read_sawing(const Arguments& arguments, Env& env) {
  ASSIGN(const auto file, env.read_file(arguments.text("PLAN"), stone::kMaxPlan));
  if (stone::decode_plan(file)) return std::optional<stone::Sawing>();
  auto sawing = stone::decode_sawing(file);
  return sawing ? std::optional(*std::move(sawing)) : std::nullopt;
}

// A sawing, what proves it, and what it is of.
struct ProvenSawing {
  Bytes proof;
  stone::Solid rough;
  std::vector<stone::Inclusion> inclusions;
};
Result<ProvenSawing> read_proven_sawing(const Arguments& arguments, Env& env) {
  ProvenSawing out;
  ASSIGN(out.proof, env.read_file(arguments.text("PROOF"), stone::kMaxProof));
  ASSIGN(out.rough, read_rough(arguments, env));
  ASSIGN(out.inclusions, inclusions_argument(arguments, out.rough, env));
  return out;
}

Result<void> write_picture(const stone::Scene& scene, const std::string& path, Env& env,
                           Output& output) {
  const bool is_model = path.ends_with(".glb");
  if (!is_model && !path.ends_with(".png")) return refuse(Verdict::bad_usage, "--out " + path);
  const Bytes file = is_model ? stone::to_glb(scene) : stone::draw_sheet(scene);
  TRY(env.write_file(path, file, kFileMode));
  if (!scene.simplified.empty()) output.line(scene.simplified);
  output.result(Json::object({{"bytes", file.size()}, {"note", scene.simplified}}));
  return {};
}

Result<void> stone_picture(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  const std::string& path = arguments.text("out");
  ASSIGN(const auto sawing, read_sawing(arguments, env));
  if (sawing) {
    ASSIGN(const auto read, read_proven_sawing(arguments, env));
    ASSIGN(const auto drawn, drawn_sawing(*sawing, read.proof, read.rough, read.inclusions));
    return write_picture(drawn.scene, path, env, output);
  }
  ASSIGN(const auto read, read_proven(arguments, env));
  ASSIGN(const auto drawn, drawn_plan(read.plan, read.proof, read.rough, read.inclusions));
  return write_picture(drawn.scene, path, env, output);
}

Result<void> write_report(const std::string& page, const stone::VerifiedBounds& checked,
                          const Arguments& arguments, Env& env, Output& output) {
  TRY(env.write_file(arguments.text("out"), as_bytes(page), kFileMode));
  output.say("verified   {} cells, {} bounds; {} bytes written", checked.cells, checked.leaves,
             page.size());
  output.result(Json::object({{"cells", checked.cells}, {"bytes", page.size()}}));
  return {};
}

Result<void> stone_report(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  ASSIGN(const auto sawing, read_sawing(arguments, env));
  if (sawing) {
    ASSIGN(const auto read, read_proven_sawing(arguments, env));
    ASSIGN(const auto prices, prices_argument(arguments, env));
    ASSIGN(const auto checked, stone::verify_sawing(*sawing, read.proof, read.rough,
                                                    read.inclusions, prices ? &*prices : nullptr));
    ASSIGN(const auto drawn, drawn_sawing(*sawing, read.proof, read.rough, read.inclusions));
    return write_report(saw_report_html(drawn, stone::draw_sheet(drawn.scene)), checked, arguments,
                        env, output);
  }
  ASSIGN(const auto read, read_proven(arguments, env));
  ASSIGN(const auto checked, verify(read, arguments, env));
  ASSIGN(const auto drawn, drawn_plan(read.plan, read.proof, read.rough, read.inclusions));
  return write_report(report_html(drawn, stone::draw_sheet(drawn.scene)), checked, arguments, env,
                      output);
}

// A crystal of 10 mm like a scanner's, and designs that are common, at sample prices.
Result<void> stone_demo(const Arguments& arguments, Output& output) {
  constexpr std::uint32_t kGap = 20'000;
  ASSIGN(auto solid, stone::solid_from(stone::scan_like(5, 0.02, 1), stone::kMillimetre));
  ASSIGN(const auto rough, stone::rough_from(std::move(solid), 0));
  std::vector<stone::Design> designs;
  for (const char* text : {"round", "round crown=33", "oval", "princess", "emerald"}) {
    ASSIGN(auto design, stone::design_from_text(text));
    designs.push_back(std::move(design));
  }
  ASSIGN(const auto gravity, stone::gravity_of("diamond"));
  const stone::PriceList& prices = stone::PriceList::sample();
  const stone::SearchLimits limits{.gap = kGap, .threads = std::thread::hardware_concurrency()};
  ASSIGN(const auto made,
         plan_and_verify(rough, designs, {gravity, &prices, "G", "VS1"}, limits, 0, output));
  ASSIGN(const auto drawn, drawn_plan(made.files.plan, made.files.proof, rough.solid, {}));
  const auto page = viewer_html(drawn, stone::draw_sheet(drawn.scene));
  TRY(system_env().write_file(arguments.text("out"), as_bytes(page), kFileMode));
  say_plan(output, made.files.plan);
  output.say("written    {}: open it in a browser", arguments.text("out"));
  output.result(plan_json(made.files.plan));
  return {};
}

std::vector<Command> page_commands() {
  return {
      {"stone picture",
       "draw a plan or a sawing: stones and cuts in the rough, from three sides or as a model",
       "PLAN and PROOF may be saw.cbor and saw.proof. The files must be those that they name; "
       "nothing is proven anew. A rough of many "
       "triangles is drawn with fewer, and it is said with how many.",
       joined({plan_files(),
               {{OptionKind::value, "out", "FILE", "a picture .png, or binary glTF .glb", true}}}),
       {"intaglio stone picture plan.cbor plan.proof rough.stl --out stone.png"},
       stone_picture},
      {"stone report",
       "one page about a plan or a sawing that can be printed and handed on",
       "PLAN and PROOF may be saw.cbor and saw.proof. All is proven anew first. The page is one "
       "HTML file that loads nothing.",
       joined({plan_files(),
               price_options(),
               {{OptionKind::value, "out", "FILE", "an HTML page", true}}}),
       {"intaglio stone report plan.cbor plan.proof rough.stl --sample-prices --out report.html"},
       stone_report},
      {"stone demo",
       "plan a rough that we made up, and write a page that turns the stone in it",
       "With sample prices. The page is one HTML file that loads nothing; drag it, or use the "
       "arrow keys.",
       {{OptionKind::value, "out", "FILE", "an HTML page", true}},
       {"intaglio stone demo --out demo.html"},
       stone_demo},
  };
}

Command plan_command() {
  return {
      "stone plan",
      "find the stone of most value in a rough, and prove how much better any could be",
      "Tries every design in every rotation, place and size. Ends when no stone can be worth "
      "more than the best by the gap, or at a limit: Ctrl-C and --seconds keep the best and "
      "its true gap, and say by which --cells the same plan comes again. Every plan is "
      "verified before it is shown. Without prices the most weight is wanted. With inclusions "
      "each stone either keeps clear of one or is graded for it. A proportion that is given as "
      "a range is chosen, and what is proven holds for all of it.",
      joined({plan_inputs_options(),
              {layer_option()},
              search_options(),
              {{OptionKind::value, "dents", "N",
                "cells beyond what the hull's bound takes, to bound what dents cost; default 0"},
               {OptionKind::value, "out", "DIR",
                "write plan.cbor, plan.json and plan.proof there, and of the stone stone.stl, "
                "plan.glb, stone.png and report.html"}}}),
      {"intaglio stone plan rough.stl --design round --sample-prices --out .",
       "intaglio stone plan rough.stl --design \"round table=53..62 crown=31.5..36.5\"",
       "intaglio stone plan rough.ply --design \"pear@pear.asc\" --material ruby --gap 0.5"},
      stone_plan};
}

}  // namespace

std::vector<Command> stone_commands() {
  std::vector<Command> out = {
      {"stone check",
       "look at a scan: whether it is closed, what was mended, what it weighs",
       "With --weight the scan's weight may differ from the scale's by a hundredth.",
       joined({{rough_option(), unit_option()},
               material_options(),
               {{OptionKind::value, "weight", "CARATS", "what the scale says"}}}),
       {"intaglio stone check rough.stl --material ruby --weight 4.18"},
       stone_check},
      {"stone designs",
       "list facet designs and their proportions",
       "",
       {{OptionKind::list, "design", "DESIGN", "these instead of the library"}},
       {"intaglio stone designs", "intaglio stone designs --design \"oval ratio=1.5\""},
       stone_designs},
      {"stone prices",
       "check a price list and write it out; the sample list without a file",
       "",
       price_options(),
       {"intaglio stone prices > prices.csv", "intaglio stone prices --prices prices.csv --json"},
       stone_prices},
      plan_command(),
      {"stone verify",
       "prove a plan anew from its files, by code that shares nothing with the search",
       "",
       joined({plan_files(), price_options()}),
       {"intaglio stone verify plan.cbor plan.proof rough.stl --sample-prices"},
       stone_verify},
      {"stone show",
       "show a plan as it says of itself, unverified",
       "",
       {{OptionKind::positional, "PLAN", "PLAN", "plan.cbor", true}},
       {"intaglio stone show plan.cbor --json"},
       stone_show},
  };
  for (auto* more : {page_commands, stone_alternatives_commands, stone_saw_commands,
                     stone_match_commands, stone_parcel_commands}) {
    for (Command& command : more()) out.push_back(std::move(command));
  }
  return out;
}

}  // namespace intaglio::cli
