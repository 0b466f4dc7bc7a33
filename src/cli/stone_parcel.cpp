// stone parcel: what the scans of a folder could become, and what they may be bid at.
#include "base/env.h"
#include "cli/amounts.h"
#include "cli/interrupt.h"
#include "cli/stone_planning.h"
#include "stone/bid.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr unsigned kFileMode = 0644;
constexpr unsigned kMoneyScale = 2;
constexpr unsigned kCaratScale = 6;

Result<stone::BidTerms> bid_argument(const Arguments& arguments) {
  stone::BidTerms terms;
  for (const std::string& text : arguments.list("cost")) {
    const auto at = text.find('=');
    const auto amount = amount_from_text(
        at == std::string::npos ? std::string_view() : std::string_view(text).substr(at + 1),
        kMoneyScale);
    const std::string name = text.substr(0, at);
    if (!amount) return refuse(Verdict::bad_usage, "--cost " + text);
    if (name == "cutting-per-carat") {
      terms.costs.per_carat = *amount;
    } else if (name == "cutting-per-stone") {
      terms.costs.per_stone = *amount;
    } else if (name == "saw-cut") {
      terms.costs.per_saw_cut = *amount;
    } else if (name == "rough-per-carat") {
      terms.asked_per_carat = *amount;
    } else {
      return refuse(Verdict::bad_usage, "--cost " + text);
    }
  }
  const auto margin = amount_from_text(arguments.text_or("margin", "0"), 4);
  if (!margin || margin->value() > stone::kMostMargin) {
    return refuse(Verdict::bad_usage, "--margin " + arguments.text("margin"));
  }
  terms.margin = static_cast<std::uint32_t>(margin->value());
  return terms;
}

// One scan of the parcel: its plans, of the whole or of the parts that it is sawn into, and its
// bid; or why it has none.
struct ParcelRow {
  std::string name;
  std::vector<stone::Plan> plans;
  stone::Bid bid;
  std::string refusal;
};

// What every scan is planned by.
struct ParcelTerms {
  std::vector<stone::Design> designs;
  stone::PlanTerms plan;
  stone::BidTerms bid;
  stone::SearchLimits limits;
  std::uint32_t allowance = 0;
  stone::Unit unit;
  std::optional<stone::SawTerms> saw;
};

// Plans, the cuts between them, and what no plans of the rough are worth more than.
struct Planned {
  std::vector<stone::Plan> plans;
  Amount bound;
};

// One stone of the whole rough, and where it may be sawn what is worth most then, the cost of cuts
// considered.
Result<std::vector<Planned>> plans_of(const std::string& path, const ParcelTerms& terms,
                                      const Interrupt& interrupt) {
  ASSIGN(auto solid, read_solid(path, terms.unit, system_env()));
  ASSIGN(const auto rough, stone::rough_from(std::move(solid), terms.allowance));
  const auto watch = [&](const stone::Progress&) { return !interrupt.happened(); };
  if (!terms.saw) {
    ASSIGN(const auto made,
           stone::make_plan(rough, terms.designs, terms.plan, terms.limits, watch));
    TRY(stone::verify_plan(made.plan, made.proof, rough.solid, {}, terms.plan.prices));
    return std::vector{Planned{{made.plan}, made.plan.bound}};
  }
  ASSIGN(const auto made,
         stone::make_sawing(rough, terms.designs, terms.plan, *terms.saw, terms.limits, watch));
  TRY(stone::verify_sawing(made.sawing, made.proof, rough.solid, {}, terms.plan.prices));
  ASSIGN(const auto proof, stone::decode_saw_proof(made.proof));
  // The sawing's bound is what is left of the stones' value after the cuts, of which there may be
  // one less than there are stones.
  const auto most_cuts = (std::uint64_t{1} << terms.saw->depth) - 1;
  const auto costs = static_cast<stone::Wide>(terms.saw->cost.value()) * most_cuts;
  const stone::Wide most = static_cast<stone::Wide>(made.sawing.bound.value()) + costs;
  if (most > stone::Wide{UINT64_MAX}) return refuse(Verdict::too_large, "saw-cut");
  const Amount bound(static_cast<std::uint64_t>(most));
  std::vector<Planned> out = {{{proof.whole.plan}, bound}, {{}, bound}};
  for (const auto& part : made.plans) out.back().plans.push_back(part.plan);
  return out;
}

Result<stone::Bid> bid_of(const Planned& planned, const ParcelTerms& terms) {
  std::vector<stone::PlannedStone> stones;
  for (const stone::Plan& plan : planned.plans) {
    if (plan.stone) stones.push_back({plan.stone->weight, plan.stone->value});
  }
  return stone::bid_for(
      stone::planned_rough(planned.plans.front().rough_weight, planned.bound, stones,
                           static_cast<std::uint32_t>(planned.plans.size() - 1), terms.bid),
      terms.bid);
}

// By the plans that the most can be bid for; by fewer where that is the same.
Result<ParcelRow> row_of(const std::string& folder, const std::string& name,
                         const ParcelTerms& terms, const Interrupt& interrupt) {
  ParcelRow row{name, {}, {}, {}};
  auto all = plans_of(folder + '/' + name, terms, interrupt);
  if (!all) {
    row.refusal = to_string(all.error());
    return row;
  }
  for (Planned& planned : *all) {
    ASSIGN(const auto bid, bid_of(planned, terms));
    if (!row.plans.empty() && bid.most <= row.bid.most) continue;
    row.bid = bid;
    row.plans = std::move(planned.plans);
  }
  return row;
}

Json bid_json(const stone::Bid& bid) {
  Json out = Json::object({{"rough", bid.planned.rough.value()},
                           {"polished", bid.planned.polished.value()},
                           {"stones", bid.planned.stones},
                           {"saw_cuts", bid.planned.saw_cuts},
                           {"value", std::to_string(bid.planned.value.value())},
                           {"bound", std::to_string(bid.planned.bound.value())},
                           {"costs", std::to_string(bid.costs.value())},
                           {"most", std::to_string(bid.most.value())},
                           {"most_per_carat", std::to_string(bid.most_per_carat.value())}});
  if (bid.asked) out.set("asked", std::to_string(bid.asked->value()));
  if (bid.left) out.set("left", std::to_string(bid.left->value()));
  return out;
}

// Of all parts, "A + B".
std::string design_name(const ParcelRow& row) {
  std::string out;
  for (const stone::Plan& plan : row.plans) {
    if (!plan.stone) continue;
    if (!out.empty()) out += " + ";
    out += plan.designs[plan.stone->design].name;
  }
  return out;
}

// A field of a CSV file.
std::string csv_field(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

std::string csv_numbers(const stone::Bid& bid, unsigned scale) {
  const auto money = [&](Amount amount) { return amount_text(amount, scale); };
  return format("{},{},{},{},{},{},{},{},{}", amount_text(Amount(bid.planned.rough.value()), 6),
                amount_text(Amount(bid.planned.polished.value()), 6), money(bid.planned.value),
                money(bid.planned.bound), money(bid.costs), money(bid.most),
                money(bid.most_per_carat), bid.asked ? money(*bid.asked) : "",
                bid.left ? money(*bid.left) : "");
}

std::string csv_of(const std::vector<ParcelRow>& rows, const stone::Bid& all, unsigned scale) {
  std::string out =
      "scan,rough_carats,polished_carats,value,bound,costs,most,most_per_carat,asked,left,design,"
      "refusal\n";
  for (const ParcelRow& row : rows) {
    out += format("{},{},{},{}\n", csv_field(row.name),
                  row.plans.empty() ? ",,,,,,,," : csv_numbers(row.bid, scale),
                  csv_field(design_name(row)), csv_field(row.refusal));
  }
  return out + format("{},{},,\n", csv_field("parcel"), csv_numbers(all, scale));
}

void say_row(Output& output, std::string_view name, const stone::Bid& bid, unsigned scale,
             std::string_view design) {
  output.say("{:<24} {:>10} {:>10} {:>14} {:>14} {:>14} {:>12}  {}", name,
             weight_text(bid.planned.rough), weight_text(bid.planned.polished),
             amount_text(bid.planned.value, scale), amount_text(bid.planned.bound, scale),
             amount_text(bid.most, scale), amount_text(bid.most_per_carat, scale), design);
}

void say_parcel(Output& output, const std::vector<ParcelRow>& rows, const stone::Bid& all,
                const stone::PriceList* prices) {
  const unsigned scale = prices == nullptr ? kCaratScale : kMoneyScale;
  output.say("{:<24} {:>10} {:>10} {:>14} {:>14} {:>14} {:>12}  {}", "scan", "rough", "polished",
             "value", "at most worth", "bid at most", "per carat", "design");
  for (const ParcelRow& row : rows) {
    if (!row.plans.empty()) {
      say_row(output, row.name, row.bid, scale, design_name(row));
    } else {
      output.say("{:<24} {}", row.name, row.refusal);
    }
  }
  say_row(output, "parcel", all, scale, "");
  if (all.asked) {
    output.say("asked      {}{}", amount_text(*all.asked, scale),
               all.left ? "; " + amount_text(*all.left, scale) + " of the value would be left"
                        : "; more than value less costs");
  }
  if (prices == nullptr) {
    output.line("prices     none: value is weight, in carats");
  } else {
    output.say("prices     {}{}", prices->currency(),
               prices->is_sample() ? "; SAMPLE PRICES, made up by us" : "");
  }
}

Result<ParcelTerms> terms_argument(const Arguments& arguments,
                                   const std::optional<stone::PriceList>& prices, Env& env) {
  ParcelTerms terms;
  ASSIGN(terms.limits, limits_argument(arguments));
  ASSIGN(terms.allowance, allowance_argument(arguments));
  ASSIGN(terms.unit, stone::unit_from_text(arguments.text_or("unit", "mm")));
  ASSIGN(const auto gravity, gravity_argument(arguments));
  ASSIGN(terms.bid, bid_argument(arguments));
  if (!prices && (arguments.has("cost") || arguments.has("margin"))) {
    return refuse(Verdict::bad_usage, "--cost and --margin need prices");
  }
  ASSIGN(auto asked, asked_designs_argument(arguments, env));
  terms.designs = std::move(asked.designs);
  terms.plan = {gravity, prices ? &*prices : nullptr, arguments.text_or("colour", "G"),
                arguments.text_or("clarity", "VS1")};
  terms.plan.within = std::move(asked.ranges);
  terms.plan.origin = arguments.text_or("origin", "");
  if (!arguments.has("cuts")) return terms;
  ASSIGN(terms.saw, saw_argument(arguments));
  terms.saw->cost = terms.bid.costs.per_saw_cut;
  return terms;
}

Result<void> stone_parcel(const Arguments& arguments, Output& output) {
  Env& env = system_env();
  const Interrupt interrupt;
  ASSIGN(const auto prices, prices_argument(arguments, env));
  ASSIGN(const auto terms, terms_argument(arguments, prices, env));
  const std::string& folder = arguments.text("FOLDER");
  ASSIGN(const auto names, scans_in(folder));
  std::vector<ParcelRow> rows;
  std::vector<stone::Bid> bids;
  for (const std::string& name : names) {
    if (interrupt.happened()) return refuse(Verdict::timed_out, "interrupted at " + name);
    ASSIGN(auto row, row_of(folder, name, terms, interrupt));
    if (!row.plans.empty()) bids.push_back(row.bid);
    rows.push_back(std::move(row));
  }
  ASSIGN(const auto all, stone::bid_for_parcel(bids));
  const unsigned scale = prices ? kMoneyScale : kCaratScale;
  if (arguments.has("csv")) {
    TRY(env.write_file(arguments.text("csv"), as_bytes(csv_of(rows, all, scale)), kFileMode));
  }
  say_parcel(output, rows, all, prices ? &*prices : nullptr);
  Json scans = Json::array();
  for (const ParcelRow& row : rows) {
    Json one = row.plans.empty() ? Json::object({{"refusal", row.refusal}}) : bid_json(row.bid);
    one.set("scan", row.name);
    if (row.plans.size() == 1) one.set("plan", plan_json(row.plans.front()));
    if (row.plans.size() > 1) {
      Json parts = Json::array();
      for (const stone::Plan& plan : row.plans) parts.push(plan_json(plan));
      one.set("parts", std::move(parts));
    }
    scans.push(std::move(one));
  }
  Json out = Json::object({{"parcel", bid_json(all)}, {"scans", std::move(scans)}});
  if (prices) {
    out.set("currency", prices->currency());
    out.set("is_sample", prices->is_sample());
  }
  output.result(out);
  return {};
}

}  // namespace

std::vector<Command> stone_parcel_commands() {
  return {
      {"stone parcel",
       "plan all scans of a folder, and say what each and the parcel may be bid at",
       "Each .stl, .ply and .obj is planned and verified as `stone plan` does, one stone each, or "
       "with --cuts as `stone saw` does, when more can be bid for that. "
       "The bid is the most that can be paid so that the margin is kept: value / (1 + margin) "
       "less what cutting costs. A rough that is not worth cutting counts nothing. A scan that "
       "is refused is said, and left out of the sums.",
       joined({{{OptionKind::positional, "FOLDER", "FOLDER", "with scans", true}, unit_option()},
               material_options(),
               {{OptionKind::list, "design", "DESIGN", "as for `stone plan`"}},
               price_options(),
               {{OptionKind::value, "colour", "GRADE", "of all stones; default G"},
                {OptionKind::value, "clarity", "GRADE", "default VS1"},
                {OptionKind::value, "gap", "PERCENT", "of the value; default 1"},
                {OptionKind::value, "cells", "N", "for each scan, at most; default 4000000"},
                {OptionKind::value, "threads", "N", "default: one a core; changes no plan"},
                {OptionKind::list, "cost", "NAME=AMOUNT",
                 "cutting-per-carat (polished), cutting-per-stone, saw-cut; rough-per-carat is "
                 "what is asked for the rough"},
                {OptionKind::value, "margin", "PERCENT", "of bid and costs; default 0"},
                {OptionKind::value, "cuts", "N",
                 "how often in a row a part of a rough may be sawn, up to 3; not at all without"},
                {OptionKind::value, "csv", "FILE", "write the table there, too"}},
               allowance_options(),
               saw_options()}),
       {"intaglio stone parcel lot7 --sample-prices --margin 15 --cost cutting-per-carat=90"},
       stone_parcel}};
}

}  // namespace intaglio::cli
