// Pages that load nothing, and texts in them that are no markup.
#include "stone/page.h"

#include <gtest/gtest.h>

namespace intaglio::stone {
namespace {

TEST(Page, TextIsNoMarkup) {
  EXPECT_EQ(html_text("a <b> & \"c\" 'd'"), "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(html_text("Türi 1.5 ct"), "Türi 1.5 ct");
  EXPECT_EQ(html_text(std::string_view("a\0\n\x7f", 4)), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Page, TextDoesNotTurnTheWritingOfOthers) {
  EXPECT_EQ(html_text("1\u202E2\u2066\u200F"), "1\uFFFD2\uFFFD\uFFFD");
  EXPECT_EQ(html_text("\u2013 \u2070"), "\u2013 \u2070");  // a dash, a raised nought
  EXPECT_EQ(html_text("\xE2\x80"), "\xE2\x80");
}

TEST(Page, IsFilledOnce) {
  const std::vector<std::pair<std::string_view, std::string>> parts = {{"a", "{{b}}"}, {"b", "2"}};
  EXPECT_EQ(filled("<{{a}}|{{b}}|{{a}}>", parts), "<{{b}}|2|{{b}}>");
  EXPECT_EQ(filled("", parts), "");
}

TEST(Page, ContentIsAnAddress) {
  EXPECT_EQ(data_uri("image/png", as_bytes("abcd")), "data:image/png;base64,YWJjZA==");
}

// What a browser is told to allow, and that there is nothing to load.
TEST(Page, LoadsNothing) {
  for (const std::string_view page : {viewer_page(), report_page()}) {
    EXPECT_NE(page.find("default-src 'none'"), std::string_view::npos);
    EXPECT_EQ(page.find("http:"), std::string_view::npos);
    EXPECT_EQ(page.find("https:"), std::string_view::npos);
    EXPECT_EQ(page.find("url("), std::string_view::npos);
    EXPECT_EQ(page.find("<link"), std::string_view::npos);
    EXPECT_EQ(page.find(" src=\"{{picture}}\""), page.find(" src="));
    EXPECT_TRUE(page.ends_with("</html>\n"));
  }
  EXPECT_EQ(report_page().find("<script"), std::string_view::npos);
}

}  // namespace
}  // namespace intaglio::stone
