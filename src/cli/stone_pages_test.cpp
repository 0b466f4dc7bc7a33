// The pages of a plan: what they say, that they are the same again, and whose words are no markup.
#include "cli/stone_pages.h"

#include <gtest/gtest.h>

#include "stone/families.h"
#include "stone/picture.h"
#include "stone/solids_for_test.h"

namespace intaglio::cli {
namespace {

struct Made {
  stone::Rough rough;
  stone::PlanAndProof plan;
};

Made made(const std::vector<stone::Design>& designs, const stone::PriceList* prices) {
  Made out{must(stone::rough_from(stone::solid(stone::octahedron(5)), 0)), {}};
  out.plan = must(stone::make_plan(
      out.rough, designs, {stone::SpecificGravity(3520), prices, "G", "VS1"}, {.gap = 50'000}));
  return out;
}

DrawnPlan drawn(const Made& made) {
  return must(drawn_plan(made.plan.plan, made.plan.proof, made.rough.solid, made.rough.inclusions));
}

bool has(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

TEST(StonePages, TheReportSaysWhatTheStoneIsAndWhatIsProven) {
  const Made one = made({must(stone::design_from_text("round"))}, &stone::PriceList::sample());
  const auto page = report_html(drawn(one), as_bytes("a picture"));
  const auto& plan = one.plan.plan;
  for (const std::string_view text :
       {"ct round in a rough of 2.933 ct", "Sample prices.", "excellent", "VS1", "10.00 x 10.00",
        "could still be gained", "data:image/png;base64,YSBwaWN0dXJl",
        "intaglio stone verify plan.cbor plan.proof ROUGH --sample-prices"}) {
    EXPECT_TRUE(has(page, text)) << text;
  }
  for (const Digest& hash : {plan.rough, plan.proof, *plan.prices, plan.designs[0].hash}) {
    EXPECT_TRUE(has(page, codec::to_hex(hash)));
  }
  EXPECT_FALSE(has(page, "has dents"));
  EXPECT_EQ(report_html(drawn(one), as_bytes("a picture")), page);
}

TEST(StonePages, APlanByWeightHasNoPrices) {
  const Made one = made({must(stone::design_from_text("round"))}, nullptr);
  const auto page = report_html(drawn(one), {});
  EXPECT_TRUE(has(page, "the most weight was looked for"));
  EXPECT_TRUE(has(page, "plan.proof ROUGH<"));
  EXPECT_FALSE(has(page, "USD"));
  EXPECT_FALSE(has(page, "Sample prices."));
}

TEST(StonePages, TheCommandThatVerifiesNamesTheListThatWasUsed) {
  std::string text = stone::PriceList::sample().to_csv();
  text.replace(text.find("Sample list"), 11, "Another one");
  const auto prices = must(stone::PriceList::from_text(text));
  const Made one = made({must(stone::design_from_text("round"))}, &prices);
  const auto page = report_html(drawn(one), {});
  EXPECT_TRUE(has(page, "ROUGH --prices PRICES"));
  EXPECT_TRUE(has(page, "Sample prices."));
}

TEST(StonePages, APlanWithoutAStoneIsShownAsThat) {
  Made one = made({must(stone::design_from_text("round"))}, nullptr);
  one.plan.plan.stone.reset();
  EXPECT_TRUE(has(report_html(drawn(one), {}), "none of these designs is worth anything"));
  EXPECT_TRUE(has(viewer_html(drawn(one), {}), "No stone in a rough of 2.933 ct"));
}

TEST(StonePages, NamesFromFilesAreNoMarkup) {
  stone::Design design = must(stone::design_from_text("round"));
  design.name = "<script>alert(1)</script>\u202E\"";
  design.shape = "{{model}}<img src=x>";
  design.cut_grade = "'><b>";
  Made one = made({design}, nullptr);
  one.plan.plan.currency = "<i>";
  one.plan.plan.colour = "</bdi><u>";
  for (const std::string& page : {report_html(drawn(one), {}), viewer_html(drawn(one), {})}) {
    for (const std::string_view text : {"<script>alert", "<img src=x", "'><b>", "<i>", "<u>"}) {
      EXPECT_FALSE(has(page, text)) << text;
    }
    EXPECT_FALSE(has(page, "\u202E"));
    EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_TRUE(has(page, "{{model}}&lt;img src=x&gt;"));
  }
}

TEST(StonePages, TheViewerHasTheModelAndThePictureInIt) {
  const Made one = made({must(stone::design_from_text("round"))}, &stone::PriceList::sample());
  const auto page = viewer_html(drawn(one), stone::draw_sheet(drawn(one).scene));
  EXPECT_TRUE(has(page, "id=\"model\">Z2xURg"));                      // "glTF"
  EXPECT_TRUE(has(page, "src=\"data:image/png;base64,iVBORw0KGgo"));  // PNG's first bytes
  EXPECT_TRUE(has(page, "No stone can be worth more than"));
  EXPECT_TRUE(has(page, "Sample prices."));
  EXPECT_EQ(viewer_html(drawn(one), stone::draw_sheet(drawn(one).scene)), page);
}

}  // namespace
}  // namespace intaglio::cli
