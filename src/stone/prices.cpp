#include "stone/prices.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/format.h"
#include "stone/lines.h"

namespace intaglio::stone {
namespace {

constexpr std::string_view kHeader = "shape,colour,clarity,from,to,per_carat";
constexpr std::string_view kNatural = "natural";
constexpr std::uint64_t kMaxPrice = 1'000'000'000'000;  // a carat, in minor units
constexpr MicroCarats kMaxWeight{std::uint64_t{1'000'000} * 1'000'000};

// Digits with at most `scale` decimals, as a whole number of the smallest part.
std::optional<std::uint64_t> decimal_from(std::string_view text, unsigned scale) {
  const auto point = text.find('.');
  std::string digits(text.substr(0, point));
  std::string decimals;
  if (point != std::string_view::npos) {
    decimals = text.substr(point + 1);
    if (decimals.empty()) return std::nullopt;
  }
  if (digits.empty() || decimals.size() > scale) return std::nullopt;
  decimals.resize(scale, '0');
  return codec::uint_from_digits(digits + decimals);
}

std::string decimal_text(std::uint64_t value, unsigned scale, unsigned least) {
  std::string digits = std::to_string(value);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, 1, '.');
  while (digits.ends_with('0') && digits.size() - digits.find('.') - 1 > least) digits.pop_back();
  return digits;
}

// May stand in a line of the file by itself: words with single spaces between them.
bool is_line(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && !text.starts_with(' ') &&
         !text.ends_with(' ') &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<PriceRow> row_from_csv(std::string_view line, const Lines& lines) {
  const auto cells = cells_of(line);
  if (cells.size() != 6) return lines.refuse_here(Verdict::bad_encoding, "six columns");
  PriceRow row{std::string(cells[0]), std::string(cells[1]), std::string(cells[2]), {}, {}, {}};
  const auto from = decimal_from(cells[3], 6);
  const auto to = cells[4].empty() ? kMaxWeight.value() : decimal_from(cells[4], 6);
  const auto price = decimal_from(cells[5], 2);
  if (!from || !to || !price) return lines.refuse_here(Verdict::bad_value, line);
  row.from = MicroCarats(*from);
  row.to = MicroCarats(*to);
  row.per_carat = Amount(*price);
  return row;
}

// "very good 30".
std::optional<std::pair<std::string, std::uint32_t>> discount_from(std::string_view text) {
  const auto space = text.find_last_of(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto off = codec::uint_from_digits(text.substr(space + 1));
  if (!off || *off > 1000) return std::nullopt;
  return std::pair(std::string(text.substr(0, space)), static_cast<std::uint32_t>(*off));
}

Amount value_at(Amount per_carat, MicroCarats weight) {
  const Wide value = static_cast<Wide>(per_carat.value()) * weight.value() / 1'000'000;
  return Amount(value > Wide{UINT64_MAX} ? UINT64_MAX : static_cast<std::uint64_t>(value));
}

std::string weights_text(MicroCarats from, MicroCarats to) {
  return carats_text(from) + " to " + carats_text(to) + " ct";
}

// The steps of one kind of stone, sorted, touch each other.
Result<void> check_steps(const std::vector<PriceRow>& rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const PriceRow& a = rows[i - 1];
    const PriceRow& b = rows[i];
    if (a.shape != b.shape || a.colour != b.colour || a.clarity != b.clarity) continue;
    const std::string kind = a.shape + ' ' + a.colour + ' ' + a.clarity + ": ";
    if (b.from > a.to) return refuse(Verdict::prices_gap, kind + weights_text(a.to, b.from));
    if (b.from < a.to) {
      return refuse(Verdict::prices_overlap, kind + weights_text(b.from, std::min(a.to, b.to)));
    }
  }
  return {};
}

}  // namespace

Result<MicroCarats> carats_from_text(std::string_view text) {
  const auto value = decimal_from(text, 6);
  if (!value || *value > kMaxWeight.value()) {
    return refuse(Verdict::bad_value, std::string(text.substr(0, 40)));
  }
  return MicroCarats(*value);
}

std::string carats_text(MicroCarats weight) { return decimal_text(weight.value(), 6, 2); }

Amount PriceCurve::value(MicroCarats weight) const {
  const auto above = std::ranges::upper_bound(steps_, weight, {}, &Step::from);
  if (above == steps_.begin()) return Amount(0);
  return value_at(std::prev(above)->per_carat, weight);
}

PriceCurve PriceCurve::from_weight(MicroCarats least) const {
  std::vector<Step> out;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (i + 1 < steps_.size() && steps_[i + 1].from <= least) continue;
    out.push_back({std::max(steps_[i].from, least), steps_[i].per_carat});
  }
  return PriceCurve(std::move(out));
}

Amount PriceCurve::most_up_to(MicroCarats weight) const {
  Amount most;
  for (std::size_t i = 0; i < steps_.size() && steps_[i].from <= weight; ++i) {
    // The heaviest of this step that is no heavier than `weight`.
    const bool is_whole = i + 1 < steps_.size() && steps_[i + 1].from <= weight;
    const MicroCarats heaviest = is_whole ? MicroCarats(steps_[i + 1].from.value() - 1) : weight;
    most = std::max(most, value_at(steps_[i].per_carat, heaviest));
  }
  return most;
}

Result<PriceList> PriceList::from_csv(std::string_view text) {
  if (text.size() > kMaxPriceFile) return refuse(Verdict::too_large, "the file");
  PriceList list;
  Lines lines(text);
  bool has_header = false;
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    if (line->starts_with('#')) {
      Words words(line->substr(1));
      const auto word = words.next();
      const auto first = words.rest().find_first_not_of(' ');
      const auto rest =
          first == std::string_view::npos ? std::string_view() : words.rest().substr(first);
      if (word == "sample") list.is_sample_ = true;
      if (word == "name") list.name_ = rest.substr(0, kMaxName);
      if (word == "currency") list.currency_ = rest.substr(0, 3);
      if (word != "cut" && word != "origin") continue;
      const auto discount = discount_from(rest);
      if (!discount) return lines.refuse_here(Verdict::bad_value, rest);
      if (word == "cut") list.cuts_.push_back({discount->first, discount->second});
      if (word == "origin") list.origins_.push_back({discount->first, discount->second});
    } else if (!has_header) {
      if (*line != kHeader) return lines.refuse_here(Verdict::bad_encoding, *line);
      has_header = true;
    } else {
      ASSIGN(auto row, row_from_csv(*line, lines));
      if (list.rows_.size() == kMaxPriceRows) return lines.refuse_here(Verdict::too_large, "rows");
      list.rows_.push_back(std::move(row));
    }
  }
  TRY(list.check());
  return list;
}

Result<PriceList> PriceList::from_json(std::string_view text) {
  ASSIGN(const auto json, codec::parse_json(text, {.bytes = kMaxPriceFile}));
  PriceList list;
  ASSIGN(list.name_, json.text_at("name"));
  ASSIGN(list.currency_, json.text_at("currency"));
  const auto* sample = json.find("sample");
  list.is_sample_ = sample != nullptr && sample->boolean() != nullptr && *sample->boolean();
  if (const auto* cuts = json.find("cuts")) {
    ASSIGN(list.cuts_, codec::FieldType<std::vector<CutDiscount>>::from_json(*cuts));
  }
  if (const auto* origins = json.find("origins")) {
    ASSIGN(list.origins_, codec::FieldType<std::vector<OriginDiscount>>::from_json(*origins));
  }
  const auto* prices = json.find("prices");
  if (prices == nullptr || prices->items() == nullptr) {
    return refuse(Verdict::missing_field, "prices");
  }
  if (prices->items()->size() > kMaxPriceRows) return refuse(Verdict::too_large, "prices");
  for (std::size_t i = 0; i < prices->items()->size(); ++i) {
    auto row = codec::record_from_json<PriceRow>((*prices->items())[i]);
    if (!row) return refuse_within(format("prices[{}]", i), row.error());
    list.rows_.push_back(*std::move(row));
  }
  TRY(list.check());
  return list;
}

Result<PriceList> PriceList::from_text(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') return from_json(text);
  return from_csv(text);
}

Result<void> PriceList::check() {
  if (rows_.empty()) return refuse(Verdict::prices_gap, "a list without prices");
  if (!name_.empty() && !is_line(name_)) return refuse(Verdict::bad_value, "name");
  if (currency_.size() != 3 || !is_name(currency_)) return refuse(Verdict::bad_value, "currency");
  std::map<std::string, std::size_t> shapes;
  const auto learn = [](std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const CutDiscount& cut : cuts_) {
    if (!is_line(cut.grade) || cut.thousandths_off > 1000) return refuse(Verdict::bad_value, "cut");
  }
  for (const OriginDiscount& each : origins_) {
    const bool is_told_twice =
        std::ranges::count(origins_, each.origin, &OriginDiscount::origin) > 1;
    if (!is_name(each.origin) || each.origin == kNatural || each.thousandths_off > 1000 ||
        is_told_twice || origins_.size() > 64) {
      return refuse(Verdict::bad_value, "origin");
    }
  }
  for (const PriceRow& row : rows_) {
    if (!is_name(row.shape) || !is_name(row.colour) || !is_name(row.clarity)) {
      return refuse(Verdict::bad_value, "a name of a shape, colour or clarity");
    }
    if (row.from >= row.to || row.to > kMaxWeight || row.per_carat.value() > kMaxPrice) {
      return refuse(Verdict::bad_value, row.shape + ' ' + row.colour + ' ' + row.clarity + ": " +
                                            weights_text(row.from, row.to));
    }
    learn(colours_, row.colour);
    learn(clarities_, row.clarity);
    if (colours_.size() > 64 || clarities_.size() > 64) return refuse(Verdict::too_large, "grades");
  }
  const auto place = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) - names.begin();
  };
  std::ranges::sort(rows_, {}, [&](const PriceRow& row) {
    return std::tuple(std::string_view(row.shape), place(colours_, row.colour),
                      place(clarities_, row.clarity), row.from, row.to);
  });
  TRY(check_steps(rows_));
  for (const PriceRow& row : rows_) ++shapes[row.shape];
  for (const auto& [shape, count] : shapes) {
    for (const auto& colour : colours_) {
      for (const auto& clarity : clarities_) {
        if (curve(shape, colour, clarity, "")) continue;
        return refuse(Verdict::prices_gap, shape + ' ' + colour + ' ' + clarity + ": no price");
      }
    }
  }
  return {};
}

Result<PriceCurve> PriceList::curve(std::string_view shape, std::string_view colour,
                                    std::string_view clarity, std::string_view cut_grade,
                                    std::string_view origin) const {
  const auto cut = std::ranges::find(cuts_, cut_grade, &CutDiscount::grade);
  const std::uint64_t by_cut = 1000 - (cut == cuts_.end() ? 0 : cut->thousandths_off);
  const auto from = std::ranges::find(origins_, origin, &OriginDiscount::origin);
  if (from == origins_.end() && !origin.empty() && origin != kNatural) {
    return refuse(Verdict::unpriced, "origin " + std::string(origin.substr(0, kMaxName)));
  }
  const std::uint64_t by_origin = 1000 - (from == origins_.end() ? 0 : from->thousandths_off);
  for (const std::string_view name : {shape, std::string_view("*")}) {
    std::vector<PriceCurve::Step> steps;
    MicroCarats end;
    const auto of_shape = std::ranges::equal_range(rows_, name, {}, &PriceRow::shape);
    for (const PriceRow& row : of_shape) {
      if (row.colour != colour || row.clarity != clarity) continue;
      steps.push_back({row.from, Amount(row.per_carat.value() * by_cut / 1000 * by_origin / 1000)});
      end = row.to;
    }
    if (steps.empty() && of_shape.empty()) continue;
    if (steps.empty()) break;
    // Beyond the list's end there is no price: that is worth nothing rather than a guess.
    if (end < kMaxWeight) steps.push_back({end, Amount(0)});
    return PriceCurve(std::move(steps));
  }
  return refuse(Verdict::unpriced, std::string(shape.substr(0, kMaxName)) + ' ' +
                                       std::string(colour.substr(0, kMaxName)) + ' ' +
                                       std::string(clarity.substr(0, kMaxName)));
}

std::string PriceList::to_csv() const {
  std::string out;
  if (!name_.empty()) out += "# name " + name_ + '\n';
  out += "# currency " + currency_ + '\n';
  if (is_sample_) out += "# sample\n";
  for (const CutDiscount& cut : cuts_) {
    out += format("# cut {} {}\n", cut.grade, cut.thousandths_off);
  }
  for (const OriginDiscount& origin : origins_) {
    out += format("# origin {} {}\n", origin.origin, origin.thousandths_off);
  }
  out += std::string(kHeader) + '\n';
  for (const PriceRow& row : rows_) {
    out += format("{},{},{},{},{},{}\n", row.shape, row.colour, row.clarity, carats_text(row.from),
                  row.to == kMaxWeight ? "" : carats_text(row.to),
                  decimal_text(row.per_carat.value(), 2, 2));
  }
  return out;
}

codec::Json PriceList::to_json() const {
  codec::Json prices = codec::Json::array();
  for (const PriceRow& row : rows_) prices.push(codec::record_to_json(row));
  return codec::Json::object(
      {{"name", name_},
       {"currency", currency_},
       {"sample", is_sample_},
       {"cuts", codec::FieldType<std::vector<CutDiscount>>::to_json(cuts_)},
       {"origins", codec::FieldType<std::vector<OriginDiscount>>::to_json(origins_)},
       {"prices", std::move(prices)}});
}

const PriceList& PriceList::sample() {
  static const PriceList all = [] {
    // Made up: dollars a carat for a round G VS1, and what each grade does to it in per cent.
    static constexpr std::pair<const char*, double> kSteps[] = {
        {"0.01", 700},   {"0.18", 900},   {"0.23", 1000},  {"0.30", 1500},  {"0.40", 1900},
        {"0.50", 2600},  {"0.70", 3600},  {"0.90", 4800},  {"1.00", 6200},  {"1.50", 8300},
        {"2.00", 11500}, {"3.00", 17000}, {"4.00", 20000}, {"5.00", 26000}, {"10.00", 34000}};
    static constexpr std::pair<const char*, int> kColours[] = {
        {"D", 135}, {"E", 122}, {"F", 112}, {"G", 100}, {"H", 88},
        {"I", 74},  {"J", 62},  {"K", 52},  {"L", 45},  {"M", 40}};
    static constexpr std::pair<const char*, int> kClarities[] = {
        {"IF", 138}, {"VVS1", 124}, {"VVS2", 114}, {"VS1", 100}, {"VS2", 90},
        {"SI1", 76}, {"SI2", 62},   {"I1", 42},    {"I2", 28},   {"I3", 17}};
    std::string csv =
        "# name Sample list\n# currency USD\n# sample\n# cut excellent 0\n# cut very good 40\n"
        "# cut good 120\n# cut fair 220\n# origin laboratory-grown 850\n# origin treated 450\n" +
        std::string(kHeader) + '\n';
    for (const auto& [shape, of_round] : {std::pair("round", 100), std::pair("*", 78)}) {
      for (const auto& [colour, by_colour] : kColours) {
        for (const auto& [clarity, by_clarity] : kClarities) {
          for (std::size_t i = 0; i < std::size(kSteps); ++i) {
            const char* end = i + 1 < std::size(kSteps) ? kSteps[i + 1].first : "";
            const double price = kSteps[i].second * by_colour * by_clarity / 1e4 * of_round / 100;
            csv += format("{},{},{},{},{},{:.0f}\n", shape, colour, clarity, kSteps[i].first, end,
                          price);
          }
        }
      }
    }
    auto list = from_csv(csv);
    CHECK(list.has_value());
    return *std::move(list);
  }();
  return all;
}

}  // namespace intaglio::stone
