#include "cli/stone.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>
#include <tuple>

#include "base/env.h"
#include "cli/amounts.h"
#include "stone/families.h"
#include "stone/gemcad.h"
#include "stone/lines.h"
#include "stone/mesh_file.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kMostScans = 10'000;
constexpr std::string_view kKept = "kept-stone";
constexpr unsigned kMoneyScale = 2;  // price lists are in hundredths

std::string millimetres_text(double nanometres) { return format("{:.3f}", nanometres / 1e6); }

Result<stone::Design> design_from(const std::string& text, Env& env) {
  const auto at = text.find('@');
  if (at == std::string::npos) return stone::design_from_text(text);
  const std::string shape = text.substr(0, at);
  const std::string path = text.substr(at + 1);
  ASSIGN(const auto file, env.read_file(path, stone::kMaxMeshFile));
  if (as_text(file).starts_with("GemCad")) return stone::design_from_gemcad(as_text(file), shape);
  ASSIGN(const auto soup, stone::read_mesh(file));
  ASSIGN(const auto solid, stone::solid_from(soup, stone::kMillimetre));
  return stone::design_from_solid(path.substr(path.find_last_of('/') + 1), shape, solid);
}

Result<std::vector<stone::Inclusion>> read_inclusions(const std::string& path,
                                                      const Arguments& arguments,
                                                      const stone::Solid& rough, Env& env) {
  ASSIGN(const auto unit, stone::unit_from_text(arguments.text_or("unit", "mm")));
  ASSIGN(const auto file, env.read_file(path, stone::kMaxInclusionFile));
  const auto slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const auto mesh_of = [&](const std::string& name) -> Result<stone::TriangleSoup> {
    ASSIGN(const auto mesh,
           env.read_file(name.starts_with('/') ? name : folder + name, stone::kMaxMeshFile));
    return stone::read_mesh(mesh);
  };
  auto inclusions = stone::inclusions_from_text(as_text(file), unit, rough, mesh_of);
  if (!inclusions) return refuse_within("--inclusions " + path, inclusions.error());
  return inclusions;
}

}  // namespace

Option rough_option() {
  return {OptionKind::positional, "ROUGH", "ROUGH", "a closed mesh: STL, PLY or OBJ", true};
}
Option unit_option() {
  return {OptionKind::value, "unit", "UNIT", "of the mesh: mm (default), um, cm, m, in"};
}
Option inclusions_option() {
  return {OptionKind::value, "inclusions", "FILE", "what the rough holds; docs/stone.md"};
}
Option beside_option() {
  return {OptionKind::list, "beside", "STL",
          "a stone.stl that is kept: a stone that no other may meet"};
}
std::vector<Option> material_options() {
  return {{OptionKind::value, "material", "NAME", "diamond (default), ruby, emerald, quartz, ..."},
          {OptionKind::value, "gravity", "G", "its specific gravity instead, e.g. 3.52"}};
}
std::vector<Option> price_options() {
  return {{OptionKind::value, "prices", "FILE", "a price list, CSV or JSON"},
          {OptionKind::flag, "sample-prices", "", "prices that we made up"}};
}

std::vector<Option> joined(std::initializer_list<std::vector<Option>> lists) {
  std::vector<Option> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  return out;
}

std::vector<Option> plan_files() {
  return {{OptionKind::positional, "PLAN", "PLAN", "plan.cbor", true},
          {OptionKind::positional, "PROOF", "PROOF", "plan.proof", true},
          rough_option(),
          unit_option(),
          inclusions_option(),
          beside_option()};
}

Result<stone::Solid> read_solid(const std::string& path, stone::Unit unit, Env& env) {
  ASSIGN(const auto file, env.read_file(path, stone::kMaxMeshFile));
  ASSIGN(const auto soup, stone::read_mesh(file));
  return stone::solid_from(soup, unit);
}

Result<stone::Solid> read_scan(const Arguments& arguments, const std::string& name, Env& env) {
  ASSIGN(const auto unit, stone::unit_from_text(arguments.text_or("unit", "mm")));
  return read_solid(arguments.text(name), unit, env);
}

Result<stone::Solid> read_rough(const Arguments& arguments, Env& env) {
  return read_scan(arguments, "ROUGH", env);
}

Result<std::vector<std::string>> scans_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(folder, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::string ending = at->path().extension().string();
    for (char& c : ending) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (ending != ".stl" && ending != ".ply" && ending != ".obj") continue;
    out.push_back(at->path().filename().string());
    if (out.size() > kMostScans) return refuse(Verdict::too_large, "scans in " + folder);
  }
  if (error) return refuse(Verdict::file_failed, folder + ": " + error.message());
  if (out.empty()) return refuse(Verdict::bad_usage, "no .stl, .ply or .obj in " + folder);
  std::ranges::sort(out);
  return out;
}

Result<stone::Plan> read_plan(const Arguments& arguments, Env& env) {
  ASSIGN(const auto file, env.read_file(arguments.text("PLAN"), stone::kMaxPlan));
  return stone::decode_plan(file);
}

Result<Proven> read_proven(const Arguments& arguments, Env& env) {
  Proven out;
  ASSIGN(out.plan, read_plan(arguments, env));
  ASSIGN(out.proof, env.read_file(arguments.text("PROOF"), stone::kMaxProof));
  ASSIGN(out.rough, read_rough(arguments, env));
  ASSIGN(out.inclusions, inclusions_argument(arguments, out.rough, env));
  return out;
}

Result<std::vector<stone::Inclusion>> inclusions_argument(const Arguments& arguments,
                                                          const stone::Solid& rough, Env& env) {
  std::vector<stone::Inclusion> out;
  if (arguments.has("inclusions")) {
    ASSIGN(out, read_inclusions(arguments.text("inclusions"), arguments, rough, env));
  }
  for (const std::string& path : arguments.list("beside")) {
    ASSIGN(const auto mesh, env.read_file(path, stone::kMaxMeshFile));
    auto added = add_kept_stone(mesh, rough, out);
    if (!added) return refuse_within("--beside " + path, added.error());
  }
  return out;
}

bool is_kept_stone(const stone::Inclusion& inclusion) { return inclusion.kind == kKept; }

Result<void> add_kept_stone(ByteView mesh, const stone::Solid& rough,
                            std::vector<stone::Inclusion>& inclusions) {
  const auto count = std::ranges::count_if(inclusions, is_kept_stone);
  const std::string name = format("{}-{}", kKept, count + 1);
  const auto same = [&](const stone::Inclusion& other) { return other.name == name; };
  if (std::ranges::any_of(inclusions, same)) return refuse(Verdict::bad_value, name);
  if (inclusions.size() >= stone::kMaxInclusions) return refuse(Verdict::too_large, "inclusions");
  ASSIGN(auto kept, stone::inclusions_from_text(
                        format("mesh,{},{},stone", name, kKept), stone::kMillimetre, rough,
                        [&](const std::string&) { return stone::read_mesh(mesh); }));
  inclusions.push_back(std::move(kept.front()));
  return {};
}

Result<stone::SpecificGravity> gravity_argument(const Arguments& arguments) {
  if (!arguments.has("gravity")) {
    return stone::gravity_of(arguments.text_or("material", "diamond"));
  }
  const auto value = amount_from_text(arguments.text("gravity"), 3);
  if (!value || value->value() == 0 || value->value() > 30'000) {
    return refuse(Verdict::bad_usage, "--gravity " + arguments.text("gravity"));
  }
  return stone::SpecificGravity(static_cast<std::uint32_t>(value->value()));
}

Result<std::optional<stone::PriceList>> prices_argument(const Arguments& arguments, Env& env) {
  if (arguments.has("sample-prices")) {
    return std::optional<stone::PriceList>(stone::PriceList::sample());
  }
  if (!arguments.has("prices")) return std::optional<stone::PriceList>();
  ASSIGN(const auto file, env.read_file(arguments.text("prices"), stone::kMaxPriceFile));
  ASSIGN(auto prices, stone::PriceList::from_text(as_text(file)));
  return std::optional<stone::PriceList>(std::move(prices));
}

Result<AskedDesigns> asked_designs_argument(const Arguments& arguments, Env& env) {
  auto texts = arguments.list("design");
  if (texts.empty()) {
    for (const auto& family : stone::families()) texts.emplace_back(family.name);
  }
  AskedDesigns out;
  for (const std::string& text : texts) {
    // A file may be named so, too.
    if (text.find("..") != std::string::npos && text.find('@') == std::string::npos) {
      auto range = stone::design_range_from_text(text);
      if (!range) return refuse_within("--design " + text, range.error());
      out.ranges.push_back(*std::move(range));
      continue;
    }
    // A family alone is what the library has of it.
    const bool is_family = text.find_first_of(" @") == std::string::npos;
    const auto each = is_family ? stone::library_texts(text) : std::vector<std::string>{text};
    for (const std::string& one : each) {
      auto design = design_from(one, env);
      if (!design) return refuse_within("--design " + one, design.error());
      out.designs.push_back(*std::move(design));
    }
  }
  return out;
}

Result<std::vector<stone::Design>> designs_argument(const Arguments& arguments, Env& env) {
  ASSIGN(auto asked, asked_designs_argument(arguments, env));
  if (!asked.ranges.empty()) {
    return refuse(Verdict::bad_usage, "--design " + stone::range_text(asked.ranges.front()) +
                                          ": its proportions are left open");
  }
  return std::move(asked.designs);
}

Result<std::uint32_t> micrometres_argument(const Arguments& arguments, const std::string& name,
                                           const std::string& usual) {
  const std::string text = arguments.text_or(name, usual);
  const auto value = amount_from_text(text, 3);
  if (!value || value->value() > stone::kMaxAllowance) {
    return refuse(Verdict::bad_usage, "--" + name + ' ' + text);
  }
  return static_cast<std::uint32_t>(value->value());
}

std::optional<std::vector<double>> numbers_from(std::string_view text, std::size_t count) {
  std::vector<double> out;
  for (const std::string_view cell : stone::cells_of(text)) {
    const auto number = stone::number_from(cell);
    if (!number) return std::nullopt;
    out.push_back(*number);
  }
  if (out.size() != count) return std::nullopt;
  return out;
}

Result<stone::SearchLimits> limits_argument(const Arguments& arguments,
                                            const std::string& usual_gap) {
  stone::SearchLimits limits;
  const auto percent = amount_from_text(arguments.text_or("gap", usual_gap), 4);
  if (!percent || percent->value() > 1'000'000) {
    return refuse(Verdict::bad_usage, "--gap " + arguments.text("gap"));
  }
  limits.gap = static_cast<std::uint32_t>(percent->value());
  ASSIGN(limits.cells, arguments.number_or("cells", limits.cells, 20'000'000));
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  ASSIGN(const auto threads, arguments.number_or("threads", cores, 256));
  limits.threads = std::max(1U, static_cast<unsigned>(threads));
  return limits;
}

std::string weight_text(stone::MicroCarats weight) {
  return amount_text(Amount(weight.value() / 1000), 3) + " ct";
}

std::string value_text(Amount value, const stone::Plan& plan) {
  if (!plan.currency) return weight_text(stone::MicroCarats(value.value()));
  return amount_text(value, kMoneyScale) + ' ' + *plan.currency;
}

std::string gap_text(std::uint32_t millionths) {
  return format("{:.2f} %", std::ceil(millionths / 100.0) / 100);
}

std::string clarity_text(const stone::Plan& plan) {
  std::string out = plan.designs[plan.stone->design].clarity.value_or("");
  if (plan.stone->holds.empty()) return out + ", clear of every inclusion";
  out += ", holds";
  for (const std::string& name : plan.stone->holds) out += ' ' + name;
  return out;
}

// The designs that were tried, by name, shape and body: two bodies may be called the same.
std::set<std::tuple<std::string, std::string, Digest>> tried_designs(const stone::Plan& plan) {
  std::set<std::tuple<std::string, std::string, Digest>> out;
  for (const auto& row : plan.designs) {
    if (!row.range) out.emplace(row.name, row.shape, row.hash);
  }
  return out;
}

std::string tried_text(const stone::Plan& plan) {
  const auto designs = tried_designs(plan);
  std::set<std::string> clarities;
  for (const auto& row : plan.designs) {
    if (row.clarity) clarities.insert(*row.clarity);
  }
  std::string out = designs.size() == 1 ? "the design" : format("the {} designs", designs.size());
  for (const auto& range : plan.within.value_or(std::vector<stone::DesignRange>())) {
    if (stone::check_range(range)) out += ", or of any " + stone::range_text(range);
  }
  if (clarities.size() > 1) out += format(" at {} clarities", clarities.size());
  return out;
}

// "within 20 degrees of (0, 0, 1)", by the scan's axes.
std::string axis_text(const stone::AxisLimit& axis) {
  const auto n = stone::unit(stone::to_vec(axis.direction));
  const std::string degrees =
      axis.from == 0 ? format("within {:.3f}", axis.to / 1000.0)
                     : format("{:.3f} to {:.3f}", axis.from / 1000.0, axis.to / 1000.0);
  return degrees + format(" degrees {} ({:.6f}, {:.6f}, {:.6f})", axis.from == 0 ? "of" : "from",
                          n.x, n.y, n.z);
}

// What was tried: bodies that are no members of a family are what who made the plan calls them.
void say_designs(Output& output, const stone::Plan& plan) {
  constexpr std::size_t kEach = 3;
  const auto designs = tried_designs(plan);
  const bool are_few = designs.size() <= kEach;
  if (!are_few) output.say("designs    {}", designs.size());
  for (const auto& [name, shape, hash] : designs) {
    if (!stone::is_family_name(name)) {
      output.say("design     {}, as {}: both words of who made the plan", name, shape);
    } else if (are_few) {
      output.say("design     {}", name);
    }
  }
}

void say_terms(Output& output, const stone::Plan& plan) {
  output.say("rough      {}, {}; {}", codec::to_hex(plan.rough), weight_text(plan.rough_weight),
             plan.is_convex ? "convex"
             : plan.dents
                 ? format("with dents: bounds are those of its hull and of {} points in its dents",
                          *plan.dents)
                 : "with dents: bounds are those of its hull");
  output.say("prices     {}{}",
             plan.currency
                 ? *plan.currency + " for " + plan.colour.value_or("") + ' ' +
                       plan.clarity.value_or("") + (plan.origin ? ", " + *plan.origin : "")
             : plan.clarity ? "none: the most weight is wanted, of " + *plan.clarity + " or better"
                            : "none: the most weight is wanted",
             plan.is_sample ? "; SAMPLE PRICES, made up by us" : "");
  if (plan.least > stone::MicroCarats(0)) {
    output.say("at least   {} ct; lighter stones count as nothing", stone::carats_text(plan.least));
  }
  output.say("material   of specific gravity {}{}", amount_text(Amount(plan.gravity.value()), 3),
             plan.allowance == 0 ? ""
                                 : format("; stones keep {} mm from the surface",
                                          millimetres_text(plan.allowance)));
  say_designs(output, plan);
  if (plan.axis) output.say("table axis {}", axis_text(*plan.axis));
  for (const stone::Layer& layer : plan.layers) {
    const auto n = stone::unit(stone::to_vec(layer.direction));
    output.say("below      ({:.6f}, {:.6f}, {:.6f}), {} mm from the middle of the rough's box", n.x,
               n.y, n.z, millimetres_text(layer.offset));
  }
}

// Whether there is a stone of the weight that was asked for.
std::string answer_text(const stone::Plan& plan) {
  if (plan.stone) return "yes";
  const auto is_lighter = [&](const stone::PlanDesign& d) { return d.weight_bound < plan.least; };
  return std::ranges::all_of(plan.designs, is_lighter) ? "proven no" : "undecided";
}

void say_plan(Output& output, const stone::Plan& plan) {
  say_terms(output, plan);
  if (plan.least > stone::MicroCarats(0)) {
    const std::uint64_t bound = plan.bound.value();
    output.say("{:<10} {}", stone::carats_text(plan.least) + " ct",
               plan.stone   ? "yes"
               : bound == 0 ? "proven no"
                            : "undecided");
  }
  if (!plan.stone) {
    output.line("stone      none of these designs is worth anything in this rough");
  } else {
    const auto& stone = *plan.stone;
    const auto& design = plan.designs[stone.design];
    output.say("stone      {}", design.name);
    if (design.cut_grade) output.say("cut grade  {} (estimate)", *design.cut_grade);
    if (design.clarity) output.say("clarity    {}", clarity_text(plan));
    output.say("weight     {}, {:.1f} % of the rough", weight_text(stone.weight),
               100.0 * static_cast<double>(stone.weight.value()) /
                   static_cast<double>(plan.rough_weight.value()));
    output.say("size       {} mm from its middle to its furthest corner",
               millimetres_text(static_cast<double>(stone.pose.size) / 1000));
    output.say("value      {}", value_text(stone.value, plan));
    if (plan.hope) {
      output.say("           up to {} if it is {} {}", value_text(plan.hope->value, plan),
                 plan.hope->colour, plan.hope->clarity);
    }
    output.say("proven     no stone of this design is heavier than {}, or larger by {}",
               weight_text(design.weight_bound),
               gap_text(stone::gap_between(stone.pose.size, design.size_bound)));
  }
  const std::uint64_t value = plan.stone ? plan.stone->value.value() : 0;
  output.say("proven     no stone of {} is worth more than {}: gap {}", tried_text(plan),
             value_text(plan.bound, plan), gap_text(stone::gap_between(value, plan.bound.value())));
  output.say("cells      {}; --cells {} gives this plan again", plan.cells, plan.cells);
}

Json plan_json(const stone::Plan& plan) {
  Json out = codec::record_to_json(plan);
  const std::uint64_t value = plan.stone ? plan.stone->value.value() : 0;
  out.set("gap", stone::gap_between(value, plan.bound.value()));
  if (plan.stone) {
    const auto& design = plan.designs[plan.stone->design];
    out.set("weight_gap",
            stone::gap_between(plan.stone->weight.value(), design.weight_bound.value()));
    out.set("size_gap", stone::gap_between(plan.stone->pose.size, design.size_bound));
  }
  return out;
}

}  // namespace intaglio::cli
