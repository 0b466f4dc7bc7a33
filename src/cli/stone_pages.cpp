#include "cli/stone_pages.h"

#include <set>

#include "cli/amounts.h"
#include "cli/stone.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "stone/gltf.h"
#include "stone/hull.h"
#include "stone/mesh_file.h"
#include "stone/page.h"

namespace intaglio::cli {
namespace {

using stone::html_text;

constexpr std::string_view kSampleBanner =
    "<p class=\"banner\"><b>Sample prices.</b> They were made up: no stone was ever sold for "
    "them.</p>";

// A text from a file: the direction in which it is written ends with it.
std::string isolated(std::string_view text) { return "<bdi>" + html_text(text) + "</bdi>"; }

std::string bold(std::string_view text) { return "<b>" + html_text(text) + "</b>"; }

std::string paragraph(std::string_view html) { return format("<p>{}</p>\n", html); }

// Names with what they say, as a page lays them out.
using Fact = std::pair<std::string, std::string>;  // a text, and HTML

std::string table_rows(const std::vector<Fact>& facts) {
  std::string out;
  for (const auto& [name, html] : facts) {
    out += format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html_text(name), html);
  }
  return out;
}

std::string list_of(const std::vector<Fact>& facts) {
  std::string out = "<dl>\n";
  for (const auto& [name, html] : facts) {
    out += format("<dt>{}</dt><dd>{}</dd>\n", html_text(name), html);
  }
  return out + "</dl>\n";
}

std::string great(std::string_view html) { return format("<span class=\"great\">{}</span>", html); }

std::string yield_text(const stone::Plan& plan) {
  return format("{:.1f} %", 100.0 * static_cast<double>(plan.stone->weight.value()) /
                                static_cast<double>(plan.rough_weight.value()));
}

std::string grams_text(stone::MicroCarats weight) {
  return format("{:.3f} g", static_cast<double>(weight.value()) / 5e6);
}

// Length, width and depth of the stone, in millimetres.
stone::DesignSize size_of_stone(const DrawnPlan& drawn) {
  stone::Design design;
  design.corners = drawn.stones.front().corners;
  stone::DesignSize size = stone::size_of(design);
  const double radius = static_cast<double>(drawn.plan.stone->pose.size) / 1e9;
  for (double* part : {&size.length, &size.width, &size.depth}) *part *= radius;
  return size;
}

std::string size_text(const stone::DesignSize& size) {
  return format("{:.2f} x {:.2f} x {:.2f} mm", size.length, size.width, size.depth);
}

// The rough's, along the axes of its scan.
stone::DesignSize size_of_rough(const stone::Solid& rough) {
  const stone::Vec3 size = 1e-6 * stone::box_of(rough.corners).size();
  return {size.x, size.y, size.z};
}

std::string title_of(const stone::Plan& plan) {
  if (!plan.stone) return "No stone in a rough of " + weight_text(plan.rough_weight);
  return weight_text(plan.stone->weight) + ' ' + plan.designs[plan.stone->design].shape +
         " in a rough of " + weight_text(plan.rough_weight);
}

std::string gap_of(const stone::Plan& plan) {
  return gap_text(stone::gap_between(value_of(plan).value(), plan.bound.value()));
}

std::string missing_text(const stone::Plan& plan) {
  return value_text(Amount(plan.bound.value() - std::min(plan.bound, value_of(plan)).value()),
                    plan);
}

// How much of the bound the stone is.
std::string gap_bar(const stone::Plan& plan) {
  const auto missing = stone::gap_between(value_of(plan).value(), plan.bound.value());
  return format(
      "<div class=\"bar\" role=\"img\" aria-label=\"{0:.2f} % of the bound\">"
      "<i style=\"width:{0:.2f}%\"></i></div>\n",
      100 - missing / 1e4);
}

// What buyers ask about first.
std::vector<Fact> stone_facts(const DrawnPlan& drawn) {
  const stone::Plan& plan = drawn.plan;
  if (!plan.stone) return {{"Stone", "none of these designs is worth anything in this rough"}};
  const auto& design = plan.designs[plan.stone->design];
  const auto size = size_of_stone(drawn);
  std::vector<Fact> out = {
      {"Weight", great(weight_text(plan.stone->weight))},
      {"Yield", yield_text(plan) + " of the rough"},
      {"Shape", isolated(design.shape)},
      {"Design", isolated(design.name)},
      {"Size", size_text(size)},
      {"Proportions", format("length to width {:.2f}, depth {:.1f} % of the width",
                             size.length / size.width, 100 * size.depth / size.width)}};
  if (design.cut_grade) {
    out.emplace_back("Cut grade", isolated(*design.cut_grade) + " (an estimate)");
  }
  if (design.clarity) out.emplace_back("Clarity", isolated(clarity_text(plan)) + " (estimated)");
  if (!plan.currency) return out;
  if (plan.origin) out.emplace_back("Origin", isolated(*plan.origin) + " (assumed)");
  out.emplace_back("Colour", isolated(plan.colour.value_or("")) + " (assumed)");
  if (!design.clarity) {
    out.emplace_back("Clarity", isolated(plan.clarity.value_or("")) + " (assumed)");
  }
  const double carats = static_cast<double>(plan.stone->weight.value()) / 1e6;
  const auto per_carat = static_cast<std::uint64_t>(
      carats > 0 ? static_cast<double>(plan.stone->value.value()) / carats : 0);
  out.emplace_back("Price", isolated(value_text(Amount(per_carat), plan)) + " a carat");
  out.emplace_back("Value", great(isolated(value_text(plan.stone->value, plan))));
  if (plan.hope) {
    out.emplace_back("At best", isolated(value_text(plan.hope->value, plan)) + " if it is " +
                                    isolated(plan.hope->colour + ' ' + plan.hope->clarity));
  }
  return out;
}

// What all that is proven holds for.
std::string terms_html(const stone::Plan& plan) {
  std::set<std::string> shapes;
  for (const auto& design : plan.designs) shapes.insert(design.shape);
  std::string names;
  for (const std::string& shape : shapes) names += (names.empty() ? "" : ", ") + isolated(shape);
  std::string out = paragraph(format(
      "Tried were {} ({}) in a material of {:.3f} g/cm3, with {}.", tried_text(plan), names,
      plan.gravity.value() / 1000.0,
      plan.allowance == 0 ? "nothing kept back for polish"
                          : format("{:.3f} mm kept from the surface", plan.allowance / 1e6)));
  if (plan.currency) {
    out += paragraph(format("All are priced as {} stones of colour {} and clarity {}{}.",
                            isolated(plan.origin.value_or("natural")),
                            isolated(plan.colour.value_or("")), isolated(plan.clarity.value_or("")),
                            plan.inclusions ? " or what they hold makes it" : ""));
  } else {
    out += paragraph("Without a price list the most weight was looked for.");
  }
  if (plan.axis) {
    out += paragraph(format("All that is said here is of stones whose table's axis is {}.",
                            axis_text(*plan.axis)));
  }
  if (plan.least > stone::MicroCarats(0)) {
    out += paragraph(format("Stones of less than {} ct count as worth nothing here.",
                            stone::carats_text(plan.least)));
  }
  return out;
}

std::string bound_html(const stone::Plan& plan) {
  std::string out = paragraph(format(
      "No stone of {} can be worth more, however it lies in this rough, than", tried_text(plan)));
  out += paragraph(great(isolated(value_text(plan.bound, plan))));
  out += gap_bar(plan);
  out += paragraph(format("This one is worth {}: at most {}, or {}, could still be gained.",
                          bold(value_text(value_of(plan), plan)), bold(missing_text(plan)),
                          bold(gap_of(plan))));
  if (plan.stone) {
    const auto& design = plan.designs[plan.stone->design];
    const std::string clarity =
        design.clarity ? " and " + isolated(*design.clarity) + " or better" : "";
    out += paragraph(format("Of this very design{} none can be heavier than {}.", clarity,
                            bold(weight_text(design.weight_bound))));
  }
  out += terms_html(plan);
  if (!plan.layers.empty()) {
    out += paragraph(format("All that is said here is of stones below {} that were given.",
                            plan.layers.size() == 1 ? "a plane" : "planes"));
  }
  if (!plan.is_convex) {
    out += paragraph(format(
        "The rough has dents. The bound is that of its hull{}, so the gap holds what {}dents "
        "cost, too.",
        plan.dents ? format(" and of {} points in its dents", *plan.dents) : "",
        plan.dents ? "the rest of the " : "the "));
  }
  return out;
}

std::string words_html(const DrawnPlan& drawn) {
  const stone::Plan& plan = drawn.plan;
  std::string out =
      format("The rough weighs {}, that is {}, and measures {} along the axes of its scan. ",
             weight_text(plan.rough_weight), grams_text(plan.rough_weight),
             size_text(size_of_rough(drawn.rough)));
  if (plan.stone) {
    const auto size = size_of_stone(drawn);
    out += format(
        "The polished stone will weigh {}, that is {}; it will be {:.2f} mm long, {:.2f} mm wide "
        "and {:.2f} mm deep. ",
        weight_text(plan.stone->weight), grams_text(plan.stone->weight), size.length, size.width,
        size.depth);
  }
  return paragraph(out);
}

std::string prices_option(const stone::Plan& plan) {
  if (!plan.prices) return "";
  const bool is_ours = *plan.prices == stone::prices_hash(stone::PriceList::sample());
  return is_ours ? " --sample-prices" : " --prices PRICES";
}

std::string options_for(const std::vector<stone::Inclusion>& inclusions) {
  const auto kept = std::ranges::count_if(inclusions, is_kept_stone);
  std::string out =
      kept < static_cast<std::ptrdiff_t>(inclusions.size()) ? " --inclusions INCLUSIONS" : "";
  for (std::ptrdiff_t i = 0; i < kept; ++i) out += " --beside STONE";
  return out;
}

std::string verify_command(const stone::Plan& plan, const std::string& options) {
  const std::string command = "intaglio stone verify plan.cbor plan.proof ROUGH";
  return command + options + prices_option(plan);
}

std::vector<Fact> inputs(const stone::Plan& plan) {
  std::vector<Fact> out = {{"plan.cbor", codec::to_hex(crypto::sha256(stone::encode_plan(plan)))},
                           {"plan.proof", codec::to_hex(plan.proof)},
                           {"rough", codec::to_hex(plan.rough)}};
  if (plan.inclusions) out.emplace_back("inclusions", codec::to_hex(*plan.inclusions));
  if (plan.prices) out.emplace_back("prices", codec::to_hex(*plan.prices));
  if (plan.stone) {
    out.emplace_back("design", codec::to_hex(plan.designs[plan.stone->design].hash));
  }
  return out;
}

constexpr std::string_view kPlanShows =
    "<li>The stone lies inside of the scanned surface, and weighs and is worth what this page "
    "says.</li>\n"
    "<li>No stone of any of the designs tried is worth more than the bound, however it is turned, "
    "moved or scaled in this rough.</li>\n";

constexpr std::string_view kSawingShows =
    "<li>Each stone lies on its side of the cuts inside of the scanned surface, and weighs and is "
    "worth what this page says.</li>\n"
    "<li>No stones of the designs tried that such cuts part are worth more than the bound, "
    "wherever "
    "the cuts are.</li>\n";

std::string saw_bound_html(const stone::Sawing& sawing, const stone::Plan& terms) {
  const auto gap = [&](Amount bound) {
    return bold(gap_text(stone::gap_between(sawing.value.value(), bound.value())));
  };
  const std::uint32_t depth = sawing.depth.value_or(1);
  std::string out = paragraph(format(
      "No {} stones or fewer that planes across these directions part can be worth more than",
      1U << depth));
  out += paragraph(great(isolated(value_text(sawing.bound, terms))));
  out += paragraph(format("These are worth {}: at most {} could still be gained.",
                          bold(value_text(sawing.value, terms)), gap(sawing.bound)));
  std::string across;
  for (const stone::GridDirection& direction : sawing.directions) {
    const stone::Vec3 n = stone::unit(stone::to_vec(direction));
    across += format("{}({:.4f}, {:.4f}, {:.4f})", across.empty() ? "" : ", ", n.x, n.y, n.z);
  }
  out += paragraph("The directions, by the axes of the scan: " + across + ".");
  out += terms_html(terms);
  if (!sawing.any_bound) return out;
  return out +
         paragraph(format("However they are parted, by weight: no more than {}, so {} at most.",
                          bold(value_text(*sawing.any_bound, terms)), gap(*sawing.any_bound)));
}

std::string saw_words_html(const DrawnSawing& drawn) {
  std::uint64_t weight = 0;
  for (const stone::Plan& plan : drawn.plans) {
    if (plan.stone) weight += plan.stone->weight.value();
  }
  const stone::Plan& terms = drawn.plans.front();
  const auto cuts = stone::cuts_of(drawn.sawing).size();
  return paragraph(format(
      "The rough weighs {}, that is {}, and measures {} along the axes of its scan. {} of "
      "{:.3f} mm {} in it. The stones weigh {} together, {:.1f} % of the rough.",
      weight_text(terms.rough_weight), grams_text(terms.rough_weight),
      size_text(size_of_rough(drawn.rough)),
      cuts == 0   ? "No cut"
      : cuts == 1 ? "One cut"
                  : format("{} cuts", cuts),
      drawn.sawing.kerf / 1e6, cuts > 1 ? "are" : "is", weight_text(stone::MicroCarats(weight)),
      100.0 * static_cast<double>(weight) / static_cast<double>(terms.rough_weight.value())));
}

}  // namespace

Result<DrawnPlan> drawn_plan(const stone::Plan& plan, ByteView proof, const stone::Solid& rough,
                             const std::vector<stone::Inclusion>& inclusions) {
  if (!stone::was_made_with(plan, inclusions)) return refuse(Verdict::other_inputs, "inclusions");
  ASSIGN(auto stones, stone::stones_of(plan, proof, rough));
  ASSIGN(auto scene, stone::make_scene(rough, stones, inclusions));
  return DrawnPlan{plan, rough, std::move(stones), std::move(scene), options_for(inclusions)};
}

Result<Bytes> stone_mesh(const stone::Plan& plan, ByteView proof, const stone::Solid& rough) {
  ASSIGN(const auto stones, stone::stones_of(plan, proof, rough));
  if (stones.empty()) return refuse(Verdict::bad_value, "a plan without a stone");
  const auto& corners = stones.front().corners;
  ASSIGN(const auto faces, stone::convex_hull(corners));
  return stone::to_stl(stone::placed_corners(corners, stones.front().pose), faces,
                       stone::origin_of(rough));
}

Result<DrawnSawing> drawn_sawing(const stone::Sawing& sawing, ByteView proof,
                                 const stone::Solid& rough,
                                 const std::vector<stone::Inclusion>& inclusions) {
  if (crypto::sha256(proof) != sawing.proof) return refuse(Verdict::other_inputs, "proof");
  constexpr std::size_t kMost = std::size_t{1} << stone::kMaxSawDepth;
  if (sawing.plans.size() > kMost || (sawing.parts && sawing.parts->size() > kMost)) {
    return refuse(Verdict::too_large, "plans");
  }
  ASSIGN(const auto opened, stone::decode_saw_proof(proof));
  std::vector<stone::Plan> plans;
  std::vector<stone::PlacedStone> stones;
  for (const Digest& hash : sawing.plans) {
    const auto* const named = stone::plan_by_hash(opened, hash);
    if (named == nullptr || !stone::was_made_with(named->plan, inclusions)) {
      return refuse(Verdict::other_inputs, named == nullptr ? "plans" : "inclusions");
    }
    ASSIGN(const auto placed, stone::stones_of(named->plan, named->proof, rough));
    stones.insert(stones.end(), placed.begin(), placed.end());
    plans.push_back(named->plan);
  }
  if (plans.empty()) return refuse(Verdict::other_inputs, "plans");
  ASSIGN(auto scene, stone::make_scene(rough, stones, inclusions, stone::cuts_of(sawing)));
  return DrawnSawing{sawing, rough, std::move(plans), std::move(scene), options_for(inclusions)};
}

std::string report_html(const DrawnPlan& drawn, ByteView picture) {
  const stone::Plan& plan = drawn.plan;
  const std::string note =
      drawn.scene.simplified.empty() ? "" : ' ' + html_text(drawn.scene.simplified);
  const std::vector<std::pair<std::string_view, std::string>> parts = {
      {"title", html_text(title_of(plan))},
      {"banner", plan.is_sample ? std::string(kSampleBanner) : ""},
      {"picture", stone::data_uri("image/png", picture)},
      {"note", note},
      {"stone", table_rows(stone_facts(drawn))},
      {"bound", bound_html(plan)},
      {"words", words_html(drawn)},
      {"shown", "the stone"},
      {"heading", "The stone"},
      {"shows", std::string(kPlanShows)},
      {"lacks", "two stones"},
      {"file", "plan"},
      {"verify", html_text(verify_command(plan, drawn.options))},
      {"inputs", table_rows(inputs(plan))}};
  return stone::filled(stone::report_page(), parts);
}

std::string saw_report_html(const DrawnSawing& drawn, ByteView picture) {
  const stone::Sawing& sawing = drawn.sawing;
  const stone::Plan& terms = drawn.plans.front();
  const auto count = std::ranges::count_if(
      drawn.plans, [](const stone::Plan& plan) { return plan.stone.has_value(); });
  std::vector<Fact> stones;
  for (const stone::Plan& plan : drawn.plans) {
    if (!plan.stone) continue;
    stones.emplace_back(weight_text(plan.stone->weight),
                        isolated(plan.designs[plan.stone->design].name) + ", " +
                            isolated(value_text(plan.stone->value, plan)));
  }
  stones.emplace_back("Together", great(isolated(value_text(sawing.value, terms))) +
                                      (sawing.cost == Amount(0) ? "" : " when the saw is paid"));
  std::vector<Fact> inputs = {{"saw.cbor", codec::to_hex(crypto::sha256(encode_sawing(sawing)))},
                              {"saw.proof", codec::to_hex(sawing.proof)},
                              {"rough", codec::to_hex(sawing.rough)}};
  if (terms.inclusions) inputs.emplace_back("inclusions", codec::to_hex(*terms.inclusions));
  if (terms.prices) inputs.emplace_back("prices", codec::to_hex(*terms.prices));
  const std::string verify =
      "intaglio stone verify-saw saw.cbor saw.proof ROUGH" + drawn.options + prices_option(terms);
  const std::string stones_text = count == 1 ? "1 stone" : format("{} stones", count);
  const std::string note =
      drawn.scene.simplified.empty() ? "" : ' ' + html_text(drawn.scene.simplified);
  const std::vector<std::pair<std::string_view, std::string>> parts = {
      {"title", html_text(stones_text + " in a rough of " + weight_text(terms.rough_weight))},
      {"banner", terms.is_sample ? std::string(kSampleBanner) : ""},
      {"picture", stone::data_uri("image/png", picture)},
      {"note", note},
      {"stone", table_rows(stones)},
      {"bound", saw_bound_html(sawing, terms)},
      {"words", saw_words_html(drawn)},
      {"shown", "the stones and the cuts"},
      {"heading", "The stones"},
      {"shows", std::string(kSawingShows)},
      {"lacks", "planes across other directions or more of them"},
      {"file", "sawing"},
      {"verify", html_text(verify)},
      {"inputs", table_rows(inputs)}};
  return stone::filled(stone::report_page(), parts);
}

std::string viewer_html(const DrawnPlan& drawn, ByteView picture) {
  const stone::Plan& plan = drawn.plan;
  std::string facts = plan.is_sample ? std::string(kSampleBanner) : "";
  facts += list_of(
      {{"Weight", great(weight_text(plan.stone ? plan.stone->weight : stone::MicroCarats(0)))},
       {"Value", great(isolated(value_text(value_of(plan), plan)))},
       {"No stone can be worth more than", isolated(value_text(plan.bound, plan))},
       {"Gap", isolated(missing_text(plan) + ", " + gap_of(plan))}});
  facts += gap_bar(plan);
  std::vector<Fact> more;
  for (Fact& fact : stone_facts(drawn)) {
    if (fact.first != "Weight" && fact.first != "Value") more.push_back(std::move(fact));
  }
  std::string note = html_text(drawn.scene.simplified);
  if (!note.empty()) note = format("<small>{}</small>", note);
  note += format("<small>Rough {}</small>", codec::to_hex(plan.rough));
  const std::vector<std::pair<std::string_view, std::string>> parts = {
      {"title", html_text(title_of(plan))},
      {"facts", facts},
      {"more", list_of(more)},
      {"note", note},
      {"picture", stone::data_uri("image/png", picture)},
      {"model", codec::to_base64(stone::to_glb(drawn.scene))}};
  return stone::filled(stone::viewer_page(), parts);
}

}  // namespace intaglio::cli
