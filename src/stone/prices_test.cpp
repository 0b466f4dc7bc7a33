#include "stone/prices.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/result_for_test.h"

namespace intaglio::stone {
namespace {

constexpr std::string_view kList =
    "# name Small list\n# currency EUR\n# sample\n# cut very good 30\n"
    "shape,colour,clarity,from,to,per_carat\n"
    "round,D,IF,0.30,0.40,4100.00\nround,D,IF,0.40,,4600\nround,D,VS1,0.30,,3000.5\n"
    "*,D,IF,0.30,1,2000\n*,D,VS1,0.30,,1500\n";

PriceList list(std::string_view text) { return must(PriceList::from_text(text)); }
Verdict verdict(std::string_view text) { return verdict_of(PriceList::from_text(text)); }
std::string where(std::string_view text) { return PriceList::from_text(text).error().where; }
std::string with_header(std::string_view rows) {
  return "shape,colour,clarity,from,to,per_carat\n" + std::string(rows);
}
MicroCarats carats(std::string_view text) { return must(carats_from_text(text)); }

TEST(Prices, AStoneIsWorthItsWeightByTheStepItIsIn) {
  const auto curve = must(list(kList).curve("round", "D", "IF", ""));
  EXPECT_EQ(curve.value(carats("0.29")), Amount(0));
  EXPECT_EQ(curve.value(carats("0.30")), Amount(123'000));
  EXPECT_EQ(curve.value(carats("0.399999")), Amount(163'999));
  EXPECT_EQ(curve.value(carats("0.40")), Amount(184'000));
}

TEST(Prices, OtherShapesAndCutGradesAndWhatTheListDoesNotHave) {
  const auto all = list(kList);
  EXPECT_EQ(must(all.curve("pear", "D", "IF", "")).value(carats("0.50")), Amount(100'000));
  // Beyond its end a list has no price.
  EXPECT_EQ(must(all.curve("pear", "D", "IF", "")).value(carats("1")), Amount(0));
  EXPECT_EQ(must(all.curve("round", "D", "IF", "very good")).value(carats("1")), Amount(446'200));
  EXPECT_EQ(must(all.curve("round", "D", "IF", "excellent")).value(carats("1")), Amount(460'000));
  EXPECT_EQ(verdict_of(all.curve("round", "E", "IF", "")), Verdict::unpriced);
  EXPECT_EQ(all.curve("round", "D", "SI1", "").error().where, "round D SI1");
}

RC_GTEST_PROP(Prices, TheMostUpToAWeightIsTheMostOfAnyLighterStone, ()) {
  // A step that falls: heavier stones are worth less at first.
  const PriceCurve curve({{MicroCarats(10), Amount(9'000'000)},
                          {MicroCarats(20), Amount(2'000'000)},
                          {MicroCarats(40), Amount(7'000'000)}});
  const auto weight = *rc::gen::inRange<std::uint64_t>(0, 80);
  Amount most;
  for (std::uint64_t w = 0; w <= weight; ++w) most = std::max(most, curve.value(MicroCarats(w)));
  RC_ASSERT(curve.most_up_to(MicroCarats(weight)) == most);
}

TEST(Prices, ByWeightTheMostValueIsTheMostWeight) {
  EXPECT_EQ(PriceCurve::by_weight().value(MicroCarats(1'234'567)), Amount(1'234'567));
}

TEST(Prices, CsvAndJsonSayTheSame) {
  const auto all = list(kList);
  EXPECT_EQ(all.name(), "Small list");
  EXPECT_EQ(all.currency(), "EUR");
  EXPECT_TRUE(all.is_sample());
  EXPECT_EQ(list(all.to_csv()).rows(), all.rows());
  const auto json = list(all.to_json().dump());
  EXPECT_EQ(json.rows(), all.rows());
  EXPECT_EQ(json.to_csv(), all.to_csv());
}

TEST(Prices, AGapIsFoundWithItsPlace) {
  EXPECT_EQ(verdict(with_header("round,D,IF,0.30,0.40,1\nround,D,IF,0.50,,1\n")),
            Verdict::prices_gap);
  EXPECT_EQ(where(with_header("round,D,IF,0.50,,1\nround,D,IF,0.30,0.40,1\n")),
            "round D IF: 0.40 to 0.50 ct");
  EXPECT_EQ(where(with_header("round,D,IF,0.30,,1\nround,E,IF,0.30,,1\nround,D,VS1,0.30,,1\n")),
            "round E VS1: no price");
  EXPECT_EQ(verdict(with_header("")), Verdict::prices_gap);
}

TEST(Prices, TwoPricesForOneStoneAreFound) {
  EXPECT_EQ(verdict(with_header("round,D,IF,0.30,0.50,1\nround,D,IF,0.40,,2\n")),
            Verdict::prices_overlap);
  EXPECT_EQ(where(with_header("round,D,IF,0.30,0.50,1\nround,D,IF,0.40,,2\n")),
            "round D IF: 0.40 to 0.50 ct");
}

TEST(Prices, WhatIsNoListIsRefusedWithItsLine) {
  EXPECT_EQ(where("shape;colour\n"), "line 1: shape;colour");
  EXPECT_EQ(where(with_header("round,D,IF,0.30,1\n")), "line 2: six columns");
  EXPECT_EQ(where(with_header("round,D,IF,0.30,,1.234\n")), "line 2: round,D,IF,0.30,,1.234");
  EXPECT_EQ(where(with_header("round,D,IF,-0.30,,1\n")), "line 2: round,D,IF,-0.30,,1");
  EXPECT_EQ(verdict(with_header("round,D,IF,0.40,0.30,1\n")), Verdict::bad_value);
  EXPECT_EQ(verdict(with_header("ro nd,D,IF,0.40,,1\n")), Verdict::bad_value);
  EXPECT_EQ(verdict("# cut good 1001\n"), Verdict::bad_value);
  EXPECT_EQ(verdict("# currency dollars of old\n" + with_header("round,D,IF,0.40,,1\n")),
            Verdict::accepted);  // three letters are taken
  EXPECT_EQ(verdict("{\"name\":\"\"}"), Verdict::missing_field);
  EXPECT_EQ(verdict("{"), Verdict::bad_encoding);
  std::string many = with_header("");
  for (std::size_t i = 0; i <= kMaxPriceRows; ++i) many += "round,D,IF,1,2,1\n";
  EXPECT_EQ(verdict(many), Verdict::too_large);
}

TEST(Prices, TheSampleListIsWholeAndSaysThatItIsASample) {
  const auto& sample = PriceList::sample();
  EXPECT_TRUE(sample.is_sample());
  EXPECT_EQ(sample.colours().front(), "D");
  EXPECT_EQ(sample.clarities().back(), "I3");
  EXPECT_EQ(list(sample.to_csv()).rows(), sample.rows());
  // The step at one carat: a hundredth less costs a quarter.
  const auto curve = must(sample.curve("round", "G", "VS1", "excellent"));
  EXPECT_LT(curve.value(carats("0.99")).value() * 5, curve.value(carats("1.00")).value() * 4);
}

TEST(Prices, CaratsAsPeopleWriteThem) {
  EXPECT_EQ(carats("1"), MicroCarats(1'000'000));
  EXPECT_EQ(carats("0.075"), MicroCarats(75'000));
  EXPECT_EQ(carats_text(MicroCarats(700'000)), "0.70");
  EXPECT_EQ(carats_text(MicroCarats(1'234'567)), "1.234567");
  for (const char* wrong : {"", ".5", "1.", "1.0000001", "-1", "1e2", "9999999"}) {
    EXPECT_EQ(verdict_of(carats_from_text(wrong)), Verdict::bad_value) << wrong;
  }
}

TEST(Prices, LighterStonesCanCountAsNothing) {
  const PriceCurve curve({{MicroCarats(300'000), Amount(100)},
                          {MicroCarats(500'000), Amount(200)},
                          {MicroCarats(1'000'000), Amount(400)}});
  EXPECT_EQ(curve.from_weight(MicroCarats(0)), curve);
  const PriceCurve heavy = curve.from_weight(MicroCarats(600'000));
  EXPECT_EQ(heavy.value(MicroCarats(599'999)), Amount(0));
  EXPECT_EQ(heavy.most_up_to(MicroCarats(599'999)), Amount(0));
  for (const std::uint64_t weight : {600'000U, 999'999U, 1'000'000U, 2'000'000U}) {
    EXPECT_EQ(heavy.value(MicroCarats(weight)), curve.value(MicroCarats(weight)));
  }
  const PriceCurve heaviest = curve.from_weight(MicroCarats(1'000'000));
  EXPECT_EQ(heaviest.steps().size(), 1U);
  EXPECT_EQ(curve.from_weight(MicroCarats(5'000'000)).value(MicroCarats(4'999'999)), Amount(0));
}

TEST(Prices, WhatIsNotNaturalIsCheaperByTheListsOwnWord) {
  const PriceList& list = PriceList::sample();
  const auto at = [&](std::string_view origin) {
    return must(list.curve("round", "G", "VS1", "very good", origin)).value(MicroCarats(1'000'000));
  };
  EXPECT_EQ(at("natural"), at(""));
  EXPECT_EQ(at("treated").value(), at("").value() * 550 / 1000);
  EXPECT_EQ(at("laboratory-grown").value(), at("").value() * 150 / 1000);
  EXPECT_EQ(verdict_of(list.curve("round", "G", "VS1", "", "glass")), Verdict::unpriced);
  // The same list by both of its forms.
  const auto by_json = must(PriceList::from_text(list.to_json().dump()));
  EXPECT_EQ(by_json.to_csv(), list.to_csv());
  EXPECT_EQ(must(PriceList::from_text(list.to_csv())).to_csv(), list.to_csv());
  const std::string rows = "shape,colour,clarity,from,to,per_carat\nround,G,VS1,0,,1\n";
  for (const char* bad : {"# origin treated\n", "# origin treated 1001\n", "# origin a b 5\n",
                          "# origin treated 5\n# origin treated 6\n"}) {
    EXPECT_EQ(verdict_of(PriceList::from_csv(bad + rows)), Verdict::bad_value) << bad;
  }
}

}  // namespace
}  // namespace intaglio::stone
