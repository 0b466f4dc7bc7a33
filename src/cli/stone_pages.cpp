#include "cli/stone_pages.h"

#include <set>

#include "cli/amounts.h"
#include "cli/stone.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "stone/gltf.h"
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

Amount value_of(const stone::Plan& plan) { return plan.stone ? plan.stone->value : Amount(0); }

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
  if (!plan.layers.empty()) {
    out += paragraph(format("All that is said here is of stones below {} that were given.",
                            plan.layers.size() == 1 ? "a plane" : "planes"));
  }
  if (plan.least > stone::MicroCarats(0)) {
    out += paragraph(format("Stones of less than {} ct count as worth nothing here.",
                            stone::carats_text(plan.least)));
  }
  if (!plan.currency) out += paragraph("Without a price list the most weight was looked for.");
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
  std::set<std::string> shapes;
  for (const auto& design : plan.designs) shapes.insert(design.shape);
  std::string names;
  for (const std::string& shape : shapes) names += (names.empty() ? "" : ", ") + isolated(shape);
  out +=
      format("Tried were {} ({}) in a material of {:.3f} g/cm3, with {}.", tried_text(plan), names,
             plan.gravity.value() / 1000.0,
             plan.allowance == 0 ? "nothing kept back for polish"
                                 : format("{:.3f} mm kept from the surface", plan.allowance / 1e6));
  return paragraph(out);
}

std::string verify_command(const stone::Plan& plan) {
  std::string command = "intaglio stone verify plan.cbor plan.proof ROUGH";
  if (plan.inclusions) command += " --inclusions INCLUSIONS";
  if (!plan.prices) return command;
  const bool is_ours = *plan.prices == stone::prices_hash(stone::PriceList::sample());
  command += is_ours ? " --sample-prices" : " --prices PRICES";
  return command;
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

}  // namespace

Result<DrawnPlan> drawn_plan(const stone::Plan& plan, ByteView proof, const stone::Solid& rough,
                             const std::vector<stone::Inclusion>& inclusions) {
  if (!stone::was_made_with(plan, inclusions)) return refuse(Verdict::other_inputs, "inclusions");
  ASSIGN(auto stones, stone::stones_of(plan, proof, rough));
  ASSIGN(auto scene, stone::make_scene(rough, stones, inclusions));
  return DrawnPlan{plan, rough, std::move(stones), std::move(scene)};
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
      {"verify", html_text(verify_command(plan))},
      {"inputs", table_rows(inputs(plan))}};
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
